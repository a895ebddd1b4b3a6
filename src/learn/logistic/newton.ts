/** Newton's method for logistic regression, with and without absolute penalties. */

import {
  type Minimizer,
  type Objective,
  penaltyAt,
  type PointSums,
  refuseSeparation,
  requireFiniteSums,
  smoothGradient,
  type Stopping,
} from './penalty-terms.ts'
import { quadraticStep } from './quadratic-step.ts'

/** Second derivatives are used again while each step with them is at most this part of the one before. */
const goodRate = 0.1

/** Steps shorter than this are near the minimum: second derivatives may be used again. */
const nearStep = 0.01

/** How much slower than from one step to the next the length may fall from there on. */
const caution = 10

/** Part of the decrease that the slope promises which a step must bring. */
const leastDecrease = 1e-4

/** Rounding errors of a sum of losses, relative to it. */
const rounding = 16 * Number.EPSILON

/**
 * Minimizes by Newton steps. Second derivatives are asked for until the steps are small, then used again as long as the
 * steps shrink fast; the minimum doesn't depend on them.
 *
 * A step's length is the root mean square change of the scores that it makes, weighted by second derivatives. The search ends
 * when the step after the next would be shorter than `tol`, as far as the last two tell.
 *
 * @param start - shape (scores, width); not changed
 */
export function* newton(
  objective: Objective,
  start: Float64Array,
  { tol, maxIter }: Stopping,
): Minimizer {
  let theta = start
  let sums = yield { coefficients: theta, withHessian: true }
  requireFiniteSums(sums)
  let model = quadraticStep(objective, requireHessian(sums))
  const { isSingular } = model
  let isFresh = true
  let before = Infinity
  for (let iterations = 1; ; iterations++) {
    refuseSeparation(objective, sums.margin > 0)
    const gradient = smoothGradient(objective, theta, sums)
    const step = model.step(gradient, theta)
    const { slope, length } = measure(objective, theta, gradient, step, sums)
    const rate = length / before
    const next = theta.map((value, i) => value + step[i]!)
    const following = before === Infinity ? length : length * Math.min(caution * rate, 1)
    const isLast = following <= tol
    // A fresh step that is no shorter than the one before is made of rounding errors.
    const isNoise = isFresh && rate > 0.5 && length < 1e-6
    if (isLast || isNoise) {
      refuseSeparation(objective, stillGrows(objective, step))
      return { coefficients: next, iterations, converged: true, lastStep: length }
    }
    if (iterations === maxIter)
      return { coefficients: next, iterations, converged: false, lastStep: length }
    const wantsHessian = length > nearStep || (rate > goodRate && before < Infinity)
    const value = sums.loss + penaltyAt(objective, theta)
    for (let share = 1; ; share /= 2) {
      const point =
        share === 1 ? next : theta.map((coefficient, i) => coefficient + share * step[i]!)
      const tried = yield { coefficients: point, withHessian: wantsHessian && share === 1 }
      const decrease = value - (tried.loss + penaltyAt(objective, point))
      const isEnough = decrease >= -leastDecrease * share * slope - rounding * Math.abs(value)
      if (!isEnough && share > 1e-10) continue
      theta = point
      sums = tried
      if (share < 1 && sums.hessian === undefined)
        sums = yield { coefficients: theta, withHessian: true }
      break
    }
    requireFiniteSums(sums)
    isFresh = sums.hessian !== undefined
    if (sums.hessian !== undefined) {
      model = quadraticStep(objective, sums.hessian)
      // Columns that were independent at the start: then it is rows that no longer count.
      refuseSeparation(objective, model.isSingular && !isSingular)
    }
    before = length
  }
}

function requireHessian({ hessian }: PointSums): Float64Array {
  if (hessian === undefined) throw new TypeError('Expected second derivatives.')
  return hessian
}

/** The slope of the objective along a step, and the step's length. */
function measure(
  { width, l1 }: Objective,
  theta: Float64Array,
  gradient: Float64Array,
  step: Float64Array,
  { weight }: PointSums,
): { slope: number; length: number } {
  let slope = 0
  for (let i = 0; i < step.length; i++) {
    slope += gradient[i]! * step[i]!
    if (l1 > 0 && i % width !== 0)
      slope += l1 * (Math.abs(theta[i]! + step[i]!) - Math.abs(theta[i]!))
  }
  return { slope, length: Math.sqrt(Math.max(0, -slope) / weight) }
}

/** Scores change by less than this in the last step of a search that has a minimum to find. */
const mostLastChange = 0.1

/**
 * Whether a last step still changes scores of some rows. They hardly count any more: a column tells their class apart
 * without error, and their probabilities tend to 1.
 */
function stillGrows({ width, spread }: Objective, step: Float64Array): boolean {
  return step.some((change, i) => Math.abs(change) * spread[i % width]! > mostLastChange)
}
