/** Comparisons of numbers that name the worst place. */

import assert from 'node:assert/strict'

/** Correct decimal digits of a value: log relative error, as NIST counts them. */
export function digits(actual: number, expected: number): number {
  if (actual === expected) return 16
  const error = Math.abs(actual - expected) / (expected === 0 ? 1 : Math.abs(expected))
  return Math.max(0, -Math.log10(error))
}

/** Asserts that values agree to a tolerance, relative to the largest expected one. */
export function assertCloseToLargest(
  actual: Iterable<number>,
  expected: readonly number[],
  tolerance = 1e-6,
): void {
  assertClose([...actual], expected, tolerance, { floor: 1 })
}

/**
 * Asserts that all values agree to a tolerance, relative to the expected value or, for those near
 * zero, to the largest one times `floor`.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  { floor = 1e-3, message = 'values' } = {},
): void {
  assert.equal(actual.length, expected.length, `${message}: number of values`)
  const largest = Math.max(0, ...Array.from(expected, Math.abs))
  for (let i = 0; i < expected.length; i++) {
    const scale = Math.max(Math.abs(expected[i]!), largest * floor)
    const error = Math.abs(actual[i]! - expected[i]!)
    assert.ok(
      error <= tolerance * scale,
      `${message}: value ${i} is ${actual[i]}, expected ${expected[i]} (relative error ${error / scale})`,
    )
  }
}
