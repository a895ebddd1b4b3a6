/** Scores of rows side by side, for metrics that sort them. */

import { countRows } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import type { Label } from '../../inputs/labels.ts'
import { readClassScores, type ScoreInputs } from './class-scores.ts'
import { eachScored } from '../scored-rows.ts'

/** The rows that count, one after the other. */
export interface RankedScores {
  readonly labels: readonly Label[]
  readonly columns: number
  /** Of two classes, the number of the one to find. */
  readonly positive: number
  /** The number of the class of each row. */
  readonly codes: Uint16Array
  readonly weights: Float64Array | undefined
  /** What to multiply weights by. */
  readonly unit: number
  /** The scores of a column, greater for rows that rather belong to its class. */
  readonly column: (column: number) => Float64Array
}

/**
 * Copies codes and weights of the rows that count; scores are copied column by column.
 *
 * @param requireScore - refuses a score; default: NaN
 * @throws as `readClassScores`
 */
export function rankedScores(
  inputs: ScoreInputs,
  requireScore: (score: number, row: number) => void = requireNumber,
): RankedScores {
  const { scored, codeAt, scoreAt, labels, columns, positive } = readClassScores(inputs)
  const most = countRows(scored.rows)
  const codes = new Uint16Array(most)
  const weights = scored.weights && new Float64Array(most)
  let count = 0
  eachScored(scored, (row, _at, weight) => {
    codes[count] = codeAt(row)
    if (weights !== undefined) weights[count] = weight
    count++
  })
  const column = (j: number): Float64Array => {
    const values = new Float64Array(count)
    let i = 0
    eachScored(scored, (row, at) => {
      const score = scoreAt(at, j)
      requireScore(score, row)
      values[i++] = score
    })
    return values
  }
  return {
    labels,
    columns,
    positive,
    codes: codes.subarray(0, count),
    weights: weights?.subarray(0, count),
    unit: scored.unit,
    column,
  }
}

function requireNumber(score: number, row: number): void {
  if (!Number.isNaN(score)) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected scores to be numbers, got NaN for row ${row} (counted from 0).`,
    { details: { row } },
  )
}

/** Scores of the class to find, of two classes. */
export interface BinaryScores {
  /** Label of the class to find. */
  readonly positive: Label
  readonly labels: readonly Label[]
  /** Score of each row for this class. */
  readonly scores: Float64Array
  /** Number of the class of each row. */
  readonly codes: Uint16Array
  /** Number of the class to find. */
  readonly code: number
  readonly weights: Float64Array | undefined
  readonly unit: number
}

/**
 * Scores of two classes.
 *
 * @throws OneCopyError `ERR_SHAPE` for another number of classes; as `readClassScores`
 */
export function binaryScores(
  metric: string,
  inputs: ScoreInputs,
  requireScore?: (score: number, row: number) => void,
): BinaryScores {
  const ranked = rankedScores(inputs, requireScore)
  const { labels, positive, codes, weights, unit, columns } = ranked
  if (labels.length !== 2)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected two classes for ${metric}, got ${labels.length}.`,
      {
        details: { classes: labels.length },
      },
    )
  const scores = ranked.column(columns === 1 ? 0 : positive)
  return { positive: labels[positive]!, labels, scores, codes, code: positive, weights, unit }
}
