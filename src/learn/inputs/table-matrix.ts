/** One matrix of the columns of a table. */

import { NDArray, shared } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { type ColumnSchema, TableColumns } from './table-columns.ts'

/** Values that are put together between two turns of the event loop. */
const valuesPerTurn = 1 << 20

/** Values of a block of rows whose columns are copied one after the other; they stay in the cache. */
const valuesPerBlock = 1 << 14

/** The columns of a table as an array, which still knows their names and categories. */
export class TableMatrix extends NDArray<'float64'> {
  /** The columns that it stands for. */
  readonly columns: TableColumns
  /** Bytes of the copy; 0 when the columns are read where they lie. */
  readonly copiedBytes: number

  private constructor(values: NDArray<'float64'>, columns: TableColumns, copiedBytes: number) {
    const { shape, data, strides, offset, mapping } = values
    super(shape, 'float64', data, { strides, offset, mapping, isOwner: copiedBytes > 0 })
    this.columns = columns
    this.copiedBytes = copiedBytes
  }

  /**
   * Makes the matrix: a view of columns of float64 numbers that lie evenly spaced, else a copy in scratch memory.
   *
   * @throws OneCopyError `ERR_MEMORY`, `ERR_DETACHED`, `ERR_FORMAT` for damaged codes
   */
  static async of(columns: TableColumns): Promise<TableMatrix> {
    for (const values of columns.arrays) requireAttached(values)
    const view = columns.view()
    if (view !== undefined) return new TableMatrix(view, columns, 0)
    const copy = await copyColumns(columns)
    return new TableMatrix(copy, columns, copy.nbytes)
  }

  /** A matrix with the names and categories of its columns again, after it came to a worker. */
  static named(values: NDArray<'float64'>, schema: ColumnSchema): TableMatrix {
    return new TableMatrix(values, TableColumns.ofMatrix(schema, values), 0)
  }
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
