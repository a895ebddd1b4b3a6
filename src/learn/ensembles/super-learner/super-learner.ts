/** Stacks many learners over K folds of one copy of the data. */

import type { NDArray } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import type { Parallel } from '../../../parallel/index.ts'
import type { Column } from '../../../tables/index.ts'
import { requirePredictOptions } from '../../contract/base-estimator.ts'
import { hasPrediction } from '../../contract/classifier.ts'
import { isCombiner } from '../../contract/combiner.ts'
import {
  type FloatArray,
  type PredictOptions,
  type TableFeatures,
} from '../../contract/estimator.ts'
import type { PredictedLabels } from '../../contract/predict-labels.ts'
import type { Splitter } from '../../contract/splitter.ts'
import { groupsOf } from '../../features/column-inputs.ts'
import { fitInputs } from '../../features/fit-inputs.ts'
import { openInputs } from '../../features/open-inputs.ts'
import type { ArraySource, FeatureSource, TargetSource } from '../../inputs/data-source.ts'
import type { Label } from '../../inputs/labels.ts'
import { type EnsembleTask, taskOf } from '../../outputs/ensemble-task.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'
import type { ScorerName } from '../../scores/scorer-names.ts'
import type { AnyScorer } from '../../scores/scorer.ts'
import { noTraining } from '../plan/fitted-layer.ts'
import { membersOf, metasOf } from '../plan/layer-spec.ts'
import { copyShared } from './copy-shared.ts'
import { fitEnsemble } from './fit-ensemble.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'
import { PlannedEnsemble } from './planned-ensemble.ts'
import {
  predictCombined,
  type PredictingEnsemble,
  predictLearners,
  predictProbabilities,
} from './predict-ensemble.ts'
import { type EnsembleScoreOptions, scoreEnsemble } from './score-ensemble.ts'
import {
  type EnsembleFitOptions,
  requireEnsembleFitOptions,
  requireNames,
  settleOptions,
  type SuperLearnerOptions,
} from './super-learner-options.ts'

/**
 * A super learner, or stacked ensemble: every learner predicts each fold by a model that has not seen
 * it, and a meta learner learns from these out-of-fold predictions how to combine them.
 *
 * Folds are row ranges: no row of `X` is copied, for any number of folds, learners and scalings.
 * Linear models share one pass over the data, nearest neighbours an index, trees a matrix of bins, and learners of
 * your own what their `foldSharing` says; those in a `Pipeline` and behind scalers do, too. What is shared is made once and freed
 * after its last user. The result has the same bytes for any number of workers, on any backend.
 *
 * With a classifier as its meta learner it learns labels of classes: numbers, texts, or true and false. Probabilities that the learners
 * predict are stacked, a column for each class, also where a fold lacks a class; of two classes that of the second one. `L` is the type of the
 * labels.
 *
 * @example
 * ```ts
 * const ensemble = new SuperLearner({ folds: 5 })
 *   .add([new LinearRegression(), new Lasso({ alpha: 0.01 })])
 *   .add(new KNeighborsRegressor(), { preprocess: new StandardScaler() })
 *   .addMeta(new Ridge())
 * await ensemble.fit('X.npy', 'y.npy')
 * console.log(String(ensemble.scores))
 * const predicted = await ensemble.predict(newX)
 * ```
 *
 * @see van der Laan, Polley, Hubbard: Super Learner (2007), doi.org/10.2202/1544-6115.1309
 */
export class SuperLearner<L extends Label = number>
  extends PlannedEnsemble
  implements TableFeatures
{
  static override readonly name: string = 'SuperLearner'
  /** Names of the columns, when it was fitted on a table. */
  declare readonly featureNamesIn_?: readonly string[]
  /** For each column of that table its texts, ascending; null for numbers. */
  declare readonly featureCategoriesIn_?: readonly (readonly string[] | null)[]
  /**
   * Bytes of the matrix that `fit` made of a table for all learners and folds; 0 when it read the columns in place. Copies
   * of learners (`copiedBytes`) exist beside it.
   */
  declare readonly copiedBytes_?: number
  scorer: ScorerName | AnyScorer | undefined
  task: 'auto' | EnsembleTask
  seed: number
  parallel: Parallel | undefined
  onError: 'stop' | 'skip'

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: SuperLearnerOptions = {}) {
    super()
    if (new.target === SuperLearner) requireNames(options)
    const { folds, scorer, task, seed, parallel, onError, plan } = settleOptions(options)
    this.plan = plan
    if (this.splitter === SuperLearner.prototype.splitter) this.folds = folds
    this.scorer = scorer
    this.task = task
    this.seed = seed
    this.parallel = parallel
    this.onError = onError
  }

  /** How rows of layers without folds of their own are split. */
  protected splitter(): number | Splitter {
    return this.folds
  }

  /** Learners take columns of texts, or refuse them. */
  get takesCategories(): true {
    return true
  }

  /** It predicts; what it transforms are predictions, too. */
  get role(): 'learner' {
    return 'learner'
  }

  /** What it has learned; before `fit` as `task` says, or its meta learner, or its learners. */
  get learns(): 'numbers' | 'classes' {
    if (Object.hasOwn(this, 'layers_')) return this.classes_ === undefined ? 'numbers' : 'classes'
    const learners = membersOf(this.plan.layers?.slice(-1) ?? []).map(({ learner }) => learner)
    const metas = metasOf(this.plan).map(({ learner }) => learner)
    return taskOf(this.task, metas, learners) === 'classification' ? 'classes' : 'numbers'
  }

  /** `predictProba` only for classes, by a meta learner that has it. */
  get predicts(): readonly string[] {
    const { plan } = this
    const isFitted = Object.hasOwn(this, 'layers_')
    const metas = isFitted ? [this.meta] : metasOf(plan).map(({ learner }) => learner)
    const isAble = metas.every(
      (meta) => meta !== undefined && (isCombiner(meta) || hasPrediction(meta, 'predictProba')),
    )
    return this.learns === 'classes' && isAble ? ['predict', 'predictProba'] : ['predict']
  }

  /** Learners may keep the rows that they were fitted on. */
  get hasSteps(): true {
    return true
  }

  /**
   * Fits every learner on every fold and on all rows, and the meta learner on the out-of-fold
   * predictions. Out-of-fold predictions are for rows that the model was not fitted on.
   *
   * @param X - values, shape (n, d), any real dtype, or a table, or the path of a `.npy`, a `.csv` or a table's folder; read in place. Lists are
   *   copied once
   * @param y - target, shape (n), or (n, m) where learners take several, or the path of such a `.npy`; of a table its column. Labels in a classification: numbers,
   *   or a list of texts or of true and false
   * @returns the ensemble itself
   * @throws OneCopyError `ERR_LEARNER` naming learner and fold, `ERR_SHAPE`, `ERR_VALUE`,
   *   `ERR_ROWS`, `ERR_FILE`, `ERR_OPTION`; TypeError for learners of another kind than the target; the signal's reason
   */
  fit(
    X: FeatureSource,
    y: readonly string[],
    options?: EnsembleFitOptions,
  ): Promise<SuperLearner<string>>
  fit(
    X: FeatureSource,
    y: readonly boolean[],
    options?: EnsembleFitOptions,
  ): Promise<SuperLearner<boolean>>
  fit(X: FeatureSource, y: ArraySource | Column, options?: EnsembleFitOptions): Promise<this>
  async fit(X: FeatureSource, y: TargetSource, options: EnsembleFitOptions = {}): Promise<unknown> {
    requireEnsembleFitOptions(this, options)
    // A running fit keeps its own options and plan.
    const parts = settleOptions({ ...super.getParams(), folds: this.splitter() })
    const before = options.refit === false ? this.#lastFit() : undefined
    return openInputs('fit', { X, y, options }, (X, y) => {
      const groups = groupsOf(X, options.groups)
      return fitInputs(this, { X, y, options, groups }, async (X, y, { weights }) => {
        if (membersOf(parts.plan.layers ?? []).length === 0)
          throw new OneCopyError(
            'ERR_ROWS',
            'Expected learners to fit, got none. Call add() first.',
          )
        const { weights: _weights, groups: _groups, ...others } = options
        const read = { ...others, ...(weights && { weights }), ...(groups && { groups }) }
        const fitted = await fitEnsemble(parts, X, y, read, before)
        this.keepFitted(fitted)
        return this
      })
    })
  }

  /**
   * Fits what has been added, replaced or changed since the last `fit` on the same data, as `fit` with `refit: false`. The result is that of
   * fitting everything at once.
   *
   * @param X - as for `fit`, like `y` and `options`
   * @returns the ensemble itself
   * @throws as `fit` does; OneCopyError `ERR_NOT_FITTED` before `fit`, and when learned values were restored; `ERR_SHAPE`, `ERR_VALUE` for
   *   other data
   */
  async continue(
    X: FeatureSource,
    y: TargetSource,
    options: Omit<EnsembleFitOptions, 'refit'> = {},
  ): Promise<this> {
    this.requireFitted()
    await this.fit(X, y as ArraySource | Column, { ...options, refit: false })
    return this
  }

  /**
   * Predicts new rows: every learner's model of all rows, combined by the meta learner.
   *
   * @param X - values, shape (n, d) with the `d` of `fit`, or a table with the columns of `fit`; or a path, as for `fit`
   * @param options - rows to predict, and an array for the predictions
   * @returns shape (n) or (n, m), float64; labels of a classification: an array for numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_INDEX`, `ERR_LEARNER`; TypeError for an unknown option
   */
  async predict(X: FeatureSource, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    return predictCombined(this.#predicting(), X, options)
  }

  /**
   * Predicts the probability of each class, by the meta learner.
   *
   * @param X - as for `predict`, like `options`
   * @returns shape (n, classes), in the order of `classes_`
   * @throws as `predict` does; OneCopyError `ERR_OPTION` for a regression, and for a meta learner without probabilities
   */
  async predictProba(X: FeatureSource, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predictProba', options)
    return predictProbabilities(this.#predicting(), X, options)
  }

  /**
   * Predicts new rows by every learner's model of all rows, not combined.
   *
   * @param X - as for `predict`, like `options`
   * @returns shape (n, columns), float64 in scratch memory: the columns of each learner, see `outOfFoldColumns`; or `options.out`
   * @throws as `predict` does
   */
  async transform(X: FeatureSource, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'transform', options)
    return predictLearners(this.#predicting(), X, options)
  }

  /**
   * Fits the ensemble and returns out-of-fold predictions of its rows, as `transform` returns predictions of new rows: no row is
   * predicted by a model that was fitted on it.
   *
   * @param X - as for `fit`, like `y` and `options`
   * @returns a copy of `outOfFold`, shape (n, columns), in scratch memory
   * @throws as `fit` does
   */
  async fitTransform(
    X: FeatureSource,
    y: TargetSource,
    options: EnsembleFitOptions = {},
  ): Promise<NDArray<'float64'>> {
    await this.fit(X, y as ArraySource | Column, options)
    return copyShared(this.outOfFold)
  }

  /**
   * Scores predictions of rows, best of those that it was not fitted on.
   *
   * @param X - as for `predict`
   * @param y - true values or labels, as for `fit`
   * @returns what the scorer returns
   * @throws as `predict` does; OneCopyError `ERR_OPTION` for a scorer of probabilities when there are none, and what the scorer throws
   */
  async score(
    X: FeatureSource,
    y: TargetSource,
    options: EnsembleScoreOptions = {},
  ): Promise<number> {
    this.requireFitted()
    return scoreEnsemble(this, X, y, options, this.scorer)
  }

  /** What it has learned until now: a fit that ends while rows are predicted changes nothing of the result. */
  #predicting(): PredictingEnsemble {
    const fitted = this.requireFitted()
    return { features: this, fitted }
  }

  /** The last fit, of which learners may be kept; undefined before `fit`. */
  #lastFit(): FittedEnsemble | undefined {
    if (!Object.hasOwn(this, 'layers_')) return undefined
    const fitted = this.requireFitted()
    if (fitted.record === undefined) throw noTraining()
    return fitted
  }
}

registerEstimator(SuperLearner, 'onecopy.SuperLearner', import.meta.url)
