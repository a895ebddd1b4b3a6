/** Takes columns of a table as features without encoding them. */

import { shared } from '../../arrays/index.ts'
import {
  CategoryColumn,
  type Column,
  NumberColumn,
  type PlainColumn,
  plainColumn,
  plainTable,
  Table,
} from '../../tables/index.ts'
import { UsageError } from '../output/failure.ts'
import type { Input } from './input.ts'

/** Features and the target of the rows that have a target. */
export type KeptColumns = Pick<Input, 'y' | 'rows' | 'features' | 'sources'> & {
  readonly X: Table
}

/**
 * Takes columns as they are. Rows without a target are left out: then the others are copied, once.
 *
 * @param names - of the columns to learn from
 * @throws UsageError when no row has a target
 */
export function keepColumns(table: Table, names: readonly string[], target: string): KeptColumns {
  const plain = plainTable(table, [...names, target])
  const known = plain.column(target)
  const rows = rowsWithValue(known, table.rows)
  if (rows?.length === 0)
    throw new UsageError(
      `Expected a value of '${target}' in some row, got none in ${table.rows}. Name another column with --target.`,
    )
  const chosen = rows === undefined ? plain : takeRows(plain, [...names, target], rows)
  const values = plainColumn(chosen.column(target))
  return {
    X: chosen.select(names),
    // No row without a target is left.
    y: values.kind === 'number' ? values.values : (values.toArray() as string[]),
    rows,
    features: names,
    sources: names.map((name, j) => ({ name, range: [j, j + 1] })),
  }
}

/** Numbers of the rows that have a value, ascending; undefined: all have one. */
function rowsWithValue(column: Column, rows: number): Int32Array | undefined {
  if (column.missing === 0) return undefined
  const { data } = column.missingMask()
  return Int32Array.from({ length: rows }, (_, row) => row).filter((row) => data[row] === 0)
}

/** Copies some rows: columns of numbers into one piece of memory, and codes into another. */
function takeRows(table: Table, names: readonly string[], rows: Int32Array): Table {
  const columns = names.map((name) => plainColumn(table.column(name)))
  const count = (kind: Column['kind']): number =>
    columns.filter((column) => column.kind === kind).length
  const numbers = shared([count('number'), rows.length], 'float64')
  const codes = shared([count('category'), rows.length], 'int32')
  let [number, code] = [0, 0]
  const taken = columns.map((column) => {
    if (column.kind === 'number') {
      const to = numbers.row(number++)
      copyRows(column.values, rows, to)
      return new NumberColumn(column.name, to)
    }
    const to = codes.row(code++)
    copyRows(column.values, rows, to)
    return new CategoryColumn(column.name, to, column.categories)
  })
  return new Table(taken, rows.length, [numbers, codes])
}

function copyRows(
  { data, offset, strides: [stride = 1] }: PlainColumn['values'],
  rows: Int32Array,
  to: PlainColumn['values'],
): void {
  for (const [i, row] of rows.entries())
    to.data[to.offset + i] = Number(data[offset + row * stride])
}
