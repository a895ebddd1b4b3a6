/** Logistic regression whose penalty is chosen by cross-validation. */

import { array, type NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireOneOf } from '../contract/base-estimator.ts'
import { forget, type FitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { readCodes, type Label, type LabelInput } from '../inputs/labels.ts'
import { classFactors } from '../inputs/class-weights.ts'
import {
  fitFolds,
  foldData,
  hasAllClasses,
  type LogisticFoldData,
  separateFoldData,
} from '../logistic/fit-folds.ts'
import { fitLogistic, type LogisticFit, type LogisticSettings } from '../logistic/fit-logistic.ts'
import {
  hasInverse,
  LogisticClassifier,
  type LogisticOptions,
  logisticOptionNames,
} from '../logistic/logistic-classifier.ts'
import { type LogisticData, readLogisticData } from '../logistic/logistic-data.ts'
import { logisticHint } from '../logistic/logistic-names.ts'
import { scoreHeldOut } from '../logistic/score-folds.ts'
import { isSplitter, type RowLabels } from '../contract/splitter.ts'
import {
  type CrossValidatedFitOptions,
  type FoldsOption,
  pickLabels,
  requireCrossValidatedOptions,
  type RowFolds,
  splitPositions,
  splitRowFolds,
} from './cross-validation-folds.ts'
import { StratifiedKFold } from '../splits/stratified-k-fold.ts'
import { type CheckedInputs, checkInputs, readOptions } from '../statistics/read-moments.ts'
import { groupsOf } from '../features/column-inputs.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link LogisticRegressionCV}. */
export interface LogisticRegressionCVOptions extends LogisticOptions {
  /** Inverse weights of the penalty to try: a list, or how many, spaced evenly in their logarithms from 1e-4 to 1e4; default: 10. */
  readonly Cs?: number | readonly number[]
  /** Number of folds, which then have the same shares of classes, or a splitter, such as a KFold; default: 5. */
  readonly folds?: FoldsOption
  /** What is compared: `'accuracy'` (default), or `'logLoss'`, which also tells sure from unsure predictions. */
  readonly scorer?: 'accuracy' | 'logLoss'
  /** Penalty on the coefficients: squares, absolute values, or both; default: `'l2'`. */
  readonly penalty?: 'l2' | 'l1' | 'elasticnet'
}

/**
 * Logistic regression that tries several penalties on K folds, and fits the best one on all rows. Of equally good ones it takes the
 * strongest penalty.
 *
 * Each penalty's models of all rows and of all folds are fitted together: a fold starts at the model of all rows, where one pass gives second
 * derivatives to all folds, and each further pass compares all models with all rows. No fold is copied.
 *
 * @example
 * ```ts
 * const model = await new LogisticRegressionCV({ Cs: [0.01, 1, 100], scorer: 'logLoss' }).fit(X, labels)
 * console.log(model.C_)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.LogisticRegressionCV`: same folds, scores and names
 */
export class LogisticRegressionCV<L extends Label = number> extends LogisticClassifier<L> {
  static override readonly name: string = 'LogisticRegressionCV'
  Cs: number | readonly number[]
  folds: FoldsOption
  scorer: 'accuracy' | 'logLoss'
  penalty: 'l2' | 'l1' | 'elasticnet'
  /** The inverse weight of the penalty that was chosen. */
  declare C_: number
  /** Those that were tried, ascending. */
  declare Cs_: Float64Array
  /** The score of each on the rows that each fold holds out, shape (folds, Cs). */
  declare scores_: NDArray<'float64'>

  constructor(options: LogisticRegressionCVOptions = {}) {
    super(options)
    if (new.target === LogisticRegressionCV)
      requireKnown('LogisticRegressionCV', options, names, logisticHint(names))
    this.Cs = options.Cs ?? 10
    this.folds = options.folds ?? 5
    this.scorer = options.scorer ?? 'accuracy'
    this.penalty = options.penalty === undefined ? 'l2' : options.penalty
  }

  /**
   * Chooses the penalty and fits the model, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(
    X: FeatureInput,
    y: readonly string[],
    options?: CrossValidatedFitOptions,
  ): Promise<LogisticRegressionCV<string>>
  fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: CrossValidatedFitOptions,
  ): Promise<LogisticRegressionCV<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: CrossValidatedFitOptions): Promise<this>
  fit(
    X: Table,
    y: string | Column,
    options?: CrossValidatedFitOptions,
  ): Promise<LogisticRegressionCV<number | string>>
  async fit(
    X: FeatureInput,
    y: TargetInput,
    given: CrossValidatedFitOptions = {},
  ): Promise<unknown> {
    requireCrossValidatedOptions(this, given)
    const { groups, ...options } = given
    return fitInputs(this, { X, y, options, groups }, async (matrix, y, options) => {
      forget(this)
      const { share, ...stopping } = this.requireLogisticOptions(['l2', 'l1', 'elasticnet'])
      const Cs = this.#requireCs()
      requireOneOf(this, 'scorer', ['accuracy', 'logLoss'], foreignScorers)
      const { data, folds, areParts } = await this.#read(matrix, y, options, groupsOf(X, groups))
      const factorsOf = ({ classes, weights }: LogisticData): Float64Array =>
        classFactors(this, classes, weights)
      const [factors, foldFactors] = [factorsOf(data), folds.map(factorsOf)]
      const scores = new Float64Array(folds.length * Cs.length)
      const fits: LogisticFit[] = []
      for (const [c, C] of Cs.entries()) {
        const settingsOf = (classFactors: Float64Array): LogisticSettings => {
          return { ...stopping, l1: share / C, l2: (1 - share) / C, classFactors }
        }
        const settings = { all: settingsOf(factors), folds: foldFactors.map(settingsOf) }
        const all = await fitLogistic(data, settings.all, fits.at(-1)?.theta)
        fits.push(all)
        const fitted = await fitFolds(folds, all.theta, settings.folds, areParts)
        const held = await scoreHeldOut(folds, fitted as LogisticFit[])
        for (const [k, { accuracy, logLoss }] of held.entries())
          scores[k * Cs.length + c] = this.scorer === 'accuracy' ? accuracy : logLoss
      }
      const best = this.#best(scores, Cs.length)
      this.learn(data, stopping.tol, fits[best]!)
      this.C_ = Cs[best]!
      this.Cs_ = Cs
      this.scores_ = array(scores, { shape: [folds.length, Cs.length] })
      return this
    })
  }

  /** Nothing that is learned holds rows. */
  get freesRows(): true {
    return true
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('C_', 0, Infinity, false)
    const { length } = values.floats('Cs_')
    values.array('scores_', { dtype: 'float64', shape: [undefined, length] })
  }

  async #read(
    X: NDArray,
    y: LabelInput | undefined,
    options: FitOptions,
    groups: RowLabels | undefined,
  ): Promise<{ data: LogisticData; folds: LogisticFoldData[]; areParts: boolean }> {
    const read = readOptions(options)
    const checked = checkInputs(X, null, read)
    const split = this.#split(X.shape[0]!, checked, y, groups)
    const { fitIntercept } = this
    const parts = split.areParts
      ? split.folds.map(({ test }) => test)
      : [checked.groups[0]!, ...split.folds.map(({ train }) => train)]
    const data = await readLogisticData(X, y, { ...read, fitIntercept, parts })
    if (data.classes.length === 1) {
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected \`y\` to hold at least two classes to choose a penalty by, got one class, ${show(data.classes[0])}.`,
      )
    }
    const { areParts } = split
    const folds = areParts ? foldData(data, split.folds) : separateFoldData(data, split.folds)
    const unscored = folds.findIndex(({ testWeight }) => testWeight === 0)
    if (unscored !== -1) {
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected a row with a weight above 0 to score in fold ${unscored}, got none. ` +
          'Leave out rows of weight 0, or use other folds.',
        { details: { fold: unscored } },
      )
    }
    const poor = folds.findIndex((fold) => !hasAllClasses(fold))
    if (poor === -1) return { data, folds, areParts }
    const missing = folds[poor]!.weights.indexOf(0)
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected rows of every class to train on without fold ${poor}, got none of class ${show(data.classes[missing])}. ` +
        'Leave out rare classes, or use other folds.',
      { details: { fold: poor } },
    )
  }

  /** Folds of the chosen rows; a number of folds stands for stratified ones. */
  #split(
    n: number,
    { groups: [chosen], weights }: CheckedInputs,
    y: LabelInput | undefined,
    groups: RowLabels | undefined,
  ): RowFolds {
    // Rows of weight 0 may have no label: in stratified folds they have any class.
    const labels = isSplitter(this.folds) ? y : readCodes(y, n, chosen!, weights).codes
    const data = {
      y: pickLabels('y', labels, chosen!, n),
      groups: pickLabels('groups', groups, chosen!, n),
    }
    return splitRowFolds(chosen!, n, (count) =>
      splitPositions(this, count, data, (folds) => new StratifiedKFold({ folds })),
    )
  }

  #requireCs(): Float64Array {
    const { Cs } = this
    const isCount = typeof Cs === 'number' && Number.isInteger(Cs) && Cs >= 1
    if (isCount) {
      return Float64Array.from(
        { length: Cs },
        (_, i) => 10 ** (Cs === 1 ? -4 : -4 + (8 * i) / (Cs - 1)),
      )
    }
    const isList = Array.isArray(Cs) && Cs.length > 0
    if (isList && Cs.every(hasInverse)) return Float64Array.from(Cs as number[]).sort()
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`Cs\` of ${this.constructor.name} to be a whole number >= 1 or a list of finite numbers above 0 with finite inverses, got ${show(Cs)}.`,
      { details: { name: 'Cs' } },
    )
  }

  /** The first of the penalties with the best mean score. */
  #best(scores: Float64Array, count: number): number {
    const sign = this.scorer === 'accuracy' ? 1 : -1
    const sums = new Float64Array(count)
    for (const [i, score] of scores.entries()) sums[i % count]! += sign * score
    return sums.indexOf(Math.max(...sums))
  }
}

registerEstimator(LogisticRegressionCV, 'onecopy.LogisticRegressionCV', import.meta.url)

const names: OptionNames<LogisticRegressionCVOptions> = {
  Cs: true,
  folds: true,
  scorer: true,
  penalty: true,
  ...logisticOptionNames,
}

const foreignScorers = { neg_log_loss: 'logLoss', log_loss: 'logLoss', accuracy_score: 'accuracy' }
