/** Least squares with a penalty on squared coefficients. */

import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { LeastSquaresModel } from './least-squares-model.ts'

/** Options of {@link Ridge}. */
export interface RidgeOptions {
  /** Penalty on the sum of squared coefficients, >= 0; default: 1. */
  readonly alpha?: number
  /** Whether the model has an intercept, which is not penalized; default: true. */
  readonly fitIntercept?: boolean
  /** Whether coefficients must not be negative; default: false. The intercept may be. */
  readonly positive?: boolean
}

/**
 * Ridge regression: minimizes Σ weight (y - X w - b)² + alpha ‖w‖².
 *
 * Solved from moments by Cholesky; ill-conditioned problems by a QR factor of the rows, with refinement.
 * `solver_` tells which was used. With `alpha: 0` it is {@link LinearRegression}.
 *
 * With `positive: true` no coefficient is negative: of the same moments or factor, the exact minimum under that condition, as of
 * scikit-learn's `positive=True`.
 *
 * @example
 * ```ts
 * const model = await new Ridge({ alpha: 0.5 }).fit(X, y, { rows: fold.train })
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.Ridge`
 */
export class Ridge extends LeastSquaresModel {
  static override readonly name: string = 'Ridge'
  alpha: number
  fitIntercept: boolean
  positive: boolean

  constructor(options: RidgeOptions = {}) {
    super()
    if (new.target === Ridge) requireLearnOptions('Ridge', options, names)
    const { alpha = 1, fitIntercept = true, positive = false } = options
    this.alpha = alpha
    this.fitIntercept = fitIntercept
    this.positive = positive
  }

  protected override requirePenalty(): number {
    return requireNumber(this, 'alpha', { min: 0 })
  }
}

registerEstimator(Ridge, 'onecopy.Ridge', import.meta.url)

const names: OptionNames<RidgeOptions> = { alpha: true, fitIntercept: true, positive: true }
