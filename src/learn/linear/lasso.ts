/** Least squares with a penalty on absolute coefficients. */

import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { penalizedNames, PenalizedModel, type PenalizedOptions } from './penalized-model.ts'

/** Options of {@link Lasso}. */
export type LassoOptions = PenalizedOptions

/**
 * Lasso: minimizes 1 / (2 Σ weight) Σ weight (y - X w - b)² + alpha ‖w‖₁ by cyclic coordinate
 * descent on the moments of the rows. Many coefficients become exactly 0.
 *
 * @example
 * ```ts
 * const model = await new Lasso({ alpha: 0.01 }).fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.Lasso`: same objective, same stopping rule
 */
export class Lasso extends PenalizedModel {
  static override readonly name: string = 'Lasso'
  constructor(options: LassoOptions = {}) {
    if (new.target === Lasso) requireLearnOptions('Lasso', options, penalizedNames)
    super(options)
  }

  override get l1Ratio(): number {
    return 1
  }
}

registerEstimator(Lasso, 'onecopy.Lasso', import.meta.url)
