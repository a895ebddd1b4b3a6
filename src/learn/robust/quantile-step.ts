/** A step of the interior point method for quantile regression. */

import { solve } from '../linear/cholesky.ts'
import { factorizeSafely } from '../logistic/safe-factor.ts'
import type { NormalSums } from './linear-sums.ts'
import {
  type Interior,
  placeAt,
  type QuantileProblem,
  type ScoredBlock,
  scoreBlocks,
} from './quantile-problem.ts'

/** How near to a bound a step may go. */
const backOff = 0.99995

type Vector = Float32Array | Float64Array

/** Changes of x, and negative ones of s, shape (size). */
interface Changes {
  /** By the predictor: seven digits of what tells only where the corrector aims. */
  readonly first: Float32Array
  /** By the corrector. */
  readonly second: Float64Array
}

/**
 * What x z and s v should become: 0 for the predictor; `mu` less what the predictor's step would add to them for the corrector.
 */
interface Aims {
  readonly mu: number
  /** Undefined for the predictor. */
  readonly first: Float32Array | undefined
}

/** One predictor and corrector step (Mehrotra); returns how far it went. */
export async function quantileStep(
  problem: QuantileProblem,
  point: Interior,
  { first, second }: Changes,
  gap: number,
): Promise<number> {
  const nothing: Aims = { mu: 0, first: undefined }
  await directionOf(problem, point, nothing, first)
  const predicted = lengthsOf(problem, point, nothing, first)
  const next = gapAfter(problem, point, predicted, first)
  const aims: Aims = { mu: ((next / gap) ** 3 * gap) / (2 * problem.count), first }
  const theta = await directionOf(problem, point, aims, second)
  const lengths = lengthsOf(problem, point, aims, second)
  const far = Math.min(1, backOff * lengths.primal)
  const farDual = Math.min(1, backOff * lengths.dual)
  move(problem, point, aims, { change: second, far, farDual })
  point.theta = point.theta.map((value, j) => value + farDual * theta[j]!)
  return Math.max(far, farDual)
}

function gapAfter(
  problem: QuantileProblem,
  point: Interior,
  { primal, dual }: Lengths,
  first: Float32Array,
): number {
  const { x, s, z, v } = point
  let next = 0
  for (let at = 0; at < problem.count; at++) {
    const i = placeAt(problem, at)
    const change = primal * first[i]!
    next += (x[i]! + change) * (z[i]! + dual * lowerChange(point, i, 0, first[i]!))
    next += (s[i]! - change) * (v[i]! + dual * upperChange(point, i, 0, first[i]!))
  }
  return next
}

function move(
  problem: QuantileProblem,
  point: Interior,
  aims: Aims,
  {
    change,
    far,
    farDual,
  }: { readonly change: Float64Array; readonly far: number; readonly farDual: number },
): void {
  const { x, s, z, v } = point
  for (let at = 0; at < problem.count; at++) {
    const i = placeAt(problem, at)
    const below = lowerChange(point, i, lowerAim(point, aims, i), change[i]!)
    const above = upperChange(point, i, upperAim(point, aims, i), change[i]!)
    x[i]! += far * change[i]!
    s[i]! -= far * change[i]!
    z[i]! += farDual * below
    v[i]! += farDual * above
  }
}

function lowerAim(point: Interior, { mu, first }: Aims, i: number): number {
  return first === undefined ? 0 : mu - first[i]! * lowerChange(point, i, 0, first[i]!)
}

function upperAim(point: Interior, { mu, first }: Aims, i: number): number {
  return first === undefined ? 0 : mu + first[i]! * upperChange(point, i, 0, first[i]!)
}

/** The change of z that brings x z to its aim when x changes. */
function lowerChange({ x, z }: Interior, i: number, aim: number, change: number): number {
  return (aim - z[i]! * change) / x[i]! - z[i]!
}

/** The change of v that brings s v to its aim when x changes, and s by as much the other way. */
function upperChange({ s, v }: Interior, i: number, aim: number, change: number): number {
  return (aim + v[i]! * change) / s[i]! - v[i]!
}

/** The weight of a place in the normal equations. */
function weightAt({ x, s, z, v }: Interior, i: number): number {
  return 1 / (z[i]! / x[i]! + v[i]! / s[i]!)
}

/**
 * Solves for the changes that bring x z and s v to their aims, in two passes over blocks of rows.
 *
 * @returns the change of theta; that of x is written to `change`
 */
async function directionOf(
  problem: QuantileProblem,
  point: Interior,
  aims: Aims,
  change: Vector,
): Promise<Float64Array> {
  const { rows, penalized, room } = problem
  const n = rows.target.length
  const p = rows.columns + 1
  const sums: Pick<NormalSums, 'gram' | 'products'> = {
    gram: new Float64Array(p * p),
    products: new Float64Array(p),
  }
  for await (const block of scoreBlocks(problem, point.theta)) {
    const weights = room.weights.subarray(0, block.scores.length)
    fillTargets(problem, point, aims, { block, weights, change })
    const own = await block.sums.normalSums(weights, block.scores)
    for (let i = 0; i < own.gram.length; i++) sums.gram[i]! += own.gram[i]!
    for (let j = 0; j < p; j++) sums.products[j]! += own.products[j]!
  }
  for (const place of penalized) {
    const j = place - n + 1
    const weight = weightAt(point, place)
    const target = targetAt(problem, point, aims, { place, residual: -point.theta[j]!, change })
    sums.gram[j * p + j]! += weight
    sums.products[j]! += weight * target
  }
  const theta = solve(factorizeSafely(sums.gram, p).factor, sums.products)
  for await (const block of scoreBlocks(problem, theta)) takeScores(problem, point, block, change)
  for (const place of penalized)
    change[place] = weightAt(point, place) * (change[place]! - theta[place - n + 1]!)
  return theta
}

/** Writes the weights and targets of the normal equations of a block, these in place of its scores, and the aims of changes. */
function fillTargets(
  problem: QuantileProblem,
  point: Interior,
  aims: Aims,
  {
    block: { from, to, start, scores },
    weights,
    change,
  }: {
    readonly block: ScoredBlock
    readonly weights: Float64Array
    readonly change: Vector
  },
): void {
  const { numbers, target } = problem.rows
  for (let at = from; at < to; at++) {
    const place = numbers[at]!
    const residual = target[place]! - scores[place - start]!
    weights[place - start] = weightAt(point, place)
    scores[place - start] = targetAt(problem, point, aims, { place, residual, change })
  }
}

/** The target of a place in the normal equations; the aim of its change is written to `change`. */
function targetAt(
  problem: QuantileProblem,
  point: Interior,
  aims: Aims,
  {
    place,
    residual,
    change,
  }: { readonly place: number; readonly residual: number; readonly change: Vector },
): number {
  const { x, s } = point
  const upper = upperAim(point, aims, place)
  const lower = lowerAim(point, aims, place)
  const aim = residual - upper / s[place]! + lower / x[place]!
  change[place] = aim
  // Keeps the dual variables feasible: what rounding has brought into the sums of x is taken back.
  return aim + (x[place]! - problem.down(place)) / weightAt(point, place)
}

function takeScores(
  { rows: { numbers } }: QuantileProblem,
  point: Interior,
  { from, to, start, scores }: ScoredBlock,
  change: Vector,
): void {
  for (let at = from; at < to; at++) {
    const place = numbers[at]!
    change[place] = weightAt(point, place) * (change[place]! - scores[place - start]!)
  }
}

/** How far x and s, and z and v, can go before one of them is 0. */
interface Lengths {
  readonly primal: number
  readonly dual: number
}

/** The lengths of a step; at most about 1. */
function lengthsOf(
  problem: QuantileProblem,
  point: Interior,
  aims: Aims,
  changes: Vector,
): Lengths {
  const { x, s, z, v } = point
  let primal = 1 / backOff
  let dual = 1 / backOff
  for (let at = 0; at < problem.count; at++) {
    const i = placeAt(problem, at)
    const change = changes[i]!
    if (change < 0) primal = Math.min(primal, -x[i]! / change)
    else if (change > 0) primal = Math.min(primal, s[i]! / change)
    const below = lowerChange(point, i, lowerAim(point, aims, i), change)
    const above = upperChange(point, i, upperAim(point, aims, i), change)
    if (below < 0) dual = Math.min(dual, -z[i]! / below)
    if (above < 0) dual = Math.min(dual, -v[i]! / above)
  }
  return { primal, dual }
}
