/** The checked inputs of a layer. */

import { type Rows, toRowNumbers } from '../../../arrays/index.ts'
import { allRows } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'
import type { Fold, FoldData } from '../../contract/fold-sharing.ts'
import { learnsFromOthers } from '../../row-parts/held-out-folds.ts'
import type { LayerFolds } from './layer-folds.ts'
import { inOrderOf } from './split-layer.ts'
import type { ModelRows } from '../calls/layer-tasks.ts'

/** What all members of a layer learn from, and how it is split. */
export interface LayerData extends Pick<FoldData, 'X' | 'y' | 'weights'>, LayerFolds {
  /** How many classes there are, of which `y` holds the codes; undefined: `y` holds numbers, shape (n) or (n, m). */
  readonly classes?: number
  /** All rows that are learned from in the order in which models get them; undefined: ascending. */
  readonly order?: Rows | undefined
}

/** The rows that a fit learns from. */
export function trainingRows({ X, folds, order }: LayerData, number: number | null): Rows {
  const [n] = X.shape as [number]
  return inOrderOf(order, number === null ? allRows(n) : folds[number]!.train, n)
}

/** The rows that a fit learns from, as they are sent to a worker. */
export function rowsOfFit(data: LayerData, number: number | null): ModelRows {
  const { X, folds, order } = data
  if (order !== undefined) return { only: trainingRows(data, number) }
  if (number === null) return 'all'
  const fold = folds[number]!
  return learnsFromOthers(fold, X.shape[0]!) ? { but: fold.test } : { only: fold.train }
}

/**
 * Checks that each fold can be learned from and scored: a row that it learns from, and one that it holds out, has a weight above 0.
 *
 * @throws OneCopyError `ERR_ROWS`
 */
export function requireWeighedFolds(
  folds: readonly Fold[],
  weights: Float64Array | undefined,
): void {
  if (weights === undefined || !weights.includes(0)) return
  const hasNone = (rows: Rows): boolean => toRowNumbers(rows).every((row) => weights[row] === 0)
  const fold = folds.findIndex(({ test }) => hasNone(test))
  if (fold === -1) {
    requireWeighedTraining(folds, hasNone)
    return
  }
  const found = weights.every((weight) => weight === 0)
    ? 'none among all rows. Give the rows to learn from a weight.'
    : `none in fold ${fold} (counted from 0), so that no model can be scored on it. ` +
      'Use fewer folds, shuffle them with another `seed`, or leave rows of weight 0 out of `X` and `y`.'
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least one row with a weight above 0 in each fold, got ${found}`,
    { details: { fold } },
  )
}

/** @throws OneCopyError `ERR_ROWS` */
function requireWeighedTraining(folds: readonly Fold[], hasNone: (rows: Rows) => boolean): void {
  const fold = folds.findIndex(({ train }) => hasNone(train))
  if (fold === -1) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least one training row with a weight above 0 in each fold, got none in fold ${fold} (counted from 0), so that no model ` +
      'can learn from it. Use other folds, or leave rows of weight 0 out through `rows`.',
    { details: { fold } },
  )
}

/** Whether a fit is one of the folds that predict. */
export function isSplit(fold: number | null, { splits }: LayerData): boolean {
  return fold !== null && fold < splits
}
