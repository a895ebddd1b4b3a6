/** Steps to the minimum of a quadratic model with penalties. */

import { solve } from '../linear/cholesky.ts'
import { descendQuadratic } from './descend-quadratic.ts'
import { isIntercept, type Objective } from './penalty-terms.ts'
import { factorizeSafely } from './safe-factor.ts'

/** A quadratic model of the objective. */
export interface QuadraticModel {
  /** The step that a gradient asks for. */
  readonly step: (gradient: Float64Array, theta: Float64Array) => Float64Array
  /** Whether second derivatives were close to singular, so that their diagonal was raised. */
  readonly isSingular: boolean
}

/**
 * Prepares to minimize gᵀs + ½ sᵀ(H + l2) s + l1 ‖theta + s‖₁ over steps s.
 *
 * @param hessian - H, shape (m, m); not changed
 */
export function quadraticStep(objective: Objective, hessian: Float64Array): QuadraticModel {
  const matrix = penalizedHessian(objective, hessian)
  if (objective.l1 > 0) {
    return {
      step: (gradient, theta) => {
        const penalties = gradient.map((_, i) => (isIntercept(objective, i) ? 0 : objective.l1))
        return descendQuadratic({ matrix, gradient, penalties }, theta)
      },
      isSingular: false,
    }
  }
  const m = objective.scores * objective.width
  const { factor, isSingular } = factorizeSafely(matrix, m)
  const isFixed = zeroRows(matrix, m)
  return {
    step: (gradient) => {
      const wanted = gradient.map((slope, i) => (isFixed[i] === 1 ? 0 : -slope))
      return solve(factor, wanted)
    },
    isSingular,
  }
}

/** H with the penalty on squares; zeros for coefficients that are fixed, whose steps are then 0. */
function penalizedHessian(objective: Objective, hessian: Float64Array): Float64Array {
  const { scores, width, l1, l2, isFree } = objective
  const m = scores * width
  const matrix = hessian.slice()
  // A constant added to all scores changes no probability, so the last class's part of it is fixed where no penalty does so.
  const fixesAll = l1 === 0 && l2 === 0
  for (let i = 0; i < m; i++) {
    if (!isIntercept(objective, i)) matrix[i * m + i]! += l2
    const isLast = scores > 1 && i >= m - width && (fixesAll || i === m - width)
    if (isFree[i % width] === 1 && !isLast) continue
    for (let j = 0; j < m; j++) matrix[i * m + j] = matrix[j * m + i] = 0
  }
  return matrix
}

/** 1 for coefficients whose row of the matrix is 0. */
function zeroRows(matrix: Float64Array, m: number): Uint8Array {
  return Uint8Array.from({ length: m }, (_, i) => (matrix[i * m + i] === 0 ? 1 : 0))
}
