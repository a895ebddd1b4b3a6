/** Scales columns to mean 0 and variance 1. */

import type { OptionNames } from '../../options.ts'
import { requireBoolean } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { MomentsScaler } from './moments-scaler.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { Moments } from '../statistics/moments.ts'

/** Options of {@link StandardScaler}. */
export interface StandardScalerOptions {
  /** Whether to subtract the mean; default: true. */
  readonly withMean?: boolean
  /** Whether to divide by the standard deviation (of n, not n - 1); default: true. */
  readonly withStd?: boolean
}

/**
 * Standardizes every column: z = (x - mean) / standard deviation. A constant column is divided by 1.
 * A column whose values differ only by rounding, such as 0.3 and 0.1 + 0.2, is not scaled.
 *
 * @example
 * ```ts
 * const scaler = await new StandardScaler().fit(X)
 * const Z = await scaler.transform(X)
 * ```
 *
 * @see scikit-learn's `sklearn.preprocessing.StandardScaler`
 */
export class StandardScaler extends MomentsScaler {
  static override readonly name: string = 'StandardScaler'
  withMean: boolean
  withStd: boolean
  /** Weighted means, shape (d). */
  declare mean_: Float64Array
  /** Weighted variances, divided by the sum of the weights, shape (d). */
  declare variance_: Float64Array

  constructor(options: StandardScalerOptions = {}) {
    super()
    if (new.target === StandardScaler) requireLearnOptions('StandardScaler', options, names)
    const { withMean = true, withStd = true } = options
    this.withMean = withMean
    this.withStd = withStd
  }

  protected override learnedColumns(): readonly string[] {
    return ['mean_', 'variance_']
  }

  override fitMoments(moments: Moments): this {
    const withMean = requireBoolean(this, 'withMean')
    const withStd = requireBoolean(this, 'withStd')
    requireSamples(this, moments)
    const { columns, weight, mean, cross } = moments
    const p = mean.length
    this.mean_ = mean.slice(0, columns)
    this.variance_ = this.mean_.map((_, j) => cross[j * p + j]! / weight)
    this.shift_ = withMean ? this.mean_.slice() : new Float64Array(columns)
    this.scale_ = this.variance_.map((variance) =>
      withStd && variance > 0 ? Math.sqrt(variance) : 1,
    )
    this.keepRounding(moments)
    return this
  }
}

registerEstimator(StandardScaler, 'onecopy.StandardScaler', import.meta.url)

const names: OptionNames<StandardScalerOptions> = { withMean: true, withStd: true }
