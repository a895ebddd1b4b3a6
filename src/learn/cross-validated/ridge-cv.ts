/** Ridge regression whose penalty is chosen by cross-validation. */

import { array, countRows, type NDArray, type Rows } from '../../arrays/index.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean } from '../contract/base-estimator.ts'
import { collectLearned, forget, type FitOptions } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fitStatistics, requireSamples } from '../contract/moments-estimator.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { Ridge } from '../linear/ridge.ts'
import { Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import {
  type CrossValidatedFitOptions,
  type FoldsOption,
  requireCrossValidatedOptions,
} from './cross-validation-folds.ts'
import {
  type ChosenRows,
  CrossValidatedModel,
  type CrossValidatedOptions,
  requireAlphas,
} from './cross-validated-model.ts'
import { type FoldMoments, heldOutError } from './fold-moments.ts'
import { leaveOneOutErrors, requireSeveral } from './leave-one-out.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link RidgeCV}. */
export interface RidgeCVOptions extends Omit<CrossValidatedOptions, 'folds'> {
  /**
   * Number of folds, which are contiguous, a splitter, such as a KFold, or `'leaveOneOut'`, which leaves out each row by itself, without a
   * fit for each. Default: 5.
   */
  readonly folds?: FoldsOption | 'leaveOneOut'
  /** Penalties to try, >= 0; default: 0.1, 1 and 10. */
  readonly alphas?: readonly number[] | Float64Array
}

/**
 * Ridge regression with the penalty that has the least mean square error on held-out rows.
 *
 * One pass reads the moments of all folds: models of all penalties and folds are solved from them, and so are their errors.
 * `folds: 'leaveOneOut'` takes one more pass of d² operations a row: what a row's own model would predict follows from its leverage.
 *
 * @example
 * ```ts
 * const model = await new RidgeCV({ alphas: [0.01, 0.1, 1, 10] }).fit(X, y)
 * console.log(model.alpha_)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.RidgeCV` with `cv=5` and `scoring='neg_mean_squared_error'`; its default is
 *   `'leaveOneOut'`
 */
export class RidgeCV extends CrossValidatedModel {
  static override readonly name: string = 'RidgeCV'
  alphas: readonly number[] | Float64Array
  /** How the model of all rows was solved, as that of {@link Ridge}. */
  declare solver_: 'cholesky' | 'qr' | 'svd'
  /** Number of linearly independent columns. */
  declare rank_: number

  constructor(options: RidgeCVOptions = {}) {
    const { folds = 5, ...others } = options
    super(others)
    this.folds = folds
    if (new.target === RidgeCV)
      requireLearnOptions('RidgeCV', options, names, {
        positive: 'Ridge, LassoCV and ElasticNetCV have it',
      })
    this.alphas = options.alphas ?? [0.1, 1, 10]
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.oneOf('solver_', ['cholesky', 'qr', 'svd'])
    values.number('rank_', 0)
  }

  protected override get targets(): 'some' {
    return 'some'
  }

  protected override requireOptions(): void {
    requireAlphas(this, false)
  }

  override async fit(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    given: CrossValidatedFitOptions = {},
  ): Promise<this> {
    if (this.folds !== 'leaveOneOut') return super.fit(X, y, given)
    requireCrossValidatedOptions(this, given)
    const { groups, ...options } = given
    return fitInputs(this, { X, y, options, groups }, (X, y, options) =>
      this.#fitLeavingOut(X, toArray(y, '`y`'), options),
    )
  }

  /** Chooses the penalty by the error of each row's prediction from all other rows. */
  async #fitLeavingOut(X: NDArray, y: NDArray, options: FitOptions): Promise<this> {
    forget(this)
    requireBoolean(this, 'fitIntercept')
    const alphas = requireAlphas(this, false) as Float64Array
    const checked = checkInputs(X, y, readOptions(options))
    const rows = checked.weighedGroups[0]!
    const given = { X, y, rows, weights: checked.weights }
    const read = { groups: [rows], ...(checked.weights && { weights: checked.weights }) }
    const [moments] = await Moments.compute(X, y, read)
    requireSamples(this, moments!, 'some')
    requireSeveral(this, countRows(rows))
    const models: Ridge[] = []
    for (const alpha of alphas) models.push(await this.#solve(alpha, moments!, given, given))
    const errors = await leaveOneOutErrors(given, moments!, { models, alphas })
    const best = errors.indexOf(Math.min(...errors))
    this.alpha_ = alphas[best]!
    this.alphas_ = alphas
    this.msePath_ = array(errors, { shape: [alphas.length, 1] })
    return Object.assign(this, collectLearned(models[best]!))
  }

  #solve(
    alpha: number,
    moments: Moments,
    { X, y, weights }: ChosenRows,
    chosen: { readonly rows: Rows },
  ): Promise<Ridge> {
    const read = {
      get groups() {
        return [chosen.rows]
      },
      ...(weights && { weights }),
    }
    const factor = async (): Promise<QrFactor> =>
      (await QrFactor.compute(X, y, read, moments.mean))[0]!
    const ridge = new Ridge({ alpha, fitIntercept: this.fitIntercept })
    return fitStatistics(ridge, moments, factor, () => ({ X, y, read }))
  }

  protected override async choose(moments: FoldMoments, given: ChosenRows): Promise<Ridge> {
    const alphas = requireAlphas(this, false) as Float64Array
    const { fitIntercept } = this
    const errors: number[] = []
    for (const alpha of alphas) {
      for (const fold of moments.folds) {
        const model = await this.#solve(alpha, fold.train, given, fold)
        const coefficients = model.linearTerms().map((terms) => terms.coefficients)
        errors.push(heldOutError(fold, coefficients, fitIntercept))
      }
    }
    const best = this.keepTried({ alphas, errors: Float64Array.from(errors) }, moments)
    return this.#solve(alphas[best]!, moments.all, given, given)
  }
}

registerEstimator(RidgeCV, 'onecopy.RidgeCV', import.meta.url)

const names: OptionNames<RidgeCVOptions> = { alphas: true, folds: true, fitIntercept: true }
