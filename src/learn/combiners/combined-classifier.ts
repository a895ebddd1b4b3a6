/** Classes by weighted probabilities of several classifiers. */

import { array, countRows, type NDArray, type Rows } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { Column, Table } from '../../tables/index.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import type { ClassColumns, Combiner, FoundWeights } from '../contract/combiner.ts'
import { isCombiner } from '../contract/combiner.ts'
import {
  type FloatArray,
  forget,
  type PredictOptions,
  type TableFitOptions,
} from '../contract/estimator.ts'
import type { FoldFit, FoldSharing } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import type { FoldStatistics } from '../contract/moments-of-folds.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import { fillFiniteRows } from '../features/fill-finite-rows.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import {
  type Classes,
  type EncodedLabels,
  encodeLabels,
  type Label,
  type LabelInput,
  mostClasses,
} from '../inputs/labels.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { findNonFinite, refusePlace } from '../statistics/non-finite.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import { classColumns, classMoments, classStatistics } from './class-statistics.ts'
import { combineRows } from './combine-rows.ts'
import { NonNegativeLeastSquares } from './non-negative-least-squares.ts'

/** Options of {@link CombinedClassifier}. */
export interface CombinedClassifierOptions {
  /**
   * What finds the weight of each classifier: a `NonNegativeLeastSquares`, a `GreedySelection` or a `BestLearner`; default:
   * `new NonNegativeLeastSquares({ convex: true })`.
   */
  readonly combiner?: Combiner
  /**
   * The number of classes, at least 2, when `y` holds their numbers 0, 1 … : then `classes_` has all of them, also those without a row.
   * Default: null, the classes are the labels in `y`.
   */
  readonly classes?: number | null
}

/**
 * Combines the probabilities that several classifiers predict, with one weight for each classifier. Columns of `X`: of two classes one for
 * each classifier, the probability of the second class; of C classes C for each classifier, side by side. A row's probabilities are
 * weighted sums, divided by their sum over classes. An ensemble of classifiers makes it of a combiner in `addMeta`.
 *
 * @example
 * ```ts
 * const meta = await new CombinedClassifier({ combiner: new GreedySelection() }).fit(Z, labels)
 * const probabilities = await meta.predictProba(newZ)
 * ```
 */
export class CombinedClassifier<L extends Label = number> extends BaseEstimator {
  static override readonly name: string = 'CombinedClassifier'
  combiner: Combiner
  classes: number | null
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** The weight of each classifier, shape (L). */
  declare weights_: NDArray<'float64'>
  /** Numbers of the classifiers in the order in which they were chosen; empty when the combiner doesn't choose any. */
  declare order_: Int32Array
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: CombinedClassifierOptions = {}) {
    super()
    if (new.target === CombinedClassifier) requireLearnOptions('CombinedClassifier', options, names)
    const { combiner = new NonNegativeLeastSquares({ convex: true }), classes = null } = options
    this.combiner = combiner
    this.classes = classes
  }

  /**
   * Learns the weights.
   *
   * @param X - probabilities, shape (n, L) of two classes or (n, L × C) of C classes; read in place
   * @param y - labels, shape (n): numbers, or a list of texts or of true and false
   * @returns the classifier itself
   * @throws OneCopyError `ERR_ROWS` for labels of a single class, `ERR_SHAPE` for columns that don't fit the classes, `ERR_VALUE`,
   *   `ERR_OPTION`; TypeError for a combiner that is none
   */
  fit(
    X: FeatureInput,
    y: readonly string[],
    options?: TableFitOptions,
  ): Promise<CombinedClassifier<string>>
  fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: TableFitOptions,
  ): Promise<CombinedClassifier<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(
    X: Table,
    y: string | Column,
    options?: TableFitOptions,
  ): Promise<CombinedClassifier<number | string>>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const combiner = this.#combiner()
      const read = readOptions(options)
      const { groups, weighedGroups, weights } = checkInputs(X, null, read)
      const [rows] = weighedGroups
      requireSamples(this, { weight: countRows(rows!), targetShape: [] })
      const labels = this.#encode(y, X.shape[0]!, groups[0]!, weights)
      const columns = classColumns(X.shape[1]!, labels.classes.length)
      if (combiner.weighClassRows === undefined) {
        const moments = await classMoments(X, labels.codes, columns, read)
        return this.#keep(combiner.weighClassMoments!(moments), labels)
      }
      const place = findNonFinite(X, null, [rows!])
      if (place !== undefined) throw refusePlace(place)
      const { codes, classes } = labels
      const problem = { X, columns, codes, labels: classes, rows: rows!, weights }
      return this.#keep(await combiner.weighClassRows(problem), labels)
    })
  }

  /** Folds share moments when the classes are known before, and the combiner needs nothing else. */
  foldSharing(): FoldSharing<readonly FoldStatistics[]> | undefined {
    if (this.classes === null || this.#combiner().weighClassMoments === undefined) return undefined
    const classes = this.#requireClasses()
    return {
      kind: `onecopy/moments-of-classes/${classes}`,
      inThread: true,
      make: (data) => {
        const [n, d] = requireMatrix(data.X, '`X`')
        const rows = { ranges: [[0, n]] as const }
        const { codes } = this.#encode(data.y, n, rows, data.weights ?? null)
        return classStatistics(data, codes, classColumns(d, classes))
      },
    }
  }

  async fitFold(
    statistics: readonly FoldStatistics[],
    _X: NDArray,
    y: NDArray,
    { fold }: FoldFit,
  ): Promise<this> {
    const moments = statistics.map((one) => one.momentsOf(fold))
    const [{ weight }] = moments as [(typeof moments)[0]]
    requireSamples(this, { weight, targetShape: [] })
    const classes = numbersBelow(this.#requireClasses())
    const found = this.#combiner().weighClassMoments!(moments)
    return this.#keep(found, { classes, shape: y.shape.slice(1) })
  }

  /**
   * Predicts the likeliest class of each row; of several the first in `classes_`.
   *
   * @param X - probabilities, with the columns of `fit`; read in place
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'weights_')
    return predictLabels(this.classes_, options, (labels) =>
      this.#predict(X, options, this.targetShape_, (shares, write) =>
        write(labels[shares.indexOf(Math.max(...shares))]!, 0),
      ),
    )
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - probabilities, with the columns of `fit`; read in place
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predictProba(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'weights_')
    return this.#predict(X, options, [this.classes_.length], (shares, write) => {
      for (let c = 0; c < shares.length; c++) write(shares[c]!, c)
    })
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const classes = checkClasses(values)
    if (classes < 2) throw values.refuse('classes_', 'at least two labels')
    const weights = values.finiteArray('weights_', { shape: [undefined] })
    if (weights.length === 0 || weights.some((weight) => weight < 0))
      throw values.refuse('weights_', 'numbers >= 0', weights.length === 0 ? 'none' : 'others')
    values.integers('order_', weights.length)
    checkTargetShape(values)
  }

  #combiner(): Combiner {
    const { combiner } = this
    if (isCombiner(combiner)) return combiner
    throw new TypeError(
      `Expected \`combiner\` of ${this.constructor.name} to be a combiner, such as new GreedySelection(), got ${show(combiner)}.`,
    )
  }

  #requireClasses(): number {
    const limits = { min: 2, max: mostClasses, integer: true }
    return requireNumber(this as { classes: unknown }, 'classes', limits)
  }

  #encode(
    y: LabelInput | undefined,
    n: number,
    rows: Rows,
    weights: Float64Array | null,
  ): EncodedLabels {
    const count = this.classes === null ? undefined : this.#requireClasses()
    const labels = encodeLabels(y, n, rows, weights)
    const { classes, codes } = labels
    if (count !== undefined) return { ...labels, ...numbered(classes, codes, count, this) }
    if (classes.length > 1) return labels
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected rows of at least two classes to fit ${this.constructor.name} on, got only ${show(classes[0])}.`,
    )
  }

  #keep(
    { weights, order = new Int32Array() }: FoundWeights,
    { classes, shape }: Pick<EncodedLabels, 'classes' | 'shape'>,
  ): this {
    forget(this)
    this.classes_ = classes
    this.weights_ = array(weights)
    this.order_ = order
    this.targetShape_ = shape
    return this
  }

  /** @param answer - writes what is predicted for a row from the probabilities of its classes */
  #predict(
    X: FeatureInput,
    options: PredictOptions,
    rowShape: readonly number[],
    answer: (shares: Float64Array, write: (value: number, column: number) => void) => void,
  ): Promise<FloatArray> {
    const weights = this.weights_.toTypedArray()
    const { length: classes } = this.classes_
    const width = classes === 2 ? 1 : classes
    const columns: ClassColumns = { learners: weights.length, classes, width }
    return predictFeatures(this, X, options, (X, options) => {
      requireColumns(this, requireMatrix(X, '`X`')[1], weights.length * width)
      const predict = (): Promise<FloatArray> =>
        fillFiniteRows(X, rowShape, options, (X, rows, out) => {
          const [rowStride, columnStride = 1] = out.strides as [number, number?]
          return combineRows(X, rows, columns, weights, (row, shares) => {
            const first = out.offset + row * rowStride
            answer(shares, (value, column) => (out.data[first + column * columnStride] = value))
          })
        })
      return keepInputs({ X, options }, predict, 'predict')
    })
  }
}

registerEstimator(CombinedClassifier, 'onecopy.CombinedClassifier', import.meta.url)

const names: OptionNames<CombinedClassifierOptions> = { combiner: true, classes: true }

function numbersBelow(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, code) => code)
}

/** Labels that are numbers of classes, as classes and codes. */
function numbered(
  labels: Classes,
  codes: Uint16Array,
  count: number,
  estimator: object,
): Pick<EncodedLabels, 'classes' | 'codes'> {
  const isNumber = (label: unknown): boolean =>
    Number.isInteger(label) && (label as number) >= 0 && (label as number) < count
  const wrong = Array.from<unknown>(labels).find((label) => !isNumber(label))
  if (wrong === undefined)
    return { classes: numbersBelow(count), codes: codes.map((code) => labels[code] as number) }
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected \`y\` to hold numbers of classes from 0 to ${count - 1}, because ${estimator.constructor.name} has \`classes: ${count}\`, got ${show(wrong)}.`,
    { details: { label: wrong } },
  )
}
