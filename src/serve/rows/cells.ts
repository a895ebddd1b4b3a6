/** Checks single values that people send. */

import { showJson } from '../http/parse-json.ts'
import { badRequest } from '../http/request-error.ts'
import type { ColumnValues } from '../model/feature-rows.ts'
import type { InputColumn } from '../model/served-model.ts'

/**
 * Reads a value of JSON as a number; null is a missing value.
 *
 * @param column - name or place, for the error text
 * @throws RequestError 400
 */
export function numberCell(value: unknown, column: string, row: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (value === null) return NaN
  if (typeof value === 'boolean') return value ? 1 : 0
  throw badRequest(
    `Expected a number in column ${column} of row ${row} (counted from 0), got ${showJson(value)}.`,
  )
}

/** Reads a value of JSON as a text; null is a missing value, and numbers are texts as they are written. */
export function textCell(value: unknown, column: string, row: number): string | null {
  if (typeof value === 'string' || value === null) return value
  if (typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)))
    return String(value)
  throw badRequest(
    `Expected a text in column ${column} of row ${row} (counted from 0), got ${showJson(value)}.`,
  )
}

/**
 * Reads a column.
 *
 * @param valueAt - the value of a row
 */
export function readColumn(
  { name, categories }: InputColumn,
  count: number,
  valueAt: (row: number) => unknown,
): ColumnValues {
  const shown = `'${name}'`
  if (categories !== null)
    return Array.from({ length: count }, (_, row) => textCell(valueAt(row), shown, row))
  const numbers = new Float64Array(count)
  for (let row = 0; row < count; row++) numbers[row] = numberCell(valueAt(row), shown, row)
  return numbers
}
