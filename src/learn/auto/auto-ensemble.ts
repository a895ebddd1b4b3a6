/** Chooses, fits and weighs learners by itself. */

import type { NDArray } from '../../arrays/index.ts'
import { requireAttached, requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import {
  collectLearned,
  type FloatArray,
  forget,
  type PredictOptions,
} from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import { LearnedValues } from '../contract/learned-values.ts'
import type { PredictedLabels } from '../contract/predict-labels.ts'
import type { Splitter } from '../contract/splitter.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import type { AnyLearner } from '../ensembles/members/ensemble-member.ts'
import {
  type EnsembleScoreOptions,
  scoreEnsemble,
} from '../ensembles/super-learner/score-ensemble.ts'
import { noTraining } from '../ensembles/plan/fitted-layer.ts'
import { groupsOf } from '../features/column-inputs.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { openInputs } from '../features/open-inputs.ts'
import { predictChosen } from '../features/predict-chosen.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { Predictions } from '../features/predictions.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import { openFeatures } from '../inputs/open-data.ts'
import { labelsOfCodes } from '../outputs/class-predictions.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import type { Parallel } from '../../parallel/index.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { AnyScorer } from '../scores/scorer.ts'
import type { ScorerName } from '../scores/scorer-names.ts'
import {
  type AutoEnsembleOptions,
  type AutoFitOptions,
  type AutoLearner,
  type AutoPreset,
  requireAutoFitOptions,
  requireAutoNames,
  settleAuto,
} from './auto-options.ts'
import { type AutoState, restoreAuto, stateOf } from './auto-state.ts'
import { type AutoTraining, fitAuto, type FittedAuto } from './fit-auto.ts'
import type { Leaderboard } from './leaderboard.ts'
import { predictModel } from './predict-auto.ts'
import { RunLimits } from './run-limits.ts'

/** What was made of learned values, known by the list of what the layers have learned. */
interface KnownFit {
  readonly from: unknown
  readonly fitted: FittedAuto
}

/**
 * Finds a good ensemble by itself: it fits linear models, forests, boosted trees and neighbours, weighs them by how well they predict
 * rows that they have not seen, and stops when time or memory is used up. Use it when you have data and a target, and no wish to choose learners.
 *
 * It learns numbers, or classes when the target holds texts or true and false. Columns of a table may hold texts and missing values; of
 * an array NaN is a missing value. Learners share what can be shared: bins, products of columns, an index of neighbours; `X` is copied for none of
 * them, but learners of numbers read one matrix of 0 and 1 where there are texts. The models of the folds are kept and averaged where a fit is slow.
 *
 * Without limits, the same seed gives the same bytes on any number of threads and workers. With `timeLimitMs`, how far a fit comes depends on the
 * machine.
 *
 * @example
 * ```ts
 * const ensemble = new AutoEnsemble({ preset: 'good', timeLimitMs: 30e3 })
 * await ensemble.fit(table, 'price')
 * console.log(String(ensemble.leaderboard))
 * const predicted = await ensemble.predict(newTable)
 * ```
 *
 * @see Erickson et al.: AutoGluon-Tabular (2020), arXiv 2003.06505; Caruana et al.: Ensemble selection from libraries of models (2004)
 */
export class AutoEnsemble<L extends Label = number> extends BaseEstimator {
  static override readonly name: string = 'AutoEnsemble'
  preset: AutoPreset
  timeLimitMs: number
  memoryLimit: number
  task: 'auto' | EnsembleTask
  scorer: ScorerName | AnyScorer | null
  learners: readonly AutoLearner[] | Readonly<Record<string, AnyLearner>> | null
  folds: number | Splitter | null
  seed: number
  parallel: Parallel | null
  /** Labels of the classes: numbers ascending in a Float64Array, or a list; undefined for numbers, and before `fit`. */
  declare readonly classes_: Classes | undefined
  /** Columns of `X`. */
  declare readonly columnsIn_: number
  /** What it has learned: numbers or classes. */
  declare readonly task_: AutoState['task_']
  /** Shape of one row of `y`. */
  declare readonly targetShape_: AutoState['targetShape_']
  /** What its learners were chosen for. */
  declare readonly listedFor_: AutoState['listedFor_']
  /** What makes numbers of columns for learners that need them. */
  declare readonly encoder_: AutoState['encoder_']
  /** What the learners of each layer have learned. */
  declare readonly layers_: AutoState['layers_']
  /** Numbers of the columns of `X` that the second layer learns from. */
  declare readonly propagated_: AutoState['propagated_']
  /** What the weights are. */
  declare readonly meta_: AutoState['meta_']
  /** {@link leaderboard} as plain data. */
  declare readonly leaderboard_: AutoState['leaderboard_']
  #fitted: KnownFit | undefined
  #checked: KnownFit | undefined

  /** @throws TypeError for an unknown option; values are checked by `fit` */
  constructor(options: AutoEnsembleOptions = {}) {
    super()
    if (new.target === AutoEnsemble) requireAutoNames(options)
    this.preset = options.preset ?? 'good'
    this.timeLimitMs = options.timeLimitMs ?? Infinity
    this.memoryLimit = options.memoryLimit ?? Infinity
    this.task = options.task ?? 'auto'
    this.scorer = options.scorer ?? null
    this.learners = options.learners ?? null
    this.folds = options.folds ?? null
    this.seed = options.seed ?? 0
    this.parallel = options.parallel ?? null
  }

  /** Learners take columns of texts, or get numbers. */
  get takesCategories(): true {
    return true
  }

  /** What it has learned; before `fit` as `task` says, with `'auto'` numbers unless the target decides. */
  get learns(): 'numbers' | 'classes' {
    const task = Object.hasOwn(this, 'task_') ? this.task_ : this.task
    return task === 'classification' ? 'classes' : 'numbers'
  }

  /** With `task: 'auto'`, texts, and true and false, are classes. */
  get learnsByTarget(): boolean {
    return this.task === 'auto'
  }

  /** `predictProba` only for classes. */
  get predicts(): readonly string[] {
    return this.learns === 'classes' ? ['predict', 'predictProba'] : ['predict']
  }

  /** Learners may keep the rows that they were fitted on. */
  get hasSteps(): true {
    return true
  }

  /**
   * Fits learners until all of the preset are fitted, or a limit is reached, and weighs them.
   *
   * @param X - values, shape (n, d), any real dtype, NaN where one is missing; a table; or the path of a `.npy`, a `.csv` or a table's folder.
   *   Read in place
   * @param y - target, shape (n): numbers, or a list of texts or of true and false; a column of the table, by its name or itself; or the path of a
   *   `.npy`
   * @param options - rows to learn from, their weights and groups; a signal; `onProgress`
   * @returns the ensemble itself
   * @throws OneCopyError `ERR_LEARNER` when all learners fail, `ERR_ROWS` for fewer than 4 rows and for a row that is chosen twice, `ERR_INDEX`, `ERR_VALUE` for a single class and for a target
   *   that is not finite, `ERR_SHAPE`, `ERR_OPTION`; TypeError; what a scorer of your own throws; the signal's reason
   */
  async fit(X: FeatureSource, y: TargetSource, options: AutoFitOptions = {}): Promise<this> {
    const limits = settleAuto(this)
    requireAutoFitOptions(options)
    const { signal, onProgress, rows, weights } = options
    const run = new RunLimits(limits, signal)
    const read = { ...(rows !== undefined && { rows }), ...(weights !== undefined && { weights }) }
    return openInputs('fit', { X, y, options: read }, (X, y) => {
      const groups = groupsOf(X, options.groups)
      return fitInputs(this, { X, y, options: read, groups }, async (X, y, { weights }) => {
        const data = { X, y, weights, groups, rows }
        const fitted = await fitAuto(data, limits, run, { signal, onProgress })
        const state = stateOf(fitted)
        forget(this)
        Object.assign(this, state)
        this.#fitted = { from: this.layers_, fitted }
        return this
      })
    })
  }

  /**
   * Predicts new rows.
   *
   * @param X - values, shape (n, d) with the `d` of `fit`, a table with its columns, or a path, as for `fit`; rows that follow each other are
   *   read in place, others in blocks of 4 MB
   * @param options - rows to predict, and an array for the predictions
   * @returns shape (n), float64; labels of classes: an array for numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_INDEX`, `ERR_DTYPE`, `ERR_LEARNER`; TypeError for an unknown option
   */
  async predict(X: FeatureSource, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    const { model, target } = this.#requireFitted()
    const { labels, rowShape } = target
    const found = await this.#predict(X, options, async (rows) => {
      const shape = labels === undefined ? rowShape : []
      const values = await predictModel(model, rows, 'predict', shape)
      return labels === undefined ? values : labelsOfCodes(values.toTypedArray(), labels, rowShape)
    })
    return found as PredictedLabels<L>
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - as for `predict`, like `options`
   * @returns shape (n, classes), in the order of `classes_`; or `options.out`
   * @throws as `predict` does; OneCopyError `ERR_OPTION` for an ensemble of numbers
   */
  async predictProba(X: FeatureSource, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predictProba', options)
    const { model, target } = this.#requireFitted()
    const { labels } = target
    if (labels !== undefined)
      return this.#predict<FloatArray>(X, options, (rows) =>
        predictModel(model, rows, 'predictProba', [labels.length]),
      )
    throw new OneCopyError(
      'ERR_OPTION',
      "Expected an ensemble of classes to predict probabilities of, got one of numbers. Call predict(), or set task: 'classification' before fit().",
    )
  }

  /**
   * Scores predictions of rows.
   *
   * @param X - as for `predict`
   * @param y - true values or labels, as for `fit`
   * @param options - `rows` to score, their `weights`, and a `scorer`; default: that of the ensemble, else `'rmse'` or `'logLoss'`
   * @returns what the scorer returns
   * @throws as `predict` does; OneCopyError `ERR_OPTION` for a scorer of the other task, and what the scorer throws
   */
  async score(
    X: FeatureSource,
    y: TargetSource,
    options: EnsembleScoreOptions = {},
  ): Promise<number> {
    const { task } = this.#requireFitted()
    const fallback = task === 'classification' ? 'logLoss' : 'rmse'
    return scoreEnsemble(this, X, y, options, this.scorer ?? fallback)
  }

  /** Learners with their scores on rows that they have not seen, times and weights, the best first; prints as a table. */
  get leaderboard(): Leaderboard {
    return this.#requireFitted().leaderboard
  }

  /** The weight of each learner, by its name; they sum to 1. */
  get weights(): Readonly<Record<string, number>> {
    const { layer1, layer2 } = this.#requireFitted().model
    return Object.fromEntries([...layer1, ...layer2].map(({ name, weight }) => [name, weight]))
  }

  /**
   * Predictions of all learners of rows that their models have not seen, shape (n, columns); NaN or anything where a row was not predicted. Shared memory that the
   * ensemble keeps.
   */
  get outOfFold(): NDArray<'float64'> {
    return this.#requireTraining().outOfFold
  }

  /** Names of the columns of `outOfFold`, such as `ridge`, or `boosting:setosa` for a class. */
  get outOfFoldColumns(): readonly string[] {
    return this.#requireFitted().outOfFoldColumns
  }

  /**
   * Predictions of the ensemble of the rows of each fold, by weights that were found on the others: shape (n), or (n, classes) with
   * probabilities. Shared memory that the ensemble keeps.
   */
  get combinedOutOfFold(): NDArray<'float64'> {
    return this.#requireTraining().combined
  }

  /** The folds that learners were scored on. */
  get outOfFoldFolds(): readonly Fold[] {
    return this.#requireTraining().folds
  }

  /** What was fitted, or made again from learned values that came from elsewhere. */
  #requireFitted(): FittedAuto {
    requireFitted(this, 'layers_')
    if (this.#fitted?.from === this.layers_) return this.#fitted.fitted
    if (this.#checked?.from === this.layers_) return this.#checked.fitted
    const values = new LearnedValues(this.constructor.name, collectLearned(this))
    const fitted = restoreAuto(settleAuto(this), values)
    this.#fitted = { from: this.layers_, fitted }
    return fitted
  }

  #requireTraining(): AutoTraining {
    const { training } = this.#requireFitted()
    if (training === undefined) throw noTraining()
    return training
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const fitted = restoreAuto(settleAuto(this), values)
    // Options may change before what was restored is used.
    this.#checked = { from: values.state['layers_'], fitted }
  }

  async #predict<P extends Predictions>(
    X: FeatureSource,
    options: PredictOptions,
    predict: (X: NDArray) => Promise<P>,
  ): Promise<P> {
    const { columns } = this.#requireFitted()
    const given = typeof X === 'string' ? await openFeatures(X) : X
    return predictFeatures(this, given, options, (matrix, own) =>
      keepInputs(
        { X: matrix, options: own },
        async () => {
          const [, d] = requireMatrix(matrix, '`X`')
          requireAttached(matrix)
          requireColumns(this, d, columns)
          return predictChosen(matrix, own, predict)
        },
        'predict',
      ),
    )
  }
}

registerEstimator(AutoEnsemble, 'onecopy.AutoEnsemble', import.meta.url)
