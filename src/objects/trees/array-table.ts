/** Collects the arrays of a value, each memory once. */

import { isTypedArray } from 'node:util/types'
import { type DType, NDArray, type TypedArrayOf } from '../../arrays/index.ts'
import { mappingOf } from '../../arrays/internal.ts'
import { type ByteKind, byteKinds } from './tree.ts'

/** Any view of bytes, or bytes themselves. */
export type Bytes = NodeJS.TypedArray | DataView | ArrayBuffer

/** Arrays by number. Two with the same elements of the same memory have one number. */
export class ArrayTable {
  readonly arrays: NDArray[] = []
  /** Where in the value each was first found: `steps.scale.mean_`. */
  readonly places: string[] = []
  readonly #numbers = new Map<ArrayBufferLike, Map<string, number>>()

  /**
   * The number of an array.
   *
   * @param place - gives its place, when it is new
   */
  add(array: NDArray, place: () => string): number {
    const { buffer } = array
    const known = this.#numbers.get(buffer) ?? new Map<string, number>()
    this.#numbers.set(buffer, known)
    const form = formOf(array)
    const before = known.get(form)
    if (before !== undefined) return before
    known.set(form, this.arrays.length)
    this.places.push(place())
    return this.arrays.push(array) - 1
  }
}

function formOf({ dtype, data, offset, shape, strides }: NDArray): string {
  const start = data.byteOffset + offset * data.BYTES_PER_ELEMENT
  return `${dtype} ${start} ${shape.join()} ${strides.join()}`
}

/** The class of a view of bytes; undefined for anything else, and for what extends such a class. */
export function byteKindOf(value: object): ByteKind | undefined {
  if (Buffer.isBuffer(value)) return 'Buffer'
  const name = Object.prototype.toString.call(value).slice('[object '.length, -1)
  if (!Object.hasOwn(byteKinds, name)) return undefined
  const isBytes = isTypedArray(value) || value instanceof DataView || value instanceof ArrayBuffer
  const Class = (globalThis as unknown as Record<string, { prototype: object }>)[name]
  return isBytes && Object.getPrototypeOf(value) === Class!.prototype
    ? (name as ByteKind)
    : undefined
}

/** Whether the memory is somewhere else now. */
export function isTransferred(value: Bytes): boolean {
  const buffer = value instanceof ArrayBuffer ? value : value.buffer
  return buffer instanceof ArrayBuffer && buffer.detached
}

/** The elements of a view as an array over the same memory. */
export function arrayOfBytes(value: Bytes, kind: ByteKind): NDArray {
  const dtype: DType = byteKinds[kind]
  const [buffer, start] =
    value instanceof ArrayBuffer ? [value, 0] : [value.buffer, value.byteOffset]
  const Maker = makers[dtype]
  const size = Maker.BYTES_PER_ELEMENT
  const data = new Maker(buffer, 0, Math.floor(buffer.byteLength / size))
  const place = { offset: start / size, mapping: mappingOf(buffer) }
  return new NDArray([value.byteLength / size], dtype, data, place)
}

/** Makes the view of bytes of a kind over the memory of an array with one axis, whose elements lie without gaps. */
export function bytesOfArray(array: NDArray, kind: ByteKind): Bytes {
  const { buffer, byteOffset, byteLength } = array.toTypedArray()
  if (kind === 'Buffer') return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength)
  if (kind === 'DataView') return new DataView(buffer, byteOffset, byteLength)
  if (kind === 'ArrayBuffer') {
    const isWhole = buffer instanceof ArrayBuffer && byteLength === buffer.byteLength
    if (isWhole && array.mapping === undefined) return buffer
    return Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength)).buffer
  }
  const Maker = (globalThis as unknown as Record<string, Maker>)[kind]!
  return new Maker(buffer, byteOffset, byteLength / Maker.BYTES_PER_ELEMENT)
}

interface Maker {
  readonly BYTES_PER_ELEMENT: number
  new (buffer: ArrayBufferLike, start: number, length: number): TypedArrayOf
}

const makers: Readonly<Record<(typeof byteKinds)[ByteKind], Maker>> = {
  float32: Float32Array,
  float64: Float64Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  int8: Int8Array,
  uint16: Uint16Array,
  uint32: Uint32Array,
  uint64: BigUint64Array,
  uint8: Uint8Array,
}
