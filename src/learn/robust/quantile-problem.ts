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
  readonly up: Float64Array
  readonly down: Float64Array
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
  readonly residuals: Float64Array
}

/** States the problem. */
export function problemOf(
  rows: RobustRows,
  { quantile, alpha }: QuantileSettings,
): QuantileProblem {
  const n = rows.target.length
  const size = alpha > 0 ? n + rows.columns : n
  const [up, down] = [new Float64Array(size), new Float64Array(size)]
  for (const row of rows.numbers) {
    up[row] = rows.weights[row]! * quantile
    down[row] = rows.weights[row]! * (1 - quantile)
  }
  const penalized: number[] = []
  for (let j = 0; j < size - n; j++) {
    if (rows.isFree[j + 1] === 0) continue
    up[n + j] = down[n + j] = rows.weight * alpha
    penalized.push(n + j)
  }
  const places = new Int32Array(rows.numbers.length + penalized.length)
  places.set(rows.numbers)
  places.set(penalized, rows.numbers.length)
  return { rows, places, up, down }
}

/** Residuals of rows, then negative coefficients. */
export async function residualsOf(
  { rows, up }: QuantileProblem,
  theta: Float64Array,
): Promise<Float64Array> {
  const n = rows.target.length
  const residuals = new Float64Array(up.length)
  await rows.scores(theta, residuals.subarray(0, n).fill(0))
  for (const row of rows.numbers) residuals[row] = rows.target[row]! - residuals[row]!
  for (let i = n; i < residuals.length; i++) residuals[i] = -theta[i - n + 1]!
  return residuals
}

/** The objective: a sum over the rows, not their mean. */
export function valueOf({ places, up, down }: QuantileProblem, residuals: Float64Array): number {
  let value = 0
  for (const i of places) {
    const residual = residuals[i]!
    value += residual > 0 ? up[i]! * residual : -down[i]! * residual
  }
  return value
}

/** The objective of a constant, or what rounding leaves of it. */
export function spreadOf({ rows, up, down }: QuantileProblem): number {
  let mean = 0
  for (const row of rows.numbers) mean += (rows.weights[row]! / rows.weight) * rows.target[row]!
  let [spread, size] = [0, 0]
  for (const row of rows.numbers) {
    const most = Math.max(up[row]!, down[row]!)
    spread += most * Math.abs(rows.target[row]! - mean)
    size += most * Math.abs(rows.target[row]!)
  }
  return Math.max(spread, 1e-3 * size, 1e-300)
}
