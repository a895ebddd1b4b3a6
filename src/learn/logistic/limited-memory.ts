/** Limited-memory quasi-Newton steps for logistic models of many coefficients. */

import {
  isIntercept,
  type Minimizer,
  notFinite,
  type Objective,
  penaltyAt,
  refuseSeparation,
  requireFiniteSums,
  smoothGradient,
  type Stopping,
} from './penalty-terms.ts'

/** Pairs of steps and changes of the gradient that are remembered. */
const memory = 20

/** Part of the decrease that the slope promises which a step must bring. */
const leastDecrease = 1e-4

/** Rounding errors of a sum of losses, relative to it. */
const rounding = 16 * Number.EPSILON

/** A step, and how it changed the gradient. */
interface Pair {
  readonly step: Float64Array
  readonly change: Float64Array
  readonly product: number
}

/**
 * Minimizes by L-BFGS; with a penalty on absolute values by OWL-QN, which keeps signs within a step.
 *
 * @param start - shape (scores, width); not changed
 * @param deviations - standard deviations of the columns, about, shape (width); 1 for the intercept
 * @see Andrew, Gao: Scalable training of L1-regularized log-linear models, ICML (2007)
 */
export function* limitedMemory(
  objective: Objective,
  start: Float64Array,
  deviations: Float64Array,
  { tol, maxIter }: Stopping,
): Minimizer {
  const { width, l1 } = objective
  let theta = start
  let sums = yield { coefficients: theta, withHessian: false }
  const share = objective.scores === 1 ? 0.25 : (1 - 1 / objective.scores) / objective.scores
  const curvature = theta.map((_, i) => {
    const deviation = deviations[i % width]!
    const l2 = isIntercept(objective, i) ? 0 : objective.l2
    return sums.weight * share * deviation * deviation + l2
  })
  if (!curvature.every(Number.isFinite)) throw notFinite()
  const pairs: Pair[] = []
  let gradient = smoothGradient(objective, theta, sums)
  for (let iterations = 1; ; iterations++) {
    requireFiniteSums(sums)
    refuseSeparation(objective, sums.margin > 0)
    const slopes = l1 > 0 ? leastSlopes(objective, theta, gradient) : gradient
    let step = descent(slopes, pairs, curvature)
    if (l1 > 0) step = step.map((value, i) => (value * slopes[i]! >= 0 ? 0 : value))
    const slope = dot(step, slopes)
    const plain = slopes.reduce((sum, value, i) => sum + (value * value) / curvature[i]!, 0)
    const length = Math.sqrt(Math.max(-slope, plain) / sums.weight)
    const converged = length <= tol || slope === 0
    if (converged || iterations === maxIter)
      return { coefficients: theta, iterations, converged, lastStep: length }
    const value = sums.loss + penaltyAt(objective, theta)
    const signs = theta.map((one, i) => Math.sign(one === 0 ? -slopes[i]! : one))
    let moved = false
    for (let part = 1; part > 1e-12; part /= 2) {
      const point = theta.map((coefficient, i) => {
        const next = coefficient + part * step[i]!
        return l1 > 0 && !isIntercept(objective, i) && next * signs[i]! < 0 ? 0 : next
      })
      const tried = yield { coefficients: point, withHessian: false }
      const decrease = value - (tried.loss + penaltyAt(objective, point))
      const promised = -slopes.reduce(
        (sum, slopeHere, i) => sum + slopeHere * (point[i]! - theta[i]!),
        0,
      )
      if (!(decrease >= leastDecrease * promised - rounding * Math.abs(value))) continue
      const next = smoothGradient(objective, point, tried)
      remember(pairs, difference(point, theta), difference(next, gradient))
      theta = point
      sums = tried
      gradient = next
      moved = true
      break
    }
    if (moved) continue
    // No step is short enough to bring anything: start anew once, then it is rounding that is left.
    if (pairs.length === 0) return { coefficients: theta, iterations, converged, lastStep: length }
    pairs.length = 0
  }
}

/** The least element of the subdifferential: the gradient, shrunk where a coefficient is 0. */
function leastSlopes(
  objective: Objective,
  theta: Float64Array,
  gradient: Float64Array,
): Float64Array {
  const { l1, width, isFree } = objective
  return gradient.map((slope, i) => {
    if (isIntercept(objective, i) || isFree[i % width] === 0) return slope
    if (theta[i] !== 0) return slope + (theta[i]! > 0 ? l1 : -l1)
    if (slope > l1) return slope - l1
    return slope < -l1 ? slope + l1 : 0
  })
}

/** -H slopes, by the two-loop recursion. */
function descent(
  slopes: Float64Array,
  pairs: readonly Pair[],
  curvature: Float64Array,
): Float64Array {
  const q = slopes.slice()
  const shares: number[] = []
  for (const pair of pairs.toReversed()) {
    const share = dot(pair.step, q) / pair.product
    shares.push(share)
    for (let i = 0; i < q.length; i++) q[i]! -= share * pair.change[i]!
  }
  const last = pairs.at(-1)
  let scale = 1
  if (last !== undefined) {
    const squares = last.change.reduce((sum, value, i) => sum + (value * value) / curvature[i]!, 0)
    scale = last.product / squares
  }
  for (let i = 0; i < q.length; i++) q[i] = (q[i]! / curvature[i]!) * scale
  for (const pair of pairs) {
    const share = shares.pop()! - dot(pair.change, q) / pair.product
    for (let i = 0; i < q.length; i++) q[i]! += share * pair.step[i]!
  }
  return q.map((value) => -value)
}

function remember(pairs: Pair[], step: Float64Array, change: Float64Array): void {
  const product = dot(step, change)
  if (!(product > Number.EPSILON * dot(change, change) * 1e-4)) return
  pairs.push({ step, change, product })
  if (pairs.length > memory) pairs.shift()
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}

function difference(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value - b[i]!)
}
