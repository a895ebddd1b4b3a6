/** Orders rows of a table by columns. */

import type { NDArray } from '../../arrays/index.ts'
import { show } from '../../errors.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { requireOptions } from '../../options.ts'
import type { Table } from '../table/table.ts'
import { chosenRows, type SomeRowsOptions } from './group-rows.ts'
import { makeRowNumbers, requireTable, tableCells } from './table-cells.ts'

/** A column to sort by: its name, ascending; or with a direction. */
export type SortKey = string | { readonly name: string; readonly descending?: boolean }

/**
 * Orders rows by one or more columns, without moving them. Rows with equal values stay in their order, also when descending, and missing values
 * come last in both directions. Numbers and dates are ordered by value, categories as in their list, false before true. Takes up to 32 bytes of
 * memory a row while it sorts.
 *
 * @param table - fewer than 2^31 rows
 * @param by - the first column counts most
 * @returns row numbers in shared memory, shape (n), 4 bytes each, which every `rows` option takes
 * @throws OneCopyError `ERR_INDEX` for a column that there isn't, or one of texts; `ERR_MEMORY`
 *
 * @example
 * ```ts
 * const table = await readCsv('people.csv')
 * const order = await sortRows(table, ['city', { name: 'age', descending: true }])
 * const oldestFirst = await copyRows(table, order)
 * ```
 */
export async function sortRows(
  table: Table,
  by: SortKey | readonly SortKey[],
  options: SomeRowsOptions = {},
): Promise<NDArray<'int32'>> {
  requireTable(table, 'sortRows')
  requireOptions<SomeRowsOptions>('sortRows', options, { rows: true })
  const keys = (Array.isArray(by) ? (by as readonly SortKey[]) : [by as SortKey]).map(requireKey)
  const cells = keys.map(({ name }) => tableCells(table.column(name), 'sortRows'))
  const list = chosenRows(options.rows, table.rows) ?? null
  const order = makeRowNumbers(list?.length ?? table.rows)
  await native.sortTableRows(
    cells,
    keys.map(({ descending }) => descending),
    table.rows,
    list,
    order.toTypedArray(),
    kernelThreads(),
  )
  return order
}

function requireKey(key: SortKey): { name: string; descending: boolean } {
  if (typeof key === 'string') return { name: key, descending: false }
  const { name, descending = false } = (key ?? {}) as Partial<Exclude<SortKey, string>>
  if (typeof name === 'string' && typeof descending === 'boolean') return { name, descending }
  throw new TypeError(
    `Expected the name of a column, or one with a direction such as { name: 'age', descending: true }, got ${show(key)}.`,
  )
}
