/** Rows to predict, as they come from requests. */

import { array, type NDArray, zeros } from '../../arrays/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../tables/index.ts'

/** Values of one column: numbers, NaN where there is none; or texts, null where there is none. */
export type ColumnValues = Float64Array | readonly (string | null)[]

/** Rows for a model that was fitted on an array. */
export interface MatrixRows {
  readonly kind: 'matrix'
  readonly count: number
  /** Numbers of one row. */
  readonly width: number
  /** Row by row, `count * width` of them; a list where they were sent as one. */
  readonly values: Float64Array | readonly number[]
}

/** Rows for a model that was fitted on a table: one list of values for each of its columns, in its order. */
export interface ColumnRows {
  readonly kind: 'columns'
  readonly count: number
  readonly columns: readonly ColumnValues[]
}

/** Rows to predict. */
export type FeatureRows = MatrixRows | ColumnRows

/**
 * Joins rows of several requests for one model.
 *
 * @param parts - at least one, all of one kind and width; a single one is returned itself
 */
export function joinRows(parts: readonly FeatureRows[]): FeatureRows {
  const first = parts[0]!
  if (parts.length === 1) return first
  const count = parts.reduce((sum, part) => sum + part.count, 0)
  if (first.kind === 'matrix') {
    const values = new Float64Array(count * first.width)
    let at = 0
    for (const part of parts as readonly MatrixRows[]) {
      const { values: own } = part
      // Lists of few numbers are copied faster by a loop than by the engine.
      if (own instanceof Float64Array) values.set(own, at)
      else for (let i = 0; i < own.length; i++) values[at + i] = own[i]!
      at += own.length
    }
    return { kind: 'matrix', count, width: first.width, values }
  }
  const lists = parts as readonly ColumnRows[]
  const columns = first.columns.map((_, j) => joinColumn(lists.map((part) => part.columns[j]!)))
  return { kind: 'columns', count, columns }
}

function joinColumn(parts: readonly ColumnValues[]): ColumnValues {
  if (!(parts[0] instanceof Float64Array)) return (parts as (string | null)[][]).flat()
  const lists = parts as readonly Float64Array[]
  const joined = new Float64Array(lists.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const list of lists) {
    joined.set(list, at)
    at += list.length
  }
  return joined
}

/**
 * Rows in the form that estimators take: an array over the same memory, or a table.
 *
 * @param names - of the columns, in their order
 */
export function toFeatures(rows: FeatureRows, names: readonly string[]): NDArray | Table {
  if (rows.kind === 'matrix') {
    const { values, count, width } = rows
    const numbers = values instanceof Float64Array ? values : new Float64Array(values)
    return array(numbers, { shape: [count, width] })
  }
  // Numbers lie in one matrix, which learners of numbers read as it is.
  const matrix = zeros([rows.count, rows.columns.length], 'float64')
  const columns = rows.columns.map((values, j) => {
    if (!(values instanceof Float64Array)) return encodeTexts(names[j]!, values)
    const column = matrix.column(j)
    for (let i = 0, at = j; i < values.length; i++, at += rows.columns.length)
      matrix.data[at] = values[i]!
    return new NumberColumn(names[j]!, column)
  })
  return new Table(columns, rows.count)
}

function encodeTexts(name: string, texts: readonly (string | null)[]): CategoryColumn {
  const places = new Map<string, number>()
  const codes = new Int32Array(texts.length)
  for (const [i, text] of texts.entries()) {
    if (text === null) {
      codes[i] = -1
      continue
    }
    let place = places.get(text)
    if (place === undefined) places.set(text, (place = places.size))
    codes[i] = place
  }
  return new CategoryColumn(name, array(codes), [...places.keys()])
}
