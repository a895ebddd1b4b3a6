/** Learners that serve all folds from one structure over the data. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import type { Estimator, Learned } from './estimator.ts'
import type { AffineMap } from '../statistics/moments.ts'

/** Data for the structure that all folds share. */
export interface FoldLayout {
  /** The fold that each row is held out in, shape (n). */
  readonly foldOf: NDArray<'uint16'>
  /** Weights of rows, shape (n); default: 1. */
  readonly weights?: Float64Array | undefined
  /** Scaling learned on all rows, close to the scaling of each fold. */
  readonly map?: AffineMap | undefined
}

/** Which rows of which fold to predict, and where to write them. */
export interface FoldQuery {
  /** Number of the fold, whose rows are left out of the training data. */
  readonly fold: number
  /** Rows to predict, all of them in that fold. */
  readonly rows: Rows
  /** Scaling learned on the other folds: the learner sees (x - shift) / scale. */
  readonly map?: AffineMap | undefined
  /** Array for the predictions, shape (n): one element for every row of X. */
  readonly out: NDArray
}

/**
 * A learner that keeps the data itself, such as nearest neighbours. One index over all rows serves every
 * fold, which skips its own rows, and the model of all rows.
 */
export interface FoldLearner extends Estimator {
  /**
   * Builds the structure that all folds share.
   *
   * @returns plain values and arrays, which are sent to workers by reference
   */
  prepareFolds(X: NDArray, y: NDArray, layout: FoldLayout): Promise<Learned>
  /** Predicts rows of one fold from all rows of the other folds. */
  predictFold(prepared: Learned, X: NDArray, y: NDArray, query: FoldQuery): Promise<void>
  /**
   * Fits the model of all rows by the prepared structure.
   *
   * @param map - as in {@link FoldQuery}; afterwards `predict` takes raw columns and maps them itself
   */
  fitPrepared(prepared: Learned, X: NDArray, y: NDArray, map?: AffineMap): this
}

/** Tells whether a learner serves all folds from one structure. */
export function isFoldLearner(value: object): value is FoldLearner {
  return ['prepareFolds', 'predictFold', 'fitPrepared'].every(
    (name) => name in value && typeof Reflect.get(value, name) === 'function',
  )
}
