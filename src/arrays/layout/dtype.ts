/** The element types of arrays and the typed arrays that hold them. */

import { OneCopyError, show } from '../../errors.ts'
import { foreignValueAdvice } from '../../foreign-options.ts'
import { dtypeCounterparts } from './numpy-names.ts'

/** The typed array behind each element type; a bool is one byte, 0 or 1. */
export interface TypedArrays {
  bool: Uint8Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  uint64: BigUint64Array
  float32: Float32Array
  float64: Float64Array
}

/** Name of an element type, as NumPy calls it. */
export type DType = keyof TypedArrays

/** The typed array that holds elements of type `D`. */
export type TypedArrayOf<D extends DType = DType> = TypedArrays[D]

/** The element type that a typed array has by itself; never `bool`. */
export type DTypeOf<T extends TypedArrayOf> = {
  [D in Exclude<DType, 'bool'>]: T extends TypedArrays[D] ? D : never
}[Exclude<DType, 'bool'>]

/** One element: a bigint for 64-bit integers, else a number (0 or 1 for a bool). */
export type ScalarOf<D extends DType = DType> = D extends 'int64' | 'uint64' ? bigint : number

/** Makes typed arrays of one kind, over a buffer or with fresh zeros. */
export interface TypedArrayMaker<D extends DType = DType> {
  readonly BYTES_PER_ELEMENT: number
  new (length: number): TypedArrayOf<D>
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): TypedArrayOf<D>
}

const makers: { readonly [D in DType]: TypedArrayMaker<D> } = {
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

/** All element types. */
export const dtypes = Object.keys(makers) as readonly DType[]

/** The constructor of the typed array that holds elements of type `dtype`. */
export function typedArrayMaker<D extends DType>(dtype: D): TypedArrayMaker<D> {
  return makers[dtype]
}

/**
 * Bytes of one element.
 *
 * @param dtype - an element type
 * @returns 1, 2, 4 or 8
 */
export function itemSize(dtype: DType): number {
  return makers[dtype].BYTES_PER_ELEMENT
}

/**
 * Returns `dtype` when it names an element type.
 *
 * @throws OneCopyError `ERR_DTYPE` when it doesn't
 */
export function requireDType(dtype: unknown): DType {
  if (typeof dtype === 'string' && Object.hasOwn(makers, dtype)) return dtype as DType
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected a dtype (${dtypes.join(', ')}), got ${show(dtype)}.${foreignValueAdvice(dtypeCounterparts, dtype)}`,
  )
}

/**
 * The element type of a typed array; a `Uint8Array` is `uint8`, never `bool`.
 *
 * @throws TypeError for anything else, `Uint8ClampedArray`, `Float16Array` and `DataView` included
 */
export function dtypeOf(values: unknown): DType {
  for (const dtype of dtypes) if (dtype !== 'bool' && values instanceof makers[dtype]) return dtype
  throw new TypeError(
    `Expected a typed array of ${dtypes.slice(1).join(', ')}, got ${show(values)}. ` +
      'Other kinds must be converted first.',
  )
}

/** Tells whether the elements of `dtype` are bigints in JavaScript. */
export function isBigInt(dtype: DType): dtype is 'int64' | 'uint64' {
  return dtype === 'int64' || dtype === 'uint64'
}
