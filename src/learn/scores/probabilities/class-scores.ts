/** Reads probabilities and decision values of classes beside the true labels. */

import type { NDArray } from '../../../arrays/index.ts'
import { requireAttached } from '../../../arrays/internal.ts'
import { OneCopyError, show } from '../../../errors.ts'
import { trueLabels } from '../../features/column-inputs.ts'
import { type ArrayInput, asArray } from '../../inputs/as-array.ts'
import type { Label } from '../../inputs/labels.ts'
import {
  LabelCodes,
  labelAt,
  type LabelValues,
  readLabels,
  sortedCodes,
  type TrueLabels,
} from '../labels/label-codes.ts'
import { listLabels, refusePositive } from '../labels/positive-label.ts'
import type { ClassList, ClassScoreOptions } from '../score-options.ts'
import { eachScored, requireScoredRows, type ScoredRows } from '../scored-rows.ts'

/** True labels, and a score for each class. */
export interface ClassScores {
  /** Labels of the classes. */
  readonly labels: readonly Label[]
  /** Number of columns: one for each class, or one for the two classes. */
  readonly columns: number
  /** The score of a row in a column. */
  readonly scoreAt: (at: number, column: number) => number
  /** Of two classes, the number of the one to find. */
  readonly positive: number
  /** The scored rows. */
  readonly scored: ScoredRows
  /** The number of the class of a row of `y`. */
  readonly codeAt: (row: number) => number
}

/** What a metric of scores is given. */
export interface ScoreInputs {
  readonly y: TrueLabels
  readonly scores: ArrayInput
  readonly options: ClassScoreOptions
  /** What the scores are called in texts. */
  readonly name: string
}

/**
 * Reads true labels and scores, and finds the classes where they are not given.
 *
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_VALUE` for labels that are none of the classes, `ERR_OPTION`
 */
export function readClassScores({ y, scores, options, name }: ScoreInputs): ClassScores {
  const truths = readLabels(trueLabels(y, options.rows), '`y`')
  const given = asArray(scores, name)
  if (given.ndim < 1 || given.ndim > 2 || given.shape[1] === 0) throw refuseShape(given, name)
  requireAttached(given)
  const scored = requireScoredRows(truths.count, given.shape[0]!, y, options)
  const columns = given.shape[1] ?? 1
  const codes = new LabelCodes()
  if (options.classes === undefined) findClasses(codes, truths, scored, columns)
  else codes.addClasses(options.classes)
  requireColumns(codes.labels, columns, given, name)
  const { data, offset, strides } = given
  const [rowStride, columnStride] = [strides[0]!, strides[1] ?? 0]
  return {
    labels: codes.labels,
    columns,
    scoreAt: (at, column) => Number(data[offset + at * rowStride + column * columnStride]),
    positive: requirePositive(codes, options.positive),
    scored,
    codeAt: (row) => {
      const code = codes.findAt(truths, row)
      if (code !== -1) return code
      throw refuseLabel(labelAt(truths, row), codes.labels, row)
    },
  }
}

/** Finds the labels of the rows that count; of two classes one may be missing where it is clear which one. */
function findClasses(
  codes: LabelCodes,
  truths: LabelValues,
  scored: ScoredRows,
  columns: number,
): void {
  const found = new LabelCodes()
  eachScored(scored, (row) => void found.codeAt(truths, row))
  const labels = sortedCodes(found.labels).map((code) => found.labels[code]!)
  codes.addClasses(labels.length > 1 || columns > 2 ? (labels as string[]) : bothOf(labels[0]!))
}

/** The two classes of which rows have only one label. */
function bothOf(only: Label): ClassList {
  if (typeof only === 'boolean') return [false, true]
  if (only === 0 || only === 1) return [0, 1]
  if (only === -1) return [-1, 1]
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected rows of two classes in \`y\`, got only the label ${show(only)}. Pass the labels of both as \`classes\`, such as \`model.classes_\`.`,
    { details: { label: only } },
  )
}

function requireColumns(
  labels: readonly Label[],
  columns: number,
  given: NDArray,
  name: string,
): void {
  if (columns === labels.length || (columns === 1 && labels.length === 2)) return
  const shape = labels.length === 2 ? '(n) or (n, 2)' : `(n, ${labels.length})`
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected ${name} of ${labels.length} classes, shape ${shape}, got (${given.shape.join(', ')}). ` +
      `The labels are ${listLabels(labels)}; pass those of the columns as \`classes\`, such as \`model.classes_\`.`,
    { details: { expected: labels.length, shape: [...given.shape] } },
  )
}

function requirePositive(codes: LabelCodes, positive: Label | undefined): number {
  if (positive === undefined) return codes.labels.length - 1
  const code = codes.find(positive)
  if (code === -1) throw refusePositive(codes.labels, positive)
  if (codes.labels.length <= 2) return code
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected no \`positive\` for ${codes.labels.length} classes, got ${show(positive)}.`,
    { details: { name: 'positive' } },
  )
}

function refuseShape({ shape }: NDArray, name: string): OneCopyError {
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected ${name} to have shape (n) or (n, classes), got (${shape.join(', ')}).`,
    { details: { shape: [...shape] } },
  )
}

function refuseLabel(label: Label, labels: readonly Label[], row: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected labels in \`y\` among those of the columns, ${listLabels(labels)}, got ${show(label)} at row ${row} (counted from 0).`,
    { details: { row, label } },
  )
}
