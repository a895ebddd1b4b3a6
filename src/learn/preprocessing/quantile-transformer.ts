/** Maps columns to a uniform or normal distribution. */

import { array, countRows, type NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireFitted, requireNumber, requireOneOf } from '../contract/base-estimator.ts'
import type { TableFitOptions } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { RowMap } from '../contract/row-map.ts'
import { normalQuantile } from '../statistics/normal-quantile.ts'
import { columnQuantiles } from '../statistics/quantiles.ts'
import { BlockTransformer } from './block-transformer.ts'
import { type FitRows, startFit } from './fit-rows.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link QuantileTransformer}. */
export interface QuantileTransformerOptions {
  /** How many quantiles are learned, at most one for each row; default: 1000. */
  readonly quantiles?: number
  /** Distribution of the mapped columns; default: `'uniform'`, from 0 to 1. */
  readonly outputDistribution?: 'uniform' | 'normal'
}

/**
 * Maps each column by its cumulative distribution, so that its values become evenly distributed from 0 to 1, or
 * normally distributed. Values between quantiles are interpolated; values outside those of `fit` get the ends. NaN is
 * left out of `fit` and stays NaN.
 *
 * Quantiles are exact and come from all rows, not from a sample, in about 30 MB of memory. Up to 131,072 rows they take
 * one pass for every 8 columns; more rows take further passes, about two for every million rows.
 *
 * @example
 * ```ts
 * const transformer = await new QuantileTransformer({ outputDistribution: 'normal' }).fit(X)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.QuantileTransformer`
 */
export class QuantileTransformer extends BlockTransformer {
  static override readonly name: string = 'QuantileTransformer'
  quantiles: number
  outputDistribution: 'uniform' | 'normal'
  /** Quantiles of each column, ascending, shape (d, quantiles). */
  declare quantiles_: NDArray<'float64'>

  constructor(options: QuantileTransformerOptions = {}) {
    super()
    if (new.target === QuantileTransformer)
      requireLearnOptions('QuantileTransformer', options, names, instead)
    const { quantiles = 1000, outputDistribution = 'uniform' } = options
    this.quantiles = quantiles
    this.outputDistribution = outputDistribution
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /**
   * Learns the quantiles of each column.
   *
   * @param X - values, shape (n, d), any real dtype; read in place
   * @param _y - ignored
   * @throws OneCopyError `ERR_VALUE` for infinity and a column without numbers, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitFeatures(this, { X, but: _y, options }, async (X, _, options) => {
      const input = startFit(this, X, options)
      const most = requireNumber(this, 'quantiles', { min: 1, integer: true })
      requireOneOf(this, 'outputDistribution', ['uniform', 'normal'], { gaussian: 'normal' })
      const count = Math.min(most, countRepetitions(input))
      const fractions = Array.from({ length: count }, (_, q) => q / Math.max(1, count - 1))
      const columns = await columnQuantiles({ ...input, skipMissing: true }, fractions)
      const empty = columns.findIndex(({ length }) => length === 0)
      if (empty !== -1) {
        throw new OneCopyError(
          'ERR_VALUE',
          `Expected numbers in each column of \`X\`, got only NaN in column ${empty} (counted from 0).`,
          { details: { column: empty } },
        )
      }
      const values = new Float64Array(columns.length * count)
      for (const [column, quantiles] of columns.entries()) {
        // Rounding of interpolated values must not turn their order.
        let last = -Infinity
        for (let q = 0; q < count; q++)
          last = values[column * count + q] = Math.max(last, quantiles[q]!)
      }
      this.quantiles_ = array(values, { shape: [columns.length, count] })
      return this
    })
  }

  checkLearned(values: LearnedValues): void {
    const quantiles = values.array('quantiles_', {
      dtype: 'float64',
      shape: [undefined, undefined],
    })
    const [columns, count] = quantiles.shape as [number, number]
    const flat = quantiles.toTypedArray() as Float64Array
    const fits = flat.every(
      (value, at) => Number.isFinite(value) && (at % count === 0 || value >= flat[at - 1]!),
    )
    if (columns === 0 || count === 0 || !fits)
      throw values.refuse('quantiles_', 'ascending finite numbers for each column')
  }

  override rowMap(): RowMap {
    requireFitted(this, 'quantiles_')
    const [columns, count] = this.quantiles_.shape as [number, number]
    const quantiles = this.quantiles_.toTypedArray()
    const lists = Array.from({ length: columns }, (_, j) =>
      quantiles.subarray(j * count, (j + 1) * count),
    )
    const place = this.outputDistribution === 'normal' ? normalPlace : uniformPlace
    return {
      columns,
      width: columns,
      apply(from, to, rows) {
        for (let j = 0; j < columns; j++) {
          const own = lists[j]!
          for (let i = 0, at = j; i < rows; i++, at += columns) to[at] = place(from[at]!, own)
        }
      },
    }
  }
}

registerEstimator(QuantileTransformer, 'onecopy.QuantileTransformer', import.meta.url)

const names: OptionNames<QuantileTransformerOptions> = { quantiles: true, outputDistribution: true }

const instead = {
  subsample: 'quantiles are those of all rows',
  random_state: 'nothing is drawn at random',
  ignore_implicit_zeros: 'arrays are dense',
}

/** Rows counted by their weights where these are whole numbers. */
function countRepetitions({ rows, weights }: FitRows): number {
  const count = countRows(rows)
  if (weights === null || weights.some((weight) => weight % 1 !== 0)) return count
  let sum = 0
  if ('numbers' in rows) for (const row of rows.numbers) sum += weights[row]!
  else
    for (const [start, stop] of rows.ranges)
      for (let row = start; row < stop; row++) sum += weights[row]!
  return sum
}

function uniformPlace(value: number, quantiles: Float64Array): number {
  if (value !== value) return Number.NaN
  const last = quantiles.length - 1
  if (value <= quantiles[0]!) return 0
  if (value >= quantiles[last]!) return 1
  return shareBelow(value, quantiles)
}

/** Nearer to the ends than this, values count as the ends. */
const atEnd = 1e-7

/** A normal distribution has no ends; values there go about 5.2 standard deviations far. */
const lowest = normalQuantile(atEnd - 2 ** -52)
const highest = normalQuantile(1 - (atEnd - 2 ** -52))

function normalPlace(value: number, quantiles: Float64Array): number {
  if (value !== value) return Number.NaN
  const last = quantiles.length - 1
  if (value - atEnd < quantiles[0]!) return lowest
  if (value + atEnd > quantiles[last]!) return highest
  return Math.min(highest, Math.max(lowest, normalQuantile(shareBelow(value, quantiles))))
}

/**
 * The share of a column below a value that lies between its quantiles: the mean of the least and the greatest share where
 * several quantiles are equal.
 */
function shareBelow(value: number, quantiles: Float64Array): number {
  const above = firstGreater(quantiles, value)
  const notBelow = firstNotLess(quantiles, value)
  return 0.5 * (between(quantiles, above - 1, value) + between(quantiles, notBelow - 1, value))
}

/** Interpolates the share at a value between quantiles q and q + 1. */
function between(quantiles: Float64Array, q: number, value: number): number {
  const last = quantiles.length - 1
  if (q < 0) return 0
  if (q >= last) return 1
  const [low, high] = [quantiles[q]!, quantiles[q + 1]!]
  return (q + (value - low) / (high - low)) / last
}

function firstGreater(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}

function firstNotLess(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (sorted[middle]! >= value) high = middle
    else low = middle + 1
  }
  return low
}
