/** Refuses values that are not NDArrays. */

import { show } from '../../errors.ts'
import { NDArray } from './ndarray.ts'

/**
 * Returns `value`, which is an NDArray.
 *
 * @param value - what a caller gave, maybe without types
 * @param name - what error texts call it
 * @throws TypeError
 */
export function requireArray(value: unknown, name: string): NDArray {
  if (value instanceof NDArray) return value
  throw new TypeError(
    `Expected ${name} to be an NDArray, got ${show(value)}. Make one from nested lists or a typed array with array().`,
  )
}
