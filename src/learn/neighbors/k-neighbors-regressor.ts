/** Predicts the mean target of the nearest rows. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { kernelMatrix } from '../../arrays/internal.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { NearRowsRegressor } from './near-rows-regressor.ts'
import { searchIndex } from './neighbor-index.ts'
import { insteadOfMetrics, neighborNames, type NeighborOptions } from './neighbor-options.ts'

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
export class KNeighborsRegressor extends NearRowsRegressor {
  static override readonly name: string = 'KNeighborsRegressor'
  neighbors: number

  constructor(options: KNeighborsRegressorOptions = {}) {
    super(options)
    if (new.target === KNeighborsRegressor)
      requireLearnOptions('KNeighborsRegressor', options, neighborNames, insteadOfMetrics)
    this.neighbors = options.neighbors ?? 5
  }

  protected override requireReach(): number {
    return requireNumber(this, 'neighbors', { min: 1, integer: true })
  }

  protected override trialNeighbors(): number {
    return this.neighbors
  }

  protected override async writeMeans(queries: NDArray, rows: Rows, out: NDArray): Promise<void> {
    const { X_: points, y_: y, index_: index, weights_: weights, scale_: scale } = this
    const { p, neighbors } = this
    const search = { points, targets: y, queries, rows, scale, p, neighbors }
    await searchIndex(index, search, {
      targets: kernelMatrix(y),
      weights,
      byDistance: this.weights === 'distance',
      out: kernelMatrix(out),
      outColumn: 0,
    })
  }
}

registerEstimator(KNeighborsRegressor, 'onecopy.KNeighborsRegressor', import.meta.url)
