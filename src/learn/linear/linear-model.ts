/** Base of linear models: fit on moments, predict in place. */

import { array, type NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import { fillRows } from '../contract/write-output.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { FoldFit, FoldSharing, SharingEstimator } from '../contract/fold-sharing.ts'
import type { MomentsEstimator } from '../contract/moments-estimator.ts'
import { type FoldStatistics, momentsOfFolds } from '../contract/moments-of-folds.ts'
import { Moments } from '../statistics/moments.ts'
import { predictLinear, type LinearTerms } from './predict-linear.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'

/** A model y = X w + b, solved from moments of the rows. */
export abstract class LinearModel
  extends BaseEstimator
  implements MomentsEstimator, SharingEstimator<FoldStatistics>
{
  /** Coefficients w, shape (d) for a target of shape (n), (m, d) for one of shape (n, m). */
  declare coef_: NDArray<'float64'>
  /** Intercepts b, one for each target; 0 without `fitIntercept`. */
  declare intercept_: Float64Array

  abstract fitMoments(moments: Moments): this

  /**
   * Learns from rows of `X` and `y` in one pass over them; least squares takes a few more when
   * columns are nearly linear combinations of others.
   *
   * @param X - values, shape (n, d), any real dtype; read in place, lists are copied once
   * @param y - target, shape (n), or (n, m) where the model takes several
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(X: ArrayInput, y: ArrayInput, options: FitOptions = {}): Promise<this> {
    requireFitOptions(this, options)
    forget(this)
    const [matrix, target] = [asArray(X, '`X`'), asArray(y, '`y`')]
    const [moments] = await Moments.compute(matrix, target, readOptions(options))
    return this.fitMoments(moments!)
  }

  foldSharing(): FoldSharing<FoldStatistics> {
    return momentsOfFolds
  }

  fitFold(statistics: FoldStatistics, _X: NDArray, _y: NDArray, fit: FoldFit): Promise<this> {
    return statistics.fit(this, fit)
  }

  /**
   * Predicts X w + b in one native pass over `X`, in place. A row with NaN is predicted as NaN.
   *
   * @param X - values, shape (n, d)
   * @returns shape (n), or (n, m) when the target had shape (n, m)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predict(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coef_')
    const terms = this.linearTerms()
    const matrix = asArray(X, '`X`')
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, this.coef_.shape.at(-1)!)
    return fillRows(matrix, this.coef_.shape.slice(0, -1), options, (X, rows, out) =>
      predictLinear(X, terms, out, { rows }),
    )
  }

  /**
   * The fitted model as linear functions of a row, one for each target.
   *
   * @throws OneCopyError `ERR_NOT_FITTED`
   */
  linearTerms(): LinearTerms[] {
    requireFitted(this, 'coef_')
    const d = this.coef_.shape.at(-1)!
    const coefficients = this.coef_.toTypedArray()
    return Array.from(this.intercept_, (intercept, target) => ({
      coefficients: coefficients.subarray(target * d, (target + 1) * d),
      intercept,
    }))
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const shapes = { shape: [undefined], orShape: [undefined, undefined] }
    const coefficients = values.array('coef_', { dtype: 'float64', ...shapes })
    const flat = coefficients.toTypedArray() as Float64Array
    const wrong = flat.findIndex((value) => !Number.isFinite(value))
    if (flat.length === 0 || wrong !== -1)
      throw values.refuse('coef_', 'finite numbers', flat.length === 0 ? 'none' : `${flat[wrong]}`)
    values.floats(
      'intercept_',
      coefficients.shape.slice(0, -1).reduce((m, length) => m * length, 1),
    )
  }

  /**
   * Stores the coefficients of a fit.
   *
   * @param coefficients - one of shape (d) for each target
   * @param intercepts - one for each target; kept, not copied
   * @param targetShape - shape of one row of `y`
   */
  protected learn(
    coefficients: readonly Float64Array[],
    intercepts: Float64Array,
    targetShape: readonly number[],
  ): void {
    const d = coefficients[0]!.length
    const values = new Float64Array(coefficients.length * d)
    for (const [target, w] of coefficients.entries()) values.set(w, target * d)
    this.coef_ = array(values, { shape: [...targetShape, d] })
    this.intercept_ = intercepts
  }
}

/** Converts options of `fit` to options for reading one group of rows. */
export function readOptions({ rows, weights }: FitOptions): ReadOptions {
  return { weights, ...(rows === undefined ? {} : { groups: [rows] }) }
}

/** Intercepts that make predictions exact at the means; 0 without `fitIntercept`. */
export function interceptsOf(
  coefficients: readonly Float64Array[],
  { columns, mean }: { readonly columns: number; readonly mean: Float64Array },
  fitIntercept: boolean,
): Float64Array {
  return Float64Array.from(coefficients, (w, target) =>
    fitIntercept ? w.reduce((sum, wj, j) => sum - wj * mean[j]!, mean[columns + target]!) : 0,
  )
}

/** Tells whether an estimator predicts by linear functions, so that many can predict in one pass. */
export function isLinearModel(value: unknown): value is LinearModel {
  return (
    typeof value === 'object' &&
    value !== null &&
    'linearTerms' in value &&
    typeof value.linearTerms === 'function'
  )
}
