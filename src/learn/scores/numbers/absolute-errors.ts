/** Scores of absolute errors: mae, mape, wape. */

import { OneCopyError } from '../../../errors.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import {
  type NumberMetricOptions,
  type RawValues,
  scoreTargets,
  type Truth,
} from './number-pairs.ts'
import { meanOfRows, weightedMean } from '../weighted-mean.ts'

/**
 * Mean absolute error; less is better. The mean of it over targets when `y` is a matrix.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 * @see scikit-learn's `sklearn.metrics.mean_absolute_error`
 */
export function mae(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function mae(y: Truth, predicted: ArrayInput, options?: NumberMetricOptions): number
export function mae(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('mae', { y, predicted, options }, (pairs) => {
    const { mean, unit } = weightedMean(pairs, 'absolute error')
    return mean * unit
  })
}
mae.greaterIsBetter = false

/**
 * Mean absolute percentage error, as a fraction: the mean of |y − predicted| / |y|; less is better.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; none of them 0
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_VALUE` for a true value of 0, where scikit-learn divides by 2.2e-16; `ERR_SHAPE`, `ERR_ROWS`
 * @see scikit-learn's `sklearn.metrics.mean_absolute_percentage_error`
 */
export function mape(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function mape(y: Truth, predicted: ArrayInput, options?: NumberMetricOptions): number
export function mape(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('mape', { y, predicted, options }, (pairs) =>
    meanOfRows(pairs, (truth, guess, row) => {
      if (truth === 0) throw refuseZero(row)
      const error = truth - guess
      const isBeyond = error === Infinity || error === -Infinity
      return Math.abs(isBeyond ? 1 - guess / truth : error / truth)
    }),
  )
}
mape.greaterIsBetter = false

/**
 * Weighted absolute percentage error, as a fraction: the sum of |y − predicted| divided by the sum of |y|; less is better. Single
 * values of `y` may be 0.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_VALUE` when all true values are 0; `ERR_SHAPE`, `ERR_ROWS`
 */
export function wape(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function wape(y: Truth, predicted: ArrayInput, options?: NumberMetricOptions): number
export function wape(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('wape', { y, predicted, options }, (pairs) => {
    const error = weightedMean(pairs, 'absolute error')
    const size = weightedMean(pairs, 'absolute truth')
    if (size.mean === 0)
      throw new OneCopyError(
        'ERR_VALUE',
        'Expected at least one true value that is not 0 to divide by, got only 0. Use mae() for such targets.',
      )
    return (error.mean / size.mean) * (error.unit / size.unit)
  })
}
wape.greaterIsBetter = false

function refuseZero(row: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected no true value of 0, by which mape() would divide, got one in row ${row} (counted from 0). Use wape() or mae() for such targets.`,
    { details: { row } },
  )
}
