/** Learners that learn of scaled columns by reading raw ones. */

import type { NDArray } from '../../arrays/index.ts'
import type { LabelInput } from '../inputs/labels.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import type { FitOptions } from './estimator.ts'
import { isOverridden } from './overridden-methods.ts'

/** Rows to learn from, their weights, and a scaling of the columns. */
export interface ScaledFitOptions extends FitOptions {
  /** The model is one of (x - shift) / scale. */
  readonly map: AffineMap
}

/** A learner that needs no scaled copy behind steps that scale each column by itself. */
export interface ScaledEstimator {
  /**
   * Learns what `fit` on the scaled columns would. Rounding may differ.
   *
   * @param X - raw values, shape (n, d); read in place
   * @returns the learner itself, which predicts scaled columns
   */
  fitScaled(X: NDArray, y: LabelInput, options: ScaledFitOptions): Promise<unknown>
}

/** A learner of scaled columns whose model can be rewritten as one of raw columns. */
export interface RawColumnsLearner {
  /**
   * A fitted learner of the same class that predicts raw columns as this one predicts (x - shift) / scale; rounding may differ.
   * Undefined when there is none.
   */
  ofRawColumns(map: AffineMap): unknown
}

/**
 * Tells whether a learner can be rewritten so. A subclass that overrides the method to predict by can't.
 *
 * @param method - that predictions are made by
 */
export function isRawColumnsLearner(
  value: object,
  method: 'predict' | 'predictProba' | 'decisionFunction',
): value is RawColumnsLearner {
  return (
    'ofRawColumns' in value &&
    typeof value.ofRawColumns === 'function' &&
    ['predict', method].every((name) => !isOverridden(value, name, 'ofRawColumns'))
  )
}

/** Tells whether a learner learns of scaled columns in this way. A subclass that overrides `fit` doesn't. */
export function isScaledEstimator(value: object): value is ScaledEstimator {
  return (
    'fitScaled' in value &&
    typeof value.fitScaled === 'function' &&
    !isOverridden(value, 'fit', 'fitScaled')
  )
}
