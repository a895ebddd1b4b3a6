/** Predicts the mean target of the nearest rows. */

import { array, type NDArray } from '../../arrays/index.ts'
import { kernelMatrix, requireMatrix } from '../../arrays/internal.ts'
import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillRows, requireApart } from '../contract/write-output.ts'
import type { FoldFit, FoldSharing, SharingEstimator } from '../contract/fold-sharing.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import {
  checkIndex,
  chooseIndex,
  makeIndex,
  searchIndex,
  type IndexSearch,
  type NeighborAlgorithm,
  type NeighborIndex,
} from './neighbor-index.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { insteadOfMetrics, requireChoices } from './neighbor-options.ts'
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

/** Options of {@link KNeighborsRegressor}. */
export interface KNeighborsRegressorOptions {
  /** How many neighbours are averaged, a whole number >= 1; default: 5. */
  readonly neighbors?: number
  /**
   * Weights of neighbours in the mean: `'uniform'` (default) for equal weights, `'distance'` for 1 / distance.
   * With `'distance'`, rows at distance 0 are the only ones used when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
  /**
   * `'tree'` is a k-d tree, for few columns; `'brute'` compares with all rows; `'auto'` (default)
   * chooses by a trial on some rows. All give the same predictions, to the last bit.
   */
  readonly algorithm?: NeighborAlgorithm
}

/**
 * Nearest-neighbour regression by Euclidean distance. The search is exact. Of rows at the same
 * distance, those with lower numbers are nearer.
 *
 * `fit` copies no row. The model keeps `X` and `y` and reads them in `predict`; don't change them as long as you
 * use the model. The index takes 4 bytes per row and, for the tree, about a tenth of a float64 `X`. Row
 * weights of `fit` are weights in the mean of the neighbours; a row of weight 0 is never a neighbour. (A weight
 * of 2 differs from a repeated row, which counts as two neighbours.)
 *
 * @example
 * ```ts
 * const model = await new KNeighborsRegressor({ neighbors: 10 }).fit(X, y)
 * const predicted = await model.predict(newX)
 * ```
 *
 * @see scikit-learn's `sklearn.neighbors.KNeighborsRegressor` (where the order of rows at the same distance is undefined)
 */
export class KNeighborsRegressor
  extends BaseEstimator
  implements SharingEstimator<SharedNeighbors>
{
  neighbors: number
  weights: 'uniform' | 'distance'
  algorithm: NeighborAlgorithm
  /** `X` of `fit` itself, not a copy. */
  declare X_: NDArray
  /** `y` of `fit` itself, not a copy. */
  declare y_: NDArray
  /** Weights of rows in a mean, shape (n); null for equal weights. */
  declare weights_: Float64Array | null
  /** Factors of the differences in each column, shape (d): 1, or those of a scaler. */
  declare scale_: Float64Array
  declare index_: NeighborIndex

  constructor(options: KNeighborsRegressorOptions = {}) {
    super()
    if (new.target === KNeighborsRegressor)
      requireLearnOptions('KNeighborsRegressor', options, names, insteadOfMetrics)
    const { neighbors = 5, weights = 'uniform', algorithm = 'auto' } = options
    this.neighbors = neighbors
    this.weights = weights
    this.algorithm = algorithm
  }

  /**
   * Builds an index of the rows.
   *
   * @param values - `X`, shape (n, d), n < 2^31, any real dtype; kept, not copied, lists are copied once
   * @param target - `y`, shape (n) or (n, m); kept in the same way
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION` when there are fewer rows than neighbours
   */
  async fit(values: ArrayInput, target: ArrayInput, options: FitOptions = {}): Promise<this> {
    return keepInputs({ X: values, y: target, options }, async () => {
      requireFitOptions(this, options)
      forget(this)
      const [X, y] = [asArray(values, '`X`'), asArray(target, '`y`')]
      const { rows, weights } = options
      const groups = rows === undefined ? {} : { groups: [rows] }
      const neighbors = this.#requireOptions()
      const inputs = checkInputs(X, y, { weights, ...groups })
      const order = numberRows(inputs.groups[0]!, inputs.weights)
      requireEnough(order.size, neighbors)
      const { algorithm } = this
      requireFinite(X, y, order, algorithm === 'brute')
      const scale = scaleOf(X)
      const index = await makeIndex(X, order, { algorithm, scale })
      const chosen = await chooseIndex(index, X, { algorithm, scale, neighbors })
      return this.#learn({ X, y, scale }, inputs.weights, chosen)
    })
  }

  /**
   * Predicts the mean target of each row's neighbours.
   *
   * @param values - `X`, shape (any, d)
   * @returns shape (n), or (n, m) when the target had shape (n, m)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`, `ERR_OVERLAP` when `out` lies in what the model keeps
   */
  async predict(values: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    const X = asArray(values, '`X`')
    const [, columns] = requireMatrix(X, '`X`')
    requireColumns(this, columns, this.X_.shape[1]!)
    const { X_: points, y_: y, index_: index, weights_: weights, scale_: scale } = this
    const weighed = weights === null ? {} : { weights_: array(weights) }
    requireApart(this, options.out, { X_: points, y_: y, ...weighed })
    return fillRows(X, y.shape.slice(1), options, (queries, rows, out) =>
      this.#search({ index, weights }, y, { points, queries, rows, scale }, out),
    )
  }

  /** Refuses learned values that no fit can have given; doesn't read `X_` or `y_`, which may be large files. */
  checkLearned(values: LearnedValues): void {
    const X = values.array('X_', { shape: [undefined, undefined] })
    const [n, d] = X.shape as [number, number]
    values.array('y_', { shape: [n], orShape: [n, undefined] })
    const scale = values.floats('scale_', d)
    if (scale.some((one) => one <= 0)) throw values.refuse('scale_', 'numbers above 0', 'others')
    const weights = values.orNull('weights_', () => values.floats('weights_', n))
    if (weights?.some((weight) => weight < 0))
      throw values.refuse('weights_', 'numbers >= 0', 'others')
    checkIndex(values, n, d)
  }

  foldSharing(folds: number): FoldSharing<SharedNeighbors> | undefined {
    return folds <= mostFolds ? sharedNeighbors(this.algorithm) : undefined
  }

  async fitFold(
    { index, foldOf }: SharedNeighbors,
    X: NDArray,
    y: NDArray,
    { fold, weights, map }: FoldFit,
  ): Promise<this> {
    forget(this)
    const neighbors = this.#requireOptions()
    requireEnough(index.order.size, neighbors)
    const scale = scaleOf(X, map)
    const { algorithm } = this
    const chosen = await chooseIndex(index, X, { algorithm, scale, neighbors })
    return this.#learn(
      { X, y, scale },
      weights ?? null,
      fold === null ? chosen : { ...chosen, foldOf, fold },
    )
  }

  #learn({ X, y, scale }: TrainingData, weights: Float64Array | null, index: NeighborIndex): this {
    this.X_ = X
    this.y_ = y
    this.weights_ = weights
    this.scale_ = scale
    this.index_ = index
    return this
  }

  async #search(
    { index, weights }: { readonly index: NeighborIndex; readonly weights: Float64Array | null },
    y: NDArray,
    search: Omit<IndexSearch, 'neighbors'>,
    out: NDArray,
  ): Promise<void> {
    const byDistance = this.weights === 'distance'
    const [targets, means] = [kernelMatrix(y), kernelMatrix(out)]
    const answer = { targets, weights, byDistance, out: means, outColumn: 0 }
    await searchIndex(index, { ...search, targets: y, neighbors: this.neighbors }, answer)
  }

  #requireOptions(): number {
    requireChoices(this)
    return requireNumber(this, 'neighbors', { min: 1, integer: true })
  }
}

const names: OptionNames<KNeighborsRegressorOptions> = {
  neighbors: true,
  weights: true,
  algorithm: true,
}

interface TrainingData {
  readonly X: NDArray
  readonly y: NDArray
  readonly scale: Float64Array
}
