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
  const vector = (): Float64Array => rows.vector(problem.size)
  const scratch = { q: vector(), first: vector(), second: vector(), work: vector() }
  const point = await startOf(problem, scratch.work)
  const floor = 1e-14 * spreadOf(problem)
  let best = { theta: point.theta, value: valueOf(problem, scratch.work) }
  for (let iterations = 1; ; iterations++) {
    const gap = gapOf(problem, point)
    const limit = Math.max(tolerance * best.value, floor)
    const isLast = gap <= limit || iterations >= settings.maxIter
    const moved = isLast ? 0 : await step(problem, point, scratch, gap)
    await residualsOf(problem, point.theta, scratch.work)
    const value = valueOf(problem, scratch.work)
    if (value < best.value) best = { theta: point.theta, value }
    if (!isLast && moved > 1e-12) continue
    const vertex = (await nearestVertex(problem, point, scratch.work, best.value)) ?? best
    if (!vertex.theta.every(Number.isFinite)) throw notFinite()
    const last = Math.max(0, gap - (best.value - vertex.value))
    const allowed = Math.max(looseTolerance * vertex.value, 10 * floor)
    const converged = last <= allowed
    return { theta: vertex.theta, iterations, converged, gap: last, limit: allowed }
  }
}

/**
 * Least squares, and the middle of the dual variables, which is feasible.
 *
 * @param residuals - receives those of the start, shape (size)
 */
async function startOf(problem: QuantileProblem, residuals: Float64Array): Promise<Interior> {
  const { rows, places, size } = problem
  const { gram, products } = await rows.normalSums(rows.weights, rows.target)
  const theta = solve(factorizeSafely(gram, rows.columns + 1).factor, products)
  await residualsOf(problem, theta, residuals)
  let [total, count] = [0, 0]
  for (const i of places) {
    const weight = problem.up(i) + problem.down(i)
    total += weight * Math.abs(residuals[i]!)
    count += weight
  }
  if (!Number.isFinite(total)) throw notFinite()
  const added = total > 0 ? total / count : 1
  const vector = (): Float64Array => rows.vector(size)
  const [x, s, z, v] = [vector(), vector(), vector(), vector()]
  for (const i of places) {
    x[i] = problem.down(i)
    s[i] = problem.up(i)
    z[i] = Math.max(-residuals[i]!, 0) + added
    v[i] = Math.max(residuals[i]!, 0) + added
  }
  return { x, s, z, v, theta }
}

function gapOf({ places }: QuantileProblem, { x, s, z, v }: Interior): number {
  let gap = 0
  for (const i of places) gap += x[i]! * z[i]! + s[i]! * v[i]!
  return gap
}

/** Vectors that steps use. */
interface Scratch {
  readonly q: Float64Array
  /** Changes of x, and negative ones of s, by the predictor. */
  readonly first: Float64Array
  /** The same by the corrector. */
  readonly second: Float64Array
  /** Residuals on entry. */
  readonly work: Float64Array
}

/** What x z and s v should become: 0 for the predictor; `mu` less what its step would add to them for the corrector. */
interface Aims {
  lower(place: number): number
  upper(place: number): number
}

/** One predictor and corrector step (Mehrotra); returns how far it went. `work` must hold the residuals. */
async function step(
  problem: QuantileProblem,
  point: Interior,
  scratch: Scratch,
  gap: number,
): Promise<number> {
  const { places } = problem
  const { x, s, z, v } = point
  const { q, first, second, work } = scratch
  for (const i of places) q[i] = 1 / (z[i]! / x[i]! + v[i]! / s[i]!)
  const nothing = { lower: () => 0, upper: () => 0 }
  await directionOf(problem, point, nothing, { q, change: first, work })
  const { primal, dual } = lengthsOf(problem, point, nothing, first)
  let next = 0
  for (const i of places) {
    const change = primal * first[i]!
    next += (x[i]! + change) * (z[i]! + dual * lowerChange(point, i, 0, first[i]!))
    next += (s[i]! - change) * (v[i]! + dual * upperChange(point, i, 0, first[i]!))
  }
  const mu = ((next / gap) ** 3 * gap) / (2 * places.length)
  const aims: Aims = {
    lower: (i) => mu - first[i]! * lowerChange(point, i, 0, first[i]!),
    upper: (i) => mu + first[i]! * upperChange(point, i, 0, first[i]!),
  }
  await residualsOf(problem, point.theta, work)
  const theta = await directionOf(problem, point, aims, { q, change: second, work })
  const lengths = lengthsOf(problem, point, aims, second)
  const far = Math.min(1, backOff * lengths.primal)
  const farDual = Math.min(1, backOff * lengths.dual)
  for (const i of places) {
    const below = lowerChange(point, i, aims.lower(i), second[i]!)
    const above = upperChange(point, i, aims.upper(i), second[i]!)
    x[i]! += far * second[i]!
    s[i]! -= far * second[i]!
    z[i]! += farDual * below
    v[i]! += farDual * above
  }
  point.theta = point.theta.map((value, j) => value + farDual * theta[j]!)
  return Math.max(far, farDual)
}

/** The change of z that brings x z to its aim when x changes. */
function lowerChange({ x, z }: Interior, i: number, aim: number, change: number): number {
  return (aim - z[i]! * change) / x[i]! - z[i]!
}

/** The change of v that brings s v to its aim when x changes, and s by as much the other way. */
function upperChange({ s, v }: Interior, i: number, aim: number, change: number): number {
  return (aim + v[i]! * change) / s[i]! - v[i]!
}

/**
 * Solves for the changes that bring x z and s v to their aims.
 *
 * @param work - the residuals; destroyed
 * @returns the change of theta; that of x is written to `change`
 */
async function directionOf(
  problem: QuantileProblem,
  { x, s }: Interior,
  aims: Aims,
  { q, change, work }: { q: Float64Array; change: Float64Array; work: Float64Array },
): Promise<Float64Array> {
  const { rows, places, size } = problem
  const n = rows.target.length
  const p = rows.columns + 1
  for (const i of places) {
    const aim = work[i]! - aims.upper(i) / s[i]! + aims.lower(i) / x[i]!
    change[i] = aim
    // Keeps the dual variables feasible: what rounding has brought into the sums of x is taken back.
    work[i] = aim + (x[i]! - problem.down(i)) / q[i]!
  }
  const { gram, products } = await rows.normalSums(q.subarray(0, n), work.subarray(0, n))
  for (let i = n; i < size; i++) {
    const j = i - n + 1
    if (rows.isFree[j] === 0) continue
    gram[j * p + j]! += q[i]!
    products[j]! += q[i]! * work[i]!
  }
  const theta = solve(factorizeSafely(gram, p).factor, products)
  await rows.scores(theta, work.subarray(0, n))
  work.set(theta.subarray(1, 1 + size - n), n)
  for (const i of places) change[i] = q[i]! * (change[i]! - work[i]!)
  return theta
}

/** How far x and s, and z and v, can go before one of them is 0; at most about 1. */
function lengthsOf(
  { places }: QuantileProblem,
  point: Interior,
  aims: Aims,
  changes: Float64Array,
): { primal: number; dual: number } {
  const { x, s, z, v } = point
  let [primal, dual] = [1 / backOff, 1 / backOff]
  for (const i of places) {
    const change = changes[i]!
    if (change < 0) primal = Math.min(primal, -x[i]! / change)
    else if (change > 0) primal = Math.min(primal, s[i]! / change)
    const below = lowerChange(point, i, aims.lower(i), change)
    const above = upperChange(point, i, aims.upper(i), change)
    if (below < 0) dual = Math.min(dual, -z[i]! / below)
    if (above < 0) dual = Math.min(dual, -v[i]! / above)
  }
  return { primal, dual }
}
