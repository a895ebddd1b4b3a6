/** Base of regressors by near rows. */

import type { NDArray } from '../../arrays/index.ts'
import {
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import {
  type FloatArray,
  forget,
  type TableFitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { FoldFit, SharingEstimator } from '../contract/fold-sharing.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillRows, type WriteRows } from '../contract/write-output.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { NearRowsModel } from './near-rows-model.ts'
import type { SharedNeighbors } from './shared-neighbors.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'

/** A learner that predicts the mean target of near rows. */
export abstract class NearRowsRegressor
  extends NearRowsModel
  implements SharingEstimator<SharedNeighbors>
{
  /** `y` of `fit` itself, not a copy. */
  declare y_: NDArray

  /**
   * Builds an index of the rows.
   *
   * @param values - `X`, shape (n, d), n < 2^31, any real dtype; kept, not copied, lists are copied once
   * @param target - `y`, shape (n) or (n, m); kept in the same way
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS` also for fewer rows than neighbours, `ERR_OPTION`
   */
  async fit(
    values: FeatureInput,
    target: TargetInput<ArrayInput>,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X: values, y: target, options }, async (X, given, options) => {
      requireFitOptions(this, options)
      forget(this)
      const y = toArray(given, '`y`')
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
  async predict(values: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    return predictFeatures(this, values, options, (X, options) =>
      fillRows(
        this.requireQueries(X, options.out, { y_: this.y_ }),
        this.y_.shape.slice(1),
        options,
        (queries, rows, out) => this.writeMeans(queries, rows, out),
      ),
    )
  }

  /** Writes the mean target of the neighbours of some rows. */
  protected abstract writeMeans(...parameters: Parameters<WriteRows>): ReturnType<WriteRows>

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
