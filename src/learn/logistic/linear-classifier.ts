/** Base of classifiers by linear functions of a row: labels, predictions. */

import { array, type NDArray } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import type { LogisticModel } from '../../native/index.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import {
  type FloatArray,
  clone,
  collectLearned,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { RawColumnsLearner } from '../contract/scaled-estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureInput } from '../inputs/feature-input.ts'
import type { Classes, EncodedLabels, Label } from '../inputs/labels.ts'
import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import { predictScores } from './predict-scores.ts'

/** Scores of larger coefficients overflow to infinity, and the probabilities of several classes to NaN. */
const mostSize = 1e300

/** A classifier by one linear function of the columns for each class, or by one function for two classes. */
export abstract class LinearClassifier<L extends Label>
  extends BaseEstimator
  implements RawColumnsLearner
{
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Coefficients, shape (1, d) for two classes, which are those of the second one, otherwise (classes, d). */
  declare coef_: NDArray<'float64'>
  /** Intercepts, shape (1) or (classes). */
  declare intercept_: Float64Array
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  /**
   * Predicts the likeliest class of each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d); read in place
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coef_')
    return predictLabels(this.classes_, options, (labels) =>
      this.predictAs('label', this.targetShape_, X, options, labels),
    )
  }

  /**
   * Tells how far on the side of its class each row is.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n) for two classes, above 0 for the second one; otherwise (n, classes)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async decisionFunction(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coef_')
    const { length } = this.intercept_
    return this.predictAs('score', length === 1 ? [] : [length], X, options)
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const count = checkClasses(values)
    const scores = count <= 2 ? 1 : count
    const coefficients = values.finiteArray('coef_', { shape: [scores, undefined] })
    if (coefficients.length === 0) throw values.refuse('coef_', 'finite numbers', 'none')
    const lists = { coef_: coefficients, intercept_: values.floats('intercept_', scores) }
    for (const [name, list] of Object.entries(lists)) {
      const wrong = list.find((value) => Math.abs(value) > mostSize)
      if (wrong !== undefined)
        throw values.refuse(name, `numbers of at most ${mostSize} in size`, `${wrong}`)
    }
    checkTargetShape(values)
  }

  /**
   * A classifier of raw columns that predicts what this one predicts of scaled ones. Rounding may differ.
   *
   * @returns undefined when float64 can't hold its coefficients
   */
  ofRawColumns({ shift, scale }: AffineMap): this | undefined {
    const raw = clone(this)
    const coefficients = this.coef_.toTypedArray()
    const { length: columns } = scale
    const own = coefficients.map((value, at) => value / scale[at % columns]!)
    const intercepts = this.intercept_.map((intercept, s) => {
      let sum = intercept
      for (let j = 0; j < columns; j++) sum -= own[s * columns + j]! * shift[j]!
      return sum
    })
    const isHeld = (value: number): boolean => Math.abs(value) <= mostSize
    if (!own.every(isHeld) || !intercepts.every(isHeld)) return undefined
    return Object.assign(raw, collectLearned(this), {
      coef_: array(own, { shape: [...this.coef_.shape] }),
      intercept_: intercepts,
    })
  }

  /**
   * Keeps coefficients.
   *
   * @param coefficients - shape (scores, 1 + d), the intercept first
   */
  protected keepScores(
    { classes, shape }: Pick<EncodedLabels, 'classes' | 'shape'>,
    coefficients: Float64Array,
    columns: number,
  ): void {
    const width = columns + 1
    const scores = coefficients.length / width
    const values = new Float64Array(scores * columns)
    for (let s = 0; s < scores; s++)
      values.set(coefficients.subarray(s * width + 1, (s + 1) * width), s * columns)
    this.classes_ = classes
    this.coef_ = array(values, { shape: [scores, columns] })
    this.intercept_ = Float64Array.from({ length: scores }, (_, s) => coefficients[s * width]!)
    this.targetShape_ = shape
  }

  /** Predicts labels or probabilities of rows. */
  protected async predictAs(
    answer: LogisticModel['answer'],
    rowShape: readonly number[],
    X: FeatureInput,
    options: PredictOptions,
    labels: Float64Array = new Float64Array(this.classes_.length),
  ): Promise<FloatArray> {
    const columns = this.coef_.shape[1]!
    const scores = this.intercept_.length
    const values = this.coef_.toTypedArray()
    const coefficients = new Float64Array(scores * (columns + 1))
    for (let s = 0; s < scores; s++) {
      coefficients[s * (columns + 1)] = this.intercept_[s]!
      coefficients.set(values.subarray(s * columns, (s + 1) * columns), s * (columns + 1) + 1)
    }
    const model = { scores, coefficients, means: null, answer, labels }
    return predictFeatures(this, X, options, (X, options) => {
      requireColumns(this, requireMatrix(X, '`X`')[1], columns)
      return predictScores(X, model, rowShape, options)
    })
  }
}
