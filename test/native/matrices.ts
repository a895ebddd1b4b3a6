/** Matrices in every layout and element type, for the kernels' tests. */

import assert from 'node:assert/strict'
import type { KernelMatrix, KernelRows } from '../../src/native/index.ts'

const arrays = {
  bool: Uint8Array,
  int8: Int8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  uint8: Uint8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  float32: Float32Array,
  float64: Float64Array,
}

interface ElementArray {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike): NodeJS.TypedArray
}

/** Element types that kernels read. */
export type KernelDType = keyof typeof arrays

/** All of them. */
export const dtypes = Object.keys(arrays) as KernelDType[]

/** Where an element stands: the strides and offset of an n × d matrix in a larger buffer. */
export const layouts = {
  rows: (_n: number, d: number) => ({ offset: 0, rowStride: d, columnStride: 1 }),
  columns: (n: number, _d: number) => ({ offset: 0, rowStride: 1, columnStride: n }),
  offset: (_n: number, d: number) => ({ offset: 5, rowStride: d, columnStride: 1 }),
  gaps: (_n: number, d: number) => ({ offset: 3, rowStride: 2 * d + 1, columnStride: 2 }),
  padded: (_n: number, d: number) => ({ offset: 1, rowStride: d + 3, columnStride: 1 }),
  upward: (n: number, d: number) => ({ offset: (n - 1) * d, rowStride: -d, columnStride: 1 }),
  reversed: (n: number, d: number) => ({ offset: n * d - 1, rowStride: -d, columnStride: -1 }),
}

/** A name of {@link layouts}. */
export type Layout = keyof typeof layouts

/** A matrix whose elements are `value(i, j)`, in a buffer that holds nothing else but junk. */
export function makeMatrix(
  rows: number,
  columns: number,
  value: (i: number, j: number) => number,
  { dtype = 'float64', layout = 'rows', shared = false }: MatrixOptions = {},
): KernelMatrix {
  const place = layouts[layout](rows, columns)
  const length = (rows * columns + 8) * 3
  const Class: ElementArray = arrays[dtype]
  const bytes = length * Class.BYTES_PER_ELEMENT
  const data = new Class(shared ? new SharedArrayBuffer(bytes) : new ArrayBuffer(bytes))
  const put = (at: number, number: number): void => {
    if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(number)
    else data[at] = number
  }
  for (let at = 0; at < length; at++) put(at, 77)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++)
      put(place.offset + i * place.rowStride + j * place.columnStride, value(i, j))
  }
  return { data, dtype, rows, columns, ...place }
}

/** How {@link makeMatrix} stores its elements. */
export interface MatrixOptions {
  readonly dtype?: KernelDType
  readonly layout?: Layout
  readonly shared?: boolean
}

/** Element (i, j), as a number. */
export function at(matrix: KernelMatrix, i: number, j: number): number {
  return Number(matrix.data[matrix.offset + i * matrix.rowStride + j * matrix.columnStride])
}

/** Rows of ranges `[start, stop), [start, stop) …`. */
export function ranges(...bounds: number[]): KernelRows {
  return { ranges: Float64Array.from(bounds) }
}

/** Rows by their numbers. */
export function numbers(...list: number[]): KernelRows {
  return { numbers: Int32Array.from(list) }
}

/** The row numbers that a list of rows stands for. */
export function listRows(rows: KernelRows): number[] {
  if (rows.numbers !== undefined) return [...rows.numbers]
  const list: number[] = []
  const bounds = rows.ranges ?? []
  for (let i = 0; i < bounds.length; i += 2)
    for (let row = bounds[i]!; row < bounds[i + 1]!; row++) list.push(row)
  return list
}

/** Numbers in [0, 1) that look random and are the same in every run (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

/** Fails unless two numbers agree up to `tolerance`; NaN agrees with NaN. */
export function assertNear(got: number, expected: number, tolerance: number, what: string): void {
  if (Number.isNaN(expected) && Number.isNaN(got)) return
  if (got === expected) return
  assert.ok(Math.abs(got - expected) <= tolerance, `${what}: got ${got}, expected ${expected}`)
}

/** The bytes of results, to compare them exactly. */
export function bytesOf(results: object): string {
  return Object.values(results)
    .map((array: Float64Array) =>
      Buffer.from(array.buffer, array.byteOffset, array.byteLength).toString('base64'),
    )
    .join('\n')
}
