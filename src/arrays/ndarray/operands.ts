/** Checks the operands of elementwise functions, and joins their dtypes. */

import { OneCopyError, show } from '../../errors.ts'
import { type DType, isBigInt } from '../layout/dtype.ts'
import { type Elements, requireAttached } from '../layout/elements.ts'
import { cStrides } from '../layout/layout.ts'
import { requireScalar } from '../layout/scalars.ts'
import { constantElements } from '../math/number-reader.ts'
import { promote, type Promoted } from '../math/promotion.ts'
import { NDArray } from './ndarray.ts'
import { inputFor } from './output.ts'

/** An operand of an elementwise function: an array, or a scalar that takes the dtype of the other operand. */
export type Operand = NDArray | number | bigint

/** The dtype of a result: of the array beside a scalar, or the one that both arrays have. */
export type ResultDType<A, B> =
  A extends NDArray<infer X>
    ? B extends NDArray<infer Y>
      ? Promoted<X, Y>
      : X
    : B extends NDArray<infer Y>
      ? Y
      : DType

/**
 * Returns an operand.
 *
 * @throws TypeError when it is neither an array nor a scalar; OneCopyError `ERR_DETACHED`
 */
export function requireOperand(value: unknown, name: string): Operand {
  if (typeof value === 'number' || typeof value === 'bigint') return value
  if (value instanceof NDArray) {
    requireAttached(value)
    return value
  }
  throw new TypeError(
    `Expected NDArrays or numbers for ${name}, got ${show(value)}. Make an array of lists or a typed array with array().`,
  )
}

/**
 * The dtype that two operands have together; of an array for a scalar beside it.
 *
 * @throws OneCopyError `ERR_DTYPE` for dtypes that have none without rounding
 */
export function joinDTypes(a: Operand, b: Operand, name: string): DType {
  if (a instanceof NDArray) return b instanceof NDArray ? promote(a.dtype, b.dtype, name) : a.dtype
  if (b instanceof NDArray) return b.dtype
  return typeof a === 'bigint' && typeof b === 'bigint' ? 'int64' : 'float64'
}

/**
 * Checks a scalar against the dtype beside it. It may lie outside the range of an integer dtype, since only results are held.
 *
 * @throws TypeError for a bigint beside another dtype than 64-bit integers; OneCopyError `ERR_DTYPE` for a fraction beside
 *   integers
 */
export function requireWeakScalar(
  value: number | bigint,
  dtype: DType,
  name: string,
): number | bigint {
  if (dtype.startsWith('float')) return requireScalar('float64', value)
  if (isBigInt(dtype)) {
    if (typeof value === 'bigint' && value >= -(2n ** 63n) && value < 2n ** 64n) return value
    if (Number.isSafeInteger(value)) return BigInt(value)
  } else {
    if (Number.isSafeInteger(value)) return value
    if (typeof value === 'bigint')
      throw new TypeError(`Expected a number beside ${dtype} in ${name}, got ${show(value)}.`)
  }
  const limit = isBigInt(dtype) ? 'an integer of at most 64 bits' : 'a whole number below 2^53'
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected ${limit} beside ${dtype} in ${name}, got ${show(value)}. Convert the array first, for example with astype('float64').`,
  )
}
/** An operand as elements of the shape of `out`. */
export function elementsOf(operand: Operand, out: NDArray): Elements {
  if (operand instanceof NDArray) return inputFor(operand, out)
  if (typeof operand === 'number') return constantElements(operand, out.shape)
  return constantBigInt(operand, out.shape)
}

/** A bigint of at most 64 bits as elements. */
function constantBigInt(value: bigint, shape: readonly number[]): Elements {
  const strides = cStrides(shape).fill(0)
  if (value >= 2n ** 63n)
    return { dtype: 'uint64', data: BigUint64Array.of(value), shape, strides, offset: 0 }
  return { dtype: 'int64', data: BigInt64Array.of(value), shape, strides, offset: 0 }
}
