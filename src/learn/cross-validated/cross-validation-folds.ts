/** Splits the rows that an estimator learns from into folds. */

import { countRows, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { complement, rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { KFold } from '../selection/folds.ts'

/** What an estimator learns from without a fold, and what the fold holds out. */
export interface RowFold {
  readonly train: Rows
  readonly test: Rows
}

/** Which folds an estimator chooses its penalty by. */
export type FoldsOption = number | KFold

/**
 * Splits rows into folds.
 *
 * @param rows - rows to split, of n
 * @param split - makes the folds of so many positions; their test rows hold each position once
 */
export function splitRowFolds(
  rows: Rows,
  n: number,
  split: (count: number) => readonly { readonly test: Rows }[],
): RowFold[] {
  const count = countRows(rows)
  const folds = split(count)
  const isAll = 'ranges' in rows && count === n
  if (isAll) return folds.map(({ test }) => ({ test, train: complement(test, n) }))
  const numbers = toRowNumbers(rows)
  const at = (positions: Rows): Rows =>
    rowNumbers(toRowNumbers(positions).map((position) => numbers[position]!))
  return folds.map(({ test }) => ({ test: at(test), train: at(complement(test, count)) }))
}

/**
 * Splits so many positions as the option `folds` says.
 *
 * @throws OneCopyError `ERR_OPTION`, `ERR_ROWS`
 */
export function splitPositions(
  estimator: { readonly folds: unknown },
  count: number,
): readonly { readonly test: Rows }[] {
  const { folds } = estimator
  if (folds instanceof KFold) return folds.split(count)
  return new KFold({ folds: requireFoldCount(estimator) }).split(count)
}

/** Checks a number of folds. @throws OneCopyError `ERR_OPTION` */
export function requireFoldCount(estimator: { readonly folds: unknown }): number {
  const { folds } = estimator
  if (typeof folds === 'number' && Number.isInteger(folds) && folds >= 2) return folds
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`folds\` of ${estimator.constructor.name} to be a whole number >= 2 or a KFold, got ${show(folds)}.`,
    { details: { name: 'folds' } },
  )
}
