/** Ordinary least squares. */

import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { LeastSquaresModel } from './least-squares-model.ts'

/** Options of {@link LinearRegression}. */
export interface LinearRegressionOptions {
  /** Whether the model has an intercept; default: true. */
  readonly fitIntercept?: boolean
}

/**
 * Ordinary least squares: minimizes Σ weight (y - X w - b)².
 *
 * Well-conditioned problems are solved from moments by Cholesky. Ill-conditioned ones are solved by a QR
 * factor of the rows and refined to full precision. When columns are linear combinations of others, an SVD
 * of the factor gives the best fit with the smallest coefficients. `solver_` and `rank_` tell which was used.
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

  constructor(options: LinearRegressionOptions = {}) {
    super()
    if (new.target === LinearRegression) requireLearnOptions('LinearRegression', options, names)
    const { fitIntercept = true } = options
    this.fitIntercept = fitIntercept
  }

  protected override requirePenalty(): number {
    return 0
  }
}

const names: OptionNames<LinearRegressionOptions> = { fitIntercept: true }
