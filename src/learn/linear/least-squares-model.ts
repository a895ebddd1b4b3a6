/** What LinearRegression and Ridge share: moments, then QR, then refinement. */

import type { NDArray } from '../../arrays/index.ts'
import { requireBoolean, requireFitOptions } from '../contract/base-estimator.ts'
import { forget, type FitOptions } from '../contract/estimator.ts'
import { solveFactor } from './factor-solution.ts'
import { interceptsOf, LinearModel, readOptions } from './linear-model.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { Moments } from '../statistics/moments.ts'
import {
  countVarying,
  isIllConditioned,
  normalEquations,
  solveNormalEquations,
  type NormalEquations,
} from './normal-equations.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import { refineSolution } from './refine-solution.ts'

/** A linear model that minimizes squared residuals, and perhaps squared coefficients. */
export abstract class LeastSquaresModel extends LinearModel {
  abstract fitIntercept: boolean
  /**
   * How it was solved: `'cholesky'` from moments; `'qr'` from a factor of the rows, because moments
   * had lost too many digits; `'svd'` from that factor, because columns are linear combinations of
   * others, with the least coefficients of all that fit best.
   */
  declare solver_: 'cholesky' | 'qr' | 'svd'
  /** Number of linearly independent columns, about their means when there is an intercept. */
  declare rank_: number

  /** The penalty on the sum of squared coefficients, checked. */
  protected abstract requirePenalty(): number

  override async fit(X: NDArray, y: NDArray, options: FitOptions = {}): Promise<this> {
    requireFitOptions(this, options)
    forget(this)
    const read = readOptions(options)
    const [moments] = await Moments.compute(X, y, read)
    if (!this.needsFactor(moments!)) return this.fitMoments(moments!)
    const [factor] = await QrFactor.compute(X, y, read)
    this.fitFactor(factor!)
    if (this.solver_ === 'svd') return this
    const settings = { fitIntercept: this.fitIntercept, alpha: this.requirePenalty() }
    const { coefficients, intercepts } = await refineSolution(X, y, read, factor!, settings)
    this.learn(coefficients, intercepts, factor!.targetShape)
    return this
  }

  needsFactor(moments: Moments): boolean {
    return isIllConditioned(this.#equations(moments))
  }

  override fitMoments(moments: Moments): this {
    const equations = this.#equations(moments)
    const coefficients = solveNormalEquations(equations, this.constructor.name)
    forget(this)
    const intercepts = interceptsOf(coefficients, moments, this.fitIntercept)
    this.learn(coefficients, intercepts, moments.targetShape)
    this.solver_ = 'cholesky'
    this.rank_ = countVarying(equations)
    return this
  }

  /** Learns from the triangular factor of rows; `fit` then refines the solution on the rows. */
  fitFactor(factor: QrFactor): this {
    const fitIntercept = requireBoolean(this, 'fitIntercept')
    const alpha = this.requirePenalty()
    requireSamples(this, factor, 'some')
    const { coefficients, rank } = solveFactor(factor, fitIntercept, alpha)
    forget(this)
    const intercepts = interceptsOf(coefficients, factor, fitIntercept)
    this.learn(coefficients, intercepts, factor.targetShape)
    this.solver_ = rank < factor.columns ? 'svd' : 'qr'
    this.rank_ = rank
    return this
  }

  #equations(moments: Moments): NormalEquations {
    const fitIntercept = requireBoolean(this, 'fitIntercept')
    const alpha = this.requirePenalty()
    requireSamples(this, moments, 'some')
    return normalEquations(moments, fitIntercept, alpha)
  }
}
