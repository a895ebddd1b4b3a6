/** Interior point method for quantile regression. */

import { solve } from '../linear/cholesky.ts'
import { factorizeSafely } from '../logistic/safe-factor.ts'
import { notFinite } from '../statistics/not-finite-sums.ts'
import type { RobustRows } from './robust-rows.ts'
import {
  type Interior,
  problemOf,
  type QuantileProblem,
  type QuantileSettings,
  residualsOf,
  spreadOf,
  valueOf,
} from './quantile-problem.ts'
import { nearestVertex } from './quantile-vertex.ts'

/** A fitted model. */
export interface QuantileFit {
  /** Intercept (about the shift) and coefficients, shape (1 + d). */
  readonly theta: Float64Array
  readonly iterations: number
  readonly converged: boolean
  /** How far the objective is above its minimum, at most. */
  readonly gap: number
  /** The gap at which the search ends. */
  readonly limit: number
}

/** The search ends at this part of the objective. */
const tolerance = 1e-11

/** What still counts as the minimum when rounding ends the search. */
const looseTolerance = 1e-9

/** How near to a bound a step may go. */
const backOff = 0.99995

/** Minimizes the objective. */
export async function fitQuantile(
  rows: RobustRows,
  settings: QuantileSettings,
): Promise<QuantileFit> {
  const problem = problemOf(rows, settings)
  const point = await startOf(problem)
  const floor = 1e-14 * spreadOf(problem)
  let best = { theta: point.theta, value: valueOf(problem, point.residuals) }
  let gap = Infinity
  for (let iterations = 1; ; iterations++) {
    gap = gapOf(problem, point)
    const limit = Math.max(tolerance * best.value, floor)
    const isLast = gap <= limit || iterations >= settings.maxIter
    const moved = isLast ? 0 : await step(problem, point, gap)
    const value = valueOf(problem, point.residuals)
    if (value < best.value) best = { theta: point.theta, value }
    if (!isLast && moved > 1e-12) continue
    const vertex = (await nearestVertex(problem, point, best.value)) ?? best
    if (!vertex.theta.every(Number.isFinite)) throw notFinite()
    const last = Math.max(0, gap - (best.value - vertex.value))
    const allowed = Math.max(looseTolerance * vertex.value, 10 * floor)
    return {
      theta: vertex.theta,
      iterations,
      converged: last <= allowed,
      gap: last,
      limit: allowed,
    }
  }
}

/** Least squares, and the middle of the dual variables, which is feasible. */
async function startOf(problem: QuantileProblem): Promise<Interior> {
  const { rows, places, up, down } = problem
  const p = rows.columns + 1
  const { gram, products } = await rows.normalSums(rows.weights, rows.target)
  const theta = solve(factorizeSafely(gram, p).factor, products)
  const residuals = await residualsOf(problem, theta)
  let [total, count] = [0, 0]
  for (const i of places) {
    total += (up[i]! + down[i]!) * Math.abs(residuals[i]!)
    count += up[i]! + down[i]!
  }
  if (!Number.isFinite(total)) throw notFinite()
  const added = total > 0 ? total / count : 1
  const [z, v] = [new Float64Array(up.length), new Float64Array(up.length)]
  for (const i of places) {
    z[i] = Math.max(-residuals[i]!, 0) + added
    v[i] = Math.max(residuals[i]!, 0) + added
  }
  return { x: down.slice(), s: up.slice(), z, v, theta, residuals }
}

function gapOf({ places }: QuantileProblem, { x, s, z, v }: Interior): number {
  let gap = 0
  for (const i of places) gap += x[i]! * z[i]! + s[i]! * v[i]!
  return gap
}

/** Changes of a point. */
interface Direction {
  readonly theta: Float64Array
  /** Of x, and the negative one of s. */
  readonly dx: Float64Array
  readonly dz: Float64Array
  readonly dv: Float64Array
}

/** One predictor and corrector step (Mehrotra); returns how far it went. */
async function step(problem: QuantileProblem, point: Interior, gap: number): Promise<number> {
  const { places } = problem
  const { x, s, z, v } = point
  const size = x.length
  const q = new Float64Array(size)
  for (const i of places) q[i] = 1 / (z[i]! / x[i]! + v[i]! / s[i]!)
  const zero = new Float64Array(size)
  const first = await directionOf(problem, point, { q, aims: [zero, zero] })
  const [primal, dual] = lengthsOf(problem, point, first)
  let next = 0
  for (const i of places) {
    const change = primal * first.dx[i]!
    next += (x[i]! + change) * (z[i]! + dual * first.dz[i]!)
    next += (s[i]! - change) * (v[i]! + dual * first.dv[i]!)
  }
  const mu = ((next / gap) ** 3 * gap) / (2 * places.length)
  const [lower, upper] = [new Float64Array(size), new Float64Array(size)]
  for (const i of places) {
    lower[i] = mu - first.dx[i]! * first.dz[i]!
    upper[i] = mu + first.dx[i]! * first.dv[i]!
  }
  const second = await directionOf(problem, point, { q, aims: [lower, upper] })
  const lengths = lengthsOf(problem, point, second)
  const [far, farDual] = lengths.map((length) => Math.min(1, backOff * length)) as [number, number]
  for (const i of places) {
    x[i]! += far * second.dx[i]!
    s[i]! -= far * second.dx[i]!
    z[i]! += farDual * second.dz[i]!
    v[i]! += farDual * second.dv[i]!
  }
  point.theta = point.theta.map((value, j) => value + farDual * second.theta[j]!)
  point.residuals.set(await residualsOf(problem, point.theta))
  return Math.max(far, farDual)
}

/** Solves for the changes that bring x z and s v to their aims. */
async function directionOf(
  problem: QuantileProblem,
  { x, s, z, v, residuals }: Interior,
  { q, aims: [lower, upper] }: { q: Float64Array; aims: readonly [Float64Array, Float64Array] },
): Promise<Direction> {
  const { rows, places, up, down } = problem
  const n = rows.target.length
  const p = rows.columns + 1
  const [aim, target] = [new Float64Array(up.length), new Float64Array(up.length)]
  for (const i of places) {
    aim[i] = residuals[i]! - upper[i]! / s[i]! + lower[i]! / x[i]!
    // Keeps the dual variables feasible: what rounding has brought into the sums of x is taken back.
    target[i] = aim[i] + (x[i]! - down[i]!) / q[i]!
  }
  const { gram, products } = await rows.normalSums(q.subarray(0, n), target.subarray(0, n))
  for (let i = n; i < q.length; i++) {
    const j = i - n + 1
    gram[j * p + j]! += q[i]!
    products[j]! += q[i]! * target[i]!
  }
  const theta = solve(factorizeSafely(gram, p).factor, products)
  const scores = new Float64Array(up.length)
  await rows.scores(theta, scores.subarray(0, n))
  scores.set(theta.subarray(1, 1 + up.length - n), n)
  const [dx, dz, dv] = [aim, new Float64Array(up.length), new Float64Array(up.length)]
  for (const i of places) {
    const change = q[i]! * (aim[i]! - scores[i]!)
    dx[i] = change
    dz[i] = (lower[i]! - z[i]! * change) / x[i]! - z[i]!
    dv[i] = (upper[i]! + v[i]! * change) / s[i]! - v[i]!
  }
  return { theta, dx, dz, dv }
}

/** How far x and s, and z and v, can go along a direction before one of them is 0; at most about 1. */
function lengthsOf(
  { places }: QuantileProblem,
  { x, s, z, v }: Interior,
  { dx, dz, dv }: Direction,
): [primal: number, dual: number] {
  let [primal, dual] = [1 / backOff, 1 / backOff]
  for (const i of places) {
    if (dx[i]! < 0) primal = Math.min(primal, -x[i]! / dx[i]!)
    else if (dx[i]! > 0) primal = Math.min(primal, s[i]! / dx[i]!)
    if (dz[i]! < 0) dual = Math.min(dual, -z[i]! / dz[i]!)
    if (dv[i]! < 0) dual = Math.min(dual, -v[i]! / dv[i]!)
  }
  return [primal, dual]
}
