/** Groups rows of a table by the values of columns. */

import { array, type RowSelection } from '../../arrays/index.ts'
import { listRowNumbers, requireRows } from '../../arrays/internal.ts'
import { show } from '../../errors.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { isStringList, requireOptions } from '../../options.ts'
import type { Column } from '../columns/columns.ts'
import type { Table } from '../table/table.ts'
import { Groups } from './groups.ts'
import { makeRowNumbers, requireTable, tableCells } from './table-cells.ts'

/** Options of {@link groupRows}, {@link sortRows} and others. */
export interface SomeRowsOptions {
  /** Which rows take part. Default: all. */
  readonly rows?: RowSelection | undefined
}

/**
 * Groups rows by the values of one or more columns. Only combinations that occur make groups, so that memory is that of the rows and groups,
 * whatever the number of categories: one list of 4 bytes a row, or nothing where equal keys come in runs, as chromosomes do.
 *
 * @param table - fewer than 2^31 rows
 * @param names - columns of numbers, categories, dates or booleans
 * @param options - with `rows`, the groups hold those alone, ascending
 * @throws OneCopyError `ERR_INDEX` for a column that there isn't, or one of texts; `ERR_MEMORY`
 *
 * @example
 * ```ts
 * const table = await readCsv('matrix.tsv')
 * for (const { key, rows, size } of await groupRows(table, ['CHROM'])) console.log(key.CHROM, size, rows)
 * ```
 */
export async function groupRows(
  table: Table,
  names: string | readonly string[],
  options: SomeRowsOptions = {},
): Promise<Groups> {
  requireTable(table, 'groupRows')
  requireOptions<SomeRowsOptions>('groupRows', options, { rows: true })
  const list = requireNames(names)
  const columns = list.map((name) => table.column(name))
  const cells = columns.map((column) => tableCells(column, 'groupRows'))
  const chosen = chosenRows(options.rows, table.rows)
  const ascending = chosen && ascendingOf(chosen)
  const order = makeRowNumbers(ascending?.length ?? table.rows)
  const grouped = await native.groupTableRows(
    cells,
    table.rows,
    ascending ?? null,
    order.toTypedArray(),
    kernelThreads(),
  )
  const { isRuns, starts, sizes, firstRows, ranges } = grouped
  if (isRuns) order.mapping?.discard()
  const kept = isRuns ? array(ranges, { dtype: 'int32' }) : order
  return new Groups(table, list, { order: kept, isRuns, starts, sizes, firstRows })
}

/** Sizes and first rows of the groups of one or more columns; nothing is kept of which rows they hold. */
export async function countGroups(
  columns: readonly Column[],
  rows: RowSelection | undefined,
  operation: string,
): Promise<{ readonly sizes: Float64Array; readonly firstRows: Int32Array }> {
  const { size } = columns[0]!
  const cells = columns.map((column) => tableCells(column, operation))
  const chosen = chosenRows(rows, size) ?? null
  return native.groupTableRows(cells, size, chosen, null, kernelThreads())
}

/** The numbers of chosen rows; undefined for all. */
export function chosenRows(rows: RowSelection | undefined, n: number): Int32Array | undefined {
  return rows === undefined ? undefined : listRowNumbers(requireRows(rows, n))
}

function ascendingOf(rows: Int32Array): Int32Array {
  for (let i = 1; i < rows.length; i++) if (rows[i]! < rows[i - 1]!) return rows.toSorted()
  return rows
}

function requireNames(names: unknown): readonly string[] {
  if (typeof names === 'string') return [names]
  if (isStringList(names) && names.length > 0) return names
  throw new TypeError(
    `Expected names of columns, as in groupRows(table, ['city']), got ${show(names)}.`,
  )
}
