/** Predicts the class that most of the nearest rows have. */

import { array, type NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import type { OptionNames } from '../../options.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import type { FoldFit, FoldSharing } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import { fillRows, requireApart } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import {
  type Classes,
  type EncodedLabels,
  encodeLabels,
  type Label,
  type LabelInput,
} from '../inputs/labels.ts'
import { checkClasses } from '../contract/check-classes.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import {
  checkIndex,
  chooseIndex,
  makeIndex,
  type NeighborAlgorithm,
  type NeighborIndex,
} from './neighbor-index.ts'
import { insteadOfMetrics, requireChoices } from './neighbor-options.ts'
import { countVotes, type Voters, writeShares } from './neighbor-votes.ts'
import {
  mostFolds,
  numberRows,
  requireEnough,
  requireFinite,
  scaleOf,
  type SharedNeighbors,
  sharedNeighbors,
} from './shared-neighbors.ts'
import { keepInputs } from '../contract/keep-inputs.ts'

/** Options of {@link KNeighborsClassifier}. */
export interface KNeighborsClassifierOptions {
  /** How many neighbours vote, a whole number >= 1; default: 5. */
  readonly neighbors?: number
  /**
   * Weights of votes: `'uniform'` (default) for equal ones, `'distance'` for 1 / distance. With `'distance'`, rows at distance 0 are
   * the only ones that vote when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
  /**
   * `'tree'` is a k-d tree, for few columns; `'brute'` compares with all rows; `'auto'` (default) chooses by a trial on some
   * rows. All give the same predictions.
   */
  readonly algorithm?: NeighborAlgorithm
}

/**
 * Nearest-neighbour classification by Euclidean distance. The search is exact. Of rows at the same distance, those with lower
 * numbers are nearer; of classes with the same votes, that of the nearest row among them wins.
 *
 * `fit` copies no row. The model keeps `X` and reads it in `predict`; don't change it as long as you use the model. Row weights
 * of `fit` multiply votes; a row of weight 0 is never a neighbour.
 *
 * @example
 * ```ts
 * const model = await new KNeighborsClassifier({ neighbors: 10 }).fit(X, labels)
 * const probabilities = await model.predictProba(newX) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.neighbors.KNeighborsClassifier` (where the first class wins when votes are equal)
 */
export class KNeighborsClassifier<L extends Label = number> extends BaseEstimator {
  neighbors: number
  weights: 'uniform' | 'distance'
  algorithm: NeighborAlgorithm
  /** `X` of `fit` itself, not a copy. */
  declare X_: NDArray
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Number of each row's class, shape (n). */
  declare codes_: NDArray<'uint16'>
  /** Weights of rows, shape (n); null for equal weights. */
  declare weights_: Float64Array | null
  /** Factors of the differences in each column, shape (d): 1, or those of a scaler. */
  declare scale_: Float64Array
  declare index_: NeighborIndex
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: KNeighborsClassifierOptions = {}) {
    super()
    if (new.target === KNeighborsClassifier)
      requireLearnOptions('KNeighborsClassifier', options, names, insteadOfMetrics)
    this.neighbors = options.neighbors ?? 5
    this.weights = options.weights ?? 'uniform'
    this.algorithm = options.algorithm ?? 'auto'
  }

  /**
   * Builds an index of the rows.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype; kept, not copied, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_OPTION`, `ERR_ROWS` when there are fewer rows than neighbours
   */
  fit(
    X: ArrayInput,
    y: readonly string[],
    options?: FitOptions,
  ): Promise<KNeighborsClassifier<string>>
  fit(
    X: ArrayInput,
    y: readonly boolean[],
    options?: FitOptions,
  ): Promise<KNeighborsClassifier<boolean>>
  fit(X: ArrayInput, y: ArrayInput, options?: FitOptions): Promise<this>
  async fit(X: ArrayInput, y: LabelInput, options: FitOptions = {}): Promise<unknown> {
    return keepInputs({ X, y, options }, async () => {
      requireFitOptions(this, options)
      forget(this)
      const matrix = asArray(X, '`X`')
      const { rows, weights } = options
      const neighbors = this.#requireOptions()
      const inputs = checkInputs(matrix, null, { weights, ...(rows && { groups: [rows] }) })
      const labels = encodeLabels(y, matrix.shape[0]!, inputs.groups[0]!, inputs.weights)
      const order = numberRows(inputs.groups[0]!, inputs.weights)
      requireEnough(order.size, neighbors)
      const { algorithm } = this
      requireFinite(matrix, array(labels.codes), order, algorithm === 'brute')
      const scale = scaleOf(matrix)
      const index = await makeIndex(matrix, order, { algorithm, scale })
      const chosen = await chooseIndex(index, matrix, { algorithm, scale, neighbors })
      return this.#learn(labels, { X: matrix, scale, index: chosen, weights: inputs.weights })
    })
  }

  /**
   * Predicts the class with the most votes of each row's neighbours.
   *
   * @param X - values, shape (any, d)
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`, `ERR_OVERLAP` when `out` lies in what the model keeps
   */
  async predict(X: ArrayInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    const { targetShape_: shape } = this
    return predictLabels(this.classes_, options, (labels) =>
      this.#vote(X, shape, options, (out) => (row, _votes, winner) => {
        if (shape.length === 0) out.set(labels[winner]!, row)
        else out.set(labels[winner]!, row, 0)
      }),
    )
  }

  /**
   * Predicts the share of the votes that each class has.
   *
   * @param X - values, shape (any, d)
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`, `ERR_OVERLAP` when `out` lies in what the model keeps
   */
  async predictProba(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    return this.#vote(X, [this.classes_.length], options, writeShares)
  }

  /** Refuses learned values that no fit can have given; doesn't read `X_`, which may be a large file. */
  checkLearned(values: LearnedValues): void {
    const count = checkClasses(values)
    const [n, d] = values.array('X_', { shape: [undefined, undefined] }).shape as [number, number]
    const codes = values.array('codes_', { dtype: 'uint16', shape: [n] }).toTypedArray()
    if (codes.some((code) => Number(code) >= count))
      throw values.refuse('codes_', `numbers of ${count} classes`, 'greater ones')
    const scale = values.floats('scale_', d)
    if (scale.some((one) => one <= 0)) throw values.refuse('scale_', 'numbers above 0', 'others')
    const weights = values.orNull('weights_', () => values.floats('weights_', n))
    if (weights?.some((weight) => weight < 0))
      throw values.refuse('weights_', 'numbers >= 0', 'others')
    checkIndex(values, n, d)
    const target = values.list('targetShape_')
    if (target.length > 1 || (target.length === 1 && target[0] !== 1))
      throw values.refuse('targetShape_', '[] or [1]')
  }

  /** One index of all rows serves every fold, those of regressors too. */
  foldSharing(folds: number): FoldSharing<SharedNeighbors> | undefined {
    return folds <= mostFolds ? sharedNeighbors(this.algorithm) : undefined
  }

  async fitFold(
    { index, foldOf }: SharedNeighbors,
    X: NDArray,
    y: NDArray,
    { fold, rows, weights: given, map }: FoldFit,
  ): Promise<this> {
    forget(this)
    const weights = given ?? null
    const neighbors = this.#requireOptions()
    const labels = encodeLabels(y, X.shape[0]!, rows, weights)
    requireEnough(index.order.size, neighbors)
    const scale = scaleOf(X, map)
    const { algorithm } = this
    const chosen = await chooseIndex(index, X, { algorithm, scale, neighbors })
    const own = fold === null ? chosen : { ...chosen, foldOf, fold }
    return this.#learn(labels, { X, scale, index: own, weights })
  }

  #learn({ classes, codes, shape }: EncodedLabels, { X, scale, index, weights }: Kept): this {
    this.X_ = X
    this.classes_ = classes
    this.codes_ = array(codes)
    this.weights_ = weights
    this.scale_ = scale
    this.index_ = index
    this.targetShape_ = shape
    return this
  }

  #vote(
    X: ArrayInput,
    rowShape: readonly number[],
    options: PredictOptions,
    writer: (out: NDArray) => Parameters<typeof countVotes>[2],
  ): Promise<NDArray> {
    const matrix = asArray(X, '`X`')
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, this.X_.shape[1]!)
    const voters: Voters = {
      index: this.index_,
      codes: this.codes_.toTypedArray(),
      classes: this.classes_.length,
      weights: this.weights_,
      byDistance: this.weights === 'distance',
    }
    const { X_: points, weights_: weights, scale_: scale, neighbors } = this
    const weighed = weights === null ? {} : { weights_: array(weights) }
    requireApart(this, options.out, { X_: points, ...weighed })
    return fillRows(matrix, rowShape, options, (queries, rows, out) =>
      countVotes(voters, { points, queries, rows, scale, neighbors }, writer(out)),
    )
  }

  #requireOptions(): number {
    requireChoices(this)
    return requireNumber(this, 'neighbors', { min: 1, integer: true })
  }
}

const names: OptionNames<KNeighborsClassifierOptions> = {
  neighbors: true,
  weights: true,
  algorithm: true,
}

interface Kept {
  readonly X: NDArray
  readonly scale: Float64Array
  readonly index: NeighborIndex
  readonly weights: Float64Array | null
}
