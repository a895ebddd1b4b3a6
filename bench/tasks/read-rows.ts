/** Reads a part of a matrix once, and touches another. */

import type { NDArray } from '../../src/arrays/index.ts'

/**
 * Reads every value of `X` and does nothing else with it; then writes every value of `Z`.
 *
 * @param X - contiguous, shape (n, d)
 * @param Z - contiguous, shape (n, m)
 * @returns a position of the value that is sought, -1 where there is none
 */
export function readAndTouch(X: NDArray, Z: NDArray<'float64'>): number {
  Z.toTypedArray().fill(1)
  // No value of the benchmarks is negative, so the search reads all of them.
  return (X.toTypedArray() as Float64Array).indexOf(-1)
}
