/** Columns and memory as the native kernels for tables take them. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { kernelMatrix } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { TableCells } from '../../native/index.ts'
import type { Column } from '../columns/columns.ts'
import type { TextColumn } from '../columns/text-column.ts'
import { Table } from '../table/table.ts'

/** A column whose values have a fixed width. */
export type FixedColumn = Exclude<Column, TextColumn>

/** Row numbers have 32 bits. */
const mostRows = 2 ** 31 - 1

/**
 * A column for a kernel, without a copy.
 *
 * @param operation - what asks for it, for the error text
 * @throws OneCopyError `ERR_INDEX` for texts, naming what turns them into categories; `ERR_DETACHED`
 */
export function tableCells(column: Column, operation: string): TableCells {
  const { values } = requireFixed(column, operation)
  const { validity } = column
  return {
    values: kernelMatrix(values),
    validity: validity === undefined ? null : validity.toTypedArray(),
    isCode: column.kind === 'category',
  }
}

/** @throws OneCopyError `ERR_INDEX` for texts */
export function requireFixed(column: Column, operation: string): FixedColumn {
  if (column.kind !== 'text') return column
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected a column of numbers, categories, dates or booleans in ${operation}, got texts in column '${column.name}'. ` +
      `Make it a category once: table.withColumn(table.column('${column.name}', 'text').toCategories()).`,
    { details: { column: column.name, kind: column.kind } },
  )
}

/** @throws TypeError for anything but a table; OneCopyError `ERR_SHAPE` for more rows than row numbers of 32 bits can name */
export function requireTable(table: unknown, operation: string): Table {
  if (!(table instanceof Table))
    throw new TypeError(
      `Expected a Table as the first argument of ${operation}, got ${show(table)}.`,
    )
  if (table.rows <= mostRows) return table
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected a table of at most ${mostRows} rows in ${operation}, got ${table.rows}. Split it by rows first.`,
    { details: { rows: table.rows } },
  )
}

/** Shared memory for so many row numbers. Pages that nothing is written to take no memory. */
export function makeRowNumbers(count: number): NDArray<'int32'> {
  return shared([Math.max(1, count)], 'int32').rows(0, count)
}
