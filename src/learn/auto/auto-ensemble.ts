/** Chooses, fits and weighs learners by itself. */

import { type NDArray, openArray, zeros } from '../../arrays/index.ts'
import { requireAttached, requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { Table } from '../../tables/index.ts'
import { BaseEstimator, requireColumns } from '../contract/base-estimator.ts'
import type { FloatArray } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { PredictedLabels } from '../contract/predict-labels.ts'
import type { Splitter } from '../contract/splitter.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import type { AnyLearner } from '../ensembles/members/ensemble-member.ts'
import { groupsOf, targetOf, weightsOf } from '../features/column-inputs.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import type { WeightInput } from '../inputs/feature-input.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import { toArray } from '../inputs/as-array.ts'
import { labelsOfCodes } from '../outputs/class-predictions.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import type { Parallel } from '../../parallel/index.ts'
import type { AnyScorer, Scorer } from '../scores/scorer.ts'
import { requireScorer, type ScorerName } from '../scores/scorer-names.ts'
import { methodForScorer } from '../scores/scorer-method.ts'
import {
  type AutoEnsembleOptions,
  type AutoFitOptions,
  type AutoLearner,
  type AutoPreset,
  requireAutoFitOptions,
  requireAutoNames,
  settleAuto,
} from './auto-options.ts'
import { fitAuto, type FittedAuto } from './fit-auto.ts'
import type { Leaderboard } from './leaderboard.ts'
import { predictBlocks } from './predict-auto.ts'
import { RunLimits } from './run-limits.ts'

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
  #fitted: FittedAuto | undefined

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

  /** What it learns are models of many kinds, which can't be taken out. */
  get hasPlainState(): false {
    return false
  }

  /** Learners may keep the rows that they were fitted on. */
  get hasSteps(): true {
    return true
  }

  /**
   * Fits learners until all of the preset are fitted, or a limit is reached, and weighs them.
   *
   * @param X - values, shape (n, d), any real dtype, NaN where one is missing; a table; or the path of a `.npy`. Read in place
   * @param y - target, shape (n): numbers, or a list of texts or of true and false; a column of the table, by its name or itself; or the path of a
   *   `.npy`
   * @returns the ensemble itself
   * @throws OneCopyError `ERR_LEARNER` when all learners fail, `ERR_ROWS` for fewer than 4 rows, `ERR_VALUE` for a single class and for a target
   *   that is not finite, `ERR_SHAPE`, `ERR_OPTION`; TypeError; the signal's reason
   */
  async fit(X: FeatureSource, y: TargetSource, options: AutoFitOptions = {}): Promise<this> {
    const limits = settleAuto(this.#options())
    requireAutoFitOptions(options)
    const { signal, onProgress } = options
    const run = new RunLimits(limits, signal)
    const given = typeof X === 'string' ? openArray(X) : X
    const target = typeof y === 'string' && !(given instanceof Table) ? openArray(y) : y
    const groups = groupsOf(given, options.groups)
    const inputs = {
      X: given,
      y: target,
      options: options.weights === undefined ? {} : { weights: options.weights },
      groups,
    }
    return fitInputs(this, inputs, async (X, y, { weights }) => {
      const data = { X, y, weights, groups }
      this.#fitted = await fitAuto(data, limits, run, { signal, onProgress })
      return this
    })
  }

  /**
   * Predicts new rows.
   *
   * @param X - values, shape (n, d) with the `d` of `fit`, a table with its columns, or the path of a `.npy`
   * @returns shape (n), float64; labels of classes: an array for numbers, otherwise a list
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_LEARNER`
   */
  async predict(
    X: FeatureSource,
    options: Readonly<Record<string, never>> = {},
  ): Promise<PredictedLabels<L>> {
    requireLearnOptions('AutoEnsemble.predict', options, {}, predictInstead)
    const { target } = this.#requireFitted()
    const { labels, rowShape } = target
    const found = await this.#predict(X, 'predict', labels === undefined ? rowShape : [])
    if (labels === undefined) return found as PredictedLabels<L>
    return labelsOfCodes(found.toTypedArray(), labels, rowShape) as PredictedLabels<L>
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - as for `predict`
   * @returns shape (n, classes), in the order of `classes_`
   * @throws as `predict` does; OneCopyError `ERR_OPTION` for an ensemble of numbers
   */
  async predictProba(
    X: FeatureSource,
    options: Readonly<Record<string, never>> = {},
  ): Promise<NDArray<'float64'>> {
    requireLearnOptions('AutoEnsemble.predictProba', options, {}, predictInstead)
    const { labels } = this.#requireFitted().target
    if (labels !== undefined) return this.#predict(X, 'predictProba', [labels.length])
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
   * @param options - `weights` of rows; default: 1
   * @returns by the scorer of the ensemble: its option `scorer`, else `'rmse'` or `'logLoss'`
   * @throws as `predict` does, and what the scorer throws
   */
  async score(
    X: FeatureSource,
    y: TargetSource,
    options: { readonly weights?: WeightInput } = {},
  ): Promise<number> {
    requireLearnOptions('AutoEnsemble.score', options, { weights: true })
    const { task, target } = this.#requireFitted()
    const fallback = task === 'classification' ? 'logLoss' : 'rmse'
    const scorer = requireScorer(this.scorer ?? fallback, { task })
    const given = typeof X === 'string' ? openArray(X) : X
    const truth = typeof y === 'string' && !(given instanceof Table) ? openArray(y) : y
    const weights =
      options.weights === undefined ? {} : { weights: weightsOf(given, options.weights) }
    const { labels } = target
    const method = labels === undefined ? 'predict' : methodForScorer(this, scorer)
    const predicted =
      method === 'predict' ? await this.predict(given) : await this.predictProba(given)
    const classes = labels === undefined ? {} : { classes: labels }
    const own = scorer.needs === 'decision' && labels?.length === 2
    const shown = own ? (predicted as NDArray).column(1) : predicted
    const values = targetOf(given, truth, {})
    const read = labels === undefined ? toArray(values, '`y`') : values
    return (scorer as unknown as Scorer<unknown, unknown>)(read, shown, {
      ...weights,
      ...(scorer.needs === undefined || scorer.needs === 'predictions' ? {} : classes),
    })
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

  /** Labels of the classes: numbers ascending in a Float64Array, or a list; undefined for numbers, and before `fit`. */
  get classes_(): Classes | undefined {
    return this.#fitted?.target.labels
  }

  /**
   * Predictions of all learners of rows that their models have not seen, shape (n, columns); NaN or anything where a row was not predicted. Shared memory that the
   * ensemble keeps.
   */
  get outOfFold(): NDArray<'float64'> {
    return this.#requireFitted().outOfFold
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
    return this.#requireFitted().combined
  }

  /** The folds that learners were scored on. */
  get outOfFoldFolds(): readonly Fold[] {
    return this.#requireFitted().folds
  }

  #options(): Required<AutoEnsembleOptions> {
    const { preset, timeLimitMs, memoryLimit, task, scorer, learners, folds, seed, parallel } = this
    return { preset, timeLimitMs, memoryLimit, task, scorer, learners, folds, seed, parallel }
  }

  #requireFitted(): FittedAuto {
    if (this.#fitted !== undefined) return this.#fitted
    throw new OneCopyError(
      'ERR_NOT_FITTED',
      'This AutoEnsemble has not learned anything yet. Call fit() first and await it.',
    )
  }

  async #predict(
    X: FeatureSource,
    method: 'predict' | 'predictProba',
    rowShape: readonly number[],
  ): Promise<NDArray<'float64'>> {
    const { model, columns } = this.#requireFitted()
    const given = typeof X === 'string' ? openArray(X) : X
    return predictFeatures<NDArray<'float64'>>(this, given, {}, (matrix) =>
      keepInputs(
        { X: matrix, options: {} },
        async () => {
          const [n, d] = requireMatrix(matrix, '`X`')
          requireAttached(matrix)
          requireColumns(this, d, columns)
          const out = zeros([n, ...rowShape], 'float64')
          await predictBlocks(model, matrix, async (Z, from) => {
            const found = (await model.meta[method]!(Z)) as FloatArray
            out.data.set(found.toTypedArray(), from * (rowShape[0] ?? 1))
          })
          return out
        },
        'predict',
      ),
    )
  }
}

const predictInstead = {
  rows: 'pass these rows as `X`, such as X.rows(0, 100), which copies nothing',
}
