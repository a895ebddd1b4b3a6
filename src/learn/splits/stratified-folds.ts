/** Deals rows of each class to folds. */

import { OneCopyError } from '../../errors.ts'
import { collectFolds } from './make-folds.ts'

/**
 * Splits rows into folds with nearly the same number of rows of each class.
 *
 * @param codes - number of each row's class, shape (n), n >= 1
 * @param shuffle - shuffles the fold numbers of the rows of a class; default: they ascend
 * @returns rows that each fold tests, ascending
 * @throws OneCopyError `ERR_ROWS` when no class has as many rows as there are folds
 * @see scikit-learn's `sklearn.model_selection.StratifiedKFold`: the same folds
 */
export function stratifiedTests(
  codes: Uint16Array,
  folds: number,
  shuffle: (folds: Int32Array) => void = () => undefined,
): Int32Array[] {
  const counts = new Map<number, number>() // in the order in which classes appear
  for (const code of codes) counts.set(code, (counts.get(code) ?? 0) + 1)
  requireLargeClass(Math.max(...counts.values()), folds)
  // As if the classes lay one after the other and rows were dealt to the folds in turn.
  const foldsOf = new Map<number, Int32Array>()
  let start = 0
  for (const [code, count] of counts) {
    const own = new Int32Array(count)
    let filled = 0
    for (let fold = 0; fold < folds; fold++) {
      const first = (((fold - start) % folds) + folds) % folds
      const share = Math.max(0, Math.ceil((count - first) / folds))
      own.fill(fold, filled, (filled += share))
    }
    shuffle(own)
    foldsOf.set(code, own)
    start += count
  }
  return collectFolds(dealRows(codes, foldsOf), folds)
}

/** Checks that some class can have a row in each fold. @throws OneCopyError `ERR_ROWS` */
export function requireLargeClass(most: number, folds: number): void {
  if (most >= folds) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least ${folds} rows of some class for ${folds} folds, got at most ${most}. Use fewer folds.`,
    { details: { folds, rows: most } },
  )
}

/**
 * Gives the rows of each class the values of its list, in their order.
 *
 * @param codes - number of each row's class, shape (n)
 * @param lists - of each class, as long as it has rows
 * @returns shape (n)
 */
export function dealRows(
  codes: ArrayLike<number>,
  lists: ReadonlyMap<number, ArrayLike<number>>,
): Int32Array {
  const dealt = new Int32Array(codes.length)
  const next = new Map([...lists.keys()].map((code) => [code, 0]))
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    const at = next.get(code)!
    next.set(code, at + 1)
    dealt[row] = lists.get(code)![at]!
  }
  return dealt
}
