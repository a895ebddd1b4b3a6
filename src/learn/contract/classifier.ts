/** The type that all classifiers have in common. */

import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import type { FloatArray, Configurable, TableFitOptions, PredictOptions } from './estimator.ts'
import type { PredictedLabels } from './predict-labels.ts'

/**
 * Any classifier: for lists and functions that take several kinds of them. `L` is the type of the labels; without it, `predict`
 * returns an array or a list.
 *
 * @example
 * ```ts
 * const models: Classifier[] = [new LogisticRegression(), new SVC()]
 * for (const model of models) await model.fit(X, labels)
 * ```
 */
export interface Classifier<L extends Label = Label> extends Configurable {
  /** Labels of the classes, after `fit`: numbers ascending in a Float64Array, or a list. */
  readonly classes_: Classes | undefined
  /**
   * Learns from rows of `X` and their labels.
   *
   * @param X - values, shape (n, d); read in place; or a table
   * @param y - labels, shape (n): numbers, or a list of texts or of true and false; or a column of the table
   */
  fit(X: FeatureInput, y: TargetInput, options?: TableFitOptions): Promise<Classifier<L>>
  /** Predicts the label of each row of `X`: an array for numbers, a list for other labels. */
  predict(X: FeatureInput, options?: PredictOptions): Promise<PredictedLabels<L>>
  /** Predicts the probability of each class, shape (n, classes), where the classifier can. */
  predictProba?(X: FeatureInput, options?: PredictOptions): Promise<FloatArray>
  /** Tells how far on the side of its class each row is, where the classifier can. */
  decisionFunction?(X: FeatureInput, options?: PredictOptions): Promise<FloatArray>
}

/**
 * Tells whether an estimator tells classes apart: it says so, it predicts probabilities or how far on the side of its class a row is, or it
 * was fitted on labels.
 */
export function isClassifier(estimator: object): boolean {
  const { learns } = estimator as Partial<Configurable>
  if (learns !== undefined) return learns === 'classes'
  const { classes_: classes } = estimator as Partial<Classifier>
  return (
    hasPrediction(estimator, 'predictProba') ||
    hasPrediction(estimator, 'decisionFunction') ||
    classes !== undefined
  )
}

/** Tells whether an estimator has a method of predictions with its options. */
export function hasPrediction(estimator: object, method: string): boolean {
  const { predicts } = estimator as Partial<Configurable>
  return (
    typeof Reflect.get(estimator, method) === 'function' && (predicts?.includes(method) ?? true)
  )
}
