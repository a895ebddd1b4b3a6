/** Precision, recall and f1 of all classes in one table. */

import { inspect } from 'node:util'
import type { OptionNames } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { Classes, LabelInput } from '../../inputs/labels.ts'
import { registerResult } from '../../registration/register-result.ts'
import { type ClassCounts, countClasses } from './class-counts.ts'
import {
  averageRates,
  fbetaFraction,
  precisionFraction,
  type RateAverage,
  recallFraction,
  requireZeroDivision,
} from './class-rates.ts'
import { asClasses, type TrueLabels } from './label-codes.ts'
import { type LabelMetricOptions, metricInstead, metricNames } from '../score-options.ts'

/** Options of {@link classificationReport}. */
export interface ReportOptions extends LabelMetricOptions {
  /** The score where it would be 0 / 0: 0, 1, or NaN to leave the class out of means; default: 0. */
  readonly zeroDivision?: number
}

/** Scores of one class, or a mean of those of all. */
export interface ReportRow {
  readonly precision: number
  readonly recall: number
  readonly f1: number
  /** Number of rows in `y`, or the sum of their weights. */
  readonly support: number
}

/** Scores of each class, and their means; prints as a table. */
export class ClassificationReport {
  /** Labels of the classes. */
  readonly classes: Classes
  /** One row for each class. */
  readonly rows: readonly ReportRow[]
  /** The scores of all rows counted together; they are the accuracy, unless `classes` leaves some out. */
  readonly micro: ReportRow
  /** The mean over classes. */
  readonly macro: ReportRow
  /** The mean over classes, by their rows. */
  readonly weighted: ReportRow

  constructor(counts: ClassCounts, zeroDivision: number) {
    const { labels, truths, unit } = counts
    const scores = (average: RateAverage): (number | Float64Array)[] =>
      [precisionFraction, recallFraction, fbetaFraction(1)].map((fraction) =>
        averageRates(counts, fraction, { average, zeroDivision }),
      )
    const total = truths.reduce((sum, weight) => sum + weight, 0) * unit
    const mean = (average: 'micro' | 'macro' | 'weighted'): ReportRow => {
      const [precision, recall, f1] = scores(average) as [number, number, number]
      return { precision, recall, f1, support: total }
    }
    const [precisions, recalls, f1s] = scores(null) as [Float64Array, Float64Array, Float64Array]
    this.classes = asClasses(labels)
    this.rows = labels.map((_, code) => ({
      precision: precisions[code]!,
      recall: recalls[code]!,
      f1: f1s[code]!,
      support: truths[code]! * unit,
    }))
    this.micro = mean('micro')
    this.macro = mean('macro')
    this.weighted = mean('weighted')
  }

  /** Aligned text: a line for each class, then the means. */
  toString(): string {
    const line = (name: string, { precision, recall, f1, support }: ReportRow): string[] => [
      name,
      ...[precision, recall, f1].map((value) => value.toFixed(3)),
      Number.isInteger(support) ? String(support) : support.toPrecision(4),
    ]
    const labels = Array.from<unknown, string>(this.classes, String)
    const cells = [
      ['', 'precision', 'recall', 'f1', 'rows'],
      ...labels.map((label, code) => line(label, this.rows[code]!)),
      line('micro', this.micro),
      line('macro', this.macro),
      line('weighted', this.weighted),
    ]
    const widths = cells[0]!.map((_, j) => Math.max(...cells.map((row) => row[j]!.length)))
    const pad = (text: string, j: number): string =>
      j === 0 ? text.padEnd(widths[j]!) : text.padStart(widths[j]!)
    return cells.map((row) => row.map(pad).join('  ')).join('\n')
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

registerResult(ClassificationReport, 'onecopy.ClassificationReport', import.meta.url, [
  'classes',
  'rows',
  'micro',
  'macro',
  'weighted',
])

/**
 * Scores each class by precision, recall and f1, and returns them with their means.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS` when no row counts, `ERR_VALUE`, `ERR_OPTION`; TypeError for labels of two kinds
 *
 * @example
 * ```ts
 * const report = classificationReport(['cat', 'cat', 'dog'], ['cat', 'dog', 'dog'])
 * console.log(report)
 * console.log(report.macro.f1)
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.classification_report`
 */
export function classificationReport(
  y: TrueLabels,
  predicted: LabelInput,
  options: ReportOptions = {},
): ClassificationReport {
  requireLearnOptions('classificationReport', options, names, metricInstead)
  const { zeroDivision = 0, ...others } = options
  requireZeroDivision(zeroDivision)
  return new ClassificationReport(countClasses({ y, predicted, options: others }), zeroDivision)
}

const names: OptionNames<ReportOptions> = { ...metricNames, classes: true, zeroDivision: true }
