/** How often values and pairs of values occur. */

import { type NDArray, type RowSelection, zeros } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { CellValue } from '../columns/column-base.ts'
import { type Column, isColumn } from '../columns/columns.ts'
import { NumberColumn } from '../columns/number-column.ts'
import { Table } from '../table/table.ts'
import { countGroups } from './group-rows.ts'
import { makeShared, pickCells } from './same-kind.ts'
import { requireFixed } from './table-cells.ts'

/**
 * Counts how often each value of a column occurs. Codes are counted, not texts.
 *
 * @param column - of numbers, categories, dates or booleans
 * @param rows - which rows are counted; default: all
 * @returns the values, under the column's name, and `count`; the most frequent first, equally frequent ones in their order, and missing ones last
 * @throws OneCopyError `ERR_INDEX` for texts, or a row that there isn't
 *
 * @example
 * ```ts
 * const table = await readCsv('diamonds.csv')
 * console.log(String(await countValues(table.column('cut'))))
 * ```
 */
export async function countValues(column: Column, rows?: RowSelection): Promise<Table> {
  const fixed = requireFixed(requireColumn(column, 'countValues'), 'countValues')
  const { sizes, firstRows } = await countGroups([fixed], rows, 'countValues')
  const isMissing = fixed.missingTest()
  const places = Array.from(firstRows.keys()).sort((a, b) => {
    const last = Number(isMissing(firstRows[a]!)) - Number(isMissing(firstRows[b]!))
    return last || sizes[b]! - sizes[a]! || a - b
  })
  const counts = makeShared(places.length, 'int32')
  counts.toTypedArray().set(places.map((place) => sizes[place]!))
  const name = fixed.name === 'count' ? 'count.2' : 'count'
  const chosen = Int32Array.from(places, (place) => firstRows[place]!)
  return new Table([pickCells(fixed, fixed.name, chosen), new NumberColumn(name, counts)])
}

/** How often pairs of values occur. */
export interface CrossCounts {
  /** Values of the first column that occur, in order; missing ones last. */
  readonly rowKeys: readonly CellValue[]
  /** Values of the second column. */
  readonly columnKeys: readonly CellValue[]
  /** How often each pair occurs, shape (row keys, column keys). */
  readonly counts: NDArray<'int32'>
}

/**
 * Counts how often each value of one column occurs with each value of another.
 *
 * @param a - of numbers, categories, dates or booleans
 * @param b - of as many rows
 * @throws OneCopyError `ERR_SHAPE` for columns of different lengths, `ERR_INDEX` for texts
 */
export async function crossCounts(a: Column, b: Column): Promise<CrossCounts> {
  const columns = [a, b].map((one) =>
    requireFixed(requireColumn(one, 'crossCounts'), 'crossCounts'),
  )
  if (a.size !== b.size) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected columns of equal length, got ${a.size} rows in '${a.name}' and ${b.size} in '${b.name}'.`,
    )
  }
  const [ofA, ofB, ofPairs] = await Promise.all([
    countGroups([columns[0]!], undefined, 'crossCounts'),
    countGroups([columns[1]!], undefined, 'crossCounts'),
    countGroups(columns, undefined, 'crossCounts'),
  ])
  const [placesA, placesB] = [
    placesOf(columns[0]!, ofA.firstRows),
    placesOf(columns[1]!, ofB.firstRows),
  ]
  const counts = zeros([ofA.sizes.length, ofB.sizes.length], 'int32')
  for (const [i, row] of ofPairs.firstRows.entries())
    counts.set(ofPairs.sizes[i]!, placesA(row), placesB(row))
  return {
    rowKeys: Array.from(ofA.firstRows, (row) => a.get(row)),
    columnKeys: Array.from(ofB.firstRows, (row) => b.get(row)),
    counts,
  }
}

/** Which of the distinct values stands in a row. */
function placesOf(column: Column, firstRows: Int32Array): (row: number) => number {
  const isMissing = column.missingTest()
  const keyOf = (row: number): CellValue | undefined => {
    if (isMissing(row)) return undefined
    const value = column.get(row)
    return value instanceof Date ? column.text(row) : value === 0 ? 0 : value
  }
  const places = new Map(Array.from(firstRows, (row, i) => [keyOf(row), i]))
  return (row) => places.get(keyOf(row))!
}

function requireColumn(column: unknown, operation: string): Column {
  if (isColumn(column)) return column
  throw new TypeError(
    `Expected a column, as in ${operation}(table.column('city')), got ${show(column)}.`,
  )
}
