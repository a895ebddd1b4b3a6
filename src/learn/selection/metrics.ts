/** Scores of predictions: rmse, mae, r2. */

import { countRows, type NDArray, type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { allRows, requireAttached, requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import type { Column } from '../../tables/index.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { trueNumbers, weightsOf } from '../features/column-inputs.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { requireFiniteWeights } from '../inputs/weights.ts'
import { describeTruth, type Pairs, type StridedValues, weightedMean } from './weighted-mean.ts'

/** Which rows to score, and their weights. */
export interface ScoreOptions {
  /**
   * Rows to score: row numbers, a mask, or ranges. Default: all. Predictions are those of all rows of `y`, or of just these rows
   * in their order, as `predict(X, { rows })` returns them.
   */
  readonly rows?: RowSelection
  /** Weights of rows, shape (n), also for rows left out; default: 1. */
  readonly weights?: ArrayInput
}

/** Options of the metrics of onecopy, which take columns of tables. */
export interface MetricOptions extends Omit<ScoreOptions, 'weights'> {
  /** As in {@link ScoreOptions}, or a column of numbers. */
  readonly weights?: ArrayInput | Column
}

/**
 * A measure of predictions. Its `name` is the heading of the score column. Use
 * {@link makeScorer} to add `greaterIsBetter` to your own function.
 */
export interface Scorer {
  (y: NDArray, predicted: NDArray, options?: ScoreOptions): number
  readonly name: string
  /** Whether a greater score is a better one. */
  readonly greaterIsBetter: boolean
}

/**
 * Root of the mean squared error; less is better. The mean of it over targets when `y` is a matrix.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 */
export function rmse(
  y: ArrayInput | Column,
  predicted: ArrayInput,
  options: MetricOptions = {},
): number {
  requireLearnOptions('rmse', options, names)
  return meanOverTargets(y, predicted, options, (pairs) => {
    const { mean, unit } = weightedMean(pairs, 'squared error')
    return Math.sqrt(mean) * unit
  })
}
rmse.greaterIsBetter = false

/**
 * Mean absolute error; less is better. The mean of it over targets when `y` is a matrix.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 */
export function mae(
  y: ArrayInput | Column,
  predicted: ArrayInput,
  options: MetricOptions = {},
): number {
  requireLearnOptions('mae', options, names)
  return meanOverTargets(y, predicted, options, (pairs) => {
    const { mean, unit } = weightedMean(pairs, 'absolute error')
    return mean * unit
  })
}
mae.greaterIsBetter = false

/**
 * Coefficient of determination R²: 1 is perfect, 0 is no better than the mean of `y`; greater is better.
 * The mean of it over targets when `y` is a matrix. As in scikit-learn, a constant `y` gives 1 when all predictions are
 * equal to it and 0 otherwise, and a single row gives NaN, because R² is undefined there.
 *
 * @param y - true values, shape (n) or (n, m), or a column of a table; arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 */
export function r2(
  y: ArrayInput | Column,
  predicted: ArrayInput,
  options: MetricOptions = {},
): number {
  requireLearnOptions('r2', options, names)
  return meanOverTargets(y, predicted, options, (pairs) => {
    const { count, isConstant } = describeTruth(pairs)
    const error = weightedMean(pairs, 'squared error')
    if (count === 1) return Number.NaN
    if (isConstant && !Number.isNaN(error.mean)) return error.mean === 0 ? 1 : 0
    const center = weightedMean(pairs, 'truth')
    const spread = weightedMean(pairs, 'squared deviation', center.mean * center.unit)
    const units = error.unit / spread.unit
    return 1 - (error.mean / spread.mean) * units * units
  })
}
r2.greaterIsBetter = true

/**
 * Makes a scorer from your own function.
 *
 * @param score - takes true values and predictions, and returns a number
 * @param options - `greaterIsBetter`; `name` is the heading of the score column, by default the name of the function, or
 *   `'score'` when it has none
 */
export function makeScorer(
  score: (y: NDArray, predicted: NDArray, options?: ScoreOptions) => number,
  options: { readonly greaterIsBetter: boolean; readonly name?: string },
): Scorer {
  requireKnown('makeScorer', options, { greaterIsBetter: true, name: true })
  const { greaterIsBetter, name = score.name } = options
  if (typeof name !== 'string')
    throw new TypeError(`Expected \`name\` to be a string, got ${show(name)}.`)
  if (name !== score.name || name === '')
    Object.defineProperty(score, 'name', { value: name || 'score', configurable: true })
  return Object.assign(score, { greaterIsBetter })
}

const names: OptionNames<MetricOptions> = { rows: true, weights: true }

function meanOverTargets(
  truths: ArrayInput | Column,
  guesses: ArrayInput,
  options: MetricOptions,
  score: (pairs: Pairs) => number,
): number {
  const y = asArray(trueNumbers(truths, options.rows), '`y`')
  const predicted = asArray(guesses, '`predicted`')
  if (y.ndim < 1 || y.ndim > 2) throw refuseShape(y, predicted)
  const n = y.shape[0]!
  const chosen = requireRows(options.rows, n)
  const given = options.weights && requireFiniteWeights(weightsOf(y, options.weights), n)
  const isWhole = String(y.shape) === String(predicted.shape)
  if (!isWhole && String([countRows(chosen), ...y.shape.slice(1)]) !== String(predicted.shape))
    throw refuseShape(y, predicted, options.rows && countRows(chosen))
  // Predictions of just these rows stand beside copies of their targets and weights.
  const numbers = isWhole ? undefined : toRowNumbers(chosen)
  const rows = numbers === undefined ? chosen : allRows(numbers.length)
  const weights = numbers && given ? Float64Array.from(numbers, (row) => given[row]!) : given
  const targets = y.ndim === 1 ? 1 : y.shape[1]!
  let sum = 0
  for (let target = 0; target < targets; target++) {
    const all = columnValues(y, target)
    const truth = numbers === undefined ? all : takeValues(all, numbers)
    const guess = columnValues(predicted, target)
    sum += score({ truth, guess, rows, weights })
  }
  return sum / targets
}

function refuseShape(y: NDArray, predicted: NDArray, count?: number): OneCopyError {
  const advice =
    count === undefined
      ? ''
      : ` Pass predictions of all rows of \`y\`, or of just the ${count} rows of \`rows\` in their order.`
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected predictions of the same shape as \`y\`, (n) or (n, m), got (${predicted.shape.join(', ')}) for (${y.shape.join(', ')}).${advice}`,
    { details: { expected: [...y.shape], shape: [...predicted.shape] } },
  )
}

/** Copies values of some rows. */
function takeValues({ data, offset, stride }: StridedValues, rows: Int32Array): StridedValues {
  const values = Float64Array.from(rows, (row) => Number(data[offset + row * stride]))
  return { data: values, offset: 0, stride: 1 }
}

function columnValues(array: NDArray, column: number): StridedValues {
  requireAttached(array)
  const { data, offset, strides } = array
  return { data, offset: offset + column * (strides[1] ?? 0), stride: strides[0]! }
}
