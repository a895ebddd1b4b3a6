/** Elastic-net coefficients by cyclic coordinate descent on a Gram matrix. */

/** The problem: minimize ½ (wᵀGw - 2 qᵀw + y²) + l1 ‖w‖₁ + ½ l2 ‖w‖². */
export interface PenalizedProblem {
  /** G, mean products of centred columns, shape (d, d). */
  readonly gram: Float64Array
  /** q, mean products of centred columns and target, shape (d). */
  readonly products: Float64Array
  /** y², the mean square of the centred target. */
  readonly targetSquare: number
  /** Weight of the sum of absolute values, >= 0. */
  readonly l1: number
  /** Weight of half the sum of squares, >= 0. */
  readonly l2: number
  /** Whether coefficients must not be negative. */
  readonly positive: boolean
}

/** When to stop. */
export interface StoppingRule {
  /** Stop when the duality gap is below `tol` × the mean square of the target. */
  readonly tol: number
  /** Passes over all coefficients at most, >= 1. */
  readonly maxIter: number
}

/** What coordinate descent found. */
export interface DescentResult {
  /** Coefficients, shape (d). */
  readonly coefficients: Float64Array
  /** Duality gap at the end: the objective is at most so far above its minimum. */
  readonly dualGap: number
  /** Passes over all coefficients. */
  readonly iterations: number
  /** Whether the gap fell below its limit. */
  readonly converged: boolean
}

/**
 * Minimizes an elastic-net objective. A pass costs d² operations whatever the number of rows was.
 * It starts at `start`, such as the solution for a similar penalty; default: zeros.
 * The duality gap is looked at only after a pass whose largest step is below `tol` × the largest
 * coefficient, as scikit-learn does.
 *
 * @see scikit-learn 1.2 `enet_coordinate_descent_gram` (sklearn/linear_model/_cd_fast.pyx);
 *   Friedman, Hastie, Tibshirani, J. Stat. Softw. 33 (2010)
 */
export function descend(
  problem: PenalizedProblem,
  { tol, maxIter }: StoppingRule,
  start?: Float64Array,
): DescentResult {
  const { gram, products, targetSquare, l1, l2, positive } = problem
  const d = products.length
  const w = start?.slice() ?? new Float64Array(d)
  const Gw = new Float64Array(d) // kept up to date with w
  for (let j = 0; j < d; j++)
    if (w[j] !== 0) for (let k = 0; k < d; k++) Gw[k]! += w[j]! * gram[j * d + k]!
  const limit = tol * targetSquare
  let dualGap = Infinity
  let iterations = 0
  while (iterations < maxIter) {
    let largest = 0
    let largestStep = 0
    for (let j = 0; j < d; j++) {
      const row = j * d
      const diagonal = gram[row + j]!
      if (diagonal === 0) continue
      const old = w[j]!
      const slope = products[j]! - Gw[j]! + old * diagonal
      const next = shrink(slope, l1, positive) / (diagonal + l2)
      const step = next - old
      if (step !== 0) {
        w[j] = next
        for (let k = 0; k < d; k++) Gw[k]! += step * gram[row + k]!
      }
      largest = Math.max(largest, Math.abs(next))
      largestStep = Math.max(largestStep, Math.abs(step))
    }
    iterations++
    if (largest === 0 || largestStep / largest < tol || iterations === maxIter) {
      dualGap = gapAt(problem, w, Gw)
      if (dualGap <= limit) break
    }
  }
  return { coefficients: w, dualGap, iterations, converged: dualGap <= limit }
}

function shrink(slope: number, l1: number, positive: boolean): number {
  if (slope > l1) return slope - l1
  if (slope < -l1 && !positive) return slope + l1
  return 0
}

/** The objective at w minus that of a feasible point of its dual, >= 0 but for rounding. */
function gapAt(problem: PenalizedProblem, w: Float64Array, Gw: Float64Array): number {
  const { products, targetSquare, l1, l2, positive } = problem
  let [dualNorm, qw, wGw, square, absolute] = [0, 0, 0, 0, 0]
  for (let j = 0; j < w.length; j++) {
    const wj = w[j]!
    const slope = products[j]! - Gw[j]! - l2 * wj
    dualNorm = Math.max(dualNorm, positive ? slope : Math.abs(slope))
    qw += products[j]! * wj
    wGw += Gw[j]! * wj
    square += wj * wj
    absolute += Math.abs(wj)
  }
  const residual = targetSquare + wGw - 2 * qw
  const feasible = dualNorm > l1 ? l1 / dualNorm : 1 // shrinks the residual into the dual's limits
  const squares = 0.5 * (1 + feasible * feasible) * (residual + l2 * square)
  return squares + l1 * absolute - feasible * (targetSquare - qw)
}
