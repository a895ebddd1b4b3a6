/** Predicts the mean target of the nearest rows. */

import type { NDArray } from '../../arrays/index.ts'
import { kernelMatrix } from '../../arrays/internal.ts'
import { requireFitOptions, requirePredictOptions } from '../contract/base-estimator.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import type { FoldFit, SharingEstimator } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { searchIndex } from './neighbor-index.ts'
import { NeighborModel } from './neighbor-model.ts'
import { insteadOfMetrics, neighborNames, type NeighborOptions } from './neighbor-options.ts'
import type { SharedNeighbors } from './shared-neighbors.ts'

/** Options of {@link KNeighborsRegressor}. */
export interface KNeighborsRegressorOptions extends NeighborOptions {
  /**
   * Weights of neighbours in the mean: `'uniform'` (default) for equal weights, `'distance'` for 1 / distance.
   * With `'distance'`, rows at distance 0 are the only ones used when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
}

/**
 * Nearest-neighbour regression by Euclidean or other Minkowski distances. The search is exact. Of rows at the same
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
  extends NeighborModel
  implements SharingEstimator<SharedNeighbors>
{
  static override readonly name: string = 'KNeighborsRegressor'
  /** `y` of `fit` itself, not a copy. */
  declare y_: NDArray

  constructor(options: KNeighborsRegressorOptions = {}) {
    super(options)
    if (new.target === KNeighborsRegressor)
      requireLearnOptions('KNeighborsRegressor', options, neighborNames, insteadOfMetrics)
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
      this.requireOptions()
      const inputs = checkInputs(X, y, { weights, ...(rows && { groups: [rows] }) })
      await this.indexRows(X, y, inputs.groups[0]!, inputs.weights)
      this.y_ = y
      return this
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
    const X = this.requireQueries(values, options.out, { y_: this.y_ })
    const { X_: points, y_: y, index_: index, weights_: weights, scale_: scale, neighbors } = this
    const { p } = this
    const byDistance = this.weights === 'distance'
    return fillRows(X, y.shape.slice(1), options, async (queries, rows, out) => {
      const search = { points, targets: y, queries, rows, scale, p, neighbors }
      const [targets, means] = [kernelMatrix(y), kernelMatrix(out)]
      await searchIndex(index, search, { targets, weights, byDistance, out: means, outColumn: 0 })
    })
  }

  /** Refuses learned values that no fit can have given; doesn't read `X_` or `y_`, which may be large files. */
  checkLearned(values: LearnedValues): void {
    const n = this.checkRows(values)
    values.array('y_', { shape: [n], orShape: [n, undefined] })
  }

  async fitFold(shared: SharedNeighbors, X: NDArray, y: NDArray, fit: FoldFit): Promise<this> {
    forget(this)
    this.requireOptions()
    await this.indexFold(shared, X, fit)
    this.y_ = y
    return this
  }
}
