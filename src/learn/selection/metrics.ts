/** Scores of predictions: rmse, mae, r2. */

import type { NDArray, Rows, RowSelection } from '../../arrays/index.ts'
import { requireAttached, requireRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { requireWeights } from '../inputs/weights.ts'

/** Which rows to score, and their weights. */
export interface ScoreOptions {
  /** Rows to score: row numbers, a mask, or ranges. Default: all. */
  readonly rows?: RowSelection
  /** Weights of rows, shape (n), also for rows left out; default: 1. */
  readonly weights?: ArrayInput
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
 * @param y - true values, shape (n) or (n, m); arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 */
export function rmse(y: ArrayInput, predicted: ArrayInput, options: ScoreOptions = {}): number {
  requireKnown('rmse', options, names)
  return meanOverTargets(y, predicted, options, (pairs) =>
    Math.sqrt(weightedMean(pairs, 'squared error')),
  )
}
rmse.greaterIsBetter = false

/**
 * Mean absolute error; less is better. The mean of it over targets when `y` is a matrix.
 *
 * @param y - true values, shape (n) or (n, m); arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 */
export function mae(y: ArrayInput, predicted: ArrayInput, options: ScoreOptions = {}): number {
  requireKnown('mae', options, names)
  return meanOverTargets(y, predicted, options, (pairs) => weightedMean(pairs, 'absolute error'))
}
mae.greaterIsBetter = false

/**
 * Coefficient of determination R²: 1 is perfect, 0 is no better than the mean of `y`; greater is better.
 * The mean of it over targets when `y` is a matrix. When `y` is constant, a perfect prediction gets
 * 1 and any other one 0, as in scikit-learn.
 *
 * @param y - true values, shape (n) or (n, m); arrays are read in place, as are predictions
 * @param predicted - predictions, of the same shape
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`
 */
export function r2(y: ArrayInput, predicted: ArrayInput, options: ScoreOptions = {}): number {
  requireKnown('r2', options, names)
  return meanOverTargets(y, predicted, options, (pairs) => {
    const mean = weightedMean(pairs, 'truth')
    const spread = weightedMean(pairs, 'squared deviation', mean)
    const error = weightedMean(pairs, 'squared error')
    if (spread === 0) return error === 0 ? 1 : 0
    return 1 - error / spread
  })
}
r2.greaterIsBetter = true

/**
 * Makes a scorer from your own function.
 *
 * @param score - takes true values and predictions, and returns a number. Its name is the heading of the
 *   score column
 */
export function makeScorer(
  score: (y: NDArray, predicted: NDArray, options?: ScoreOptions) => number,
  options: { greaterIsBetter: boolean },
): Scorer {
  requireKnown('makeScorer', options, { greaterIsBetter: true })
  const { greaterIsBetter } = options
  return Object.assign(score, { greaterIsBetter })
}

const names: OptionNames<ScoreOptions> = { rows: true, weights: true }

/** One target and its predictions, as strided values. */
interface Pairs {
  readonly truth: StridedValues
  readonly guess: StridedValues
  readonly rows: Rows
  readonly weights: Float64Array | undefined
}

interface StridedValues {
  readonly data: ArrayLike<number | bigint>
  readonly offset: number
  readonly stride: number
}

function meanOverTargets(
  truths: ArrayInput,
  guesses: ArrayInput,
  options: ScoreOptions,
  score: (pairs: Pairs) => number,
): number {
  const y = asArray(truths, '`y`')
  const predicted = asArray(guesses, '`predicted`')
  if (y.ndim < 1 || y.ndim > 2 || String(y.shape) !== String(predicted.shape)) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected predictions of the same shape as \`y\`, (n) or (n, m), got (${predicted.shape.join(', ')}) for (${y.shape.join(', ')}).`,
      { details: { expected: [...y.shape], shape: [...predicted.shape] } },
    )
  }
  const n = y.shape[0]!
  const rows = requireRows(options.rows, n)
  const weights = options.weights === undefined ? undefined : requireWeights(options.weights, n)
  const targets = y.ndim === 1 ? 1 : y.shape[1]!
  let sum = 0
  for (let target = 0; target < targets; target++) {
    const truth = columnValues(y, target)
    const guess = columnValues(predicted, target)
    sum += score({ truth, guess, rows, weights })
  }
  return sum / targets
}

function columnValues(array: NDArray, column: number): StridedValues {
  requireAttached(array)
  const { data, offset, strides } = array
  return { data, offset: offset + column * (strides[1] ?? 0), stride: strides[0]! }
}

/** The quantity that is averaged over rows. */
type Summand = 'truth' | 'squared deviation' | 'squared error' | 'absolute error'

/** Mean over rows; deviations are from `center`. */
function weightedMean(pairs: Pairs, summand: Summand, center = 0): number {
  const { rows } = pairs
  const ranges = 'numbers' in rows ? [[0, rows.numbers.length] as const] : rows.ranges
  const total = { sum: 0, weight: 0 }
  for (const [start, stop] of ranges) addRows(pairs, start, stop, summand, center, total)
  if (total.weight > 0) return total.sum / total.weight
  throw new OneCopyError(
    'ERR_ROWS',
    'Expected at least one row with a weight above 0 to score, got none.',
  )
}

/** Adds rows, or positions of row numbers, from `start` up to `stop`. */
function addRows(
  { truth, guess, rows, weights }: Pairs,
  start: number,
  stop: number,
  summand: Summand,
  center: number,
  total: { sum: number; weight: number },
): void {
  const numbers = 'numbers' in rows ? rows.numbers : undefined
  const [truths, truthOffset, truthStride] = [truth.data, truth.offset, truth.stride]
  const [guesses, guessOffset, guessStride] = [guess.data, guess.offset, guess.stride]
  let { sum, weight } = total
  // One loop with a branch that always goes the same way: a call for each row costs five times as much.
  for (let i = start; i < stop; i++) {
    const row = numbers === undefined ? i : numbers[i]!
    const w = weights === undefined ? 1 : weights[row]!
    if (w === 0) continue
    const y = Number(truths[truthOffset + row * truthStride])
    const error = y - Number(guesses[guessOffset + row * guessStride])
    if (summand === 'squared error') sum += w * error * error
    else if (summand === 'absolute error') sum += w * Math.abs(error)
    else if (summand === 'truth') sum += w * y
    else sum += w * (y - center) * (y - center)
    weight += w
  }
  total.sum = sum
  total.weight = weight
}
