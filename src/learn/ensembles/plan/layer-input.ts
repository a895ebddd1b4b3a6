/** What a layer learns from: the layer before, and columns beside. */

import { countRows, type NDArray, type Rows, shared, toRowNumbers } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import type { ColumnSchema } from '../../inputs/table-columns.ts'
import { nameMatrix } from '../../inputs/table-matrix.ts'

/** Rows that a layer reads, and the names of their columns. */
export interface LayerInput {
  /** Shape (n, d), of later layers in scratch memory; with names where `schema` is learned. */
  readonly X: NDArray
  /** The same without names. */
  readonly matrix: NDArray
  /** Names and categories of the columns; those of an array are named by their numbers: `x0`, `x1` … */
  readonly schema: ColumnSchema
}

/** The rows that the first layer reads. */
export function firstInput(X: NDArray): LayerInput {
  const [, d] = X.shape as [number, number]
  const numbers = [...Array(d).keys()]
  const named = { names: numbers.map((i) => `x${i}`), categories: numbers.map(() => null) }
  return { X, matrix: X, schema: columnsOf(X) ?? named }
}

/**
 * Numbers of the columns that a layer hands on.
 *
 * @param chosen - numbers or names
 * @throws OneCopyError `ERR_INDEX` for a column that is not there
 */
export function propagatedColumns(
  chosen: readonly (number | string)[],
  { names }: ColumnSchema,
): number[] {
  return chosen.map((one) => {
    const column = typeof one === 'string' ? names.indexOf(one) : one
    if (column >= 0 && column < names.length) return column
    const got = typeof one === 'string' ? `'${one}'` : one
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected \`propagateFeatures\` to name columns of the layer or to number them from 0 to ${names.length - 1}, got ${got}.`,
      { details: { column: one } },
    )
  })
}

/**
 * Joins columns of a layer's input and its predictions to the input of the next layer.
 *
 * @param names - of the columns of `Z`
 * @param rows - those that are read; default: all
 * @returns `Z` itself when no columns are handed on
 */
export function nextInput(
  { X, schema }: LayerInput,
  columns: readonly number[],
  Z: NDArray<'float64'>,
  names: readonly string[],
  rows?: Rows,
): LayerInput {
  const joined = {
    names: uniqueNames([...columns.map((column) => schema.names[column]!), ...names]),
    categories: [...columns.map((column) => schema.categories[column]!), ...names.map(() => null)],
  }
  const matrix = columns.length === 0 ? Z : joinColumns(X, columns, Z, rows)
  return { X: nameMatrix(matrix, joined), matrix, schema: joined }
}

/** Chosen columns to the left of `Z`, in scratch memory; of `X` only some rows, by default all. */
export function joinColumns(
  X: NDArray,
  columns: readonly number[],
  Z: NDArray<'float64'>,
  rows?: Rows,
): NDArray<'float64'> {
  const [n, width] = Z.shape as [number, number]
  const joined = shared([n, columns.length + width], 'float64')
  const numbers = rows === undefined || countRows(rows) === n ? undefined : toRowNumbers(rows)
  for (const [to, from] of columns.entries()) copyColumn(X.column(from), joined.column(to), numbers)
  for (let k = 0; k < width; k++) copyColumn(Z.column(k), joined.column(columns.length + k))
  return joined
}

function copyColumn(from: NDArray, to: NDArray<'float64'>, rows?: Int32Array): void {
  const { data, offset, strides } = to
  const [stride] = strides as [number]
  const source = from.data
  const [step] = from.strides as [number]
  if (rows !== undefined) {
    for (let i = 0; i < rows.length; i++)
      data[offset + rows[i]! * stride] = Number(source[from.offset + rows[i]! * step])
    return
  }
  for (let row = 0, at = offset, read = from.offset; row < from.size; row++) {
    data[at] = Number(source[read])
    at += stride
    read += step
  }
}

/** Names that occur once: a column that is handed on may have the name of a learner. */
function uniqueNames(names: readonly string[]): string[] {
  const taken = new Set<string>()
  return names.map((wanted) => {
    let name = wanted
    for (let number = 2; taken.has(name); number++) name = `${wanted}-${number}`
    taken.add(name)
    return name
  })
}
