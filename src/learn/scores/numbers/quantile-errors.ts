/** Scores of the median, the largest and quantiles: medianAbsoluteError, maxError, pinball. */

import { countRows } from '../../../arrays/index.ts'
import { OneCopyError, show } from '../../../errors.ts'
import type { OptionNames } from '../../../options.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import { sortedOrder } from '../sorted-order.ts'
import { selectValue } from './select-value.ts'
import {
  type NumberMetricOptions,
  numberNames,
  type RawValues,
  scoreTargets,
  type Truth,
} from './number-pairs.ts'
import {
  eachPair,
  largestOf,
  type Pairs,
  powerOfTwo,
  refuseNoRows,
  weightedMean,
} from '../weighted-mean.ts'

/**
 * Median of the absolute errors, which a few large ones don't change; less is better. With weights, half of the weight lies on
 * either side; where that holds between two errors, it is their mean.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 * @see scikit-learn's `sklearn.metrics.median_absolute_error`, whose versions before 1.7 take the lower of two errors when there are weights
 */
export function medianAbsoluteError(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function medianAbsoluteError(
  y: Truth,
  predicted: ArrayInput,
  options?: NumberMetricOptions,
): number
export function medianAbsoluteError(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('medianAbsoluteError', { y, predicted, options }, medianOf)
}
medianAbsoluteError.greaterIsBetter = false

/**
 * Largest absolute error; less is better. Rows of weight 0 don't count, other weights make no difference.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 * @see scikit-learn's `sklearn.metrics.max_error`, which takes one target
 */
export function maxError(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function maxError(y: Truth, predicted: ArrayInput, options?: NumberMetricOptions): number
export function maxError(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('maxError', { y, predicted, options }, (pairs) => {
    let most = -1
    eachPair(pairs, (truth, guess) => {
      most = Math.max(most, Math.abs(truth - guess))
    })
    if (most === -1) throw refuseNoRows()
    return most
  })
}
maxError.greaterIsBetter = false

/** Options of {@link pinball}. */
export interface PinballOptions extends NumberMetricOptions {
  /** Which quantile was predicted, from 0 to 1; default: 0.5, for which it is half of the mean absolute error. */
  readonly alpha?: number
}

/**
 * Pinball loss of predicted quantiles: the mean of `alpha` · (y − predicted) where a prediction is too small, and of
 * (1 − `alpha`) · (predicted − y) where it is too large; less is better.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_OPTION` for an `alpha` outside [0, 1]; `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 *
 * @example
 * ```ts
 * const model = await new QuantileRegressor({ quantile: 0.9 }).fit(X, y)
 * const loss = pinball(y, await model.predict(X), { alpha: 0.9 })
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.mean_pinball_loss`
 */
export function pinball(
  y: Truth,
  predicted: ArrayInput,
  options: PinballOptions & RawValues,
): Float64Array
export function pinball(y: Truth, predicted: ArrayInput, options?: PinballOptions): number
export function pinball(
  y: Truth,
  predicted: ArrayInput,
  options: PinballOptions = {},
): number | Float64Array {
  const { alpha = 0.5 } = options
  return scoreTargets(
    'pinball',
    { y, predicted, options },
    (pairs) => {
      requireShare(alpha)
      return alpha * meanOf(pairs, 'shortfall') + (1 - alpha) * meanOf(pairs, 'excess')
    },
    pinballNames,
  )
}
pinball.greaterIsBetter = false

const pinballNames: OptionNames<PinballOptions> = { ...numberNames, alpha: true }

function meanOf(pairs: Pairs, summand: 'shortfall' | 'excess'): number {
  const { mean, unit } = weightedMean(pairs, summand)
  return mean * unit
}

function requireShare(alpha: unknown): void {
  const text = `Expected \`alpha\` of pinball to be a number from 0 to 1, got ${show(alpha)}.`
  if (typeof alpha !== 'number') throw new TypeError(text)
  if (!(alpha >= 0 && alpha <= 1))
    throw new OneCopyError('ERR_OPTION', text, { details: { name: 'alpha', value: alpha } })
}

/** Weighted median of the absolute errors; NaN when one of them is. */
function medianOf(pairs: Pairs): number {
  const { rows, weights } = pairs
  const count = countRows(rows)
  const errors = new Float64Array(count)
  const heavy = weights && new Float64Array(count)
  const unit = powerOfTwo(largestOf(weights))
  let filled = 0
  eachPair(pairs, (truth, guess, weight) => {
    errors[filled] = Math.abs(truth - guess)
    if (heavy !== undefined) heavy[filled] = weight / unit
    filled++
  })
  if (filled === 0) throw refuseNoRows()
  const found = errors.subarray(0, filled)
  if (found.some(Number.isNaN)) return Number.NaN
  return heavy === undefined ? medianOfValues(found) : medianWithWeights(found, heavy)
}

function medianOfValues(values: Float64Array): number {
  const middle = (values.length - 1) >> 1
  const value = selectValue(values, middle)
  if (values.length % 2 === 1) return value
  let next = Infinity
  for (let i = middle + 1; i < values.length; i++) next = Math.min(next, values[i]!)
  return value / 2 + next / 2
}

function medianWithWeights(values: Float64Array, weights: Float64Array): number {
  const order = sortedOrder(values)
  const last = values.length - 1
  const at = (i: number): number => values[order[Math.min(i, last)]!]!
  let total = 0
  for (const i of order) total += weights[i]!
  let sum = 0
  let i = 0
  while (i < last && sum + weights[order[i]!]! < total / 2) sum += weights[order[i++]!]!
  const upTo = sum + weights[order[i]!]!
  return upTo === total / 2 ? at(i) / 2 + at(i + 1) / 2 : at(i)
}
