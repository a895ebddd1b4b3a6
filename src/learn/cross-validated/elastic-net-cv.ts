/** Lasso and elastic net whose penalties are chosen by cross-validation. */

import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { descend } from '../linear/coordinate-descent.ts'
import { ElasticNet } from '../linear/elastic-net.ts'
import { checkSolution, penalizedProblems } from '../linear/penalized-model.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { Moments } from '../statistics/moments.ts'
import {
  CrossValidatedModel,
  type CrossValidatedOptions,
  leastError,
  requireAlphas,
} from './cross-validated-model.ts'
import { type FoldMoments, heldOutError } from './fold-moments.ts'

/** Options of {@link LassoCV}. */
export interface LassoCVOptions extends CrossValidatedOptions {
  /**
   * Weights of the penalty to try: a list, or how many, spaced evenly in their logarithms down from the least with which all
   * coefficients are 0; default: 100.
   */
  readonly alphas?: number | readonly number[] | Float64Array
  /** The least of these weights as a part of the greatest, when `alphas` is a number; default: 1e-3. */
  readonly eps?: number
  /** Stop at a duality gap of `tol` × the mean square of the centred target; default: 1e-4. */
  readonly tol?: number
  /** Passes over the coefficients at most, for each weight; default: 1000. */
  readonly maxIter?: number
  /** Whether coefficients must not be negative; default: false. */
  readonly positive?: boolean
}

/** Options of {@link ElasticNetCV}. */
export interface ElasticNetCVOptions extends LassoCVOptions {
  /** Share of the penalty on absolute values, in (0, 1], or a list of them to try; default: 0.5. */
  readonly l1Ratio?: number | readonly number[]
}

/** What LassoCV and ElasticNetCV share. */
abstract class PenalizedCV extends CrossValidatedModel {
  abstract readonly l1Ratio: number | readonly number[]
  alphas: number | readonly number[] | Float64Array
  eps: number
  tol: number
  maxIter: number
  positive: boolean
  /** How far the objective of the model of all rows is above its minimum, at most. */
  declare dualGap_: number
  /** Passes over its coefficients. */
  declare iterations_: number
  /** Whether the duality gap fell below its limit. */
  declare converged_: boolean

  constructor(options: LassoCVOptions) {
    super(options)
    this.alphas = options.alphas ?? 100
    this.eps = options.eps ?? 1e-3
    this.tol = options.tol ?? 1e-4
    this.maxIter = options.maxIter ?? 1000
    this.positive = options.positive ?? false
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    checkSolution(values)
  }

  protected override requireOptions(): void {
    requireAlphas(this, true)
    requireNumber(this, 'tol', { min: 0 })
    requireNumber(this, 'maxIter', { min: 1, integer: true })
    requireBoolean(this, 'positive')
    const eps = requireNumber(this, 'eps', { min: 0, max: 1 })
    if (eps === 0) throw wrong(this, 'eps', 'above 0', eps)
    this.#ratios()
  }

  protected override async choose(moments: FoldMoments): Promise<ElasticNet> {
    const { fitIntercept, tol, maxIter, positive } = this
    let best:
      { ratio: number; error: number; alphas: Float64Array; errors: Float64Array } | undefined
    for (const ratio of this.#ratios()) {
      const alphas = this.#alphas(moments.all, ratio)
      const paths = moments.folds.map((fold) => this.#path(fold, alphas, ratio))
      const errors = Float64Array.from(
        { length: alphas.length * paths.length },
        (_, i) => paths[i % paths.length]![Math.floor(i / paths.length)]!,
      )
      const { error } = leastError(errors, moments.folds)
      if (best === undefined || error < best.error) best = { ratio, error, alphas, errors }
    }
    const { ratio: l1Ratio, alphas } = best!
    const alpha = alphas[this.keepTried(best!, moments)]!
    this.keepRatio(l1Ratio)
    const model = new ElasticNet({ alpha, l1Ratio, fitIntercept, tol, maxIter, positive })
    return model.fitMoments(moments.all)
  }

  /** Keeps the share of the penalty that was chosen. */
  protected keepRatio(_ratio: number): void {}

  #ratios(): readonly number[] {
    const { l1Ratio } = this
    const ratios: readonly unknown[] = Array.isArray(l1Ratio) ? l1Ratio : [l1Ratio]
    const fits = ratios.every((one) => typeof one === 'number' && one > 0 && one <= 1)
    if (ratios.length > 0 && fits) return ratios as readonly number[]
    throw wrong(this, 'l1Ratio', 'a number in (0, 1] or a list of them', l1Ratio)
  }

  /** The weights to try, from the greatest to the least. */
  #alphas(moments: Moments, ratio: number): Float64Array {
    const given = requireAlphas(this, true)
    if (typeof given !== 'number') return given.toSorted().reverse()
    const { products } = penalizedProblems(moments, this.fitIntercept)[0]!
    const most = products.reduce((greatest, value) => Math.max(greatest, Math.abs(value)), 0)
    if (most === 0) return new Float64Array(given).fill(Number.EPSILON)
    const [from, to] = [Math.log10((most / ratio) * this.eps), Math.log10(most / ratio)]
    return Float64Array.from({ length: given }, (_, i) =>
      given === 1 ? 10 ** from : 10 ** (to + ((from - to) * i) / (given - 1)),
    )
  }

  /** Errors of a fold's models, each of which starts at the one before. */
  #path(fold: FoldMoments['folds'][number], alphas: Float64Array, ratio: number): number[] {
    const problem = penalizedProblems(fold.train, this.fitIntercept)[0]!
    const { tol, maxIter, positive } = this
    let start: Float64Array | undefined
    return Array.from(alphas, (alpha) => {
      const penalties = { l1: alpha * ratio, l2: alpha * (1 - ratio), positive }
      const { coefficients } = descend({ ...problem, ...penalties }, { tol, maxIter }, start)
      start = coefficients
      return heldOutError(fold, [coefficients], this.fitIntercept)
    })
  }
}

/**
 * Lasso with the penalty that has the least mean square error on held-out rows.
 *
 * One pass reads the moments of all folds: the models of all penalties and folds are found from them by coordinate descent, and
 * so are their errors.
 *
 * @example
 * ```ts
 * const model = await new LassoCV({ folds: 10 }).fit(X, y)
 * console.log(model.alpha_)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.LassoCV`: same penalties, folds and objective
 */
export class LassoCV extends PenalizedCV {
  static override readonly name: string = 'LassoCV'
  constructor(options: LassoCVOptions = {}) {
    super(options)
    if (new.target === LassoCV) requireLearnOptions('LassoCV', options, names)
  }

  override get l1Ratio(): number {
    return 1
  }
}

registerEstimator(LassoCV, 'onecopy.LassoCV', import.meta.url)

/**
 * Elastic net with the penalty, and of several the share on absolute values, that has the least mean square error on held-out
 * rows; otherwise like {@link LassoCV}.
 *
 * @example
 * ```ts
 * const model = await new ElasticNetCV({ l1Ratio: [0.1, 0.5, 0.9, 1] }).fit(X, y)
 * console.log(model.alpha_, model.l1Ratio_)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.ElasticNetCV`
 */
export class ElasticNetCV extends PenalizedCV {
  static override readonly name: string = 'ElasticNetCV'
  override l1Ratio: number | readonly number[]
  /** The share of the penalty on absolute values that was chosen. */
  declare l1Ratio_: number

  constructor(options: ElasticNetCVOptions = {}) {
    super(options)
    if (new.target === ElasticNetCV) requireLearnOptions('ElasticNetCV', options, ownNames)
    this.l1Ratio = options.l1Ratio ?? 0.5
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('l1Ratio_', 0, 1, false)
  }

  protected override keepRatio(ratio: number): void {
    this.l1Ratio_ = ratio
  }
}

registerEstimator(ElasticNetCV, 'onecopy.ElasticNetCV', import.meta.url)

function wrong(estimator: object, name: string, expected: string, value: unknown): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of ${estimator.constructor.name} to be ${expected}, got ${show(value)}.`,
    { details: { name } },
  )
}

const names: OptionNames<LassoCVOptions> = {
  alphas: true,
  eps: true,
  folds: true,
  fitIntercept: true,
  tol: true,
  maxIter: true,
  positive: true,
}
const ownNames: OptionNames<ElasticNetCVOptions> = { ...names, l1Ratio: true }
