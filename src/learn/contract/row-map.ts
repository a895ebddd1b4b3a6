/** Maps of rows, which transformers apply block by block. */

import { countRows, type NDArray, zeros } from '../../arrays/index.ts'
import { requireAttached, requireMatrix, requireRows } from '../../arrays/internal.ts'
import { requireColumns, requirePredictOptions } from './base-estimator.ts'
import type { PredictOptions } from './estimator.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { requireOutput } from './write-output.ts'

/** A map of rows of `columns` values to rows of `width` values. */
export interface RowMap {
  /** Number of values in a row before the map, d. */
  readonly columns: number
  /** Number of values in a row after it, m. */
  readonly width: number
  /** Values of scratch for each row that the map uses itself; default: none. */
  readonly scratch?: number
  /**
   * Maps some rows.
   *
   * @param from - values, shape (count, d) in C order; not changed
   * @param to - for the results, shape (count, m) in C order
   * @param count - number of rows
   * @param rowAt - row numbers of these rows in `X`, for error texts
   */
  apply(
    from: Float64Array,
    to: Float64Array,
    count: number,
    rowAt: (i: number) => number,
  ): void | Promise<void>
}

/** A fitted transformer that can say how it maps blocks of rows. */
export interface RowMapper {
  /**
   * The learned map.
   *
   * @throws OneCopyError `ERR_NOT_FITTED`
   */
  rowMap(): RowMap
}

/**
 * Implements `transform`: reads `X` in blocks of a megabyte and writes the mapped rows, without any other copy.
 *
 * @returns `options.out`, or a new float64 array with one row for every chosen row
 * @throws OneCopyError `ERR_SHAPE`, `ERR_DETACHED`, and what the map throws
 */
export async function transformRows(
  transformer: object & RowMapper,
  X: ArrayInput,
  options: PredictOptions,
): Promise<NDArray> {
  requirePredictOptions(transformer, 'transform', options)
  const map = transformer.rowMap()
  const matrix = asArray(X, '`X`')
  const [n, columns] = requireMatrix(matrix, '`X`')
  requireColumns(transformer, columns, map.columns)
  const { out } = options
  if (out !== undefined) requireOutput(out, [n, map.width])
  const rows = requireRows(options.rows, n)
  const target = out ?? zeros([countRows(rows), map.width], 'float64')
  const width = Math.max(map.width, map.scratch ?? 0)
  let scratch: Float64Array | undefined
  // A map may read a value after it has written another one over it.
  const inPlace = out?.buffer === matrix.buffer
  for await (const block of readBlocks(matrix, rows, { width })) {
    const { count, values, position } = block
    requireAttached(target)
    const place = out === undefined ? position : contiguousFrom(block)
    const dense = place === undefined ? undefined : denseRows(target, place, count)
    const mapped =
      dense ?? (scratch ??= new Float64Array(count * map.width)).subarray(0, count * map.width)
    const pending = map.apply(inPlace ? values.slice() : values, mapped, count, block.rowAt)
    if (pending !== undefined) await pending
    requireAttached(target)
    if (dense === undefined)
      writeRows(mapped, target, count, out === undefined ? (i) => position + i : block.rowAt)
  }
  requireAttached(matrix)
  requireAttached(target)
  return target
}

/** The first row number of a block whose rows follow each other. */
function contiguousFrom({
  count,
  rowAt,
}: {
  count: number
  rowAt: (i: number) => number
}): number | undefined {
  for (let i = 1; i < count; i++) if (rowAt(i) !== rowAt(0) + i) return undefined
  return rowAt(0)
}

/** Rows of an array as one typed array, when they are float64 without gaps. */
function denseRows(
  { data, shape, strides, offset }: NDArray,
  first: number,
  count: number,
): Float64Array | undefined {
  const m = shape[1]!
  if (!(data instanceof Float64Array) || strides[0] !== m || (strides[1] !== 1 && m > 1))
    return undefined
  return data.subarray(offset + first * m, offset + (first + count) * m)
}

function writeRows(
  from: Float64Array,
  { data, shape, strides, offset }: NDArray,
  count: number,
  rowAt: (i: number) => number,
): void {
  const m = shape[1]!
  const [rowStride, columnStride] = strides as [number, number]
  for (let i = 0, source = 0; i < count; i++) {
    let at = offset + rowAt(i) * rowStride
    for (let j = 0; j < m; j++, at += columnStride) data[at] = from[source++]!
  }
}
