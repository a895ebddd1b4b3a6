/** How often each class is predicted for rows of each class. */

import { inspect } from 'node:util'
import { array, type NDArray } from '../../../arrays/index.ts'
import { type OptionNames, requireChoice } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { Classes, LabelInput } from '../../inputs/labels.ts'
import { registerResult } from '../../registration/register-result.ts'
import { chosenCodes, eachLabelPair } from './class-counts.ts'
import { asClasses, LabelCodes, type TrueLabels } from './label-codes.ts'
import {
  type ClassList,
  type LabelMetricOptions,
  metricInstead,
  metricNames,
} from '../score-options.ts'

/** Options of {@link confusionMatrix}. */
export interface ConfusionOptions extends LabelMetricOptions {
  /** Classes of rows and columns, in this order; rows of others are left out. Default: all that occur, sorted. */
  readonly classes?: ClassList
  /** Divides by the sum of each row (`'true'`), of each column (`'predicted'`), or of all (`'all'`); default: no division. */
  readonly normalize?: 'true' | 'predicted' | 'all'
}

/** Rows of the true class, columns of the predicted one; prints as a table. */
export class ConfusionMatrix {
  /** Labels of rows and columns. */
  readonly classes: Classes
  /** Numbers of rows or sums of their weights, shape (classes, classes): the true class in rows, the predicted one in columns. */
  readonly matrix: NDArray<'float64'>

  /** @param matrix - kept, not copied */
  constructor(classes: Classes, matrix: NDArray<'float64'>) {
    this.classes = classes
    this.matrix = matrix
  }

  /** Aligned text: a line for each true class, a column for each predicted one. */
  toString(): string {
    const labels = Array.from<unknown, string>(this.classes, String)
    const cells = labels.map((label, i) => [
      label,
      ...labels.map((_, j) => showCount(this.matrix.get(i, j))),
    ])
    const heads = ['true \\ predicted', ...labels]
    const widths = heads.map((head, j) =>
      Math.max(head.length, ...cells.map((row) => row[j]!.length)),
    )
    const pad = (text: string, j: number): string =>
      j === 0 ? text.padEnd(widths[j]!) : text.padStart(widths[j]!)
    return [heads, ...cells].map((row) => row.map(pad).join('  ')).join('\n')
  }

  /** Plain data for JSON. */
  toJSON(): { readonly classes: readonly unknown[]; readonly matrix: unknown } {
    return { classes: Array.from<unknown>(this.classes), matrix: this.matrix.toArray() }
  }

  [inspect.custom](): string {
    return this.toString()
  }
}

registerResult(ConfusionMatrix, 'onecopy.ConfusionMatrix', import.meta.url, ['classes', 'matrix'])

/**
 * Counts how often each class is predicted for rows of each class.
 *
 * @param y - true labels, shape (n) or (n, 1): numbers, or a list of texts or of true and false; or a column
 *   of a table
 * @param predicted - predicted labels of the same kind, of all rows or of just those of `rows`
 * @returns sums of weights; they are numbers of rows without weights
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS` when no row counts, `ERR_VALUE`, `ERR_OPTION`; TypeError for labels of two kinds
 *
 * @example
 * ```ts
 * const found = confusionMatrix(['cat', 'cat', 'dog'], ['cat', 'dog', 'dog'])
 * console.log(found)
 * console.log(found.matrix.get(0, 1)) // 1: a cat that is taken for a dog
 * ```
 *
 * @see scikit-learn's `sklearn.metrics.confusion_matrix`
 */
export function confusionMatrix(
  y: TrueLabels,
  predicted: LabelInput,
  options: ConfusionOptions = {},
): ConfusionMatrix {
  requireLearnOptions('confusionMatrix', options, names, metricInstead)
  const { normalize, ...others } = options
  if (normalize !== undefined)
    requireChoice(
      '`normalize`',
      normalize,
      ['true', 'predicted', 'all'],
      adviseNormalize(normalize),
    )
  const codes = new LabelCodes()
  let cells = new Float64Array()
  let size = 0
  const unit = eachLabelPair({ y, predicted, options: others }, codes, (truth, guess, weight) => {
    if (codes.labels.length > size) {
      const larger = 2 * codes.labels.length
      cells = resize(cells, size, larger)
      size = larger
    }
    cells[truth * size + guess]! += weight
  })
  const isTrue = (code: number): boolean =>
    cells.subarray(code * size, (code + 1) * size).some((weight) => weight > 0)
  const chosen = chosenCodes(codes, others, isTrue)
  const counts = Float64Array.from({ length: chosen.length ** 2 }, (_, at) => {
    const [truth, guess] = [chosen[Math.floor(at / chosen.length)]!, chosen[at % chosen.length]!]
    return cells[truth * size + guess]! * (normalize === undefined ? unit : 1)
  })
  divide(counts, chosen.length, normalize)
  const classes = asClasses(chosen.map((code) => codes.labels[code]!))
  return new ConfusionMatrix(classes, array(counts, { shape: [chosen.length, chosen.length] }))
}

const names: OptionNames<ConfusionOptions> = { ...metricNames, classes: true, normalize: true }

function adviseNormalize(normalize: unknown): string {
  return normalize === 'pred' ? " onecopy calls it 'predicted'." : ''
}

function resize(cells: Float64Array, from: number, to: number): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(to * to)
  for (let row = 0; row < from; row++)
    larger.set(cells.subarray(row * from, (row + 1) * from), row * to)
  return larger
}

/** Divides counts by their sums; 0 / 0 is 0. */
function divide(counts: Float64Array, size: number, by: ConfusionOptions['normalize']): void {
  if (by === undefined) return
  const sums = new Float64Array(size)
  const groupOf = (at: number): number =>
    by === 'all' ? 0 : by === 'true' ? Math.floor(at / size) : at % size
  for (const [at, count] of counts.entries()) sums[groupOf(at)]! += count
  for (const [at, count] of counts.entries()) counts[at] = count && count / sums[groupOf(at)]!
}

function showCount(count: number): string {
  return Number.isInteger(count) ? String(count) : count.toPrecision(4)
}
