/** Predicts the mean target of the rows within a distance. */

import type { NDArray } from '../../arrays/index.ts'
import { kernelMatrix, requireAttached } from '../../arrays/internal.ts'
import { requireFitOptions, requirePredictOptions } from '../contract/base-estimator.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import type { FoldFit, SharingEstimator } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { insteadOfMetrics, radiusNames, type RadiusOptions } from './neighbor-options.ts'
import { RadiusModel } from './radius-model.ts'
import type { SharedNeighbors } from './shared-neighbors.ts'

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
export class RadiusNeighborsRegressor
  extends RadiusModel
  implements SharingEstimator<SharedNeighbors>
{
  static override readonly name: string = 'RadiusNeighborsRegressor'
  /** `y` of `fit` itself, not a copy. */
  declare y_: NDArray

  constructor(options: RadiusNeighborsRegressorOptions = {}) {
    super(options)
    if (new.target === RadiusNeighborsRegressor)
      requireLearnOptions('RadiusNeighborsRegressor', options, radiusNames, insteadOfMetrics)
  }

  /**
   * Builds an index of the rows.
   *
   * @param values - `X`, shape (n, d), n < 2^31, any real dtype; kept, not copied, lists are copied once
   * @param target - `y`, shape (n) or (n, m); kept in the same way
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
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
   * Predicts the mean target of each row's neighbours; NaN for a row without any.
   *
   * @param values - `X`, shape (any, d)
   * @returns shape (n), or (n, m) when the target had shape (n, m)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`, `ERR_OVERLAP` when `out` lies in what the model keeps
   */
  async predict(values: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    const X = this.requireQueries(values, options.out, { y_: this.y_ })
    const { y_: y } = this
    const width = y.shape[1] ?? 1
    return fillRows(X, y.shape.slice(1), options, (queries, rows, out) => {
      const what = { targets: kernelMatrix(y), width }
      return this.averageWithin({ queries, rows, targets: y }, what, (row, means) => {
        requireAttached(out)
        if (out.ndim === 1) out.set(means[0]!, row)
        else for (const [k, mean] of means.entries()) out.set(mean, row, k)
      })
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
