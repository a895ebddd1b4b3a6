/** Deviances: losses of models of counts, amounts and other positive numbers. */

import { OneCopyError, show } from '../../../errors.ts'
import type { OptionNames } from '../../../options.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import {
  type NumberMetricOptions,
  numberNames,
  type RawValues,
  scoreTargets,
  type Truth,
} from './number-pairs.ts'
import { meanOfRows, type Pairs } from '../weighted-mean.ts'

/**
 * Mean Poisson deviance, for counts: the mean of 2 (y log(y / predicted) − y + predicted); less is better.
 *
 * @param y - true values >= 0, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions above 0, of the same shape
 * @throws OneCopyError `ERR_VALUE` for other values; `ERR_SHAPE`, `ERR_ROWS`
 * @see scikit-learn's `sklearn.metrics.mean_poisson_deviance`
 */
export function poissonDeviance(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function poissonDeviance(
  y: Truth,
  predicted: ArrayInput,
  options?: NumberMetricOptions,
): number
export function poissonDeviance(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('poissonDeviance', { y, predicted, options }, (pairs) =>
    meanDeviance(pairs, 1, 'poissonDeviance'),
  )
}
poissonDeviance.greaterIsBetter = false

/**
 * Mean gamma deviance, for amounts whose errors grow with them: the mean of 2 (log(predicted / y) + y / predicted − 1); less is
 * better. It depends only on ratios of predictions to true values.
 *
 * @param y - true values above 0, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions above 0, of the same shape
 * @throws OneCopyError `ERR_VALUE` for other values; `ERR_SHAPE`, `ERR_ROWS`
 * @see scikit-learn's `sklearn.metrics.mean_gamma_deviance`
 */
export function gammaDeviance(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions & RawValues,
): Float64Array
export function gammaDeviance(
  y: Truth,
  predicted: ArrayInput,
  options?: NumberMetricOptions,
): number
export function gammaDeviance(
  y: Truth,
  predicted: ArrayInput,
  options: NumberMetricOptions = {},
): number | Float64Array {
  return scoreTargets('gammaDeviance', { y, predicted, options }, (pairs) =>
    meanDeviance(pairs, 2, 'gammaDeviance'),
  )
}
gammaDeviance.greaterIsBetter = false

/** Options of {@link tweedieDeviance}. */
export interface TweedieOptions extends NumberMetricOptions {
  /**
   * Power p of the variance of `y`, which grows like its mean to the p: 0 for squared errors (default), 1 for Poisson, between 1
   * and 2 for amounts of which some are 0, 2 for gamma, 3 for inverse Gaussian. At most 0 or at least 1.
   */
  readonly power?: number
}

/**
 * Mean Tweedie deviance; less is better.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table: above 0 for a power of 2 and more, >= 0 for one from 1
 *   to 2, any for one up to 0
 * @param predicted - predictions, of the same shape: above 0, for a power of 0 any
 * @throws OneCopyError `ERR_VALUE` for other values, `ERR_OPTION` for a power between 0 and 1; `ERR_SHAPE`, `ERR_ROWS`
 * @see scikit-learn's `sklearn.metrics.mean_tweedie_deviance`
 */
export function tweedieDeviance(
  y: Truth,
  predicted: ArrayInput,
  options: TweedieOptions & RawValues,
): Float64Array
export function tweedieDeviance(y: Truth, predicted: ArrayInput, options?: TweedieOptions): number
export function tweedieDeviance(
  y: Truth,
  predicted: ArrayInput,
  options: TweedieOptions = {},
): number | Float64Array {
  const { power = 0 } = options
  const score = (pairs: Pairs): number =>
    meanDeviance(pairs, requirePower(power), `tweedieDeviance with a power of ${power}`)
  return scoreTargets('tweedieDeviance', { y, predicted, options }, score, tweedieNames)
}
tweedieDeviance.greaterIsBetter = false

const tweedieNames: OptionNames<TweedieOptions> = { ...numberNames, power: true }

function requirePower(power: unknown): number {
  const text = `Expected \`power\` of tweedieDeviance to be a number <= 0 or >= 1, got ${show(power)}.`
  if (typeof power !== 'number') throw new TypeError(text)
  if (Math.abs(power) < Infinity && (power <= 0 || power >= 1)) return power
  throw new OneCopyError('ERR_OPTION', text, { details: { name: 'power', value: power } })
}

function meanDeviance(pairs: Pairs, power: number, metric: string): number {
  const deviance = devianceOf(power)
  return meanOfRows(pairs, (truth, guess, row) => {
    const refuse = (what: string, found: number): OneCopyError =>
      new OneCopyError(
        'ERR_VALUE',
        `Expected ${what} for ${metric}, got ${found} in row ${row} (counted from 0).`,
        { details: { row, value: found } },
      )
    if (power !== 0 && !(guess > 0 && guess < Infinity))
      throw refuse('finite predictions above 0', guess)
    if (power >= 2 && !(truth > 0 && truth < Infinity))
      throw refuse('finite true values above 0', truth)
    if (power >= 1 && !(truth >= 0 && truth < Infinity))
      throw refuse('finite true values >= 0', truth)
    return deviance(truth, guess)
  })
}

/** The deviance of one row. */
function devianceOf(p: number): (truth: number, guess: number) => number {
  if (p === 0) return (truth, guess) => (truth - guess) ** 2
  if (p === 1)
    return (truth, guess) =>
      2 * ((truth === 0 ? 0 : truth * Math.log(truth / guess)) - truth + guess)
  if (p === 2) return (truth, guess) => 2 * (Math.log(guess / truth) + truth / guess - 1)
  return (truth, guess) =>
    2 *
    (Math.max(truth, 0) ** (2 - p) / ((1 - p) * (2 - p)) -
      (truth * guess ** (1 - p)) / (1 - p) +
      guess ** (2 - p) / (2 - p))
}
