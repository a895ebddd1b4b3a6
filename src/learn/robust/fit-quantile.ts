/** Interior point method for quantile regression. */

import { solve } from '../linear/cholesky.ts'
import { factorizeSafely } from '../logistic/safe-factor.ts'
import { notFinite } from '../statistics/not-finite-sums.ts'
import type { RobustRows } from './robust-rows.ts'
import {
  type Interior,
  placeAt,
  problemOf,
  type QuantileProblem,
  type QuantileSettings,
  type ScoredBlock,
  scoreBlocks,
  spreadOf,
  valueOf,
} from './quantile-problem.ts'
import { quantileStep } from './quantile-step.ts'
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

/** Minimizes the objective. It needs 44 bytes for each row besides `X` and `y`. */
export async function fitQuantile(
  rows: RobustRows,
  settings: QuantileSettings,
): Promise<QuantileFit> {
  const problem = problemOf(rows, settings)
  const point = await startOf(problem)
  const changes = { first: rows.shortVector(problem.size), second: rows.vector(problem.size) }
  const floor = 1e-14 * spreadOf(problem)
  let best = { theta: point.theta, value: await valueOf(problem, point.theta) }
  for (let iterations = 1; ; iterations++) {
    const gap = gapOf(problem, point)
    const limit = Math.max(tolerance * best.value, floor)
    const isLast = gap <= limit || iterations >= settings.maxIter
    const moved = isLast ? 0 : await quantileStep(problem, point, changes, gap)
    const value = await valueOf(problem, point.theta)
    if (value < best.value) best = { theta: point.theta, value }
    if (!isLast && moved > 1e-12) continue
    const vertex = (await nearestVertex(problem, point, best.value)) ?? best
    if (!vertex.theta.every(Number.isFinite)) throw notFinite()
    const last = Math.max(0, gap - (best.value - vertex.value))
    const allowed = Math.max(looseTolerance * vertex.value, 10 * floor)
    const converged = last <= allowed
    return { theta: vertex.theta, iterations, converged, gap: last, limit: allowed }
  }
}

/** Least squares, and the middle of the dual variables, which is feasible. */
async function startOf(problem: QuantileProblem): Promise<Interior> {
  const { rows, size, penalized } = problem
  const n = rows.target.length
  const { gram, products } = await rows.normalSums(rows.weights, rows.target)
  const theta = solve(factorizeSafely(gram, rows.columns + 1).factor, products)
  const vector = (): Float64Array => rows.vector(size)
  const point = { x: vector(), s: vector(), z: vector(), v: vector(), theta }
  for await (const block of scoreBlocks(problem, theta)) keepResiduals(problem, block, point.z)
  for (const place of penalized) point.z[place] = -theta[place - n + 1]!
  fillInterior(problem, point)
  return point
}

function keepResiduals(
  { rows: { numbers, target } }: QuantileProblem,
  { from, to, start, scores }: ScoredBlock,
  residuals: Float64Array,
): void {
  for (let at = from; at < to; at++) {
    const row = numbers[at]!
    residuals[row] = target[row]! - scores[row - start]!
  }
}

/** Fills the vectors of the first point, whose `z` holds the residuals. */
function fillInterior(problem: QuantileProblem, { x, s, z, v }: Interior): void {
  let total = 0
  let count = 0
  for (let at = 0; at < problem.count; at++) {
    const i = placeAt(problem, at)
    const weight = problem.up(i) + problem.down(i)
    total += weight * Math.abs(z[i]!)
    count += weight
  }
  if (!Number.isFinite(total)) throw notFinite()
  const added = total > 0 ? total / count : 1
  for (let at = 0; at < problem.count; at++) {
    const i = placeAt(problem, at)
    const residual = z[i]!
    x[i] = problem.down(i)
    s[i] = problem.up(i)
    z[i] = Math.max(-residual, 0) + added
    v[i] = Math.max(residual, 0) + added
  }
}

function gapOf(problem: QuantileProblem, { x, s, z, v }: Interior): number {
  let gap = 0
  for (let at = 0; at < problem.count; at++) {
    const i = placeAt(problem, at)
    gap += x[i]! * z[i]! + s[i]! * v[i]!
  }
  return gap
}
