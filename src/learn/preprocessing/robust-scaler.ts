/** Scales columns by their median and quantiles. */

import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean } from '../contract/base-estimator.ts'
import type { TableFitOptions } from '../contract/estimator.ts'
import { isRounding } from '../statistics/lost-digits.ts'
import { normalQuantile } from '../statistics/normal-quantile.ts'
import { columnQuantiles } from '../statistics/quantiles.ts'
import { ColumnScaler } from './column-scaler.ts'
import { startFit } from './fit-rows.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link RobustScaler}. */
export interface RobustScalerOptions {
  /** Whether to subtract the median; default: true. */
  readonly withCentering?: boolean
  /** Whether to divide by the range between two quantiles; default: true. */
  readonly withScaling?: boolean
  /** These quantiles in percent; default: [25, 75]. */
  readonly quantileRange?: readonly [number, number]
  /** Whether to scale so that normally distributed columns get variance 1; default: false. */
  readonly unitVariance?: boolean
}

/**
 * Scales every column by statistics that outliers hardly move: (x - median) / (upper quantile - lower quantile). A
 * column whose quantiles are equal, or differ only by rounding, is divided by 1.
 *
 * Quantiles are exact, and found in bounded memory, about 30 MB, in two passes over the rows for every 8 columns.
 * Whole weights count repetitions of a row.
 *
 * @example
 * ```ts
 * const scaler = await new RobustScaler({ quantileRange: [10, 90] }).fit(X)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.RobustScaler`
 */
export class RobustScaler extends ColumnScaler {
  static override readonly name: string = 'RobustScaler'
  withCentering: boolean
  withScaling: boolean
  quantileRange: readonly [number, number]
  unitVariance: boolean
  /** Medians, shape (d). */
  declare median_: Float64Array
  /** Differences between the two quantiles, shape (d). */
  declare range_: Float64Array

  constructor(options: RobustScalerOptions = {}) {
    super()
    if (new.target === RobustScaler) requireLearnOptions('RobustScaler', options, names)
    const { withCentering = true, withScaling = true } = options
    const { quantileRange = [25, 75], unitVariance = false } = options
    this.withCentering = withCentering
    this.withScaling = withScaling
    this.quantileRange = quantileRange
    this.unitVariance = unitVariance
  }

  /** Columns of a table are read in blocks. */
  get readsColumns(): true {
    return true
  }

  /**
   * Learns the median and quantiles of each column.
   *
   * @param X - values, shape (n, d), any real dtype; read in place
   * @param _y - ignored
   * @throws OneCopyError `ERR_VALUE` for NaN and infinity, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  override async fit(
    X: FeatureInput,
    _y?: TargetInput,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitFeatures(this, { X, but: _y, options }, async (X, _, options) => {
      const input = startFit(this, X, options)
      const withCentering = requireBoolean(this, 'withCentering')
      const withScaling = requireBoolean(this, 'withScaling')
      const [low, high] = requireQuantiles(this.quantileRange)
      const unit = requireBoolean(this, 'unitVariance') ? normalRange(low, high) : 1
      const fractions = [low / 100, 0.5, high / 100]
      const order = fractions.toSorted((a, b) => a - b)
      const columns = await columnQuantiles({ ...input, skipMissing: false }, order)
      const [lower, middle, upper] = fractions.map((fraction) => order.indexOf(fraction))
      this.median_ = Float64Array.from(columns, (quantiles) => quantiles[middle!]!)
      this.range_ = Float64Array.from(
        columns,
        (quantiles) => quantiles[upper!]! - quantiles[lower!]!,
      )
      const scale = Float64Array.from(columns, (quantiles) =>
        isConstant(quantiles[lower!]!, quantiles[upper!]!)
          ? 1
          : quantiles[upper!]! - quantiles[lower!]!,
      )
      this.shift_ = withCentering ? this.median_.slice() : new Float64Array(columns.length)
      this.scale_ = withScaling
        ? scale.map((range) => range / unit)
        : new Float64Array(columns.length).fill(1)
      return this
    })
  }

  protected override learnedColumns(): readonly string[] {
    return ['median_', 'range_']
  }
}

registerEstimator(RobustScaler, 'onecopy.RobustScaler', import.meta.url)

const names: OptionNames<RobustScalerOptions> = {
  withCentering: true,
  withScaling: true,
  quantileRange: true,
  unitVariance: true,
}

/** Difference between two quantiles of the standard normal distribution. */
function normalRange(low: number, high: number): number {
  if (low > 0 && high < 100) return normalQuantile(high / 100) - normalQuantile(low / 100)
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`quantileRange\` of RobustScaler with unitVariance to lie between 0 and 100, got [${low}, ${high}], ` +
      'which a normal distribution never reaches.',
    { details: { low, high } },
  )
}

function isConstant(low: number, high: number): boolean {
  return low === high || isRounding(low, high)
}

function requireQuantiles(range: unknown): [number, number] {
  const [low, high] = Array.isArray(range) && range.length === 2 ? (range as unknown[]) : []
  if (typeof low !== 'number' || typeof high !== 'number')
    throw new TypeError('Expected `quantileRange` of RobustScaler to be two numbers, low and high.')
  if (low >= 0 && low < high && high <= 100) return [low, high]
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`quantileRange\` of RobustScaler to be percentages with 0 <= low < high <= 100, got [${low}, ${high}].`,
    { details: { low, high } },
  )
}
