/** Brings ill-conditioned least squares to full precision on the rows. */

import type { NDArray } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { solveFactor } from './factor-solution.ts'
import type { QrFactor } from '../statistics/qr-factor.ts'
import { checkInputs, type ReadOptions } from '../statistics/read-moments.ts'

/** Passes over the rows at most; each gains some digits, NIST's worst problem needs four. */
const maxSteps = 5

/** Refined coefficients and intercepts, one for each target. */
export interface RefinedSolution {
  readonly coefficients: Float64Array[]
  readonly intercepts: Float64Array
}

/**
 * Solves least squares by a factor of the rows, then corrects the solution by residuals of these rows
 * that are computed in twice the working precision, until corrections no longer shrink.
 *
 * @param X - values, shape (n, d)
 * @param y - target, shape (n) or (n, m)
 * @param read - the rows (one group) and weights that `factor` was read with
 * @param factor - of full rank
 * @see Björck: Numerical Methods for Least Squares Problems (1996), 6.6.5
 */
export async function refineSolution(
  X: NDArray,
  y: NDArray,
  read: ReadOptions,
  factor: QrFactor,
  { fitIntercept, alpha }: { fitIntercept: boolean; alpha: number },
): Promise<RefinedSolution> {
  const { groups, weights } = checkInputs(X, y, read)
  const { columns: d, weight } = factor
  const { coefficients, step } = solveFactor(factor, fitIntercept, alpha)
  // Values are taken about the means, where the intercept of centred least squares is 0.
  const origin = fitIntercept ? factor.mean : new Float64Array(factor.mean.length)
  const offsets = new Float64Array(coefficients.length)
  let last = Infinity
  for (let pass = 0; pass < maxSteps; pass++) {
    const { gradient } = await native.leastSquaresGradient(
      kernelMatrix(X),
      kernelMatrix(y),
      weights,
      groups.map((rows) => kernelRows(rows)),
      origin,
      new Float64Array(origin.length).fill(1),
      Float64Array.from(coefficients.flatMap((w, target) => [offsets[target]!, ...w])),
      kernelThreads(),
    )
    const steps = coefficients.map((w, target) => {
      const slopes = gradient.subarray(target * (d + 1) + 1, (target + 1) * (d + 1))
      return step(slopes.map((slope, j) => slope - alpha * w[j]!))
    })
    const largest = Math.max(...steps.map((w, target) => relativeLength(w, coefficients[target]!)))
    if (!(largest < last)) break
    last = largest
    for (const [target, w] of coefficients.entries()) {
      for (let j = 0; j < d; j++) w[j]! += steps[target]![j]!
      if (fitIntercept) offsets[target]! += gradient[target * (d + 1)]! / weight
    }
    if (largest < Number.EPSILON) break
  }
  const intercepts = Float64Array.from(coefficients, (w, target) =>
    w.reduce((sum, wj, j) => sum - wj * origin[j]!, origin[d + target]! + offsets[target]!),
  )
  return { coefficients, intercepts }
}

/** The greatest step of a coefficient, as a part of the coefficient. */
function relativeLength(step: Float64Array, coefficients: Float64Array): number {
  return step.reduce((most, value, j) => Math.max(most, Math.abs(value / coefficients[j]!) || 0), 0)
}
