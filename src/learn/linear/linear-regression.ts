/** Ordinary least squares. */

import { type OptionNames, requireKnown } from '../../options.ts'
import { LeastSquaresModel } from './least-squares-model.ts'

/** Options of {@link LinearRegression}. */
export interface LinearRegressionOptions {
  /** Whether the model has an intercept; default: true. */
  readonly fitIntercept?: boolean
}

/**
 * Ordinary least squares: minimizes Σ weight (y - X w - b)².
 *
 * Solved from moments by Cholesky; ill-conditioned problems by a QR factor of the rows and refined
 * on them to full precision; those whose columns are linear combinations of others by an SVD of that
 * factor, with the least coefficients that fit best. `solver_` and `rank_` say what happened.
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
  fitIntercept: boolean

  constructor(options: LinearRegressionOptions = {}) {
    super()
    if (new.target === LinearRegression) requireKnown('LinearRegression', options, names)
    const { fitIntercept = true } = options
    this.fitIntercept = fitIntercept
  }

  protected override requirePenalty(): number {
    return 0
  }
}

const names: OptionNames<LinearRegressionOptions> = { fitIntercept: true }
