/** Atomic operations on elements, across threads and processes. */

import { OneCopyError } from '../../errors.ts'
import { native } from '../../native/index.ts'
import { type DType, type ScalarOf } from '../layout/dtype.ts'
import { requireAttached } from '../layout/elements.ts'
import { holdsScalar, requireScalar, requireScalarType } from '../layout/scalars.ts'
import type { NDArray } from './ndarray.ts'
import { requireShared } from './require-shared.ts'
import { positionOf } from '../layout/slices.ts'

/** Element types that the atomic operations support. */
export type AtomicDType = Exclude<DType, 'bool'>

/**
 * Adds to one element atomically, across threads and processes.
 *
 * @param array - in shared memory: made by `shared()`, or of a file in mode `'r+'`
 * @param value - a bigint for 64-bit integers, else a number; integers wrap at the ends of their type, so
 *   that adding -1 subtracts from unsigned ones, too
 * @param index - one index for each axis; a negative one counts from the end
 * @returns the element as it was before
 * @throws OneCopyError `ERR_UNSENDABLE` for memory that others don't see, `ERR_INDEX`, `ERR_DTYPE` for bool and
 *   for values that the dtype can't hold, `ERR_DETACHED`; TypeError when `value` has the wrong type
 *
 * @example
 * ```ts
 * const counts = shared([10], 'int32')
 * atomicAdd(counts, 1, 3) // 0; in any number of workers at once, none is lost
 * ```
 */
export function atomicAdd<D extends AtomicDType>(
  array: NDArray<D>,
  value: ScalarOf<D>,
  ...index: readonly number[]
): ScalarOf<D> {
  const position = requirePlace(array, index, 'atomicAdd(array, value, ')
  return native.atomicAdd(array.data, position, requireStep(array.dtype, value)) as ScalarOf<D>
}

/**
 * Writes the smaller of an element and `value`, as one step. As with Math.min the result is NaN when one of
 * the two is NaN, and -0 is smaller than 0.
 *
 * @param array - in shared memory
 * @param value - a bigint for 64-bit integers, else a number; one that the dtype can hold
 * @param index - one index for each axis
 * @returns the element as it was before
 * @throws as {@link atomicAdd}
 */
export function atomicMin<D extends AtomicDType>(
  array: NDArray<D>,
  value: ScalarOf<D>,
  ...index: readonly number[]
): ScalarOf<D> {
  const position = requirePlace(array, index, 'atomicMin(array, value, ')
  return native.atomicMin(array.data, position, requireScalar(array.dtype, value)) as ScalarOf<D>
}

/**
 * Writes the larger of an element and `value`, as one step; otherwise like {@link atomicMin}.
 *
 * @throws as {@link atomicAdd}
 */
export function atomicMax<D extends AtomicDType>(
  array: NDArray<D>,
  value: ScalarOf<D>,
  ...index: readonly number[]
): ScalarOf<D> {
  const position = requirePlace(array, index, 'atomicMax(array, value, ')
  return native.atomicMax(array.data, position, requireScalar(array.dtype, value)) as ScalarOf<D>
}

/**
 * Writes `value` only if the element is `expected`, as one step. Two floats are the same as `Object.is` has it:
 * NaN is NaN, and 0 is not -0.
 *
 * @param array - in shared memory
 * @param expected - what the element must be
 * @param value - what to write then
 * @param index - one index for each axis
 * @returns the element as it was before: `expected` when `value` was written
 * @throws as {@link atomicAdd}
 *
 * @example
 * ```ts
 * // Any other operation: repeat until no other worker has changed the element.
 * let seen = Z.get(i)
 * for (let old; !Object.is((old = compareExchange(Z, seen, seen * 2, i)), seen); ) seen = old
 * ```
 */
export function compareExchange<D extends AtomicDType>(
  array: NDArray<D>,
  expected: ScalarOf<D>,
  value: ScalarOf<D>,
  ...index: readonly number[]
): ScalarOf<D> {
  const position = requirePlace(array, index, 'compareExchange(array, expected, value, ')
  const [from, to] = [requireScalar(array.dtype, expected), requireScalar(array.dtype, value)]
  return native.compareExchange(array.data, position, to, from) as ScalarOf<D>
}

function requirePlace(array: NDArray, index: readonly number[], call: string): number {
  if (array.dtype === 'bool') {
    throw new OneCopyError(
      'ERR_DTYPE',
      'Expected an array of integers or floats, got bool. Use uint8 for flags that several workers set.',
    )
  }
  requireShared(array, 'an array to change atomically')
  requireAttached(array)
  return positionOf(array, index, call)
}

/** A value to add: one that the dtype holds, or the negative of one. */
function requireStep<D extends DType>(dtype: D, value: unknown): ScalarOf<D> {
  const scalar = requireScalarType(dtype, value)
  const size = scalar < 0 && dtype.startsWith('uint') ? -scalar : scalar
  // Names the value as it was given.
  if (!holdsScalar(dtype, size)) requireScalar(dtype, value)
  return scalar
}
