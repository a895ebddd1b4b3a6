/** Scores of predicted labels by class: precision, recall, f1, fbeta. */

import { OneCopyError, show } from '../../../errors.ts'
import { type OptionNames, requireChoice } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { Label, LabelInput } from '../../inputs/labels.ts'
import { countClasses } from './class-counts.ts'
import {
  averageRates,
  fbetaFraction,
  type Fraction,
  precisionFraction,
  rateOf,
  recallFraction,
  requireZeroDivision,
  rowsOf,
} from './class-rates.ts'
import type { TrueLabels } from './label-codes.ts'
import { requirePositiveLabel } from './positive-label.ts'
import { type LabelMetricOptions, metricInstead, metricNames } from '../score-options.ts'

/** Options of {@link precision}, {@link recall} and {@link f1}. */
export interface PrecisionOptions extends LabelMetricOptions {
  /**
   * `'binary'` scores one class, see `positive`; `'macro'` is the mean over classes, `'weighted'` that with the rows of each class in
   * `y` as weights, `'micro'` the score of all rows counted together; null returns the score of each class. Default: `'binary'`.
   */
  readonly average?: 'binary' | 'macro' | 'weighted' | 'micro' | null
  /** The class that is scored. Default: 1 of labels 0 and 1, or −1 and 1; true of true and false. Others need it. */
  readonly positive?: Label
  /**
   * The score of a class where it would be 0 / 0: precision without a row for which the class is predicted, recall without a row of
   * it, f1 and fbeta with neither. NaN leaves the class out of `'macro'` and `'weighted'` means. Default: 0.
   */
  readonly zeroDivision?: number
}

/** Options of a metric that returns the score of each class. */
export interface PerClass {
  readonly average: null
}

/**
 * Of the rows for which a class is predicted, the share that belongs to it; greater is better.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @returns a number; with `average: null` one for each class, sorted or in the order of `classes`
 * @throws OneCopyError `ERR_OPTION` where it is not clear which class to score; `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE`; TypeError for
 *   labels of two kinds
 *
 * @example
 * ```ts
 * const predicted = await model.predict(X)
 * const share = precision(labels, predicted, { positive: 'spam' })
 * const mean = precision(labels, predicted, { average: 'macro' })
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.precision_score`
 */
export function precision(
  y: TrueLabels,
  predicted: LabelInput,
  options: PrecisionOptions & PerClass,
): Float64Array
export function precision(y: TrueLabels, predicted: LabelInput, options?: PrecisionOptions): number
export function precision(
  y: TrueLabels,
  predicted: LabelInput,
  options: PrecisionOptions = {},
): number | Float64Array {
  requireLearnOptions('precision', options, names, metricInstead)
  return scoreClasses({ y, predicted, options }, precisionFraction)
}
precision.greaterIsBetter = true

/**
 * Of the rows of a class, the share for which it is predicted; greater is better.
 *
 * @param y - true labels, as for {@link precision}
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @returns and throws as {@link precision}
 * @see scikit-learn's `sklearn.metrics.recall_score`
 */
export function recall(
  y: TrueLabels,
  predicted: LabelInput,
  options: PrecisionOptions & PerClass,
): Float64Array
export function recall(y: TrueLabels, predicted: LabelInput, options?: PrecisionOptions): number
export function recall(
  y: TrueLabels,
  predicted: LabelInput,
  options: PrecisionOptions = {},
): number | Float64Array {
  requireLearnOptions('recall', options, names, metricInstead)
  return scoreClasses({ y, predicted, options }, recallFraction)
}
recall.greaterIsBetter = true

/**
 * Harmonic mean of precision and recall; greater is better.
 *
 * @param y - true labels, as for {@link precision}
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @returns and throws as {@link precision}
 * @see scikit-learn's `sklearn.metrics.f1_score`
 */
export function f1(
  y: TrueLabels,
  predicted: LabelInput,
  options: PrecisionOptions & PerClass,
): Float64Array
export function f1(y: TrueLabels, predicted: LabelInput, options?: PrecisionOptions): number
export function f1(
  y: TrueLabels,
  predicted: LabelInput,
  options: PrecisionOptions = {},
): number | Float64Array {
  requireLearnOptions('f1', options, names, metricInstead)
  return scoreClasses({ y, predicted, options }, fbetaFraction(1))
}
f1.greaterIsBetter = true

/** Options of {@link fbeta}. */
export interface FbetaOptions extends PrecisionOptions {
  /** How many times as much recall counts as precision; above or equal to 0. */
  readonly beta: number
}

/**
 * Harmonic mean of precision and recall, where recall counts `beta` times as much; greater is better.
 *
 * @param y - true labels, as for {@link precision}
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @returns and throws as {@link precision}
 * @see scikit-learn's `sklearn.metrics.fbeta_score`
 */
export function fbeta(
  y: TrueLabels,
  predicted: LabelInput,
  options: FbetaOptions & PerClass,
): Float64Array
export function fbeta(y: TrueLabels, predicted: LabelInput, options: FbetaOptions): number
export function fbeta(
  y: TrueLabels,
  predicted: LabelInput,
  options: FbetaOptions,
): number | Float64Array {
  requireLearnOptions('fbeta', options, { ...names, beta: true }, metricInstead)
  return scoreClasses({ y, predicted, options }, fbetaFraction(requireBeta(options.beta)))
}
fbeta.greaterIsBetter = true

const names: OptionNames<PrecisionOptions> = {
  ...metricNames,
  average: true,
  positive: true,
  classes: true,
  zeroDivision: true,
}

function requireBeta(beta: unknown): number {
  const text = `Expected \`beta\` to be a finite number >= 0, got ${show(beta)}.`
  if (typeof beta !== 'number') throw new TypeError(text)
  if (beta >= 0 && beta < Infinity) return beta
  throw new OneCopyError('ERR_OPTION', text, { details: { name: 'beta', value: beta } })
}

function scoreClasses(
  { y, predicted, options }: { y: TrueLabels; predicted: LabelInput; options: PrecisionOptions },
  fraction: Fraction,
): number | Float64Array {
  const { average = 'binary', zeroDivision = 0, classes, positive, ...others } = options
  if (average !== null) requireChoice('`average`', average, averages, ' Or null, for each class.')
  requireZeroDivision(zeroDivision)
  if (average !== 'binary') {
    const chosen = classes === undefined ? others : { ...others, classes }
    const counts = countClasses({ y, predicted, options: chosen })
    return averageRates(counts, fraction, { average, zeroDivision })
  }
  if (classes !== undefined)
    throw new OneCopyError(
      'ERR_OPTION',
      "Expected no `classes` with `average: 'binary'`, got some. Pass the one class as `positive`, or another `average`.",
      { details: { name: 'classes' } },
    )
  const counts = countClasses({ y, predicted, options: others })
  return rateOf(
    rowsOf(counts, requirePositiveLabel(counts.labels, positive)),
    fraction,
    zeroDivision,
  )
}

const averages = ['binary', 'macro', 'weighted', 'micro'] as const
