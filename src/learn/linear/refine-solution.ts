/** Refines ill-conditioned least squares to full precision. */

import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { TrainingRows } from '../contract/moments-estimator.ts'
import { type LeastSquaresSettings, solveFactor } from './factor-solution.ts'
import type { Moments } from '../statistics/moments.ts'
import type { QrFactor } from '../statistics/qr-factor.ts'
import { checkInputs } from '../statistics/read-moments.ts'

/** Most passes over the rows; each gains some digits, and NIST's worst problem needs four. */
const maxSteps = 8

/** Refined coefficients and intercepts, one for each target. */
export interface RefinedSolution {
  readonly coefficients: Float64Array[]
  readonly intercepts: Float64Array
}

/**
 * Solves least squares by a factor of the rows, then corrects the solution by residuals of these rows
 * that are computed in twice the working precision, until corrections no longer shrink.
 *
 * @param rows - the rows that both statistics were read from
 * @see Björck: Numerical Methods for Least Squares Problems (1996), 6.6.5
 */
export async function refineSolution(
  { X, y, read, map }: TrainingRows,
  factor: QrFactor,
  moments: Moments,
  { fitIntercept, alpha }: LeastSquaresSettings,
): Promise<RefinedSolution> {
  const { groups, weights } = checkInputs(X, y, read)
  const { columns: d, weight } = moments
  const { coefficients, step } = solveFactor(factor, moments, { fitIntercept, alpha })
  // Values are taken about the means, where the intercept of centred least squares is 0.
  const origin = fitIntercept ? moments.mean : new Float64Array(moments.mean.length)
  const shift = origin.map((value, j) => (map?.shift[j] ?? 0) + value * (map?.scale[j] ?? 1))
  const factors = origin.map((_, j) => 1 / (map?.scale[j] ?? 1))
  const offsets = new Float64Array(coefficients.length)
  let last = Infinity
  for (let pass = 0; pass < maxSteps; pass++) {
    const { gradient } = await native.leastSquaresGradient(
      kernelMatrix(X),
      kernelMatrix(y),
      weights,
      groups.map((rows) => kernelRows(rows)),
      shift,
      factors,
      Float64Array.from(coefficients.flatMap((w, target) => [offsets[target]!, ...w])),
      kernelThreads(),
    )
    const steps = coefficients.map((w, target) => {
      const slopes = gradient.subarray(target * (d + 1) + 1, (target + 1) * (d + 1))
      return step(slopes.map((slope, j) => slope - alpha * w[j]!))
    })
    const length = Math.max(...steps.map((w) => effect(w, moments)))
    if (!(length < last / 2)) break
    last = length
    for (const [target, w] of coefficients.entries()) {
      for (let j = 0; j < d; j++) w[j]! += steps[target]![j]!
      if (fitIntercept) offsets[target]! += gradient[target * (d + 1)]! / weight
    }
    const all = Math.max(...coefficients.map((w) => effect(w, moments)))
    if (length < Number.EPSILON * all) break
  }
  const intercepts = Float64Array.from(coefficients, (w, target) =>
    w.reduce((sum, wj, j) => sum - wj * origin[j]!, origin[d + target]! + offsets[target]!),
  )
  return { coefficients, intercepts }
}

/** Greatest contribution of a coefficient to a prediction one standard deviation from the mean. */
function effect(w: Float64Array, { cross, mean, weight }: Moments): number {
  const p = mean.length
  return w.reduce((most, value, j) => {
    const spread = Math.sqrt(cross[j * p + j]! / weight)
    return Math.max(most, Math.abs(value) * (spread || Math.abs(mean[j]!)))
  }, 0)
}
