/** Folds that learn from all rows that they do not hold out. */

import { countRows, type Rows } from '../../arrays/index.ts'

/** What one fold learns from and holds out, ascending. */
export interface SplitSides {
  readonly test: Rows
  readonly train: Rows
}

/** How many rows a fold splits, and whether it learns from all that it does not hold out. */
const known = new WeakMap<SplitSides, { readonly n: number; readonly isOthers: boolean }>()

/** Says that a fold learns from all of n rows that it does not hold out, so that nobody has to list them to find out. */
export function rememberHeldOut(fold: SplitSides, n: number): void {
  known.set(fold, { n, isOthers: true })
}

/** Tells whether a fold learns from all of n rows that it does not hold out. */
export function learnsFromOthers(fold: SplitSides, n: number): boolean {
  const before = known.get(fold)
  if (before?.n === n) return before.isOthers
  const isOthers = countRows(fold.test) + countRows(fold.train) === n
  known.set(fold, { n, isOthers })
  return isOthers
}
