/** Deals rows of each class to folds. */

import { type Rows, toRowNumbers } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'

/**
 * Splits positions into folds with nearly the same number of rows of each class.
 *
 * @param codes - number of each row's class, shape (n)
 * @param rows - the rows at the positions
 * @param shuffle - shuffles the fold numbers of the rows of a class; default: they ascend
 * @returns test positions of each fold, ascending
 * @throws OneCopyError `ERR_ROWS` when no class has as many rows as there are folds
 * @see scikit-learn's `sklearn.model_selection.StratifiedKFold`: the same folds
 */
export function stratifiedPositions(
  codes: Uint16Array,
  rows: Rows,
  folds: number,
  shuffle: (folds: Int32Array) => void = () => undefined,
): { readonly test: Rows }[] {
  const labels = Array.from(toRowNumbers(rows), (row) => codes[row]!)
  const counts = new Map<number, number>() // in the order in which classes appear
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const most = Math.max(...counts.values())
  if (most < folds) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected at least ${folds} rows of some class for ${folds} folds, got at most ${most}. Use fewer folds.`,
      { details: { folds, rows: most } },
    )
  }
  // As if the classes lay one after the other and rows were dealt to the folds in turn.
  const foldsOf = new Map<number, Int32Array>()
  let start = 0
  for (const [label, count] of counts) {
    const own = new Int32Array(count)
    let filled = 0
    for (let fold = 0; fold < folds; fold++) {
      const first = (((fold - start) % folds) + folds) % folds
      const share = Math.max(0, Math.ceil((count - first) / folds))
      own.fill(fold, filled, (filled += share))
    }
    shuffle(own)
    foldsOf.set(label, own)
    start += count
  }
  const tests: number[][] = Array.from({ length: folds }, () => [])
  const next = new Map([...counts.keys()].map((label) => [label, 0]))
  for (const [position, label] of labels.entries()) {
    const at = next.get(label)!
    next.set(label, at + 1)
    tests[foldsOf.get(label)![at]!]!.push(position)
  }
  return tests.map((test) => ({ test: rowNumbers(Int32Array.from(test)) }))
}
