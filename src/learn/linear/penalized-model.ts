/** Base of Lasso and ElasticNet: options and coordinate descent. */

import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { descend, type PenalizedProblem } from './coordinate-descent.ts'
import { forget } from '../contract/estimator.ts'
import { interceptsOf, LinearModel } from './linear-model.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { reportNotConverged } from '../contract/not-converged.ts'
import type { Moments } from '../statistics/moments.ts'
import { normalEquations } from './normal-equations.ts'

/** Options of every model with a penalty on absolute coefficients. */
export interface PenalizedOptions {
  /** Weight of the penalty, >= 0; default: 1. */
  readonly alpha?: number
  /** Whether the model has an intercept, which is not penalized; default: true. */
  readonly fitIntercept?: boolean
  /** Stop at a duality gap of `tol` × the mean square of the centred target; default: 1e-4. */
  readonly tol?: number
  /** Passes over the coefficients at most; default: 1000. */
  readonly maxIter?: number
  /** Whether coefficients must not be negative; default: false. */
  readonly positive?: boolean
}

/** Names of the options of every such model. */
export const penalizedNames: OptionNames<PenalizedOptions> = {
  alpha: true,
  fitIntercept: true,
  tol: true,
  maxIter: true,
  positive: true,
}

/**
 * A linear model solved from moments by cyclic coordinate descent, d² operations a pass whatever
 * the number of rows; each of several targets by itself. When `maxIter` passes don't reach `tol`, the model is usable, `converged_` is
 * false, and the warning `ONECOPY_NOT_CONVERGED` is emitted. Ensembles emit one for all fits of a learner.
 */
export abstract class PenalizedModel extends LinearModel {
  /** Share of the penalty on absolute values; the rest is on squares. */
  abstract readonly l1Ratio: number
  alpha: number
  fitIntercept: boolean
  tol: number
  maxIter: number
  positive: boolean
  /** How far the objective is above its minimum, at most; of several targets the greatest. */
  declare dualGap_: number
  /** Passes over the coefficients; of several targets the most. */
  declare iterations_: number
  /** Whether the duality gap fell below its limit, for each target. */
  declare converged_: boolean

  constructor(options: PenalizedOptions) {
    super()
    this.alpha = options.alpha ?? 1
    this.fitIntercept = options.fitIntercept ?? true
    this.tol = options.tol ?? 1e-4
    this.maxIter = options.maxIter ?? 1000
    this.positive = options.positive ?? false
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    checkSolution(values)
  }

  override fitMoments(moments: Moments): this {
    const alpha = requireNumber(this, 'alpha', { min: 0 })
    const l1Ratio = requireNumber(this, 'l1Ratio', { min: 0, max: 1 })
    const tol = requireNumber(this, 'tol', { min: 0 })
    const maxIter = requireNumber(this, 'maxIter', { min: 1, integer: true })
    const fitIntercept = requireBoolean(this, 'fitIntercept')
    const positive = requireBoolean(this, 'positive')
    requireSamples(this, moments, 'some')
    const [l1, l2] = [alpha * l1Ratio, alpha * (1 - l1Ratio)]
    const problems = penalizedProblems(moments, fitIntercept)
    const results = problems.map((problem) =>
      descend({ ...problem, l1, l2, positive }, { tol, maxIter }),
    )
    forget(this)
    const coefficients = results.map((result) => result.coefficients)
    this.learn(coefficients, interceptsOf(coefficients, moments, fitIntercept), moments.targetShape)
    this.dualGap_ = Math.max(...results.map(({ dualGap }) => dualGap))
    this.iterations_ = Math.max(...results.map(({ iterations }) => iterations))
    this.converged_ = results.every(({ converged }) => converged)
    for (const [target, { converged, iterations, dualGap: gap }] of results.entries()) {
      const limit = tol * problems[target]!.targetSquare
      if (!converged) reportNotConverged(this.constructor.name, { iterations, gap, limit })
    }
    return this
  }
}

/** Refuses learned values about the search that no coordinate descent can have given. */
export function checkSolution(values: LearnedValues): void {
  values.number('dualGap_', -Infinity, Infinity, false)
  values.number('iterations_', 0)
  values.oneOf('converged_', [true, false])
}

/** Mean products of the rows of moments for coordinate descent, one problem for each target. */
export function penalizedProblems(
  moments: Moments,
  fitIntercept: boolean,
): Pick<PenalizedProblem, 'gram' | 'products' | 'targetSquare'>[] {
  const { gram, products, targetSquares } = normalEquations(moments, fitIntercept)
  const mean = (sum: number): number => sum / moments.weight
  const means = gram.map(mean)
  return products.map((one, target) => ({
    gram: means,
    products: one.map(mean),
    targetSquare: mean(targetSquares[target]!),
  }))
}
