/** Base of learners by near rows: options, index, folds, queries. */

import { array, type NDArray, type Rows } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import {
  BaseEstimator,
  requireColumns,
  requireNumber,
  requireOneOf,
} from '../contract/base-estimator.ts'
import type { FoldFit, FoldSharing } from '../contract/fold-sharing.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { requireApart } from '../contract/write-output.ts'
import {
  checkIndex,
  chooseIndex,
  freeOnFailure,
  makeIndex,
  type NeighborAlgorithm,
  type NeighborIndex,
} from './neighbor-index.ts'
import { foreignAlgorithms, type NearRowsOptions } from './neighbor-options.ts'
import {
  numberRows,
  passedOver,
  requireEnough,
  requireFinite,
  scaleOf,
  type SharedNeighbors,
  sharedNeighbors,
} from './shared-neighbors.ts'

/** A learner that keeps its rows and an index of them. */
export abstract class NearRowsModel extends BaseEstimator {
  weights: 'uniform' | 'distance'
  algorithm: NeighborAlgorithm
  p: number
  /** `X` of `fit` itself, not a copy. */
  declare X_: NDArray
  /** Weights of rows, shape (n); null for equal weights. */
  declare weights_: Float64Array | null
  /** Factors of the differences in each column, shape (d): 1, or those of a scaler. */
  declare scale_: Float64Array
  declare index_: NeighborIndex

  constructor({ weights = 'uniform', algorithm = 'auto', p = 2 }: NearRowsOptions) {
    super()
    this.weights = weights
    this.algorithm = algorithm
    this.p = p
  }

  /** Checks the option that says which rows are neighbours; returns how many rows it needs. */
  protected abstract requireReach(): number

  /** How many neighbours the search is tried with, to choose the fastest way. */
  protected abstract trialNeighbors(): number

  /** One index of all rows serves every fold, of classifiers and regressors. */
  foldSharing(): FoldSharing<SharedNeighbors> {
    return sharedNeighbors(this.algorithm)
  }

  /** Checks the options; returns how many rows they need. */
  protected requireOptions(): number {
    requireOneOf(this, 'weights', ['uniform', 'distance'], { inverse: 'distance', inv: 'distance' })
    requireOneOf(this, 'algorithm', ['auto', 'tree', 'brute'], foreignAlgorithms)
    if (this.p !== Infinity) requireNumber(this, 'p', { min: 1 })
    return this.requireReach()
  }

  /**
   * Builds an index of some rows and keeps them.
   *
   * @param y - targets, shape (n) or (n, m), which must be finite
   * @param rows - checked rows; those of weight 0 are left out
   */
  protected async indexRows(
    X: NDArray,
    y: NDArray,
    rows: Rows,
    weights: Float64Array | null,
  ): Promise<void> {
    const order = numberRows(rows, weights)
    await freeOnFailure([order], async () => {
      requireEnough(order.size, this.requireReach())
      requireFinite(X, y, order, this.algorithm === 'brute')
      await this.#index(X, order, weights, scaleOf(X))
    })
  }

  /**
   * Keeps the shared index; rows that the fold does not learn from are passed over. A model that is kept gets an index of its own
   * rows.
   */
  protected async indexFold(
    { index, parts }: SharedNeighbors,
    X: NDArray,
    fit: FoldFit,
  ): Promise<void> {
    const { fold, weights = null, map, isKept = false } = fit
    const scale = scaleOf(X, map)
    if (fold !== null && isKept) {
      const order = numberRows(fit.rows, weights)
      return freeOnFailure([order], () => {
        requireEnough(order.size, this.requireReach())
        return this.#index(X, order, weights, scale)
      })
    }
    requireEnough(index.order.size, this.requireReach())
    await this.#keep(X, weights, scale, index)
    if (fold === null) return
    const rows = (): { train: Rows; n: number } => ({ train: fit.rows, n: X.shape[0]! })
    this.index_ = { ...this.index_, passedOver: passedOver(parts, fold, rows) }
  }

  async #index(
    X: NDArray,
    order: NDArray<'int32'>,
    weights: Float64Array | null,
    scale: Float64Array,
  ): Promise<void> {
    const index = await makeIndex(X, order, { algorithm: this.algorithm, scale })
    await this.#keep(X, weights, scale, index)
  }

  async #keep(
    X: NDArray,
    weights: Float64Array | null,
    scale: Float64Array,
    index: NeighborIndex,
  ): Promise<void> {
    const { algorithm, p } = this
    const neighbors = this.trialNeighbors()
    const chosen = await chooseIndex(index, X, { algorithm, scale, p, neighbors })
    this.X_ = X
    this.weights_ = weights
    this.scale_ = scale
    this.index_ = chosen
  }

  /**
   * Checks rows to predict.
   *
   * @param out - must lie apart from all that the model keeps
   * @param kept - other arrays that it keeps, by name
   */
  protected requireQueries(
    queries: NDArray,
    out: NDArray | undefined,
    kept: Readonly<Record<string, NDArray>> = {},
  ): NDArray {
    const [, columns] = requireMatrix(queries, '`X`')
    const { X_, weights_: weights } = this
    requireColumns(this, columns, X_.shape[1]!)
    requireApart(this, out, { X_, ...kept, ...(weights && { weights_: array(weights) }) })
    return queries
  }

  /** Refuses rows and an index that no fit can have kept; returns the number of rows. Doesn't read `X_`. */
  protected checkRows(values: LearnedValues): number {
    const [n, d] = values.array('X_', { shape: [undefined, undefined] }).shape as [number, number]
    const scale = values.floats('scale_', d)
    if (scale.some((one) => one <= 0)) throw values.refuse('scale_', 'numbers above 0', 'others')
    const weights = values.orNull('weights_', () => values.floats('weights_', n))
    if (weights?.some((weight) => weight < 0))
      throw values.refuse('weights_', 'numbers >= 0', 'others')
    checkIndex(values, n, d)
    return n
  }
}
