/** Reads rows from CSV, whose first line names the columns. */

import { badRequest } from '../http/request-error.ts'
import type { ColumnValues, FeatureRows } from '../model/feature-rows.ts'
import type { InputColumn } from '../model/served-model.ts'
import { defaultMissing } from '../../tables/index.ts'
import { placesOf } from './column-names.ts'
import type { RowSchema } from './read-json-rows.ts'
import { splitCsv } from './split-csv.ts'

const missing = new Set(defaultMissing)

/**
 * Reads a body. For a model that was fitted on an array there is a first line, too, unless all of it are numbers.
 *
 * @throws RequestError 400
 */
export function readCsvRows(body: Buffer, { columns, width }: RowSchema): FeatureRows {
  const lines = splitCsv(body.toString('utf8'))
  const first = lines[0]
  if (first === undefined) throw badRequest('Expected CSV with a line of names, got an empty body.')
  if (columns === undefined) {
    const rows = first.some((field) => Number.isNaN(numberOf(field))) ? lines.slice(1) : lines
    return matrixOf(rows, width ?? first.length, lines.length - rows.length)
  }
  const rows = lines.slice(1)
  for (const [row, fields] of rows.entries()) requireFields(fields, first.length, row)
  const names = first.map((name) => name.trim())
  const places = placesOf(
    columns.map(({ name }) => name),
    names,
  )
  return {
    kind: 'columns',
    count: rows.length,
    columns: columns.map((column, j) => readColumn(column, rows, places[j]!)),
  }
}

function matrixOf(rows: readonly string[][], width: number, skipped: number): FeatureRows {
  const values = new Float64Array(rows.length * width)
  for (const [row, fields] of rows.entries()) {
    requireFields(fields, width, row)
    for (let j = 0; j < width; j++)
      values[row * width + j] = requireNumber(fields[j]!, String(j), row)
  }
  if (rows.length === 0 && skipped === 0) throw badRequest('Expected rows in the CSV, got none.')
  return { kind: 'matrix', count: rows.length, width, values }
}

function readColumn(
  { name, categories }: InputColumn,
  rows: readonly string[][],
  place: number,
): ColumnValues {
  if (categories !== null)
    return rows.map((fields) => (missing.has(fields[place]!.trim()) ? null : fields[place]!))
  return Float64Array.from(rows, (fields, row) => requireNumber(fields[place]!, `'${name}'`, row))
}

function requireNumber(field: string, column: string, row: number): number {
  const text = field.trim()
  if (missing.has(text)) return NaN
  const number = numberOf(text)
  if (!Number.isNaN(number)) return number
  throw badRequest(
    `Expected a number in column ${column} of row ${row} (counted from 0), got '${text.slice(0, 80)}'.`,
  )
}

/** The number that a field is; NaN for a text. Hexadecimal and the like are texts, as in `readCsv`. */
function numberOf(field: string): number {
  const text = field.trim()
  return /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text) ? Number(text) : NaN
}

function requireFields(fields: readonly string[], expected: number, row: number): void {
  if (fields.length === expected) return
  throw badRequest(
    `Expected ${expected} fields in row ${row} (counted from 0) of the CSV, got ${fields.length}.`,
  )
}
