/** Values of columns on their way from the log to a table. */

import { type BlockColumn, type ColumnMemory, type ColumnPlace, noInteger } from './block-layout.ts'
import { writeBytes } from '../columns/scratch-bytes.ts'

/** One piece of memory as values of every width. */
export class MemoryViews {
  readonly #numbers: Float64Array
  readonly #integers: BigInt64Array
  readonly #wideCodes: Int32Array
  readonly #middleCodes: Int16Array
  readonly #shortCodes: Int8Array

  /** @param buffer - a multiple of 8 bytes */
  constructor(buffer: ArrayBufferLike) {
    this.#numbers = new Float64Array(buffer)
    this.#integers = new BigInt64Array(buffer)
    this.#wideCodes = new Int32Array(buffer)
    this.#middleCodes = new Int16Array(buffer)
    this.#shortCodes = new Int8Array(buffer)
  }

  /** All of it as values of one width. */
  values({ width, isWide = false }: BlockColumn): ColumnMemory {
    if (width === 8) return isWide ? this.#integers : this.#numbers
    if (width === 4) return this.#wideCodes
    return width === 2 ? this.#middleCodes : this.#shortCodes
  }
}

/** Copies `count` values from `start` on to row `row` of a column, whose dtype may be wider. */
export function putValues(
  target: ColumnPlace,
  row: number,
  values: ColumnMemory,
  start: number,
  count: number,
): void {
  const { data } = target.memory
  const place = target.start + row
  const size = data.BYTES_PER_ELEMENT
  if (data instanceof BigInt64Array !== values instanceof BigInt64Array)
    return convert(data as Float64Array | BigInt64Array, place, values, start, count)
  // Few values are copied one by one: a system call, or a view of them, would cost more.
  if (count * size < 4096)
    for (let i = 0; i < count; i++) data[place + i] = values[start + i]! as never
  else {
    const part = values.subarray(start, start + count)
    if (part.BYTES_PER_ELEMENT === size) writeBytes(target.memory, place * size, bytesOf(part))
    else (data as Int32Array).set(part as Int8Array, place)
  }
}

/** Numbers become integers of 64 bits, all of which were found to be whole, or the other way round. */
function convert(
  to: Float64Array | BigInt64Array,
  place: number,
  values: ColumnMemory,
  start: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const value = values[start + i]!
    if (typeof value === 'number') to[place + i] = Number.isNaN(value) ? noInteger : BigInt(value)
    else to[place + i] = value === noInteger ? NaN : Number(value)
  }
}

/** The bytes of values, in place. */
export function bytesOf({ buffer, byteOffset, byteLength }: ColumnMemory): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
