/** Deals rows of each class to folds. */

import { OneCopyError } from '../../errors.ts'
import { collectFolds } from './make-folds.ts'

/**
 * Splits rows into folds with nearly the same number of rows of each class.
 *
 * @param codes - number of each row's class, from 0 on, shape (n), n >= 1
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
  const counts = countCodes(codes)
  requireLargeClass(Math.max(...counts), folds)
  // As if the classes lay one after the other, in the order in which they appear, and rows were dealt to the folds in turn.
  const foldsOf: Int32Array[] = []
  let start = 0
  for (const code of new Set(codes)) {
    const count = counts[code]!
    const own = new Int32Array(count)
    let filled = 0
    for (let fold = 0; fold < folds; fold++) {
      const first = (((fold - start) % folds) + folds) % folds
      const share = Math.max(0, Math.ceil((count - first) / folds))
      own.fill(fold, filled, (filled += share))
    }
    shuffle(own)
    foldsOf[code] = own
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

/** Rows of each class, by its number. */
export function countCodes(codes: Uint16Array): Int32Array {
  const most = codes.reduce((largest, code) => Math.max(largest, code), -1)
  const counts = new Int32Array(most + 1)
  for (let row = 0; row < codes.length; row++) counts[codes[row]!]!++
  return counts
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
  lists: readonly ArrayLike<number>[],
): Int32Array {
  const { length: n } = codes
  const dealt = new Int32Array(n)
  const next = new Int32Array(lists.length)
  for (let row = 0; row < n; row++) {
    const code = codes[row]!
    dealt[row] = lists[code]![next[code]!++]!
  }
  return dealt
}
