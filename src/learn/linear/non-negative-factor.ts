/** Least squares without negative coefficients, from a triangular factor. */

import { Matrix, QrDecomposition } from 'ml-matrix'
import { usefulColumns } from '../statistics/lost-digits.ts'
import type { Moments } from '../statistics/moments.ts'
import type { QrFactor } from '../statistics/qr-factor.ts'
import { type LeastSquaresSettings, penalizedTriangle } from './factor-solution.ts'
import { explainSigns } from './non-negative.ts'

/** A part of a column that other columns leave over, relative to its length, below which it is a rounding error. */
const tolerance = 1e-13

/**
 * Solves least squares for coefficients >= 0, each target by itself, where moments have lost too many digits. Of several solutions
 * it takes one in which no column is a linear combination of others that count.
 *
 * @param moments - of the same rows and columns as the factor
 * @param settings - with the name of the model for error texts
 * @returns coefficients, one of shape (d) for each target; 0 for columns that don't vary
 * @see Lawson, Hanson: Solving least squares problems, SIAM (1995), chapter 23
 */
export function solveNonNegativeFactor(
  factor: QrFactor,
  moments: Moments,
  settings: LeastSquaresSettings & { readonly name: string },
): Float64Array[] {
  const useful = usefulColumns(moments, settings.fitIntercept)
  const { targets, columns: d } = moments
  if (useful.length === 0) return Array.from({ length: targets }, () => new Float64Array(d))
  const [own, about] =
    useful.length === d ? [factor, moments] : [factor.select(useful), moments.select(useful)]
  const p = own.mean.length
  const triangle = Matrix.from1DArray(p, p, penalizedTriangle(own, about, settings))
  const R = triangle.subMatrix(0, useful.length - 1, 0, useful.length - 1)
  return Array.from({ length: targets }, (_, target) => {
    const b = Float64Array.from(useful, (_, i) => triangle.get(i, useful.length + target))
    const found = solveNonNegativeRows(R, b, settings.name)
    const coefficients = new Float64Array(d)
    for (const [j, column] of useful.entries()) coefficients[column] = found[j]!
    return coefficients
  })
}

/**
 * Minimizes |A x - b|² over x >= 0 for a few rows, whatever the rank of A.
 *
 * @param A - shape (r, d)
 * @param b - shape (r)
 * @param name - of the model, for error texts
 * @returns shape (d); 0 for columns of zeros
 */
export function solveNonNegativeRows(A: Matrix, b: Float64Array, name: string): Float64Array {
  const lengths = Float64Array.from({ length: A.columns }, (_, j) => lengthOf(A.getColumn(j)) || 1)
  const found = new ActiveSet(A.clone().divRowVector(lengths), b).solve()
  if (found === undefined) throw explainSigns(name)
  return found.map((value, j) => value / lengths[j]!)
}

function lengthOf(column: readonly number[]): number {
  return Math.hypot(...column)
}

/** Columns with coefficients above 0, which come and go one by one. */
class ActiveSet {
  readonly #R: Matrix
  readonly #b: Float64Array
  #x: Float64Array
  #active: number[] = []

  /** @param R - columns of length 1 */
  constructor(R: Matrix, b: Float64Array) {
    this.#R = R
    this.#b = b
    this.#x = new Float64Array(R.columns)
  }

  /** The coefficients; undefined when rounding errors make columns come and go for ever. */
  solve(): Float64Array | undefined {
    const refused = new Set<number>()
    for (let left = 100 + 20 * this.#x.length; left > 0;) {
      const next = this.#steepest(refused)
      if (next === undefined) return this.#x
      const decomposition = this.#decompose([...this.#active, next])
      const own = isIndependent(decomposition) ? this.#solutionOf(decomposition) : []
      // It is a linear combination of the others, or only rounding errors make it look as if it would lower the loss.
      if (!((own.at(-1) ?? 0) > 0)) {
        refused.add(next)
        continue
      }
      left--
      refused.clear()
      this.#active.push(next)
      this.#move(own)
    }
    return undefined
  }

  /** The column whose coefficient lowers the loss fastest; undefined when none does. */
  #steepest(refused: ReadonlySet<number>): number | undefined {
    const { columns } = this.#R
    const rest = this.#b.map((value, i) => {
      let sum = value
      for (let j = 0; j < columns; j++) sum -= this.#R.get(i, j) * this.#x[j]!
      return sum
    })
    let [best, most] = [undefined as number | undefined, tolerance * Math.hypot(...this.#b)]
    for (let j = 0; j < columns; j++) {
      if (refused.has(j) || this.#active.includes(j)) continue
      let slope = 0
      for (const [i, value] of rest.entries()) slope += this.#R.get(i, j) * value
      if (slope > most) [best, most] = [j, slope]
    }
    return best
  }

  /** Goes towards the solution of the active columns; those that reach 0 leave. */
  #move(solution: readonly number[]): void {
    let own = solution
    for (;;) {
      let part = 1
      for (const [a, j] of this.#active.entries())
        if (own[a]! <= 0) part = Math.min(part, this.#x[j]! / (this.#x[j]! - own[a]!))
      const moved = new Float64Array(this.#x.length)
      const kept: number[] = []
      for (const [a, j] of this.#active.entries()) {
        const value = this.#x[j]! + part * (own[a]! - this.#x[j]!)
        const isAtBound = own[a]! <= 0 && this.#x[j]! / (this.#x[j]! - own[a]!) <= part
        if (isAtBound || !(value > 0)) continue
        moved[j] = value
        kept.push(j)
      }
      this.#x = moved
      if (kept.length === this.#active.length) return
      this.#active = kept
      if (kept.length === 0) return
      own = this.#solutionOf(this.#decompose(kept))
    }
  }

  #decompose(columns: readonly number[]): QrDecomposition {
    return new QrDecomposition(this.#R.subMatrixColumn([...columns]))
  }

  /** Coefficients of the decomposed columns, with any signs. */
  #solutionOf(decomposition: QrDecomposition): number[] {
    return decomposition.solve(Matrix.columnVector(this.#b)).to1DArray()
  }
}

/** Tells whether the last of some columns is no linear combination of those before it. */
function isIndependent({ upperTriangularMatrix: R }: QrDecomposition): boolean {
  return Math.abs(R.get(R.columns - 1, R.columns - 1)) > tolerance
}
