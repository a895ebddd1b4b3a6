/** Gaussian naive Bayes. */

import { array, type NDArray, type Rows } from '../../arrays/index.ts'
import { listRowNumbers, requireMatrix, rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { LogisticModel } from '../../native/index.ts'
import type { OptionNames } from '../../options.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import {
  type FloatArray,
  forget,
  type TableFitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { type Classes, type EncodedLabels, readCodes, type Label } from '../inputs/labels.ts'
import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import { predictScores } from '../logistic/predict-scores.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import { readClassMoments } from './class-moments.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { RowScratch } from '../inputs/row-scratch.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link GaussianNB}. */
export interface GaussianNBOptions {
  /** Probability of each class, in the order of `classes_`; default: null, the share of its rows' weights. */
  readonly priors?: readonly number[] | Float64Array | null
  /** Added to every variance: so many times the greatest variance of a column; default: 1e-9. */
  readonly varSmoothing?: number
}

/**
 * Gaussian naive Bayes: takes the values of each class's rows as normally distributed, with a mean and variance for each column, and
 * columns as independent.
 *
 * One pass over the rows for up to 256 columns and 64 classes, more passes for more of them; predictions have the same bytes for
 * any number of threads and every instruction set.
 *
 * @example
 * ```ts
 * const model = await new GaussianNB().fit(X, labels)
 * const probabilities = await model.predictProba(X) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.naive_bayes.GaussianNB`; with weights, the greatest variance is that of weighted rows here
 */
export class GaussianNB<L extends Label = number> extends BaseEstimator {
  static override readonly name: string = 'GaussianNB'
  priors: readonly number[] | Float64Array | null
  varSmoothing: number
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Probability of each class. */
  declare classPrior_: Float64Array
  /** Mean of each column in each class, shape (classes, d). */
  declare theta_: NDArray<'float64'>
  /** Variance of each column in each class, with what was added, shape (classes, d). */
  declare var_: NDArray<'float64'>
  /** What was added to every variance. */
  declare epsilon_: number
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: GaussianNBOptions = {}) {
    super()
    if (new.target === GaussianNB) requireLearnOptions('GaussianNB', options, names)
    this.priors = options.priors ?? null
    this.varSmoothing = options.varSmoothing ?? 1e-9
  }

  /** Nothing that is learned holds the list of rows. */
  get freesRows(): true {
    return true
  }

  /**
   * Learns from rows of `X` and their labels.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(X: FeatureInput, y: readonly string[], options?: TableFitOptions): Promise<GaussianNB<string>>
  fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: TableFitOptions,
  ): Promise<GaussianNB<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(X: Table, y: string | Column, options?: TableFitOptions): Promise<GaussianNB<number | string>>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const smoothing = requireNumber(this, 'varSmoothing', { min: 0 })
      const matrix = X
      const inputs = checkInputs(matrix, null, readOptions(options))
      const chosen = inputs.groups[0]!
      const labels = readCodes(y, matrix.shape[0]!, chosen, inputs.weights)
      const priors = this.#requirePriors(labels)
      const { means, variances, greatest } = await withClassRows(labels, chosen, (groups) =>
        readClassMoments(matrix, groups, inputs.weights),
      )
      const epsilon = smoothing * greatest
      const shape = [labels.classes.length, inputs.columns]
      this.classes_ = labels.classes
      this.classPrior_ = priors
      this.theta_ = array(means, { shape })
      this.var_ = array(
        variances.map((variance) => variance + epsilon),
        { shape },
      )
      this.epsilon_ = epsilon
      this.targetShape_ = labels.shape
      return this
    })
  }

  /**
   * Predicts the likeliest class of each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d); read in place
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'theta_')
    return predictLabels(this.classes_, options, (labels) =>
      this.#predict('label', this.targetShape_, X, options, labels),
    )
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predictProba(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'theta_')
    const { length } = this.classes_
    if (length === 1) return this.#predict('label', [1], X, options, Float64Array.of(1))
    return this.#predict('probability', [length], X, options, new Float64Array(length))
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const count = checkClasses(values)
    const priors = values.floats('classPrior_', count)
    const total = priors.reduce((sum, prior) => sum + prior, 0)
    if (priors.some((prior) => prior < 0) || Math.abs(total - 1) > 1e-6)
      throw values.refuse('classPrior_', 'numbers >= 0 that sum to 1', 'others')
    const columns = values.finiteArray('theta_', { shape: [count, undefined] }).length / count
    const variances = values.finiteArray('var_', { shape: [count, columns] })
    if (columns === 0 || variances.some((variance) => variance < 0))
      throw values.refuse('var_', 'numbers >= 0', columns === 0 ? 'none' : 'others')
    values.number('epsilon_', 0, Infinity, false)
    checkTargetShape(values)
  }

  #predict(
    answer: LogisticModel['answer'],
    rowShape: readonly number[],
    X: FeatureInput,
    options: PredictOptions,
    labels: Float64Array,
  ): Promise<FloatArray> {
    const columns = this.theta_.shape[1]!
    const scores = this.classes_.length
    const variances = this.var_.toTypedArray()
    const coefficients = new Float64Array(scores * (columns + 1))
    for (let s = 0; s < scores; s++) {
      let logarithms = 0
      for (let j = 0; j < columns; j++) {
        // A column that doesn't vary within a class tells nothing without smoothing.
        const variance = Math.max(variances[s * columns + j]!, Number.MIN_VALUE * 2 ** 60)
        logarithms += Math.log(2 * Math.PI * variance)
        coefficients[s * (columns + 1) + 1 + j] = 0.5 / variance
      }
      coefficients[s * (columns + 1)] = Math.log(this.classPrior_[s]!) - 0.5 * logarithms
    }
    const model = { scores, coefficients, means: this.theta_.toTypedArray(), answer, labels }
    return predictFeatures(this, X, options, (X, options) => {
      requireColumns(this, requireMatrix(X, '`X`')[1], columns)
      return predictScores(X, model, rowShape, options)
    })
  }

  #requirePriors({ classes, weights }: EncodedLabels): Float64Array {
    const total = weights.reduce((sum, weight) => sum + weight, 0)
    if (this.priors === null) return weights.map((weight) => weight / total)
    const list: readonly unknown[] = Array.from<unknown>(this.priors)
    const isList = list.every((one) => typeof one === 'number' && one > 0 && one <= 1)
    const priors = isList ? Float64Array.from(list as number[]) : new Float64Array()
    const sum = priors.reduce((all, prior) => all + prior, 0)
    if (priors.length === classes.length && Math.abs(sum - 1) < 1e-8) return priors
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`priors\` of ${this.constructor.name} to be ${classes.length} numbers in (0, 1] that sum to 1, one for each class, ` +
        `got ${isList ? `${priors.length} numbers with the sum ${sum}` : show(this.priors)}.`,
      { details: { name: 'priors' } },
    )
  }
}

registerEstimator(GaussianNB, 'onecopy.GaussianNB', import.meta.url)

const names: OptionNames<GaussianNBOptions> = { priors: true, varSmoothing: true }

/** Uses the rows of each class among those that are learned from; their lists are freed afterwards. */
async function withClassRows<T>(
  { classes, codes }: EncodedLabels,
  rows: Rows,
  use: (groups: readonly Rows[]) => Promise<T>,
): Promise<T> {
  const scratch = new RowScratch()
  try {
    const numbers = listRowNumbers(rows, (count) => scratch.int32(count))
    const counts = new Int32Array(classes.length)
    for (let i = 0; i < numbers.length; i++) counts[codes[numbers[i]!]!]!++
    const lists = Array.from(counts, (count) => scratch.int32(count))
    const next = new Int32Array(classes.length)
    for (let i = 0; i < numbers.length; i++) {
      const code = codes[numbers[i]!]!
      lists[code]![next[code]!++] = numbers[i]!
    }
    return await use(lists.map((list) => rowNumbers(list)))
  } finally {
    scratch[Symbol.dispose]()
  }
}
