/** Least squares from a triangular factor, also when columns are collinear. */

import { Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix'
import { triangularize, type QrFactor } from '../statistics/qr-factor.ts'

/**
 * Singular values below this part of the greatest one, of columns scaled to length 1, are taken for
 * rounding: columns that are linear combinations leave some 1e-16, the worst of NIST's problems
 * (Filip) has 1e-10.
 */
const rankTolerance = 1e-13

/** Coefficients of least squares. */
export interface FactorSolution {
  /** One of shape (d) for each target. */
  readonly coefficients: Float64Array[]
  /** Number of linearly independent columns. */
  readonly rank: number
  /** Solves RᵀR x = g, shape (d): the step that a gradient asks for. Only for full rank. */
  readonly step: (gradient: Float64Array) => Float64Array
}

/**
 * Solves least squares; of many solutions it takes the one with the least sum of squared
 * coefficients.
 *
 * @param alpha - ridge penalty, >= 0; default: 0
 */
export function solveFactor(factor: QrFactor, fitIntercept: boolean, alpha = 0): FactorSolution {
  const { columns: d } = factor
  const p = factor.mean.length
  const triangle = Matrix.from1DArray(p, p, penalizedTriangle(factor, fitIntercept, alpha))
  const R = triangle.subMatrix(0, d - 1, 0, d - 1)
  const qty = Array.from({ length: p - d }, (_, target) =>
    Float64Array.from({ length: d }, (_, i) => triangle.get(i, d + target)),
  )
  const lengths = Float64Array.from({ length: d }, (_, j) => Math.hypot(...R.getColumn(j)) || 1)
  const scaled = R.clone().divRowVector(lengths)
  const decomposition = new SingularValueDecomposition(scaled)
  const singular = decomposition.diagonal
  const limit = rankTolerance * Math.max(...singular)
  const rank = singular.filter((value) => value > limit).length
  const solve =
    rank === d
      ? (b: Float64Array) => backSubstitute(R, b)
      : (b: Float64Array) => leastSolution(decomposition, rank, lengths, b)
  return {
    coefficients: qty.map(solve),
    rank,
    step: (gradient) => backSubstitute(R, forwardSubstitute(R, gradient)),
  }
}

/** R of the rows, with a row for the means when nothing was centred and rows for the penalty. */
function penalizedTriangle(factor: QrFactor, fitIntercept: boolean, alpha: number): Float64Array {
  const { columns, mean, triangle, weight } = factor
  const p = mean.length
  const parts = [triangle]
  if (!fitIntercept) parts.push(mean.map((value) => value * Math.sqrt(weight)))
  if (alpha > 0) {
    const penalty = new Float64Array(columns * p)
    for (let i = 0; i < columns; i++) penalty[i * p + i] = Math.sqrt(alpha)
    parts.push(penalty)
  }
  return parts.length === 1 ? triangle : triangularize(parts, p)
}

/** Solves R x = b for an upper triangle R. */
function backSubstitute(R: Matrix, b: Float64Array): Float64Array {
  const x = b.slice()
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i]! -= R.get(i, k) * x[k]!
    x[i]! /= R.get(i, i)
  }
  return x
}

/** Solves Rᵀ x = b for an upper triangle R. */
function forwardSubstitute(R: Matrix, b: Float64Array): Float64Array {
  const x = b.slice()
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i]! -= R.get(k, i) * x[k]!
    x[i]! /= R.get(i, i)
  }
  return x
}

/**
 * The least of all least-squares solutions. The rank was told on scaled columns, where units don't
 * matter; the solution has to be the least one in the columns' own units, so the part of it that
 * changes no prediction is taken out there.
 */
function leastSolution(
  { leftSingularVectors: U, rightSingularVectors: V, diagonal }: SingularValueDecomposition,
  rank: number,
  lengths: Float64Array,
  b: Float64Array,
): Float64Array {
  const d = b.length
  const x = new Matrix(d, 1)
  for (let k = 0; k < rank; k++) {
    let amount = 0
    for (let i = 0; i < d; i++) amount += (U.get(i, k) * b[i]!) / diagonal[k]!
    for (let i = 0; i < d; i++) x.set(i, 0, x.get(i, 0) + (amount * V.get(i, k)) / lengths[i]!)
  }
  const idle = V.subMatrix(0, d - 1, rank, d - 1).divColumnVector(lengths)
  const part = idle.mmul(new QrDecomposition(idle).solve(x))
  return Float64Array.from(x.sub(part).to1DArray())
}
