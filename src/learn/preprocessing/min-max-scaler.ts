/** Scales columns to a range. */

import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { MomentsScaler } from './moments-scaler.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { Moments } from '../statistics/moments.ts'

/** Options of {@link MinMaxScaler}. */
export interface MinMaxScalerOptions {
  /** New least and greatest value of each column; default: [0, 1]. */
  readonly featureRange?: readonly [number, number]
}

/**
 * Scales every column so that its least and greatest values become the ends of `featureRange`. A constant
 * column becomes the lower end. A column whose values differ only by rounding is not scaled. Rows of weight 0
 * are ignored; other weights have no effect.
 *
 * @example
 * ```ts
 * const scaler = await new MinMaxScaler({ featureRange: [-1, 1] }).fit(X)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.MinMaxScaler`
 */
export class MinMaxScaler extends MomentsScaler {
  static override readonly name: string = 'MinMaxScaler'
  featureRange: readonly [number, number]
  /** Least values, shape (d). */
  declare minimum_: Float64Array
  /** Greatest values, shape (d). */
  declare maximum_: Float64Array

  constructor(options: MinMaxScalerOptions = {}) {
    super()
    if (new.target === MinMaxScaler) requireLearnOptions('MinMaxScaler', options, names)
    const { featureRange = [0, 1] } = options
    this.featureRange = featureRange
  }

  protected override learnedColumns(): readonly string[] {
    return ['minimum_', 'maximum_']
  }

  override fitMoments(moments: Moments): this {
    const [low, high] = requireRange(this.featureRange)
    requireSamples(this, moments)
    const { columns, minimum, maximum } = moments
    this.minimum_ = minimum.slice(0, columns)
    this.maximum_ = maximum.slice(0, columns)
    this.scale_ = this.minimum_.map((least, j) => (this.maximum_[j]! - least || 1) / (high - low))
    this.shift_ = this.minimum_.map((least, j) => least - low * this.scale_[j]!)
    this.keepRounding(moments)
    return this
  }
}

registerEstimator(MinMaxScaler, 'onecopy.MinMaxScaler', import.meta.url)

const names: OptionNames<MinMaxScalerOptions> = { featureRange: true }

function requireRange(range: unknown): [number, number] {
  const [low, high] = Array.isArray(range) && range.length === 2 ? (range as unknown[]) : []
  if (typeof low !== 'number' || typeof high !== 'number') {
    throw new TypeError('Expected `featureRange` of MinMaxScaler to be two numbers, low and high.')
  }
  if (Number.isFinite(high - low) && low < high) return [low, high]
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`featureRange\` of MinMaxScaler to be finite with low < high, got [${low}, ${high}].`,
    { details: { low, high } },
  )
}
