/** Base of LinearRegression and Ridge: moments, then QR, then refinement. */

import { requireBoolean } from '../contract/base-estimator.ts'
import { forget } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { solveFactor } from './factor-solution.ts'
import { interceptsOf, LinearModel } from './linear-model.ts'
import { requireSamples, type TrainingRows } from '../contract/moments-estimator.ts'
import { Moments } from '../statistics/moments.ts'
import {
  isIllConditioned,
  normalEquations,
  solveNormalEquations,
  type NormalEquations,
} from './normal-equations.ts'
import { solveNonNegativeFactor } from './non-negative-factor.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import { refineSolution } from './refine-solution.ts'

/** A linear model that minimizes squared residuals, and perhaps squared coefficients. */
export abstract class LeastSquaresModel extends LinearModel {
  abstract fitIntercept: boolean
  abstract positive: boolean
  /**
   * How it was solved: `'cholesky'` from moments; `'qr'` from a factor of the rows, because moments
   * had lost too many digits; `'svd'` from that factor, because columns are linear combinations of
   * others, and of all best fits the one with the smallest coefficients. With `positive` it is never `'svd'`.
   */
  declare solver_: 'cholesky' | 'qr' | 'svd'
  /** Number of linearly independent columns, about their means when there is an intercept. */
  declare rank_: number

  /** The penalty on the sum of squared coefficients, checked. */
  protected abstract requirePenalty(): number

  needsFactor(moments: Moments): boolean {
    return isIllConditioned(this.#equations(moments))
  }

  override fitMoments(moments: Moments): this {
    const equations = this.#equations(moments)
    const { name } = this.constructor
    const coefficients = solveNormalEquations(equations, name, this.positive)
    forget(this)
    const intercepts = interceptsOf(coefficients, moments, this.fitIntercept)
    this.learn(coefficients, intercepts, moments.targetShape)
    this.solver_ = 'cholesky'
    this.rank_ = equations.rank
    return this
  }

  /** Learns from the triangular factor of rows and their moments. */
  fitFactor(factor: QrFactor, moments: Moments): this {
    const fitIntercept = requireBoolean(this, 'fitIntercept')
    const alpha = this.requirePenalty()
    requireSamples(this, moments, 'some')
    const positive = requireBoolean(this, 'positive')
    const { name } = this.constructor
    const settings = { fitIntercept, alpha }
    const { coefficients: free, rank, isFull } = solveFactor(factor, moments, settings)
    const coefficients = positive
      ? solveNonNegativeFactor(factor, moments, { ...settings, name })
      : free
    forget(this)
    const intercepts = interceptsOf(coefficients, moments, fitIntercept)
    this.learn(coefficients, intercepts, moments.targetShape)
    this.solver_ = isFull || positive ? 'qr' : 'svd'
    this.rank_ = rank
    return this
  }

  /** Refines a solution by residuals of the rows; one without negative coefficients stays as it is. */
  async refine(factor: QrFactor, moments: Moments, rows: TrainingRows): Promise<this> {
    if (this.positive) return this
    const settings = { fitIntercept: this.fitIntercept, alpha: this.requirePenalty() }
    const { coefficients, intercepts } = await refineSolution(rows, factor, moments, settings)
    this.learn(coefficients, intercepts, moments.targetShape)
    return this
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.oneOf('solver_', ['cholesky', 'qr', 'svd'])
    values.number('rank_', 0)
  }

  #equations(moments: Moments): NormalEquations {
    const fitIntercept = requireBoolean(this, 'fitIntercept')
    const alpha = this.requirePenalty()
    requireBoolean(this, 'positive')
    requireSamples(this, moments, 'some')
    return normalEquations(moments, fitIntercept, alpha)
  }
}
