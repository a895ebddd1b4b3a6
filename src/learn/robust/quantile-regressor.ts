/** Linear regression of a quantile. */

import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { fitQuantile } from './fit-quantile.ts'
import { type RobustFit, RobustRegressor } from './robust-regressor.ts'
import type { RobustRows } from './robust-rows.ts'

/** Options of {@link QuantileRegressor}. */
export interface QuantileRegressorOptions {
  /** Which quantile is predicted, above 0 and below 1; default: 0.5, the median. */
  readonly quantile?: number
  /** Penalty on the sum of absolute coefficients, >= 0; default: 1. */
  readonly alpha?: number
  /** Whether the model has an intercept, which is not penalized; default: true. */
  readonly fitIntercept?: boolean
  /** Most steps; default: 200. */
  readonly maxIter?: number
}

/**
 * Linear regression of a quantile: about `quantile` of the targets lie below the predictions. It minimizes the mean of the pinball
 * loss + alpha Σ |coefficient|.
 *
 * An interior point method takes four passes over the rows for each of some twenty steps; then the solution is moved to a vertex, where
 * it predicts as many rows exactly as it has coefficients. When several models are best, it returns one of them. It reads `X` in
 * place and needs some ten numbers for each row besides.
 *
 * @example
 * ```ts
 * const model = await new QuantileRegressor({ quantile: 0.9, alpha: 0 }).fit(X, y)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.QuantileRegressor`: same objective and names
 * @see Portnoy, Koenker: The Gaussian hare and the Laplacian tortoise, Statistical Science 12 (1997)
 */
export class QuantileRegressor extends RobustRegressor {
  static override readonly name: string = 'QuantileRegressor'
  quantile: number
  alpha: number
  fitIntercept: boolean
  maxIter: number
  /** Whether the objective is within 1e-9 of its minimum, relative to it. */
  declare converged_: boolean

  constructor(options: QuantileRegressorOptions = {}) {
    super()
    if (new.target === QuantileRegressor)
      requireLearnOptions('QuantileRegressor', options, names, instead)
    this.quantile = options.quantile ?? 0.5
    this.alpha = options.alpha ?? 1
    this.fitIntercept = options.fitIntercept ?? true
    this.maxIter = options.maxIter ?? 200
  }

  protected override requireSearch(): (rows: RobustRows) => Promise<RobustFit> {
    const quantile = requireNumber(this, 'quantile', { min: 0, max: 1 })
    const alpha = requireNumber(this, 'alpha', { min: 0 })
    const maxIter = requireNumber(this, 'maxIter', { min: 1, integer: true })
    if (quantile === 0 || quantile === 1) throw noQuantile(quantile)
    const advice = 'Raise maxIter, or scale the columns of `X`.'
    return async (rows) => ({
      ...(await fitQuantile(rows, { quantile, alpha, maxIter })),
      advice,
    })
  }
}

registerEstimator(QuantileRegressor, 'onecopy.QuantileRegressor', import.meta.url)

const names: OptionNames<QuantileRegressorOptions> = {
  quantile: true,
  alpha: true,
  fitIntercept: true,
  maxIter: true,
}

const instead = {
  solver: 'leave it out: there is one solver',
  solver_options: 'leave it out: there is one solver',
  tau: 'onecopy calls it `quantile`',
  q: 'onecopy calls it `quantile`',
}

function noQuantile(quantile: number): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`quantile\` of QuantileRegressor to be above 0 and below 1, got ${quantile}.`,
    { details: { name: 'quantile', value: quantile } },
  )
}
