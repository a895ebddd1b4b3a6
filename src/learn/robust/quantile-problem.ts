/** The problem of quantile regression, and points of its interior. */

import type { LinearSums } from './linear-sums.ts'
import { blocksOfRows, type SumsBlock } from './linear-blocks.ts'
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
  /** The rows in parts, so that residuals need no vector of n elements. */
  readonly blocks: readonly SumsBlock[]
  /** The places of coefficients with a penalty, after those of the rows. */
  readonly penalized: readonly number[]
  /** Room for the scores and the weights of a block. */
  readonly room: { readonly scores: Float64Array; readonly weights: Float64Array }
  /** How many places count: those of rows, then those of coefficients. */
  readonly count: number
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
  const penalty = rows.weight * alpha
  const blocks = blocksOfRows(rows, rows.numbers)
  const longest = Math.max(...blocks.map(({ start, stop }) => stop - start))
  return {
    rows,
    blocks,
    room: { scores: rows.vector(longest), weights: rows.vector(longest) },
    penalized,
    count: rows.numbers.length + penalized.length,
    size,
    up: (place) => (place < n ? rows.weightOf(place) * quantile : penalty),
    down: (place) => (place < n ? rows.weightOf(place) * (1 - quantile) : penalty),
  }
}

/** The place at a position among those that count. */
export function placeAt({ rows: { numbers }, penalized }: QuantileProblem, at: number): number {
  return at < numbers.length ? numbers[at]! : penalized[at - numbers.length]!
}

/** Rows of one block, and their scores; position i among them is row `rows.numbers[from + i]`. */
export interface ScoredBlock extends Pick<SumsBlock, 'from' | 'to' | 'start'> {
  readonly sums: LinearSums
  /** By row number less `start`; free to be overwritten. */
  readonly scores: Float64Array
}

/** Evaluates a linear function block by block; the next block overwrites the scores. */
export async function* scoreBlocks(
  { blocks, room }: QuantileProblem,
  theta: Float64Array,
): AsyncGenerator<ScoredBlock, void> {
  for (const { from, to, start, stop, sums } of blocks) {
    const scores = room.scores.subarray(0, stop - start)
    const part = sums()
    await part.scores(theta, scores)
    yield { from, to, start, sums: part, scores }
  }
}

/** The objective: a sum over the rows, not their mean. */
export async function valueOf(problem: QuantileProblem, theta: Float64Array): Promise<number> {
  const { rows, penalized } = problem
  const n = rows.target.length
  let value = 0
  for await (const block of scoreBlocks(problem, theta)) value = addLosses(problem, block, value)
  for (const place of penalized) value += lossOf(problem, place, -theta[place - n + 1]!)
  return value
}

function addLosses(
  problem: QuantileProblem,
  { from, to, start, scores }: ScoredBlock,
  before: number,
): number {
  const { numbers, target } = problem.rows
  let value = before
  for (let at = from; at < to; at++) {
    const row = numbers[at]!
    value += lossOf(problem, row, target[row]! - scores[row - start]!)
  }
  return value
}

function lossOf(problem: QuantileProblem, place: number, residual: number): number {
  return residual > 0 ? problem.up(place) * residual : -problem.down(place) * residual
}

/** The objective of a constant, or what rounding leaves of it. */
export function spreadOf(problem: QuantileProblem): number {
  const { rows } = problem
  const { numbers, target } = rows
  let mean = 0
  for (let at = 0; at < numbers.length; at++) {
    const row = numbers[at]!
    mean += (rows.weightOf(row) / rows.weight) * target[row]!
  }
  let spread = 0
  let size = 0
  for (let at = 0; at < numbers.length; at++) {
    const row = numbers[at]!
    const most = Math.max(problem.up(row), problem.down(row))
    spread += most * Math.abs(target[row]! - mean)
    size += most * Math.abs(target[row]!)
  }
  return Math.max(spread, 1e-3 * size, 1e-300)
}
