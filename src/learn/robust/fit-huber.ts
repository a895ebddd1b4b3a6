/** Newton's method for Huber's loss with a learned scale. */

import { solve } from '../linear/cholesky.ts'
import { factorizeSafely } from '../logistic/safe-factor.ts'
import { notFinite } from '../statistics/not-finite-sums.ts'
import type { RobustRows } from './robust-rows.ts'

/** Options of a fit, checked. */
export interface HuberSettings {
  readonly epsilon: number
  readonly alpha: number
  readonly maxIter: number
  readonly tol: number
}

/** A fitted model. */
export interface HuberFit {
  /** Intercept (about the shift) and coefficients, shape (1 + d). */
  readonly theta: Float64Array
  readonly scale: number
  /** Row numbers. */
  readonly outliers: Int32Array
  readonly iterations: number
  readonly converged: boolean
  /** Root mean square change of predictions by the last step, relative to the scale. */
  readonly lastStep: number
}

/** A model and its residuals. */
interface Point {
  readonly theta: Float64Array
  readonly scale: number
  /** Shape (n). */
  readonly residuals: Float64Array
}

/** The scale is never less: that of scikit-learn. */
const leastScale = 10 * Number.EPSILON

/** Part of the decrease that the slope promises which a step must bring. */
const leastDecrease = 1e-4

/**
 * Minimizes the objective over coefficients and scale together, which is convex. It starts at least squares. The second
 * derivatives are those of weighted least squares on the rows that count by squares.
 */
export async function fitHuber(rows: RobustRows, settings: HuberSettings): Promise<HuberFit> {
  const { tol, maxIter } = settings
  const n = rows.target.length
  const scratch = { marks: rows.vector(n), change: rows.vector(n) }
  let spare = rows.vector(n)
  let point = await leastSquares(rows, settings)
  const floor = Math.max(leastScale, 1e-13 * point.scale)
  for (let iterations = 1; ; iterations++) {
    const step = await newtonStep(rows, point, settings, { ...scratch, floor })
    const length = Math.sqrt(Math.max(0, -step.slope) / (2 * rows.weight * point.scale))
    const isLast = !(length > tol) || iterations === maxIter
    await rows.scores(step.theta, scratch.change)
    const next = search(rows, point, { ...step, ...scratch, spare }, { ...settings, floor })
    if (next === undefined || isLast) {
      const { theta, scale } = next ?? point
      if (!theta.every(Number.isFinite) || !Number.isFinite(scale)) throw notFinite()
      const outliers = await findOutliers(rows, theta, settings.epsilon * scale, spare)
      // A point from which no step leads down is the minimum, up to rounding.
      const converged = !(length > tol) || next === undefined
      return { theta, scale, outliers, iterations, converged, lastStep: length }
    }
    spare = point.residuals
    point = next
  }
}

/** The ridge regression of the rows, and the scale that is best for its residuals. */
async function leastSquares(rows: RobustRows, settings: HuberSettings): Promise<Point> {
  const p = rows.columns + 1
  const { gram, products } = await rows.normalSums(rows.weights, rows.target)
  const penalized = addPenalty(gram, p, settings.alpha)
  const theta = solve(factorizeSafely(penalized, p).factor, products)
  const residuals = rows.vector(rows.target.length)
  await rows.scores(theta, residuals)
  const { squares, spread } = takeFromTarget(rows, residuals)
  if (!Number.isFinite(squares)) throw notFinite()
  const rounding = 1e-15 * Math.sqrt(spread / rows.weight)
  const scale = Math.max(Math.sqrt(squares / rows.weight), rounding, leastScale)
  return { theta, scale, residuals }
}

/** Turns scores of rows into residuals; returns sums of their squares and of those of the target. */
function takeFromTarget(
  rows: RobustRows,
  residuals: Float64Array,
): { squares: number; spread: number } {
  const { numbers, target } = rows
  let squares = 0
  let spread = 0
  // Here and below by position: iterators and pairs would leave an object for each row until the engine compiles the loop.
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i]!
    const residual = target[row]! - residuals[row]!
    residuals[row] = residual
    squares += rows.weightOf(row) * residual * residual
    spread += rows.weightOf(row) * target[row]! ** 2
  }
  return { squares, spread }
}

/** Two vectors of shape (n) that are free to use. */
interface Scratch {
  readonly marks: Float64Array
  readonly change: Float64Array
}

/** Writes the weights of rows that count by squares, or those of the others; rows of the other kind get 0. */
function markRows(
  rows: RobustRows,
  { residuals, scale }: Point,
  { epsilon, isOuter }: { readonly epsilon: number; readonly isOuter: boolean },
  marks: Float64Array,
): void {
  const limit = epsilon * scale
  const { numbers } = rows
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i]!
    marks[row] = Math.abs(residuals[row]!) > limit === isOuter ? rows.weightOf(row) : 0
  }
}

/**
 * The step of coefficients and scale. With u = [1, x, residual / scale] the second derivatives are 2 / scale × Σ weight × u u' over
 * the inner rows.
 */
async function newtonStep(
  rows: RobustRows,
  point: Point,
  { alpha, epsilon }: HuberSettings,
  { marks, change: signs, floor }: Scratch & { readonly floor: number },
): Promise<{ theta: Float64Array; scale: number; slope: number }> {
  const p = rows.columns + 1
  const { theta, scale, residuals } = point
  markRows(rows, point, { epsilon, isOuter: false }, marks)
  const near = await rows.normalSums(marks, residuals)
  markRows(rows, point, { epsilon, isOuter: true }, marks)
  const { numbers } = rows
  for (let i = 0; i < numbers.length; i++) signs[numbers[i]!] = Math.sign(residuals[numbers[i]!]!)
  const far = await rows.normalSums(marks, signs)
  const hasOuter = far.squares > 0
  const gradient = theta.map((value, j) => {
    const penalty = j === 0 ? 0 : 2 * alpha * value
    const loss = (2 / scale) * near.products[j]! + (hasOuter ? 2 * epsilon * far.products[j]! : 0)
    return rows.isFree[j] === 0 ? 0 : penalty - loss
  })
  const slope = rows.weight - epsilon * epsilon * far.squares - near.squares / scale ** 2
  const gram = addPenalty(
    near.gram.map((sum) => (2 / scale) * sum),
    p,
    2 * alpha,
  )
  const isFixed = scale <= floor && slope > 0
  const size = p + 1
  const hessian = new Float64Array(size * size)
  for (let i = 0; i < p; i++) {
    hessian.set(gram.subarray(i * p, (i + 1) * p), i * size)
    const cross = isFixed ? 0 : (2 / scale ** 2) * near.products[i]!
    hessian[i * size + p] = hessian[p * size + i] = cross
  }
  hessian[size * size - 1] = isFixed ? 1 : (2 / scale ** 3) * near.squares
  const slopes = Float64Array.of(...gradient, isFixed ? 0 : slope)
  const step = solve(factorizeSafely(hessian, size).factor, slopes).map((value) => -value)
  return {
    theta: step.subarray(0, p),
    scale: step[p]!,
    slope: step.reduce((sum, value, i) => sum + value * slopes[i]!, 0),
  }
}

/** Goes along a step as far as it pays; undefined when no part of it does. */
function search(
  rows: RobustRows,
  point: Point,
  step: {
    readonly theta: Float64Array
    readonly scale: number
    readonly slope: number
    readonly change: Float64Array
    /** For the residuals of the point that is found. */
    readonly spare: Float64Array
  },
  settings: HuberSettings & { readonly floor: number },
): Point | undefined {
  const { floor } = settings
  const before = lossOf(rows, point, settings)
  // The scale may fall to a tenth in a step: its second derivative grows fast on the way to 0.
  const most = step.scale < 0 ? Math.min(1, (0.9 * point.scale) / -step.scale) : 1
  const residuals = step.spare
  for (let part = most; part > 1e-12; part /= 2) {
    const theta = point.theta.map((value, j) => value + part * step.theta[j]!)
    const scale = Math.max(point.scale + part * step.scale, floor)
    moveResiduals(rows, point.residuals, { change: step.change, part }, residuals)
    const next = { theta, scale, residuals }
    const value = lossOf(rows, next, settings)
    if (value <= before + leastDecrease * part * step.slope) return next
    if (value <= before && part === 1) return next
  }
  return undefined
}

function moveResiduals(
  { numbers }: RobustRows,
  from: Float64Array,
  { change, part }: { readonly change: Float64Array; readonly part: number },
  residuals: Float64Array,
): void {
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i]!
    residuals[row] = from[row]! - part * change[row]!
  }
}

function lossOf(
  rows: RobustRows,
  { theta, scale, residuals }: Point,
  { epsilon, alpha }: HuberSettings,
): number {
  const limit = epsilon * scale
  const { numbers } = rows
  let squares = 0
  let sizes = 0
  let outer = 0
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i]!
    const size = Math.abs(residuals[row]!)
    const weight = rows.weightOf(row)
    if (size > limit) {
      sizes += weight * size
      outer += weight
    } else squares += weight * size * size
  }
  const penalty = theta.reduce((sum, value, j) => (j === 0 ? 0 : sum + value * value), 0)
  const linear = 2 * epsilon * sizes - epsilon * epsilon * outer * scale
  return rows.weight * scale + squares / scale + linear + alpha * penalty
}

function addPenalty(gram: Float64Array, p: number, alpha: number): Float64Array {
  const penalized = gram.slice()
  for (let j = 1; j < p; j++) penalized[j * p + j]! += alpha
  return penalized
}

async function findOutliers(
  rows: RobustRows,
  theta: Float64Array,
  limit: number,
  scores: Float64Array,
): Promise<Int32Array> {
  await rows.scores(theta, scores)
  const { numbers, target } = rows
  const isOutlier = (row: number): boolean => Math.abs(target[row]! - scores[row]!) > limit
  let count = 0
  for (let i = 0; i < numbers.length; i++) if (isOutlier(numbers[i]!)) count++
  const outliers = new Int32Array(count)
  for (let i = 0, at = 0; i < numbers.length; i++)
    if (isOutlier(numbers[i]!)) outliers[at++] = numbers[i]!
  return outliers
}
