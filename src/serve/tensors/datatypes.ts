/** Data types of the Open Inference Protocol. */

import { badRequest } from '../http/request-error.ts'

/** A type of numbers: its bytes, and how they are read. */
export interface NumberType {
  readonly bytes: number
  /** A typed array of just these numbers, on machines whose bytes are in the order of the protocol. */
  readonly array?: new (buffer: ArrayBufferLike, offset: number, length: number) => NumberArray
  /** Least and greatest value of JSON; undefined: no limit. */
  readonly range?: readonly [least: number, most: number]
  /** The nearest number of this type, infinite where there is none; undefined: float64 has no others. */
  readonly round?: (value: number) => number
  readonly read: (view: DataView, at: number) => number
}

/** Typed arrays whose elements float64 can hold. */
type NumberArray =
  | Float64Array
  | Float32Array
  | Uint8Array
  | Uint16Array
  | Uint32Array
  | Int8Array
  | Int16Array
  | Int32Array

const types: Readonly<Record<string, NumberType>> = {
  BOOL: { bytes: 1, range: [0, 1], read: (view, at) => (view.getUint8(at) === 0 ? 0 : 1) },
  UINT8: { bytes: 1, array: Uint8Array, range: [0, 0xff], read: (view, at) => view.getUint8(at) },
  UINT16: {
    bytes: 2,
    array: Uint16Array,
    range: [0, 0xffff],
    read: (view, at) => view.getUint16(at, true),
  },
  UINT32: {
    bytes: 4,
    array: Uint32Array,
    range: [0, 0xffff_ffff],
    read: (view, at) => view.getUint32(at, true),
  },
  UINT64: {
    bytes: 8,
    range: [0, 2 ** 64],
    read: (view, at) => Number(view.getBigUint64(at, true)),
  },
  INT8: { bytes: 1, array: Int8Array, range: [-0x80, 0x7f], read: (view, at) => view.getInt8(at) },
  INT16: {
    bytes: 2,
    array: Int16Array,
    range: [-0x8000, 0x7fff],
    read: (view, at) => view.getInt16(at, true),
  },
  INT32: {
    bytes: 4,
    array: Int32Array,
    range: [-0x8000_0000, 0x7fff_ffff],
    read: (view, at) => view.getInt32(at, true),
  },
  INT64: {
    bytes: 8,
    range: [-(2 ** 63), 2 ** 63],
    read: (view, at) => Number(view.getBigInt64(at, true)),
  },
  FP16: { bytes: 2, round: roundToHalf, read: readHalf },
  FP32: {
    bytes: 4,
    array: Float32Array,
    round: Math.fround,
    read: (view, at) => view.getFloat32(at, true),
  },
  FP64: { bytes: 8, array: Float64Array, read: (view, at) => view.getFloat64(at, true) },
}

/** All data types that inputs may have. */
export const datatypes: readonly string[] = [...Object.keys(types), 'BYTES']

const known = new Set<unknown>(datatypes)

/** The type of numbers that has a name; undefined for BYTES. */
export function numberType(name: string): NumberType | undefined {
  return Object.hasOwn(types, name) ? types[name] : undefined
}

/**
 * Checks the name of a data type.
 *
 * @param where - of the tensor, for the error text
 * @throws RequestError 400
 */
export function requireDatatype(name: unknown, where: string): string {
  if (known.has(name)) return name as string
  const given = typeof name === 'string' ? `'${name.slice(0, 40)}'` : typeof name
  throw badRequest(
    `Expected \`datatype\` of ${where} to be one of ${datatypes.join(', ')}, got ${given}.`,
  )
}

/** A number of 16 bits: 1 of sign, 5 of exponent, 10 of fraction. */
function readHalf(view: DataView, at: number): number {
  const bits = view.getUint16(at, true)
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  const sign = bits >> 15 === 0 ? 1 : -1
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** The nearest number of 16 bits, of two the even one, as binary tensors have it. */
function roundToHalf(value: number): number {
  const size = Math.abs(value)
  if (size === 0 || Number.isNaN(value)) return value
  if (size >= 65_520) return value * Infinity
  const logarithm = Math.floor(Math.log2(size))
  // Just below a power of 2 the logarithm is rounded up to it.
  const exponent = Math.max(-14, 2 ** logarithm > size ? logarithm - 1 : logarithm)
  const step = 2 ** (exponent - 10)
  const steps = size / step
  const below = Math.floor(steps)
  const rest = steps - below
  const isUp = rest > 0.5 || (rest === 0.5 && below % 2 === 1)
  return Math.sign(value) * (below + (isUp ? 1 : 0)) * step
}
