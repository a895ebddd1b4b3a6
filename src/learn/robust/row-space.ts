/** Rows of wide data in coordinates of their own space. */

import { array, type NDArray } from '../../arrays/index.ts'
import type { RobustRows } from './robust-rows.ts'

/** Rows of fewer columns that span the same space. */
export interface RowSpace {
  /** Coordinates of the rows that count, shape (n, r), r <= n. */
  readonly coordinates: NDArray<'float64'>
  /** Coefficients of the columns of `X` from those of the coordinates, shape (d). */
  coefficients(own: Float64Array): Float64Array
}

/** Part of a row that counts as rounding when it is all that others leave of it. */
const rounding = 1e-13

/** Columns of more different sizes would lose digits as parts of one row. */
const mostRatio = 1e4

/**
 * Writes rows as X = C Q', where the columns of Q are orthonormal. A penalty on squared coefficients is the same on both sides, and
 * the best coefficients lie in the space of the rows, so a fit on C is one on X. It costs n² d products in place of d³ a step.
 *
 * @returns undefined where there are not more columns than rows, or columns of very different sizes
 */
export function rowSpace(rows: RobustRows): RowSpace | undefined {
  const n = rows.numbers.length
  const d = rows.columns
  if (d <= n) return undefined
  const values = Array.from(rows.numbers, (number) => rows.row(number).subarray(1))
  if (!areOfOneSize(values, d)) return undefined
  const basis: Float64Array[] = []
  const found = values.map((row) => coordinatesOf(row, basis))
  const r = basis.length
  const flat = new Float64Array(n * r)
  for (const [i, own] of found.entries()) flat.set(own, i * r)
  return {
    coordinates: array(flat, { shape: [n, r] }),
    coefficients: (own) => {
      const sums = new Float64Array(d)
      for (const [k, direction] of basis.entries()) addTo(sums, direction, own[k]!)
      return sums
    },
  }
}

/** Coordinates of a row, which is changed; what the basis lacks is added to it. */
function coordinatesOf(row: Float64Array, basis: Float64Array[]): number[] {
  const size = Math.sqrt(dot(row, row))
  const own = basis.map(() => 0)
  // Twice, as the first pass leaves rounding errors of the row's size.
  for (let pass = 0; pass < 2; pass++) {
    for (const [k, direction] of basis.entries()) {
      const share = dot(row, direction)
      own[k]! += share
      addTo(row, direction, -share)
    }
  }
  const left = Math.sqrt(dot(row, row))
  if (left <= rounding * size) return own
  basis.push(row.map((value) => value / left))
  return [...own, left]
}

function areOfOneSize(rows: readonly Float64Array[], d: number): boolean {
  const squares = new Float64Array(d)
  for (const row of rows) for (let j = 0; j < d; j++) squares[j]! += row[j]! * row[j]!
  const sizes = squares.filter((sum) => sum > 0)
  if (sizes.length === 0) return false
  const least = sizes.reduce((low, sum) => Math.min(low, sum), Infinity)
  const most = sizes.reduce((high, sum) => Math.max(high, sum), 0)
  return most < Infinity && most <= mostRatio ** 2 * least
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let j = 0; j < a.length; j++) sum += a[j]! * b[j]!
  return sum
}

function addTo(sums: Float64Array, values: Float64Array, factor: number): void {
  for (let j = 0; j < sums.length; j++) sums[j]! += factor * values[j]!
}
