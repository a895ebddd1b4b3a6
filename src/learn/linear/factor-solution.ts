/** Least squares from a triangular factor, also when columns are collinear. */

import { Matrix, QrDecomposition, SingularValueDecomposition } from 'ml-matrix'
import { usefulColumns } from '../statistics/lost-digits.ts'
import type { Moments } from '../statistics/moments.ts'
import { triangularize, type QrFactor } from '../statistics/qr-factor.ts'

/**
 * Singular values below this part of the greatest one, of columns scaled to length 1, are treated as
 * rounding errors: linear combinations of columns leave about 1e-16, the worst of NIST's problems (Filip)
 * has 1e-10.
 */
const rankTolerance = 1e-13

/** Which least-squares problem is solved. */
export interface LeastSquaresSettings {
  readonly fitIntercept: boolean
  /** Ridge penalty, >= 0. */
  readonly alpha: number
}

/** Coefficients of least squares. */
export interface FactorSolution {
  /** One of shape (d) for each target. */
  readonly coefficients: Float64Array[]
  /** Number of linearly independent columns. */
  readonly rank: number
  /** Whether all columns that vary are linearly independent. */
  readonly isFull: boolean
  /** Solves RᵀR x = g, shape (d): the step that a gradient asks for. */
  readonly step: (gradient: Float64Array) => Float64Array
}

/**
 * Solves least squares; of many solutions it takes the one with the least sum of squared
 * coefficients. Columns that don't vary get coefficients of 0.
 *
 * @param moments - of the same rows and columns as the factor
 */
export function solveFactor(
  factor: QrFactor,
  moments: Moments,
  settings: LeastSquaresSettings,
): FactorSolution {
  const useful = usefulColumns(moments, settings.fitIntercept)
  if (useful.length === moments.columns) return solveUseful(factor, moments, settings)
  const scatter = (values: Float64Array): Float64Array => {
    const all = new Float64Array(moments.columns)
    for (const [i, column] of useful.entries()) all[column] = values[i]!
    return all
  }
  if (useful.length === 0) {
    const coefficients = Array.from({ length: moments.targets }, () => scatter(new Float64Array()))
    return { coefficients, rank: 0, isFull: true, step: () => scatter(new Float64Array()) }
  }
  const { coefficients, step, ...rest } = solveUseful(
    factor.select(useful),
    moments.select(useful),
    settings,
  )
  return {
    ...rest,
    coefficients: coefficients.map(scatter),
    step: (gradient) => scatter(step(Float64Array.from(useful, (column) => gradient[column]!))),
  }
}

function solveUseful(
  factor: QrFactor,
  moments: Moments,
  settings: LeastSquaresSettings,
): FactorSolution {
  const { columns: d } = factor
  const p = factor.mean.length
  const triangle = Matrix.from1DArray(p, p, penalizedTriangle(factor, moments, settings))
  const R = triangle.subMatrix(0, d - 1, 0, d - 1)
  const qty = Array.from({ length: p - d }, (_, target) =>
    Float64Array.from({ length: d }, (_, i) => triangle.get(i, d + target)),
  )
  const lengths = Float64Array.from({ length: d }, (_, j) => Math.hypot(...R.getColumn(j)) || 1)
  const scaled = R.clone().divRowVector(lengths)
  const decomposition = new SingularValueDecomposition(scaled)
  const directions = independentDirections(decomposition, moments, lengths)
  const rank = directions.length
  if (rank === d) {
    return {
      coefficients: qty.map((b) => backSubstitute(R, b)),
      rank,
      isFull: true,
      step: (gradient) => backSubstitute(R, forwardSubstitute(R, gradient)),
    }
  }
  const { leftSingularVectors: U, diagonal } = decomposition
  const least = leastSolutions(decomposition, directions, lengths)
  return {
    coefficients: qty.map((b) => least((k) => dotColumn(U, k, b) / diagonal[k]!)),
    rank,
    isFull: false,
    step: (gradient) => {
      const g = gradient.map((value, j) => value / lengths[j]!)
      return least((k) => dotColumn(decomposition.rightSingularVectors, k, g) / diagonal[k]! ** 2)
    },
  }
}

/** Ratio of lengths of columns up to which squared coefficients are summed in raw units. */
const mostUnits = 1e6

/**
 * Returns a function that builds the least-squares solution with the smallest coefficients from amounts of
 * the independent directions. The rank was determined on scaled columns, where units don't matter. The
 * coefficients are smallest in raw units: the part that changes no prediction is removed there. With
 * dependent columns of very different sizes, such as 1e12 and 1, that would leave products that cancel;
 * then the coefficients are smallest on scaled columns.
 */
function leastSolutions(
  { rightSingularVectors: V }: SingularValueDecomposition,
  directions: readonly number[],
  lengths: Float64Array,
): (amountOf: (direction: number) => number) => Float64Array {
  const d = lengths.length
  const others = Array.from({ length: d }, (_, k) => k).filter((k) => !directions.includes(k))
  const idle = V.subMatrixColumn(others).divColumnVector(lengths)
  const isRaw = Math.max(...lengths) / Math.min(...lengths) <= mostUnits
  const idleFactor = isRaw ? new QrDecomposition(idle) : undefined
  return (amountOf) => {
    const x = new Matrix(d, 1)
    for (const k of directions) {
      const amount = amountOf(k)
      for (let j = 0; j < d; j++) x.set(j, 0, x.get(j, 0) + (amount * V.get(j, k)) / lengths[j]!)
    }
    const least = idleFactor === undefined ? x : x.sub(idle.mmul(idleFactor.solve(x.clone())))
    return Float64Array.from(least.to1DArray())
  }
}

function dotColumn(matrix: Matrix, column: number, b: Float64Array): number {
  return b.reduce((sum, value, row) => sum + matrix.get(row, column) * value, 0)
}

/**
 * Chooses singular values that exceed the rounding errors of the factor and of the values themselves. In a
 * column of values near 1e6 that differ by 1, differences have only 10 digits, also when they are scaled to
 * lie between 0 and 1. Further digits of the difference of two such columns are noise, to which no coefficient
 * may be fitted.
 */
function independentDirections(
  { diagonal, rightSingularVectors: V }: SingularValueDecomposition,
  { minimum, maximum, magnitude, weight }: Moments,
  lengths: Float64Array,
): number[] {
  const noise = lengths.map((length, j) => {
    const largest = Math.max(magnitude[j]!, Math.abs(minimum[j]!), Math.abs(maximum[j]!))
    return (Number.EPSILON * largest * Math.sqrt(weight)) / length
  })
  const limit = rankTolerance * Math.max(...diagonal)
  return [...diagonal.keys()].filter((k) => {
    const rounding = Math.hypot(...noise.map((part, j) => part * V.get(j, k)))
    return diagonal[k]! > Math.max(limit, 2 * rounding)
  })
}

/** R of the rows, with a row for the means when nothing was centred and rows for the penalty. */
export function penalizedTriangle(
  { columns, triangle }: QrFactor,
  { mean, weight, minimum, maximum }: Moments,
  { fitIntercept, alpha }: LeastSquaresSettings,
): Float64Array {
  const p = mean.length
  // Entries of R for a constant column are rounding errors.
  const parts = [triangle.map((value, at) => (minimum[at % p] === maximum[at % p] ? 0 : value))]
  if (!fitIntercept) parts.push(mean.map((value) => value * Math.sqrt(weight)))
  if (alpha > 0) {
    const penalty = new Float64Array(columns * p)
    for (let i = 0; i < columns; i++) penalty[i * p + i] = Math.sqrt(alpha)
    parts.push(penalty)
  }
  return parts.length === 1 ? parts[0]! : triangularize(parts, p)
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
