/** Linear regression of a quantile. */

import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireFitOptions, requireNumber } from '../contract/base-estimator.ts'
import { forget, type FitOptions } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { reportNotConverged } from '../contract/not-converged.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { LinearPredictor } from '../linear/linear-predictor.ts'
import { fitQuantile } from './fit-quantile.ts'
import { RobustRows } from './robust-rows.ts'

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
export class QuantileRegressor extends LinearPredictor {
  static override readonly name: string = 'QuantileRegressor'
  quantile: number
  alpha: number
  fitIntercept: boolean
  maxIter: number
  /** Steps that were made. */
  declare iterations_: number
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

  /**
   * Learns from rows of `X` and `y`.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - target, shape (n)
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(X: ArrayInput, y: ArrayInput, options: FitOptions = {}): Promise<this> {
    return keepInputs({ X, y, options }, async () => {
      requireFitOptions(this, options)
      forget(this)
      const quantile = requireNumber(this, 'quantile', { min: 0, max: 1 })
      const alpha = requireNumber(this, 'alpha', { min: 0 })
      const maxIter = requireNumber(this, 'maxIter', { min: 1, integer: true })
      const fitIntercept = requireBoolean(this, 'fitIntercept')
      if (quantile === 0 || quantile === 1) throw noQuantile(quantile)
      const [matrix, target] = [asArray(X, '`X`'), asArray(y, '`y`')]
      const rows = await RobustRows.read(this, matrix, target, { ...options, fitIntercept })
      const found = await fitQuantile(rows, { quantile, alpha, maxIter })
      const { theta, converged, iterations, gap, limit } = found
      const intercept = fitIntercept ? rows.intercept(theta) : 0
      this.learn([theta.slice(1)], Float64Array.of(intercept), rows.targetShape)
      this.iterations_ = iterations
      this.converged_ = converged
      const advice = 'Raise maxIter, or scale the columns of `X`.'
      if (!converged) reportNotConverged(this.constructor.name, { iterations, gap, limit, advice })
      return this
    })
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('iterations_', 0)
    values.oneOf('converged_', [true, false])
  }
}

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
