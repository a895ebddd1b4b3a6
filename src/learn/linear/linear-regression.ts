/** Ordinary least squares. */

import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { LeastSquaresModel } from './least-squares-model.ts'

/** Options of {@link LinearRegression}. */
export interface LinearRegressionOptions {
  /** Whether the model has an intercept; default: true. */
  readonly fitIntercept?: boolean
  /** Whether coefficients must not be negative; default: false. The intercept may be. */
  readonly positive?: boolean
}

/**
 * Ordinary least squares: minimizes Σ weight (y - X w - b)².
 *
 * Well-conditioned problems are solved from moments by Cholesky. Ill-conditioned ones are solved by a QR
 * factor of the rows and refined to full precision. When columns are linear combinations of others, an SVD
 * of the factor gives the best fit with the smallest coefficients. `solver_` and `rank_` tell which was used.
 *
 * With `positive: true` no coefficient is negative: of the same moments or factor, the exact minimum under that condition, as of
 * scikit-learn's `positive=True`.
 *
 * @example
 * ```ts
 * const model = await new LinearRegression().fit(X, y)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.LinearRegression`
 */
export class LinearRegression extends LeastSquaresModel {
  static override readonly name: string = 'LinearRegression'
  fitIntercept: boolean
  positive: boolean

  constructor(options: LinearRegressionOptions = {}) {
    super()
    if (new.target === LinearRegression) requireLearnOptions('LinearRegression', options, names)
    const { fitIntercept = true, positive = false } = options
    this.fitIntercept = fitIntercept
    this.positive = positive
  }

  protected override requirePenalty(): number {
    return 0
  }
}

registerEstimator(LinearRegression, 'onecopy.LinearRegression', import.meta.url)

const names: OptionNames<LinearRegressionOptions> = { fitIntercept: true, positive: true }
