/** Copies of rows, and comparison with what was fitted on them. */

import assert from 'node:assert/strict'
import { array, type NDArray } from '../../src/arrays/index.ts'

/** A copy of some rows in their order. */
export function copyRows(values: NDArray, numbers: ArrayLike<number>): NDArray<'float64'> {
  const taken = Array.from(numbers, (row) => [
    ...values
      .rows(row, row + 1)
      .copy()
      .toTypedArray(),
  ])
  return array(Float64Array.from(taken.flat(), Number), {
    shape: [numbers.length, ...values.shape.slice(1)],
  })
}

/** @param tolerance - beside the largest value, at least 1 */
export function assertClose(
  actual: NDArray,
  expected: NDArray,
  what: string,
  tolerance = 1e-12,
): void {
  assert.deepEqual(actual.shape, expected.shape, what)
  const [got, wanted] = [actual, expected].map((one) =>
    Array.from(one.copy().toTypedArray(), Number),
  )
  const most = wanted!.reduce((max, value) => Math.max(max, Math.abs(value) || 0), 1)
  for (const [i, value] of wanted!.entries())
    if (!Object.is(value, got![i]))
      assert.ok(
        Math.abs(got![i]! - value) <= tolerance * most,
        `${what}: ${got![i]} at ${i}, expected ${value}`,
      )
}
