/** Maps of rows, which transformers apply block by block. */

import { NDArray, type Rows } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { isOverridden } from './overridden-methods.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import type { TableColumns } from '../inputs/table-columns.ts'
import type { AffineMap } from '../statistics/column-maps.ts'

/** A map of rows of `columns` values to rows of `width` values. */
export interface RowMap {
  /** Number of values in a row before the map, d. */
  readonly columns: number
  /** Number of values in a row after it, m. */
  readonly width: number
  /** Values of scratch for each row that the map uses itself; default: none. */
  readonly scratch?: number
  /** The same map as one of every column by itself, when it is that. */
  readonly affine?: AffineMap
  /**
   * Maps some rows. It may be called again before an earlier call has resolved.
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
  /**
   * The map of the rows of the last `fit`, for steps and learners that are fitted on its results. It may depend on the
   * row, as means of other folds do. Default: the learned map.
   */
  trainingMap?(): RowMap
}

/** The map of the rows of the last `fit`. */
export function trainingMapOf(mapper: RowMapper): RowMap {
  return mapper.trainingMap?.() ?? mapper.rowMap()
}

/** The map (x - shift) / scale of every column by itself. */
export function affineRowMap(affine: AffineMap): RowMap {
  const { shift, scale } = affine
  const columns = scale.length
  return {
    affine,
    columns,
    width: columns,
    apply(from, to, count) {
      for (let i = 0, at = 0; i < count; i++)
        for (let j = 0; j < columns; j++, at++) to[at] = (from[at]! - shift[j]!) / scale[j]!
    },
  }
}

/** Tells whether a transformer maps blocks of rows. A subclass with a `transform` of its own doesn't. */
export function isRowMapper(value: object): value is RowMapper {
  return (
    'rowMap' in value &&
    typeof value.rowMap === 'function' &&
    !isOverridden(value, 'transform', 'rowMap')
  )
}

/**
 * Writes mapped rows of `X` in blocks.
 *
 * @param rows - checked rows of `X`
 * @param target - float64 or float32, any strides
 * @param place - `'own'` writes row i of `X` to row i of the target, `'packed'` the rows one after the other
 * @returns the target
 * @throws OneCopyError `ERR_DETACHED`, and what the map throws
 */
export async function writeMapped<T extends NDArray>(
  X: NDArray | TableColumns,
  rows: Rows,
  map: RowMap,
  target: T,
  place: 'own' | 'packed' = 'own',
): Promise<T> {
  const width = Math.max(map.width, map.scratch ?? 0)
  let scratch = new Float64Array(0)
  // A map may read a value after it has written another one over it.
  const inPlace = X instanceof NDArray && target.buffer === X.buffer
  for await (const block of readBlocks(X, rows, { width })) {
    const { count, values, position, rowAt } = block
    requireAttached(target)
    const first = place === 'packed' ? position : contiguousFrom(block)
    const dense = first === undefined ? undefined : denseRows(target, first, count)
    const length = count * map.width
    if (dense === undefined && scratch.length < length) scratch = new Float64Array(length)
    const mapped = dense ?? scratch.subarray(0, length)
    const pending = map.apply(inPlace ? values.slice() : values, mapped, count, rowAt)
    if (pending !== undefined) await pending
    requireAttached(target)
    if (dense === undefined)
      writeRows(mapped, target, count, place === 'packed' ? (i) => position + i : rowAt)
  }
  for (const values of X instanceof NDArray ? [X] : X.arrays) requireAttached(values)
  requireAttached(target)
  return target
}

/**
 * The map that applies maps one after the other, with a scratch of its own for what is between them.
 *
 * @param maps - at least one; the width of each is the number of columns of the next
 */
export function composeRowMaps(maps: readonly RowMap[]): RowMap {
  const [first] = maps
  if (maps.length === 1) return first!
  const last = maps.at(-1)!
  const widths = maps.map(({ width, scratch = 0 }) => Math.max(width, scratch))
  // Scratch that no call uses at the moment: two predictions at once must not share it.
  const idle: Float64Array[][] = []
  return {
    columns: first!.columns,
    width: last.width,
    scratch: Math.max(...widths),
    async apply(from, to, count, rowAt) {
      const between = idle.pop() ?? []
      let values = from
      for (const [step, map] of maps.entries()) {
        const mapped = map === last ? to : takeScratch(between, step, count * map.width)
        await map.apply(values, mapped, count, rowAt)
        values = mapped
      }
      idle.push(between)
    },
  }
}

/** So many values of the scratch of a step, which is made larger when they don't fit. */
function takeScratch(between: Float64Array[], step: number, length: number): Float64Array {
  const own = between[step]
  if (own !== undefined && own.length >= length) return own.subarray(0, length)
  return (between[step] = new Float64Array(length))
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
