/** Linear regression that outliers influence little. */

import { array } from '../../arrays/index.ts'
import type { OptionNames } from '../../options.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { fitHuber, type HuberFit, type HuberSettings } from './fit-huber.ts'
import { type RobustFit, RobustRegressor } from './robust-regressor.ts'
import { RobustRows } from './robust-rows.ts'
import { rowSpace } from './row-space.ts'

/** Options of {@link HuberRegressor}. */
export interface HuberRegressorOptions {
  /** A residual of more than so many times the scale counts linearly, not by its square; >= 1; default: 1.35. */
  readonly epsilon?: number
  /** Penalty on the sum of squared coefficients, >= 0; default: 0.0001. */
  readonly alpha?: number
  /** Whether the model has an intercept, which is not penalized; default: true. */
  readonly fitIntercept?: boolean
  /** Most steps; default: 100. */
  readonly maxIter?: number
  /** Stop when a step would change predictions by less than this part of the scale, as a root mean square; default: 1e-8. */
  readonly tol?: number
}

/**
 * Linear regression by Huber's loss: squares of small residuals, absolute values of large ones. What counts as large is learned
 * too, as a multiple of the scale of the residuals.
 *
 * It minimizes Σ weight × (scale + H(residual / scale) × scale) + alpha ‖w‖², where H(z) is z² up to `epsilon` and 2 epsilon |z| -
 * epsilon² beyond. Newton's method takes about three passes over the rows for each of some ten steps. It reads `X` in place and
 * needs a few numbers for each row besides; when there are more columns than rows, it copies the rows that count once as float64.
 *
 * @example
 * ```ts
 * const model = await new HuberRegressor({ epsilon: 1.5 }).fit(X, y)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.HuberRegressor`: same objective and names
 */
export class HuberRegressor extends RobustRegressor {
  static override readonly name: string = 'HuberRegressor'
  epsilon: number
  alpha: number
  fitIntercept: boolean
  maxIter: number
  tol: number
  /** Scale of the residuals. */
  declare scale_: number
  /** Numbers of the training rows whose residual is more than `epsilon` times the scale. */
  declare outliers_: Int32Array
  /** Whether the last step was short enough. */
  declare converged_: boolean

  constructor(options: HuberRegressorOptions = {}) {
    super()
    if (new.target === HuberRegressor)
      requireLearnOptions('HuberRegressor', options, names, { M: 'onecopy calls it `epsilon`' })
    this.epsilon = options.epsilon ?? 1.35
    this.alpha = options.alpha ?? 0.0001
    this.fitIntercept = options.fitIntercept ?? true
    this.maxIter = options.maxIter ?? 100
    this.tol = options.tol ?? 1e-8
  }

  protected override requireSearch(): (rows: RobustRows) => Promise<RobustFit> {
    const settings = {
      epsilon: requireNumber(this, 'epsilon', { min: 1 }),
      alpha: requireNumber(this, 'alpha', { min: 0 }),
      maxIter: requireNumber(this, 'maxIter', { min: 1, integer: true }),
      tol: requireNumber(this, 'tol', { min: 0 }),
    }
    return async (rows) => {
      const found = await this.#fit(rows, settings)
      const { theta, converged, iterations, lastStep, scale, outliers } = found
      this.scale_ = scale
      this.outliers_ = outliers
      const end = { iterations, gap: lastStep, limit: settings.tol }
      return { theta, converged, ...end, measure: 'a next step', advice: 'Raise maxIter or tol.' }
    }
  }

  /** Fits rows, those of wide data in their own space. */
  async #fit(rows: RobustRows, settings: HuberSettings): Promise<HuberFit> {
    const space = rowSpace(rows)
    if (space === undefined) return fitHuber(rows, settings)
    const { numbers } = rows
    const own = await RobustRows.read(
      this,
      space.coordinates,
      array(Float64Array.from(numbers, (row) => rows.target[row]!)),
      {
        fitIntercept: this.fitIntercept,
        weights: Float64Array.from(numbers, (row) => rows.weightOf(row)),
      },
    )
    try {
      const found = await fitHuber(own, settings)
      const theta = new Float64Array(rows.columns + 1)
      theta[0] = this.fitIntercept ? own.intercept(found.theta) : 0
      theta.set(space.coefficients(found.theta.subarray(1)), 1)
      return { ...found, theta, outliers: found.outliers.map((at) => numbers[at]!) }
    } finally {
      own[Symbol.dispose]()
    }
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('scale_', 0, Infinity, false)
    values.integers('outliers_', 2 ** 31)
  }
}

registerEstimator(HuberRegressor, 'onecopy.HuberRegressor', import.meta.url)

const names: OptionNames<HuberRegressorOptions> = {
  epsilon: true,
  alpha: true,
  fitIntercept: true,
  maxIter: true,
  tol: true,
}
