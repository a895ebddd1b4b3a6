/** Least squares with penalties on absolute and on squared coefficients. */

import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { penalizedNames, PenalizedModel, type PenalizedOptions } from './penalized-model.ts'

/** Options of {@link ElasticNet}. */
export interface ElasticNetOptions extends PenalizedOptions {
  /** Share of the penalty on absolute values, in [0, 1]; the rest is on squares. Default: 0.5. */
  readonly l1Ratio?: number
}

/**
 * Elastic net: minimizes
 * 1 / (2 Σ weight) Σ weight (y - X w - b)² + alpha l1Ratio ‖w‖₁ + ½ alpha (1 - l1Ratio) ‖w‖²
 * by cyclic coordinate descent on the moments of the rows.
 *
 * @example
 * ```ts
 * const model = await new ElasticNet({ alpha: 0.01, l1Ratio: 0.7 }).fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.ElasticNet`: same objective, same stopping rule
 */
export class ElasticNet extends PenalizedModel {
  static override readonly name: string = 'ElasticNet'
  override l1Ratio: number

  constructor(options: ElasticNetOptions = {}) {
    if (new.target === ElasticNet) requireLearnOptions('ElasticNet', options, names)
    super(options)
    const { l1Ratio = 0.5 } = options
    this.l1Ratio = l1Ratio
  }
}

registerEstimator(ElasticNet, 'onecopy.ElasticNet', import.meta.url)

const names: OptionNames<ElasticNetOptions> = { ...penalizedNames, l1Ratio: true }
