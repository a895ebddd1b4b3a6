/** Turns moments into a few rows that have the same products. */

import { Matrix } from 'ml-matrix'
import type { Moments } from '../statistics/moments.ts'

/** A few rows whose sums of products about 0 are those of many weighted rows. */
export interface CondensedRows {
  /** Columns of `X`, shape (at most p + 1, d). */
  readonly X: Matrix
  /** Targets, one list of as many values for each. */
  readonly targets: readonly Float64Array[]
}

/**
 * Factorizes moments by a Cholesky decomposition with pivots, also when columns are linear combinations of others, and adds the means
 * as one more row. Products about the means and the means are not added to each other, which would lose digits where means are
 * large.
 *
 * @param moments - p columns, with the targets
 */
export function condenseMoments({ columns: d, cross, mean, weight }: Moments): CondensedRows {
  const p = mean.length
  const rows = [...factorRows(cross, p), mean.map((value) => value * Math.sqrt(weight))]
  return {
    X: new Matrix(rows.map((row) => Array.from(row.subarray(0, d)))),
    targets: Array.from({ length: p - d }, (_, target) =>
      Float64Array.from(rows, (row) => row[d + target]!),
    ),
  }
}

/** Rows R with RᵀR = C, as many as the rank of C; columns are scaled to length 1 meanwhile, so that units don't matter. */
function factorRows(C: Float64Array, p: number): Float64Array[] {
  const lengths = Float64Array.from({ length: p }, (_, i) => Math.sqrt(Math.max(0, C[i * p + i]!)))
  const left = lengths.map((length) => (length > 0 ? 1 : 0))
  const isDone = new Uint8Array(p)
  const rows: Float64Array[] = []
  for (let round = 0; round < p; round++) {
    let next = -1
    for (let i = 0; i < p; i++)
      if (isDone[i] === 0 && (next === -1 || left[i]! > left[next]!)) next = i
    // The rest of a column that others make up is a rounding error.
    if (!(left[next]! > 4 * p * Number.EPSILON)) break
    isDone[next] = 1
    const root = Math.sqrt(left[next]!)
    const row = new Float64Array(p)
    row[next] = root
    for (let j = 0; j < p; j++) {
      if (isDone[j] === 1 || lengths[j] === 0) continue
      let product = C[next * p + j]! / lengths[next]! / lengths[j]!
      for (const before of rows) product -= before[next]! * before[j]!
      row[j] = product / root
      left[j]! -= row[j]! ** 2
    }
    rows.push(row)
  }
  for (const row of rows) for (let j = 0; j < p; j++) row[j]! *= lengths[j]!
  return rows
}
