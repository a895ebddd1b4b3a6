/** Reads elements of any dtype as blocks of float64. */

import { isBigInt, type TypedArrayOf } from '../layout/dtype.ts'
import { type Elements, zeroElements } from '../layout/elements.ts'
import { countElements, cStrides } from '../layout/layout.ts'
import { gatherRange } from './element-ranges.ts'
import { mergeAxes } from './merge-axes.ts'

/** Elements of a block. Two or three blocks of float64 fit the second cache of a core. */
export const blockSize = 4096

/** A part of elements, seen as a matrix of rows in C order. */
export interface MatrixBox {
  /** First row. */
  readonly row: number
  readonly rows: number
  /** First column. */
  readonly column: number
  readonly columns: number
  /** Columns of the whole matrix. */
  readonly width: number
}

/**
 * Reads elements block by block, so that every loop over them is a loop over a Float64Array, which V8 compiles once. Numbers
 * are read exactly, but for 64-bit integers beyond 2^53, which become the nearest float64.
 */
export class NumberReader {
  /** What was read last: element `i, j` of the box is `data[i * step + j]`. */
  data: Float64Array
  step = 0
  readonly #elements: Elements
  readonly #isFlat: boolean
  /** Converted elements; none when the memory itself is read. */
  readonly #block: Float64Array
  /** Gathered elements of their own type. */
  readonly #gathered: TypedArrayOf | undefined

  constructor(elements: Elements, capacity = blockSize) {
    const { dtype, data } = elements
    this.#elements = { dtype, data, ...mergeAxes(elements) }
    const { shape, strides } = this.#elements
    this.#isFlat = shape.length === 0 || (shape.length === 1 && strides[0] === 1)
    const isRead = this.#isFlat && dtype === 'float64'
    const room = Math.min(capacity, Math.max(1, countElements(shape)))
    this.#block = isRead ? (data as Float64Array) : new Float64Array(room)
    if (!this.#isFlat && dtype !== 'float64') this.#gathered = zeroElements(dtype, [room]).data
    this.data = this.#block
    if (shape.length !== 1 || strides[0] !== 0) return
    this.readRange(0, room)
    this.#isConstant = true
  }

  /** Whether all elements are one, of which the block is full. */
  #isConstant = false

  /** Reads elements `from` up to `from + count` of C order; at most `capacity`. */
  readRange(from: number, count: number): void {
    this.readBox({ row: 0, rows: 1, column: from, columns: count, width: 0 })
  }

  /** Reads a box of at most `capacity` elements. */
  readBox({ row, rows, column, columns, width }: MatrixBox): void {
    const first = row * width + column
    if (this.#block === this.#elements.data) {
      // A part of the memory, so that loops count from 0: V8 is fast only with indices below 2^31.
      const start = this.#elements.offset + first
      this.data = this.#block.subarray(start, start + (rows - 1) * width + columns)
      this.step = width
      return
    }
    this.step = columns
    if (this.#isConstant) return
    if (columns === width) this.#convert(first, rows * columns, 0)
    else for (let i = 0; i < rows; i++) this.#convert(first + i * width, columns, i * columns)
  }

  #convert(from: number, count: number, at: number): void {
    const { dtype, data, offset } = this.#elements
    if (dtype === 'float64') {
      gatherRange(this.#elements, [from, count], this.#block, at)
      return
    }
    let source = data
    let start = offset + from
    if (this.#gathered !== undefined) {
      source = this.#gathered
      start = 0
      gatherRange(this.#elements, [from, count], source)
    }
    if (isBigInt(dtype)) convertWords(source as BigInt64Array, start, this.#block, [at, count])
    else this.#block.set((source as Int32Array).subarray(start, start + count), at)
  }
}

/** 64-bit integers as the nearest float64: both words are exact, and their sum is rounded once. */
function convertWords(
  source: BigInt64Array | BigUint64Array,
  start: number,
  target: Float64Array,
  [at, count]: readonly [at: number, count: number],
): void {
  const { buffer, byteOffset, length } = source
  const low = new Uint32Array(buffer, byteOffset, length * 2)
  const high =
    source instanceof BigInt64Array ? new Int32Array(buffer, byteOffset, length * 2) : low
  for (let i = 0; i < count; i++) {
    const word = (start + i) * 2
    target[at + i] = high[word + 1]! * 2 ** 32 + low[word]!
  }
}

/** The words of 64-bit integers as elements of their own; their value is `high * 2^32 + low`. */
export function wordsOf(elements: Elements): { low: Elements; high: Elements } {
  const { dtype, data, shape } = elements
  const { buffer, byteOffset, length } = data
  const strides = elements.strides.map((stride) => stride * 2)
  const offset = elements.offset * 2
  const unsigned = new Uint32Array(buffer, byteOffset, length * 2)
  const low: Elements = { dtype: 'uint32', data: unsigned, shape, strides, offset }
  const high: Elements =
    dtype === 'uint64'
      ? { ...low, offset: offset + 1 }
      : {
          ...low,
          dtype: 'int32',
          data: new Int32Array(buffer, byteOffset, length * 2),
          offset: offset + 1,
        }
  return { low, high }
}

/** A constant as elements of a shape. */
export function constantElements(value: number, shape: readonly number[]): Elements<'float64'> {
  const strides = cStrides(shape).fill(0)
  return { dtype: 'float64', data: Float64Array.of(value), shape, strides, offset: 0 }
}
