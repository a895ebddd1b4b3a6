/** Learners that serve all folds from one structure over the data. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import type { Estimator, Learned } from './estimator.ts'
import type { AffineMap } from '../statistics/moments.ts'

/** What all folds share, made once. */
export interface FoldLayout {
  /** The fold that each row is held out in, shape (n). */
  readonly foldOf: NDArray<'uint16'>
  /** What each row counts, shape (n); default: 1. */
  readonly weights?: Float64Array | undefined
  /** What a scaler learned on all rows, near to what it learns on each fold. */
  readonly map?: AffineMap | undefined
}

/** Which rows of which fold to predict, and where to. */
export interface FoldQuery {
  /** Number of the fold; its rows take no part in learning. */
  readonly fold: number
  /** Rows to predict, all of them in that fold. */
  readonly rows: Rows
  /** What a scaler learned on the other folds: the learner sees (x - shift) / scale. */
  readonly map?: AffineMap | undefined
  /** Where predictions go, shape (n): one place for every row of X. */
  readonly out: NDArray
}

/**
 * A learner that keeps the data itself, such as nearest neighbours: one index over all rows serves
 * every fold, which passes over its own rows, and the model of all rows.
 */
export interface FoldLearner extends Estimator {
  /**
   * Makes what all folds share.
   *
   * @returns plain values and arrays, which cross to workers by reference
   */
  prepareFolds(X: NDArray, y: NDArray, layout: FoldLayout): Promise<Learned>
  /** Predicts rows of one fold from all rows of the other folds. */
  predictFold(prepared: Learned, X: NDArray, y: NDArray, query: FoldQuery): Promise<void>
  /**
   * Learns from all rows by what was prepared.
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
