/** Reads rows from JSON: objects with names of columns, or lists. */

import { isObject, parseJson, showJson } from '../http/parse-json.ts'
import { badRequest } from '../http/request-error.ts'
import type { FeatureRows } from '../model/feature-rows.ts'
import type { InputColumn, ServedModel } from '../model/served-model.ts'
import { suggestNames } from '../../nearest-names.ts'
import { numberCell, readColumn } from './cells.ts'

/** What rows are checked against. */
export type RowSchema = Pick<ServedModel, 'columns' | 'width'>

/**
 * Reads a body.
 *
 * @returns rows of the list, or of `rows` in an object; an object of columns is one row
 * @throws RequestError 400
 */
export function readJsonRows(body: Buffer, schema: RowSchema): FeatureRows {
  const parsed = parseJson(body)
  const list = listOf(parsed)
  const { columns, width } = schema
  if (columns === undefined) return matrixOf(list, width)
  if (list.length > 0 && Array.isArray(list[0])) return columnsOfLists(list, columns)
  return columnsOfObjects(list, columns)
}

function listOf(parsed: unknown): readonly unknown[] {
  if (Array.isArray(parsed)) {
    // A list of numbers or texts is one row.
    const first: unknown = parsed[0]
    return parsed.length > 0 && (typeof first !== 'object' || first === null) ? [parsed] : parsed
  }
  if (!isObject(parsed)) throw badRequest(`Expected a list of rows, got ${showJson(parsed)}.`)
  const rows = Object.hasOwn(parsed, 'rows') ? parsed['rows'] : [parsed]
  if (Array.isArray(rows)) return rows
  throw badRequest(`Expected \`rows\` to be a list, got ${showJson(rows)}.`)
}

function matrixOf(list: readonly unknown[], expected: number | undefined): FeatureRows {
  const width = expected ?? (Array.isArray(list[0]) ? list[0].length : 0)
  const values = new Float64Array(list.length * width)
  for (const [row, one] of list.entries()) {
    if (!Array.isArray(one))
      throw badRequest(
        `Expected row ${row} (counted from 0) to be a list of ${width} numbers, since the model was fitted on an array without names, got ${showJson(one)}.`,
      )
    requireWidth(one, width, row)
    for (let j = 0; j < width; j++) values[row * width + j] = numberCell(one[j], String(j), row)
  }
  return { kind: 'matrix', count: list.length, width, values }
}

function columnsOfLists(list: readonly unknown[], columns: readonly InputColumn[]): FeatureRows {
  for (const [row, one] of list.entries()) {
    if (!Array.isArray(one))
      throw badRequest(`Expected row ${row} to be a list like the first, got ${showJson(one)}.`)
    requireWidth(one, columns.length, row)
  }
  const rows = list as readonly (readonly unknown[])[]
  return {
    kind: 'columns',
    count: rows.length,
    columns: columns.map((column, j) => readColumn(column, rows.length, (row) => rows[row]![j])),
  }
}

function columnsOfObjects(list: readonly unknown[], columns: readonly InputColumn[]): FeatureRows {
  for (const [row, one] of list.entries())
    if (!isObject(one))
      throw badRequest(
        `Expected row ${row} (counted from 0) to be an object with the names of columns, got ${showJson(one)}.`,
      )
  const rows = list as readonly Readonly<Record<string, unknown>>[]
  return {
    kind: 'columns',
    count: rows.length,
    columns: columns.map((column) =>
      readColumn(column, rows.length, (row) => {
        const one = rows[row]!
        if (Object.hasOwn(one, column.name)) return one[column.name]
        throw badRequest(
          `Expected a column '${column.name}' in row ${row} (counted from 0), got none; null is a missing value. ` +
            suggestNames(column.name, Object.keys(one)),
        )
      }),
    ),
  }
}

function requireWidth(one: readonly unknown[], width: number, row: number): void {
  if (one.length === width) return
  throw badRequest(
    `Expected ${width} values in row ${row} (counted from 0), as when the model was fitted, got ${one.length}.`,
  )
}
