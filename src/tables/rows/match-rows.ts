/** Finds the row of another table with the same key. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { isStringList } from '../../options.ts'
import type { CategoryColumn } from '../columns/category-column.ts'
import type { Table } from '../table/table.ts'
import {
  type FixedColumn,
  makeRowNumbers,
  requireFixed,
  requireTable,
  tableCells,
} from './table-cells.ts'

/** Columns that must be equal: a name, several, or names on the left with those on the right. */
export type MatchColumns = string | readonly string[] | Readonly<Record<string, string>>

/**
 * Finds for each row of one table the row of another that has the same key, so that columns of the other one can be read through it without a
 * join.
 *
 * Equal numbers of different dtypes are equal, and so are equal texts of different categories. A missing value equals nothing.
 *
 * @param left - fewer than 2^31 rows
 * @param right - in which each key occurs once at most
 * @param on - columns of numbers, categories, dates of one unit or booleans
 * @returns a row number of `right` for each row of `left`, or -1, in shared memory, shape (rows of left), 4 bytes each
 * @throws OneCopyError `ERR_VALUE` for a key that occurs twice on the right, naming it and the rows; `ERR_INDEX` for a column that there
 *   isn't, one of texts, or two of different kinds
 *
 * @example
 * ```ts
 * const people = await readCsv('people.csv')
 * const cities = await readCsv('cities.csv')
 * const rowOf = await matchRows(people, cities, { city: 'name' })
 * const size = cities.column('inhabitants').get(rowOf.get(0)) // of the first one's city
 * ```
 */
export async function matchRows(
  left: Table,
  right: Table,
  on: MatchColumns,
): Promise<NDArray<'int32'>> {
  requireTable(left, 'matchRows')
  requireTable(right, 'matchRows')
  const pairs = requireOn(on).map(([a, b]) => requirePair(left, right, a, b))
  const out = makeRowNumbers(left.rows)
  const { first, second } = await native.matchTableRows(
    pairs.map(([column]) => tableCells(column, 'matchRows')),
    left.rows,
    pairs.map(([, column]) => tableCells(column, 'matchRows')),
    right.rows,
    pairs.map(([a, b]) =>
      a.kind === 'category' && b.kind === 'category' ? translate(a, b) : null,
    ),
    out.toTypedArray(),
    kernelThreads(),
  )
  if (first < 0) return out
  const key = pairs.map(([, column]) => `${column.name} ${column.text(first)}`).join(', ')
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected each key once in the right table, got ${key} in rows ${first} and ${second} (counted from 0). ` +
      'Keep one of them, with findRows and copyRows, or match by more columns.',
    { details: { first, second } },
  )
}

/** The code on the right of the text that each code on the left stands for, or -1. */
function translate(left: CategoryColumn, right: CategoryColumn): Int32Array {
  const codes = new Map(right.categories.map((text, code) => [text, code]))
  return Int32Array.from(left.categories, (text) => codes.get(text) ?? -1)
}

function requirePair(left: Table, right: Table, a: string, b: string): [FixedColumn, FixedColumn] {
  const one = requireFixed(left.column(a), 'matchRows')
  const other = requireFixed(right.column(b), 'matchRows')
  const nameOf = (column: FixedColumn): string =>
    column.kind === 'date' ? `date in '${column.unit}'` : column.kind
  if (nameOf(one) === nameOf(other)) return [one, other]
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected columns of one kind, got '${a}' of kind ${nameOf(one)} on the left and '${b}' of kind ${nameOf(other)} on the right.`,
    { details: { left: a, right: b } },
  )
}

function requireOn(on: unknown): [left: string, right: string][] {
  if (typeof on === 'string') return [[on, on]]
  if (isStringList(on) && on.length > 0) return on.map((name) => [name, name])
  if (typeof on === 'object' && on !== null && !Array.isArray(on)) {
    const pairs = Object.entries(on)
    if (pairs.length > 0 && pairs.every(([, name]) => typeof name === 'string')) return pairs
  }
  throw new TypeError(
    `Expected names of columns, as in 'id', ['chromosome', 'position'] or { city: 'name' }, got ${show(on)}.`,
  )
}
