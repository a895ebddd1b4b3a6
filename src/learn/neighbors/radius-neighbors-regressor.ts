/** Predicts the mean target of the rows within a distance. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { kernelMatrix, requireAttached } from '../../arrays/internal.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { NearRowsRegressor } from './near-rows-regressor.ts'
import { insteadOfMetrics, radiusNames, type RadiusOptions } from './neighbor-options.ts'
import { averageWithin, requireRadius, trialNeighbors } from './radius-search.ts'

/** Options of {@link RadiusNeighborsRegressor}. */
export interface RadiusNeighborsRegressorOptions extends RadiusOptions {
  /**
   * Weights of neighbours in the mean: `'uniform'` (default) for equal weights, `'distance'` for 1 / distance. With `'distance'`,
   * rows at distance 0 are the only ones used when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
}

/**
 * Regression by the mean target of all rows within a distance. The search is exact. A row without neighbours is predicted as NaN.
 *
 * `fit` copies no row. The model keeps `X` and `y` and reads them in `predict`; don't change them as long as you use the model. Row
 * weights of `fit` are weights in the mean; a row of weight 0 is never a neighbour. A search holds 16 bytes for each neighbour of up to
 * eight rows in each thread.
 *
 * @example
 * ```ts
 * const model = await new RadiusNeighborsRegressor({ radius: 0.5 }).fit(X, y)
 * const predicted = await model.predict(newX)
 * ```
 *
 * @see scikit-learn's `sklearn.neighbors.RadiusNeighborsRegressor`
 */
export class RadiusNeighborsRegressor extends NearRowsRegressor {
  static override readonly name: string = 'RadiusNeighborsRegressor'
  radius: number

  constructor(options: RadiusNeighborsRegressorOptions = {}) {
    super(options)
    if (new.target === RadiusNeighborsRegressor)
      requireLearnOptions('RadiusNeighborsRegressor', options, radiusNames, insteadOfMetrics)
    this.radius = options.radius ?? 1
  }

  protected override requireReach(): number {
    return requireRadius(this)
  }

  protected override trialNeighbors(): number {
    return trialNeighbors
  }

  protected override writeMeans(queries: NDArray, rows: Rows, out: NDArray): Promise<void> {
    const { y_: y } = this
    const what = { targets: kernelMatrix(y), width: y.shape[1] ?? 1 }
    return averageWithin(this, { queries, rows, targets: y }, what, (row, means) => {
      requireAttached(out)
      if (out.ndim === 1) out.set(means[0]!, row)
      else for (const [k, mean] of means.entries()) out.set(mean, row, k)
    })
  }
}

registerEstimator(RadiusNeighborsRegressor, 'onecopy.RadiusNeighborsRegressor', import.meta.url)
