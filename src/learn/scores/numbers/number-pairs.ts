/** Targets and their predictions, as metrics of numbers read them. */

import { countRows, type NDArray, toRowNumbers } from '../../../arrays/index.ts'
import { allRows, requireAttached, requireRows } from '../../../arrays/internal.ts'
import { OneCopyError, show } from '../../../errors.ts'
import type { OptionNames } from '../../../options.ts'
import type { Column } from '../../../tables/index.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import { trueNumbers, weightsOf } from '../../features/column-inputs.ts'
import { type ArrayInput, asArray } from '../../inputs/as-array.ts'
import { requireFiniteWeights } from '../../inputs/weights.ts'
import { metricInstead, type MetricOptions } from '../score-options.ts'
import type { Pairs, StridedValues } from '../weighted-mean.ts'
import { mapNumbers } from '../../inputs/row-vectors.ts'

/** Options of metrics of numbers. */
export interface NumberMetricOptions extends MetricOptions {
  /**
   * What to make of the scores of several targets: their mean (`'uniformAverage'`, the default), a list of them (`'rawValues'`), or
   * the mean with these weights, one for each target.
   */
  readonly multioutput?: 'uniformAverage' | 'rawValues' | ArrayLike<number>
}

/** Options of a metric that returns the score of each target. */
export interface RawValues {
  readonly multioutput: 'rawValues'
}

/** True values of a metric of numbers. */
export type Truth = ArrayInput | Column

/** Names of the options of {@link NumberMetricOptions}. */
export const numberNames: OptionNames<NumberMetricOptions> = {
  rows: true,
  weights: true,
  multioutput: true,
}

/**
 * Scores each target, and combines the scores as the options say.
 *
 * @param name - name of the metric, for texts
 * @param known - names of the options of the metric
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`, `ERR_OPTION`
 */
export function scoreTargets<Options extends NumberMetricOptions>(
  name: string,
  { y, predicted, options }: NumberInputs<Options>,
  score: (pairs: Pairs) => number,
  known: OptionNames<NumberMetricOptions> = numberNames,
): number | Float64Array {
  requireLearnOptions<NumberMetricOptions>(name, options, known, metricInstead)
  const scores: number[] = []
  for (const pairs of pairsOfTargets(y, predicted, options)) scores.push(score(pairs))
  return combineTargets(Float64Array.from(scores), options.multioutput)
}

/** What a metric of numbers is given. */
export interface NumberInputs<Options = NumberMetricOptions> {
  readonly y: Truth
  readonly predicted: ArrayInput
  readonly options: Options
}

/** Combines the scores of targets. */
export function combineTargets(
  scores: Float64Array,
  multioutput: NumberMetricOptions['multioutput'] = 'uniformAverage',
): number | Float64Array {
  if (multioutput === 'rawValues') return scores
  if (multioutput === 'uniformAverage') return scores.reduce((a, b) => a + b, 0) / scores.length
  const weights = requireTargetWeights(multioutput, scores.length)
  const total = weights.reduce((a, b) => a + b, 0)
  return scores.reduce((sum, score, j) => sum + score * (weights[j]! / total), 0)
}

function requireTargetWeights(weights: unknown, count: number): Float64Array {
  const expected = `Expected \`multioutput\` to be 'uniformAverage', 'rawValues' or ${count} weights >= 0, one for each target`
  if (typeof weights === 'string')
    throw new OneCopyError('ERR_OPTION', `${expected}, got ${show(weights)}.`, {
      details: { multioutput: weights },
    })
  if (typeof weights !== 'object' || weights === null || !('length' in weights))
    throw new TypeError(`${expected}, got ${show(weights)}.`)
  const list = Float64Array.from(weights as ArrayLike<number>)
  const isWrong = list.some((weight) => !(weight >= 0 && weight < Infinity))
  const total = list.reduce((a, b) => a + b, 0)
  if (list.length === count && !isWrong && total > 0 && total < Infinity) return list
  throw new OneCopyError('ERR_OPTION', `${expected}, got [${list.join(', ')}].`, {
    details: { multioutput: [...list] },
  })
}

/** Each target with its predictions, in turn. */
export function* pairsOfTargets(
  truths: Truth,
  guesses: ArrayInput,
  options: MetricOptions,
): Generator<Pairs> {
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
  const weights = numbers && given ? mapNumbers(numbers, (row) => given[row]!) : given
  const targets = y.ndim === 1 ? 1 : y.shape[1]!
  if (targets === 0) throw refuseShape(y, predicted)
  for (let target = 0; target < targets; target++) {
    const all = columnValues(y, target)
    const truth = numbers === undefined ? all : takeValues(all, numbers)
    const guess = columnValues(predicted, target)
    yield { truth, guess, rows, weights, numbers }
  }
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
  const values = mapNumbers(rows, (row) => Number(data[offset + row * stride]))
  return { data: values, offset: 0, stride: 1 }
}

/** One column of an array, where it lies. */
export function columnValues(array: NDArray, column: number): StridedValues {
  requireAttached(array)
  const { data, offset, strides } = array
  return { data, offset: offset + column * (strides[1] ?? 0), stride: strides[0]! }
}
