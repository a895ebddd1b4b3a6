/** The minimum of a quadratic function with penalties on absolute values. */

import { solve } from '../linear/cholesky.ts'
import { factorizeSafely } from './safe-factor.ts'

/** A function of a step s from a point x: gradientᵀs + ½ sᵀ matrix s + Σ penalties |x + s|. */
export interface PenalizedQuadratic {
  /** Shape (m, m), symmetric, without negative eigenvalues; a coefficient with 0 on the diagonal stays as it is. */
  readonly matrix: Float64Array
  readonly gradient: Float64Array
  /** Shape (m), >= 0. */
  readonly penalties: Float64Array
}

/** Sweeps over the coefficients before those that are not 0 are solved for together. */
const sweepsPerRound = 10

/** Rounds at most; a few find the signs. */
const mostRounds = 200

/** Part of the largest change in the search below which changes no longer matter. */
const restTolerance = 1e-12

/**
 * Finds the step with the least value: coordinate descent finds which coefficients are 0 and the signs of the others, and a
 * linear system, solved up to the first change of a sign, their values.
 *
 * @param point - x, shape (m)
 * @returns s, shape (m)
 */
export function descendQuadratic(problem: PenalizedQuadratic, point: Float64Array): Float64Array {
  const { matrix } = problem
  const m = point.length
  const values = point.slice()
  const slopes = problem.gradient.slice() // of the quadratic part, kept up to date with the values
  let largest = 0
  const change = (i: number, next: number): number => {
    const by = next - values[i]!
    if (by === 0) return 0
    values[i] = next
    for (let j = 0; j < m; j++) slopes[j]! += by * matrix[i * m + j]!
    const size = Math.abs(by) * Math.sqrt(matrix[i * m + i]!)
    largest = Math.max(largest, size)
    return size
  }
  const sweep = (): boolean => {
    let most = 0
    for (let i = 0; i < m; i++) {
      const curvature = matrix[i * m + i]!
      if (curvature === 0) continue
      const wanted = values[i]! * curvature - slopes[i]!
      most = Math.max(most, change(i, shrink(wanted, problem.penalties[i]!) / curvature))
    }
    return most <= restTolerance * largest
  }
  for (let round = 0; round < mostRounds; round++) {
    for (let k = 0; k < sweepsPerRound; k++)
      if (sweep()) return values.map((value, i) => value - point[i]!)
    for (const [i, next] of solveActive(problem, values, slopes)) change(i, next)
  }
  return values.map((value, i) => value - point[i]!)
}

/** New values of the coefficients that are not 0, as far as they keep their signs. */
function solveActive(
  { matrix, penalties }: PenalizedQuadratic,
  values: Float64Array,
  slopes: Float64Array,
): [number, number][] {
  const m = values.length
  const active = [...values.keys()].filter(
    (i) => matrix[i * m + i]! > 0 && (values[i] !== 0 || penalties[i] === 0),
  )
  const part = Float64Array.from(active.flatMap((i) => active.map((j) => matrix[i * m + j]!)))
  const slope = (i: number): number => slopes[i]! + penalties[i]! * Math.sign(values[i]!)
  const { factor } = factorizeSafely(part, active.length)
  const step = solve(
    factor,
    Float64Array.from(active, (i) => -slope(i)),
  )
  let share = 1
  let first = -1
  for (const [a, i] of active.entries()) {
    if (penalties[i] === 0 || Math.sign(values[i]! + share * step[a]!) === Math.sign(values[i]!))
      continue
    share = -values[i]! / step[a]!
    first = i
  }
  return active.map((i, a) => [i, i === first ? 0 : values[i]! + share * step[a]!])
}

function shrink(value: number, by: number): number {
  if (value > by) return value - by
  return value < -by ? value + by : 0
}
