/** Compares predictions with those of other libraries. */

import assert from 'node:assert/strict'
import { NDArray } from '../../src/arrays/index.ts'

/** Asserts that numbers are within a relative error of those expected. */
export function assertNear(
  found: NDArray,
  expected: NDArray | readonly number[],
  relative = 1e-12,
): void {
  const [a, b] = [numbersOf(found), numbersOf(expected)]
  assert.equal(a.length, b.length)
  for (const [i, y] of b.entries())
    assert.ok(Math.abs(a[i]! - y) <= relative * Math.abs(y), `at ${i}: ${a[i]} for ${y}`)
}

function numbersOf(values: NDArray | readonly number[]): readonly number[] {
  if (!(values instanceof NDArray)) return values
  return Array.from<unknown, number>(values.toTypedArray() as Float64Array, Number)
}
