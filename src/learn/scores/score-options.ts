/** Options that metrics have in common. */

import type { RowSelection } from '../../arrays/index.ts'
import type { OptionNames } from '../../options.ts'
import type { Column } from '../../tables/index.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { Label } from '../inputs/labels.ts'

/** Labels of classes, such as `classes_` of a classifier. */
export type ClassList = ArrayLike<number> | readonly string[] | readonly boolean[]

/** Which rows to score, and their weights: what a scorer is given. */
export interface ScoreOptions {
  /**
   * Rows to score: row numbers, a mask, or ranges. Default: all. Predictions are those of all rows of `y`, or of just these rows
   * in their order, as `predict(X, { rows })` returns them.
   */
  readonly rows?: RowSelection
  /** Weights of rows, shape (n), also for rows left out; default: 1. */
  readonly weights?: ArrayInput
  /** Labels of the columns of probabilities and decision values; only for scorers that need these. */
  readonly classes?: ClassList
}

/** Options of all metrics of onecopy, which take columns of tables. */
export interface MetricOptions extends Pick<ScoreOptions, 'rows'> {
  /** Weights of rows, shape (n), also for rows left out; or a column of numbers. Default: 1. */
  readonly weights?: ArrayInput | Column
}

/** Options of metrics of predicted labels, class by class. */
export interface LabelMetricOptions extends MetricOptions {
  /** Classes that count, in this order; rows of others still count as wrong. Default: all that occur, sorted. */
  readonly classes?: ClassList
}

/** Options of metrics of probabilities and decision values. */
export interface ClassScoreOptions extends MetricOptions {
  /**
   * Labels of the columns, such as `classes_` of the classifier; two for scores of one class. Default: the labels of the rows that
   * count, sorted. Pass it where a class may have no row.
   */
  readonly classes?: ClassList
  /** Of two classes, the one that scores of shape (n) belong to, and that is to be found; default: the second one. */
  readonly positive?: Label
}

/** Names of the options of {@link MetricOptions}. */
export const metricNames: OptionNames<MetricOptions> = { rows: true, weights: true }

/** What to do in place of scikit-learn's options of metrics. */
export const metricInstead = {
  eps: 'probabilities are clipped to [2^-52, 1 - 2^-52]',
  squared: 'rmse() is the root of the mean squared error',
  max_fpr: 'areas are over all false positive rates',
}
