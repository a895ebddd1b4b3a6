/** Splits rows into folds that have the same share of each class. */

import { type Rows, toRowNumbers } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'

/**
 * Splits positions into folds with nearly the same number of rows of each class, in their order, without a shuffle.
 *
 * @param codes - number of each row's class, shape (n)
 * @param rows - the rows at the positions
 * @returns test positions of each fold, ascending
 * @throws OneCopyError `ERR_ROWS` when no class has as many rows as there are folds
 * @see scikit-learn's `sklearn.model_selection.StratifiedKFold`: the same folds
 */
export function stratifiedPositions(
  codes: Uint16Array,
  rows: Rows,
  folds: number,
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
  const left = new Map<number, number[]>()
  let start = 0
  for (const [label, count] of counts) {
    const shares = Array.from({ length: folds }, (_, fold) => {
      const first = (((fold - start) % folds) + folds) % folds
      return Math.max(0, Math.ceil((count - first) / folds))
    })
    left.set(label, shares)
    start += count
  }
  const tests: number[][] = Array.from({ length: folds }, () => [])
  const current = new Map([...counts.keys()].map((label) => [label, 0]))
  for (const [position, label] of labels.entries()) {
    const shares = left.get(label)!
    let fold = current.get(label)!
    while (shares[fold] === 0) fold++
    current.set(label, fold)
    shares[fold]!--
    tests[fold]!.push(position)
  }
  return tests.map((test) => ({ test: rowNumbers(Int32Array.from(test)) }))
}
