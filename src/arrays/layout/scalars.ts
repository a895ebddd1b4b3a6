/** Checks single values against the dtype that is to hold them. */

import { OneCopyError, show } from '../../errors.ts'
import { type DType, isBigInt, itemSize, type ScalarOf } from './dtype.ts'

/**
 * Checks a value against a dtype and gives the form that its typed array takes. Unlike a typed array, and like NumPy 2,
 * it refuses integers that would wrap around; unlike NumPy it also refuses to cut fractions.
 *
 * @param where - where the value stands, for the error's text: ` at [0, 1]`
 * @throws TypeError for a number where a bigint is needed, or the reverse; OneCopyError `ERR_DTYPE` for a value that an
 *   integer dtype can't hold
 */
export function requireScalar<D extends DType>(
  dtype: D,
  value: unknown,
  where?: () => string,
): ScalarOf<D> {
  const scalar = requireScalarType(dtype, value)
  if (holdsScalar(dtype, scalar)) return scalar
  const [low, high] = integerRanges[dtype]!
  const isFraction = typeof scalar === 'number' && scalar % 1 !== 0 && Number.isFinite(scalar)
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected a whole number from ${low} to ${high} for ${dtype}, got ${show(value)}${where?.() ?? ''}. ` +
      `${isFraction ? 'Round it first, or choose' : 'Choose'} a dtype that holds it, such as float64.`,
  )
}

/**
 * Checks only whether a value is a number, or a bigint for 64-bit integers.
 *
 * @throws TypeError
 */
export function requireScalarType<D extends DType>(dtype: D, value: unknown): ScalarOf<D> {
  if (dtype === 'bool' && (typeof value === 'number' || typeof value === 'boolean'))
    return (value ? 1 : 0) as ScalarOf<D>
  if (typeof value === (isBigInt(dtype) ? 'bigint' : 'number')) return value as ScalarOf<D>
  throw new TypeError(
    `Expected a ${isBigInt(dtype) ? 'bigint' : 'number'} for ${dtype}, got ${show(value)}.`,
  )
}

/** Whether a dtype keeps a value as it is; float32 may round it. */
export function holdsScalar(dtype: DType, value: number | bigint): boolean {
  const range = integerRanges[dtype]
  if (range === undefined) return true
  return (
    value >= range[0] && value <= range[1] && (typeof value === 'bigint' || Number.isInteger(value))
  )
}

/** The least and the largest value of an integer dtype; 0 and 1 for a bool. */
export function rangeOfDType(dtype: DType): readonly [bigint | number, bigint | number] {
  return integerRanges[dtype] ?? [0, 1]
}

/** The least and the largest value of each integer dtype. */
const integerRanges: {
  readonly [D in DType]?: readonly [bigint, bigint] | readonly [number, number]
} = {
  int8: range('int8'),
  int16: range('int16'),
  int32: range('int32'),
  int64: range('int64'),
  uint8: range('uint8'),
  uint16: range('uint16'),
  uint32: range('uint32'),
  uint64: range('uint64'),
}

function range(dtype: DType): readonly [bigint, bigint] | readonly [number, number] {
  const bits = BigInt(itemSize(dtype) * 8)
  const low = dtype.startsWith('u') ? 0n : -(2n ** (bits - 1n))
  const high = low + 2n ** bits - 1n
  return isBigInt(dtype) ? [low, high] : [Number(low), Number(high)]
}
