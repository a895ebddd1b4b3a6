/** Searches coefficients of scaled columns by sums over raw ones. */

import type { AffineMap } from '../statistics/column-maps.ts'
import type { Minimizer, Objective, PointSums } from './penalty-terms.ts'

/** Factors from coefficients of raw columns to those of scaled ones, shape (scores, width); 1 for intercepts. */
export function scalesOf({ scale }: AffineMap, { scores, width }: Objective): Float64Array {
  return Float64Array.from({ length: scores * width }, (_, i) =>
    i % width === 0 ? 1 : scale[(i % width) - 1]!,
  )
}

/**
 * Runs a search for coefficients of scaled columns, whose penalties are those of a fit on scaled rows. It asks for sums over raw
 * rows, so that no scaled row exists, and searches of folds with scalings of their own can share passes.
 *
 * @param search - starts the search at coefficients of scaled columns
 * @param start - coefficients of raw columns; asked for as it is, so that searches from one start ask for the same point
 * @param scales - see {@link scalesOf}
 * @returns coefficients of raw columns
 */
export function* inScaledColumns(
  search: (start: Float64Array) => Minimizer,
  start: Float64Array,
  scales: Float64Array,
): Minimizer {
  const first = start.map((value, i) => value * scales[i]!)
  const scaled = search(first)
  for (let next = scaled.next(); ;) {
    const { coefficients } = next.value
    const raw = coefficients === first ? start : coefficients.map((value, i) => value / scales[i]!)
    if (next.done === true) return { ...next.value, coefficients: raw }
    next = scaled.next(scaleSums(yield { ...next.value, coefficients: raw }, scales))
  }
}

/** Derivatives by coefficients of scaled columns. */
function scaleSums(sums: PointSums, scales: Float64Array): PointSums {
  const { length } = scales
  return {
    ...sums,
    gradient: sums.gradient.map((slope, i) => slope / scales[i]!),
    hessian: sums.hessian?.map(
      (value, at) => value / scales[Math.floor(at / length)]! / scales[at % length]!,
    ),
  }
}
