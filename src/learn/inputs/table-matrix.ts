/** One matrix of the columns of a table. */

import { NDArray, shared } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { type ColumnSchema, TableColumns } from './table-columns.ts'

/** Values that are put together between two turns of the event loop. */
const valuesPerTurn = 1 << 20

/** Values of a block of rows whose columns are copied one after the other; they stay in the cache. */
const valuesPerBlock = 1 << 14

/**
 * What the columns of a matrix stand for. It is kept beside the arrays, which stay ordinary ones, so that a model that keeps its
 * matrix can be saved and sent.
 */
const columnsOfMatrices = new WeakMap<object, TableColumns>()

/** The columns of a table as an array, whose names and categories {@link columnsOfMatrix} knows. */
export interface TableMatrix {
  readonly matrix: NDArray<'float64'>
  /** Bytes of the copy; 0 when the columns are read where they lie. */
  readonly copiedBytes: number
}

/**
 * Makes the matrix of a table: a view of columns of float64 numbers that lie evenly spaced, else a copy in scratch memory.
 *
 * @returns a matrix to dispose of, unless a model keeps it
 * @throws OneCopyError `ERR_MEMORY`, `ERR_DETACHED`, `ERR_FORMAT` for damaged codes
 */
export async function makeTableMatrix(columns: TableColumns): Promise<TableMatrix> {
  for (const values of columns.arrays) requireAttached(values)
  const view = columns.view()
  const matrix = view ?? (await copyColumns(columns))
  columnsOfMatrices.set(matrix, columns)
  return { matrix, copiedBytes: view === undefined ? matrix.nbytes : 0 }
}

/** A view of a matrix with the names and categories of its columns, as after it came to a worker. */
export function nameMatrix(values: NDArray<'float64'>, schema: ColumnSchema): NDArray<'float64'> {
  const { shape, data, strides, offset, mapping } = values
  const matrix = new NDArray(shape, 'float64', data, { strides, offset, mapping })
  columnsOfMatrices.set(matrix, TableColumns.ofMatrix(schema, values))
  return matrix
}

/** The columns that a matrix stands for; undefined for other arrays. */
export function columnsOfMatrix(matrix: object): TableColumns | undefined {
  return columnsOfMatrices.get(matrix)
}

async function copyColumns(columns: TableColumns): Promise<NDArray<'float64'>> {
  const [n, d] = columns.shape
  const copy = shared([n, d], 'float64')
  try {
    await fillRows(columns, copy)
    return copy
  } catch (error) {
    copy[Symbol.dispose]()
    throw error
  }
}

async function fillRows(columns: TableColumns, copy: NDArray<'float64'>): Promise<void> {
  const [n, d] = columns.shape
  const step = Math.max(1, Math.floor(valuesPerBlock / Math.max(1, d)))
  let sinceTurn = 0
  for (let start = 0; start < n; start += step) {
    if (sinceTurn >= valuesPerTurn) {
      sinceTurn = 0
      await new Promise((resolve) => setImmediate(resolve))
      for (const values of columns.arrays) requireAttached(values)
    }
    const stop = Math.min(n, start + step)
    const first = copy.offset + start * d
    columns.fill(
      copy.data.subarray(first, first + (stop - start) * d),
      stop - start,
      (i) => start + i,
    )
    sinceTurn += (stop - start) * d
  }
}
