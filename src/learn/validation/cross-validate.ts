/** Scores of an estimator on held-out folds. */

import type { OptionNames } from '../../options.ts'
import { requireBoolean } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import type { AnyLearner } from '../ensembles/members/ensemble-member.ts'
import { openInputs } from '../features/open-inputs.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import { summarize } from '../selection/score-summary.ts'
import { CrossValidation } from './cross-validation.ts'
import { measureFolds } from './failed-folds.ts'
import { validatedMembers } from './validate-members.ts'
import { planValidation } from './validation-folds.ts'
import { type ScoredOptions, scoredNames, settleValidation } from './validation-options.ts'

/** Options of {@link crossValidate}. */
export interface CrossValidateOptions extends ScoredOptions {
  /** Whether the fitted estimator of each fold is returned; default: false. Predictions then take a column for each fold. */
  readonly returnEstimators?: boolean
}

/**
 * Fits an estimator on the training rows of each fold and scores it on those that the fold holds out. No row is copied: what folds of
 * an estimator can share is made once, as in a {@link SuperLearner}. The estimator stays as it is.
 *
 * @param estimator - a learner, or a `Pipeline` that ends with one; each fold is fitted by a copy
 * @param X - values, shape (n, d), any real dtype, read in place; a table; or the path of a `.npy`, a `.csv` or a table's folder
 * @param y - target, shape (n) or (n, m), or labels of classes: numbers, or a list of texts or of true and false; a column of the table
 * @returns scores, means, spreads and times; prints as a table
 * @throws OneCopyError `ERR_LEARNER` naming the fold, `ERR_OPTION`, `ERR_FOLDS`, `ERR_ROWS`, `ERR_SHAPE`, `ERR_VALUE`; the signal's reason
 *
 * @example
 * ```ts
 * const found = await crossValidate(new Ridge(), X, y, { folds: 10, scorer: ['rmse', 'mae'] })
 * console.log(String(found)) // a line for each fold
 * console.log(found.mean, found.standardError)
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.cross_validate`, which clones rows for each fold
 */
export async function crossValidate(
  estimator: AnyLearner,
  X: FeatureSource,
  y: TargetSource,
  options: CrossValidateOptions = {},
): Promise<CrossValidation> {
  const settled = settleValidation('crossValidate', options, names)
  const { returnEstimators = false } = options
  const keepsModels = requireBoolean(new Settings(returnEstimators), 'returnEstimators')
  const members = validatedMembers(estimator)
  const plan = (splits: readonly Fold[], n: number): LayerFolds =>
    planValidation(splits, n, keepsModels)
  const { scorers, members: measured } = await openInputs(
    'crossValidate',
    { X, y, options },
    (X, y) => measureFolds({ members, X, y, settled, keepsModels, plan }),
  )
  const [{ name, scores, fitSeconds, predictSeconds, failure, estimators }] = measured as [
    (typeof measured)[0],
  ]
  const summaries = scorers.map((scorer, s) => summarize(scorer, scores[s]!))
  return new CrossValidation({ name, summaries, fitSeconds, predictSeconds, failure }, estimators)
}

/** Options that are checked like those of estimators, so that errors read alike. */
class Settings {
  static readonly name = 'crossValidate'
  readonly returnEstimators: boolean

  constructor(returnEstimators: boolean) {
    this.returnEstimators = returnEstimators
  }
}

const names: OptionNames<CrossValidateOptions> = { ...scoredNames, returnEstimators: true }
