/** Takes the rows to score, for functions that know nothing of rows. */

import { countRows, NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { isColumn, plainColumn } from '../../tables/index.ts'
import { toArray } from '../inputs/as-array.ts'
import { takeRows } from '../inputs/take-rows.ts'
import type { ScoreOptions } from './score-options.ts'
import { requireScoredRows } from './scored-rows.ts'

/** What a function that scores is given. */
export type OwnScoreOptions = Omit<ScoreOptions, 'rows'>

/**
 * True values, predictions and weights of the rows to score alone: as views where rows follow each other, otherwise as copies.
 * Without `rows` they are what is given.
 *
 * @throws OneCopyError `ERR_SHAPE` when predictions are of neither all rows nor those that are scored; `ERR_INDEX`, `ERR_VALUE`
 */
export function takeScored(
  y: unknown,
  predicted: unknown,
  options: ScoreOptions = {},
): [y: unknown, predicted: unknown, options: OwnScoreOptions] {
  const { rows: selection, weights: _, ...others } = options
  if (selection === undefined) return [y, predicted, options]
  const n = isColumn(y) ? y.size : rowsOf(y)
  const { rows, isWhole, weights } = requireScoredRows(n, rowsOf(predicted), y, options)
  if ('ranges' in rows && countRows(rows) === n) {
    const { rows: _rows, ...whole } = options
    return [y, predicted, whole]
  }
  const ofRows = { ...others, ...(weights && { weights: take(weights, rows) }) }
  return [take(y, rows), isWhole ? take(predicted, rows) : predicted, ofRows as OwnScoreOptions]
}

function rowsOf(values: unknown): number {
  return values instanceof NDArray ? values.shape[0]! : (values as ArrayLike<unknown>).length
}

function take(values: unknown, rows: Rows): unknown {
  if (isColumn(values)) {
    const column = plainColumn(values)
    return take(column.kind === 'number' ? column.values : column.toArray(), rows)
  }
  if (values instanceof NDArray) return takeRows(values, rows)
  if (ArrayBuffer.isView(values)) return takeRows(toArray(values, '`y`'), rows).toTypedArray()
  return Array.from(toRowNumbers(rows), (row) => (values as ArrayLike<unknown>)[row])
}
