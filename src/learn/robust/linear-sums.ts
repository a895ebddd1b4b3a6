/** Linear functions of rows, and sums for least squares, about a shift. */

import { array, type NDArray, type Rows } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'

/** Normal equations of weighted least squares on `[1 X]`, about the shift; p = 1 + d. */
export interface NormalSums {
  /** Shape (p, p), symmetric; zeros in rows and columns of what has no coefficient. */
  readonly gram: Float64Array
  /** Sums of weight × target × `[1 X]`, shape (p). */
  readonly products: Float64Array
  /** Sum of weight × target². */
  readonly squares: number
}

/** Rows of `X`, read in place in native passes; p = 1 + d. Vectors for rows have an element for every row of `X`. */
export class LinearSums {
  readonly X: NDArray
  /** Number of columns, d. */
  readonly columns: number
  /** The rows that count. */
  readonly rows: Rows
  /** A point near the means of the columns, shape (d); zeros without an intercept. */
  readonly shift: Float64Array
  /** 1 for the intercept and each column that can have a coefficient, shape (p). */
  readonly isFree: Uint8Array

  constructor(X: NDArray, rows: Rows, shift: Float64Array, isFree: Uint8Array) {
    this.X = X
    this.columns = shift.length
    this.rows = rows
    this.shift = shift
    this.isFree = isFree
  }

  /**
   * Evaluates a linear function of the shifted columns.
   *
   * @param theta - the intercept and coefficients, shape (p)
   * @param out - shape (n); only elements of rows that count are written
   */
  async scores(theta: Float64Array, out: Float64Array): Promise<void> {
    await native.affinePredict(
      kernelMatrix(this.X),
      kernelRows(this.rows),
      theta.slice(1),
      Float64Array.of(this.intercept(theta)),
      kernelMatrix(array(out)),
      Int32Array.of(0),
      kernelThreads(),
    )
  }

  /**
   * Sums for weighted least squares, in one pass.
   *
   * @param weights - shape (n), not negative; rows of weight 0 cost nothing; null: all 1
   * @param target - shape (n)
   */
  async normalSums(weights: Float64Array | null, target: Float64Array): Promise<NormalSums> {
    const { columns, shift, isFree } = this
    const sums = await native.moments(
      kernelMatrix(this.X),
      kernelMatrix(array(target)),
      weights,
      [kernelRows(this.rows)],
      Float64Array.of(...shift, 0),
      kernelThreads(),
    )
    const p = columns + 1
    const gram = new Float64Array(p * p)
    const products = new Float64Array(p)
    for (let i = 0; i < p; i++) {
      if (isFree[i] === 0) continue
      products[i] = i === 0 ? sums.sums[columns]! : sums.cross[(i - 1) * p + columns]!
      for (let j = 0; j <= i; j++) {
        if (isFree[j] === 0) continue
        const first = i === 0 ? sums.weight[0]! : sums.sums[i - 1]!
        const value = j === 0 ? first : sums.cross[(i - 1) * p + j - 1]!
        gram[i * p + j] = gram[j * p + i] = value
      }
    }
    return { gram, products, squares: sums.cross[columns * p + columns]! }
  }

  /** The intercept of the same function on columns that are not shifted. */
  intercept(theta: Float64Array): number {
    return this.shift.reduce((sum, by, j) => sum - theta[j + 1]! * by, theta[0]!)
  }
}
