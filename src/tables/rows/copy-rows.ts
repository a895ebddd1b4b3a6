/** Copies rows of a table to a new one. */

import {
  countRows,
  type NDArray,
  type Rows,
  type RowSelection,
  shared,
} from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, listRowNumbers, requireRows } from '../../arrays/internal.ts'

import { OneCopyError } from '../../errors.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { Column } from '../columns/columns.ts'
import { TextColumn } from '../columns/text-column.ts'
import { Table } from '../table/table.ts'
import { makeShared, sameKind } from './same-kind.ts'
import { type FixedColumn, requireTable, tableCells } from './table-cells.ts'

/**
 * Copies rows to a new table in shared memory. All other functions for rows choose them without a copy, and every model takes a table and
 * `rows`; this one is for rows that are few, or used often in another order.
 *
 * @param table - fewer than 2^31 rows
 * @param rows - in any order; a row that comes twice is copied twice
 * @returns a table of its own memory, with columns of the same kinds and dtypes
 * @throws OneCopyError `ERR_INDEX` for a row that there isn't, `ERR_MEMORY`
 *
 * @example
 * ```ts
 * const table = await readCsv('people.csv')
 * const adults = await copyRows(table, await findRows(table, { age: { from: 18 } }))
 * ```
 */
export async function copyRows(table: Table, rows: RowSelection): Promise<Table> {
  requireTable(table, 'copyRows')
  const chosen = requireRows(rows, table.rows)
  const count = countRows(chosen)
  const fixed = table.columns.filter((column): column is FixedColumn => column.kind !== 'text')
  const copies = fixed.map((column) => {
    const values = makeShared(count, column.values.dtype)
    const bits = column.validity === undefined ? undefined : makeShared((count + 7) >>> 3, 'uint8')
    return { column, values, bits }
  })
  await native.takeTableRows(
    copies.map(({ column, values, bits }) => ({
      ...tableCells(column, 'copyRows'),
      out: kernelMatrix(values),
      outValidity: bits?.toTypedArray() ?? null,
    })),
    table.rows,
    kernelRows(chosen),
    kernelThreads(),
  )
  const made = new Map<Column, Column>(
    copies.map(({ column, values, bits }) => [column, sameKind(column, column.name, values, bits)]),
  )
  const columns = table.columns.map((column) =>
    column.kind === 'text' ? copyTexts(column, chosen) : made.get(column)!,
  )
  return new Table(columns, count)
}

function copyTexts(column: TextColumn, rows: Rows): TextColumn {
  const list = listRowNumbers(rows)
  const { offsets, bytes } = column
  const starts = offsets.toTypedArray()
  const from = bytes.toTypedArray()
  const isMissing = column.missingTest()
  let [total, missing] = [0, 0]
  for (const row of list) {
    if (isMissing(row)) missing++
    else total += lengthOf(column, starts, from.length, row)
  }
  const isLong = total > 2 ** 31 - 1
  const newOffsets: NDArray<'int32' | 'int64'> = shared(
    [list.length + 1],
    isLong ? 'int64' : 'int32',
  )
  const newBytes = makeShared(total, 'uint8')
  const bits = missing > 0 ? makeShared((list.length + 7) >>> 3, 'uint8') : undefined
  const [places, to, marks] = [
    newOffsets.toTypedArray(),
    newBytes.toTypedArray(),
    bits?.toTypedArray(),
  ]
  let at = 0
  for (const [i, row] of list.entries()) {
    if (!isMissing(row)) {
      const start = Number(starts[row]!)
      to.set(from.subarray(start, Number(starts[row + 1]!)), at)
      at += Number(starts[row + 1]!) - start
      if (marks !== undefined) marks[i >>> 3]! |= 1 << (i & 7)
    }
    places[i + 1] = (isLong ? BigInt(at) : at) as never
  }
  return new TextColumn(column.name, { offsets: newOffsets, bytes: newBytes }, { validity: bits })
}

function lengthOf(
  { name }: TextColumn,
  starts: ArrayLike<number | bigint>,
  bytes: number,
  row: number,
): number {
  const [from, to] = [Number(starts[row]!), Number(starts[row + 1]!)]
  if (from >= 0 && from <= to && to <= bytes) return to - from
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected the text in row ${row} (counted from 0) of column '${name}' inside of its ${bytes} bytes, got bytes ` +
      `${from} to ${to}. Its offsets are damaged.`,
    { details: { column: name, row } },
  )
}
