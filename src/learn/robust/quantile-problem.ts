/** The problem of quantile regression, and points of its interior. */

import type { RobustRows } from './robust-rows.ts'

/** Options of a fit, checked. */
export interface QuantileSettings {
  readonly quantile: number
  readonly alpha: number
  readonly maxIter: number
}

/**
 * The problem: minimize the sum of up × residual⁺ + down × residual⁻ over the rows, and over one more "row" for each coefficient with
 * a penalty, whose residual is -coefficient. Vectors for the rows have n elements for those of `X`, then d.
 */
export interface QuantileProblem {
  readonly rows: RobustRows
  /** Which elements of the vectors count. */
  readonly places: Int32Array
  /** Number of elements of the vectors. */
  readonly size: number
  up(place: number): number
  down(place: number): number
}

/**
 * A point between the bounds. `x` is the dual variable in [0, up + down] and `s` its distance from the upper bound; `z` and `v` are
 * the parts of the residual below and above 0, each with something added.
 */
export interface Interior {
  readonly x: Float64Array
  readonly s: Float64Array
  readonly z: Float64Array
  readonly v: Float64Array
  theta: Float64Array
}

/** States the problem. */
export function problemOf(
  rows: RobustRows,
  { quantile, alpha }: QuantileSettings,
): QuantileProblem {
  const n = rows.target.length
  const size = alpha > 0 ? n + rows.columns : n
  const penalized = Array.from({ length: size - n }, (_, j) => n + j).filter(
    (place) => rows.isFree[place - n + 1] === 1,
  )
  const places = penalized.length === 0 ? rows.numbers : joined(rows.numbers, penalized)
  const penalty = rows.weight * alpha
  return {
    rows,
    places,
    size,
    up: (place) => (place < n ? rows.weightOf(place) * quantile : penalty),
    down: (place) => (place < n ? rows.weightOf(place) * (1 - quantile) : penalty),
  }
}

function joined(numbers: Int32Array, more: readonly number[]): Int32Array {
  const all = new Int32Array(numbers.length + more.length)
  all.set(numbers)
  all.set(more, numbers.length)
  return all
}

/**
 * Residuals of rows, then negative coefficients.
 *
 * @param out - shape (size)
 */
export async function residualsOf(
  { rows, size }: QuantileProblem,
  theta: Float64Array,
  out: Float64Array,
): Promise<void> {
  const n = rows.target.length
  await rows.scores(theta, out.subarray(0, n))
  for (const row of rows.numbers) out[row] = rows.target[row]! - out[row]!
  for (let i = n; i < size; i++) out[i] = -theta[i - n + 1]!
}

/** The objective: a sum over the rows, not their mean. */
export function valueOf(problem: QuantileProblem, residuals: Float64Array): number {
  let value = 0
  for (const i of problem.places) {
    const residual = residuals[i]!
    value += residual > 0 ? problem.up(i) * residual : -problem.down(i) * residual
  }
  return value
}

/** The objective of a constant, or what rounding leaves of it. */
export function spreadOf(problem: QuantileProblem): number {
  const { rows } = problem
  let mean = 0
  for (const row of rows.numbers) mean += (rows.weightOf(row) / rows.weight) * rows.target[row]!
  let [spread, size] = [0, 0]
  for (const row of rows.numbers) {
    const most = Math.max(problem.up(row), problem.down(row))
    spread += most * Math.abs(rows.target[row]! - mean)
    size += most * Math.abs(rows.target[row]!)
  }
  return Math.max(spread, 1e-3 * size, 1e-300)
}
