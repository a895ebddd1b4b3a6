/** Weights >= 0 by least squares, also such that sum to 1. */

import { Matrix } from 'ml-matrix'
import { solveNonNegativeRows } from '../linear/non-negative-factor.ts'
import { isIllConditioned, solveNormalEquations } from '../linear/normal-equations.ts'

/**
 * Minimizes |A w - b|² over w >= 0.
 *
 * @param A - shape (r, L)
 * @param b - shape (r)
 * @param name - of the learner, for error texts
 * @returns shape (L); 0 for columns of zeros, and for one of two equal columns
 */
export function nonNegativeWeights(A: Matrix, b: Float64Array, name: string): Float64Array {
  const { columns: size } = A
  const transposed = A.transpose()
  const gram = Float64Array.from(transposed.mmul(A).to1DArray())
  const products = Float64Array.from(transposed.mmul(Matrix.columnVector(b)).to1DArray())
  const equations = { size, rank: size, gram, products: [products], targetSquares: [] }
  return isIllConditioned(equations)
    ? solveNonNegativeRows(A, b, name)
    : solveNormalEquations(equations, name, true)[0]!
}

/**
 * Minimizes |A w - b|² over w >= 0 that sum to 1: the point nearest to 0 in the convex hull of the columns of A - b. That point is
 * u / Σu for the u >= 0 that minimizes |(A - b) u|² + (Σu - 1)², whatever the unit of A and b.
 *
 * @param A - shape (r, L)
 * @param b - shape (r)
 * @param name - of the learner, for error texts
 * @returns shape (L)
 * @see Lawson, Hanson: Solving least squares problems, SIAM (1995), chapter 23; Wolfe: Finding the nearest point in a polytope (1976)
 */
export function convexWeights(A: Matrix, b: Float64Array, name: string): Float64Array {
  const errors = errorsOf(A, b)
  const lengths = Float64Array.from(errors, (column) => Math.hypot(...column))
  const least = Math.min(...lengths)
  const exact = lengths.findIndex((length) => length === 0)
  if (exact !== -1) return lengths.map((_, l) => Number(l === exact))
  const { rows, columns } = A
  const stacked = new Matrix(rows + 1, columns)
  for (const [l, column] of errors.entries()) {
    for (let row = 0; row < rows; row++) stacked.set(row, l, column[row]! / least)
    stacked.set(rows, l, 1)
  }
  const one = new Float64Array(rows + 1)
  one[rows] = 1
  const found = nonNegativeWeights(stacked, one, name)
  const sum = found.reduce((total, value) => total + value, 0)
  return found.map((value) => value / sum)
}

/** The columns of A minus b, one list for each. */
export function errorsOf(A: Matrix, b: Float64Array): Float64Array[] {
  return Array.from({ length: A.columns }, (_, l) => b.map((value, row) => A.get(row, l) - value))
}
