/** Scores of squared errors: rmse, r2. */

import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import { metricInstead } from '../score-options.ts'
import {
  combineTargets,
  type NumberMetricOptions,
  numberNames,
  type RawValues,
  scoreTargets,
  type Truth,
} from './number-pairs.ts'
import { describeTruth, type Pairs, weightedMean } from '../weighted-mean.ts'

/**
 * Root of the mean squared error; less is better. The mean of it over targets when `y` is a matrix.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 * @see scikit-learn's `sklearn.metrics.root_mean_squared_error`
 */
export function rmse(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function rmse(y: Truth, predicted: ArrayInput, options?: NumberMetricOptions): number
export function rmse(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('rmse', { y, predicted, options }, (pairs) => {
    const { mean, unit } = weightedMean(pairs, 'squared error')
    return Math.sqrt(mean) * unit
  })
}
rmse.greaterIsBetter = false

/** Options of {@link r2}. */
export interface R2Options extends Omit<NumberMetricOptions, 'multioutput'> {
  /**
   * As in {@link NumberMetricOptions}; `'varianceWeighted'` is the mean with the variance of each target as its weight.
   */
  readonly multioutput?: NumberMetricOptions['multioutput'] | 'varianceWeighted'
}

/**
 * Coefficient of determination R²: 1 is perfect, 0 is no better than the mean of `y`; greater is better.
 * The mean of it over targets when `y` is a matrix. As in scikit-learn, a constant `y` gives 1 when all predictions are
 * equal to it and 0 otherwise, and a single row gives NaN, because R² is undefined there.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 * @see scikit-learn's `sklearn.metrics.r2_score`
 */
export function r2(y: Truth, predicted: ArrayInput, options: R2Options & RawValues): Float64Array
export function r2(y: Truth, predicted: ArrayInput, options?: R2Options): number
export function r2(
  y: Truth,
  predicted: ArrayInput,
  options: R2Options = {},
): number | Float64Array {
  requireLearnOptions('r2', options, numberNames, metricInstead)
  const { multioutput, ...others } = options
  if (multioutput !== 'varianceWeighted') {
    const plain = multioutput === undefined ? others : { ...others, multioutput }
    return scoreTargets('r2', { y, predicted, options: plain }, scoreR2)
  }
  const deviations: number[] = []
  const raw = { ...others, multioutput: 'rawValues' } as const
  const scores = scoreTargets('r2', { y, predicted, options: raw }, (pairs) => {
    deviations.push(deviationOf(pairs))
    return scoreR2(pairs)
  }) as Float64Array
  const largest = Math.max(...deviations)
  if (!(largest > 0 && largest < Infinity)) return combineTargets(scores)
  return combineTargets(
    scores,
    deviations.map((deviation) => (deviation / largest) ** 2),
  )
}
r2.greaterIsBetter = true

function scoreR2(pairs: Pairs): number {
  const { count, isConstant } = describeTruth(pairs)
  const error = weightedMean(pairs, 'squared error')
  if (count === 1) return Number.NaN
  if (isConstant && !Number.isNaN(error.mean)) return error.mean === 0 ? 1 : 0
  const center = weightedMean(pairs, 'truth')
  const spread = weightedMean(pairs, 'squared deviation', center.mean * center.unit)
  const units = error.unit / spread.unit
  return 1 - (error.mean / spread.mean) * units * units
}

/** Standard deviation of a target. */
function deviationOf(pairs: Pairs): number {
  if (describeTruth(pairs).isConstant) return 0
  const center = weightedMean(pairs, 'truth')
  const { mean, unit } = weightedMean(pairs, 'squared deviation', center.mean * center.unit)
  return Math.sqrt(mean) * unit
}
