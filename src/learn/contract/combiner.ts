/** Learners that weigh the predictions of other learners. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import type { Classes } from '../inputs/labels.ts'
import type { Moments } from '../statistics/moments.ts'
import type { Estimator } from './estimator.ts'

/** How columns hold the probabilities that several classifiers predict. */
export interface ClassColumns {
  /** Number of classifiers. */
  readonly learners: number
  /** Number of classes, at least 2. */
  readonly classes: number
  /**
   * Columns of one classifier, which stand side by side: of two classes the probability of the second one, of more classes those
   * of all of them.
   */
  readonly width: number
}

/** Probabilities that classifiers have predicted, and the true class of each row. */
export interface ClassRows {
  /** Probabilities, shape (n, learners × width); finite in `rows`. */
  readonly X: NDArray
  readonly columns: ClassColumns
  /** Number of each row's class, shape (n). */
  readonly codes: Uint16Array
  /** Labels of the classes. */
  readonly labels: Classes
  /** Rows to learn from, at least one; none of weight 0. */
  readonly rows: Rows
  /** Weights of rows, shape (n); null when all are 1. */
  readonly weights: Float64Array | null
}

/** Weights that a combiner has found. */
export interface FoundWeights {
  /** One for each learner, >= 0. */
  readonly weights: Float64Array
  /** Numbers of the learners in the order in which they were chosen, when it chooses some. */
  readonly order?: Int32Array
}

/**
 * A learner whose columns are predictions of other learners, and that learns a weight >= 0 for each of them. Its `fit` weighs
 * predictions of numbers, a column for each learner. To weigh probabilities of classes it has one of the two methods, which
 * `CombinedClassifier` calls.
 */
export interface Combiner extends Estimator {
  /**
   * Finds the weight of each classifier from statistics, which folds share.
   *
   * @param moments - of the probabilities of one class by each classifier, with the indicator of that class as the target: for two
   *   classes of the second one, for more one of each
   */
  weighClassMoments?(moments: readonly Moments[]): FoundWeights
  /** Finds the weight of each classifier from rows. */
  weighClassRows?(rows: ClassRows): Promise<FoundWeights>
}

/** Tells whether a learner weighs numbers as well as probabilities of classes. */
export function isCombiner(value: unknown): value is Combiner {
  if (typeof value !== 'object' || value === null) return false
  const { weighClassMoments: ofMoments, weighClassRows: ofRows } = value as Partial<Combiner>
  return typeof ofMoments === 'function' || typeof ofRows === 'function'
}
