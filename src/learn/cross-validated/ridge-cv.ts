/** Ridge regression whose penalty is chosen by cross-validation. */

import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fitStatistics } from '../contract/moments-estimator.ts'
import { Ridge } from '../linear/ridge.ts'
import type { Moments } from '../statistics/moments.ts'
import { QrFactor } from '../statistics/qr-factor.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'
import {
  type ChosenRows,
  CrossValidatedModel,
  type CrossValidatedOptions,
  requireAlphas,
} from './cross-validated-model.ts'
import { type FoldMoments, heldOutError } from './fold-moments.ts'

/** Options of {@link RidgeCV}. */
export interface RidgeCVOptions extends CrossValidatedOptions {
  /** Penalties to try, >= 0; default: 0.1, 1 and 10. */
  readonly alphas?: readonly number[] | Float64Array
}

/**
 * Ridge regression with the penalty that has the least mean square error on held-out rows.
 *
 * One pass reads the moments of all folds: models of all penalties and folds are solved from them, and so are their errors.
 *
 * @example
 * ```ts
 * const model = await new RidgeCV({ alphas: [0.01, 0.1, 1, 10] }).fit(X, y)
 * console.log(model.alpha_)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.RidgeCV` with `cv=5` and `scoring='neg_mean_squared_error'`; its default leaves out
 *   each row by itself
 */
export class RidgeCV extends CrossValidatedModel {
  static override readonly name: string = 'RidgeCV'
  alphas: readonly number[] | Float64Array
  /** How the model of all rows was solved, as that of {@link Ridge}. */
  declare solver_: 'cholesky' | 'qr' | 'svd'
  /** Number of linearly independent columns. */
  declare rank_: number

  constructor(options: RidgeCVOptions = {}) {
    super(options)
    if (new.target === RidgeCV) requireLearnOptions('RidgeCV', options, names)
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

  protected override async choose(moments: FoldMoments, given: ChosenRows): Promise<Ridge> {
    const alphas = requireAlphas(this, false) as Float64Array
    const { fitIntercept } = this
    const { X, y, weights } = given
    const read = (group: ChosenRows['rows']): ReadOptions => ({
      groups: [group],
      ...(weights && { weights }),
    })
    const solve = (alpha: number, part: Moments, rows: ChosenRows['rows']): Promise<Ridge> => {
      const factor = async (): Promise<QrFactor> =>
        (await QrFactor.compute(X, y, read(rows), part.mean))[0]!
      const ridge = new Ridge({ alpha, fitIntercept })
      return fitStatistics(ridge, part, factor, () => ({ X, y, read: read(rows) }))
    }
    const errors: number[] = []
    for (const alpha of alphas) {
      for (const fold of moments.folds) {
        const model = await solve(alpha, fold.train, fold.rows)
        const coefficients = model.linearTerms().map((terms) => terms.coefficients)
        errors.push(heldOutError(fold, coefficients, fitIntercept))
      }
    }
    const best = this.keepTried({ alphas, errors: Float64Array.from(errors) }, moments)
    return solve(alphas[best]!, moments.all, given.rows)
  }
}

const names: OptionNames<RidgeCVOptions> = { alphas: true, folds: true, fitIntercept: true }
