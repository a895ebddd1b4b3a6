/** Base of estimators that predict by linear functions of a row. */

import { array, type NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillFiniteRows, requireFiniteRows } from '../features/fill-finite-rows.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureInput } from '../inputs/feature-input.ts'
import { predictLinear, type LinearTerms } from './predict-linear.ts'

/** A model y = X w + b. */
export abstract class LinearPredictor extends BaseEstimator {
  /** Coefficients w, shape (d) for a target of shape (n), (m, d) for one of shape (n, m). */
  declare coef_: NDArray<'float64'>
  /** Intercepts b, one for each target; 0 without `fitIntercept`. */
  declare intercept_: Float64Array

  /**
   * Predicts X w + b in one native pass over `X`, in place.
   *
   * @param X - values, shape (n, d)
   * @returns shape (n), or (n, m) when the target had shape (n, m)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coef_')
    const terms = this.linearTerms()
    return predictFeatures(this, X, options, (X, options) => {
      const [, columns] = requireMatrix(X, '`X`')
      requireColumns(this, columns, this.coef_.shape.at(-1)!)
      return fillFiniteRows(X, this.coef_.shape.slice(0, -1), options, async (X, rows, out) => {
        await predictLinear(X, terms, out, { rows })
        requireFiniteRows(X, rows, out)
      })
    })
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
