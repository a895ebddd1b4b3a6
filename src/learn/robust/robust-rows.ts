/** Rows of a robust linear model, and weighted sums over them. */

import { array, type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireAttached, rowNumbers } from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { FitOptions } from '../contract/estimator.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { freeColumns } from '../logistic/logistic-data.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import { sampledMeans, valueAt } from '../statistics/sampled-means.ts'

/** Normal equations of weighted least squares on `[1 X]`, about the shift; p = 1 + d. */
export interface NormalSums {
  /** Shape (p, p), symmetric; zeros in rows and columns of what has no coefficient. */
  readonly gram: Float64Array
  /** Sums of weight × target × `[1 X]`, shape (p). */
  readonly products: Float64Array
  /** Sum of weight × target². */
  readonly squares: number
}

/**
 * The rows that a model is fitted on. Vectors of numbers for rows have an element for every row of `X`, of which only those of
 * `numbers` count. A few such vectors are all that a fit needs besides `X`, which is read in place.
 */
export class RobustRows {
  readonly X: NDArray
  /** Number of columns, d. */
  readonly columns: number
  /** Row numbers with a weight above 0. */
  readonly numbers: Int32Array
  /** Shape (n). */
  readonly weights: Float64Array
  /** Shape (n). */
  readonly target: Float64Array
  /** Sum of the weights. */
  readonly weight: number
  /** Shape of one row of `y`. */
  readonly targetShape: readonly number[]
  /** A point near the means of the columns, shape (d); zeros without an intercept. */
  readonly shift: Float64Array
  /** 1 for the intercept and each column that can have a coefficient, shape (p). */
  readonly isFree: Uint8Array
  readonly #rows: Rows

  private constructor(
    fields: Omit<RobustRows, 'scores' | 'normalSums' | 'intercept' | 'row'>,
    rows: Rows,
  ) {
    this.X = fields.X
    this.columns = fields.columns
    this.numbers = fields.numbers
    this.weights = fields.weights
    this.target = fields.target
    this.weight = fields.weight
    this.targetShape = fields.targetShape
    this.shift = fields.shift
    this.isFree = fields.isFree
    this.#rows = rows
  }

  /**
   * Checks the rows and finds which columns can have a coefficient, in one pass.
   *
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`
   */
  static async read(
    estimator: object,
    X: NDArray,
    y: NDArray,
    { fitIntercept, ...options }: FitOptions & { readonly fitIntercept: boolean },
  ): Promise<RobustRows> {
    const inputs = checkInputs(X, y, readOptions(options))
    const { columns, targetShape, weights: given, weighedGroups } = inputs
    const numbers = toRowNumbers(weighedGroups[0]!)
    requireSamples(estimator, { weight: numbers.length, targetShape }, 'one')
    const n = X.shape[0]!
    // Copies from the start: memory of `y` and of weights can be moved away while the fit runs.
    const target = Float64Array.from({ length: n }, (_, row) => valueAt(y, row, 0))
    const weights = given === null ? new Float64Array(n).fill(1) : given.slice()
    const rows = rowNumbers(numbers)
    const shift = fitIntercept ? sampledMeans(X, null, [rows]) : new Float64Array(columns)
    const ranges = await native.columnRanges(
      kernelMatrix(X),
      null,
      kernelRows(weighedGroups[0]!),
      kernelThreads(),
    )
    const isFinite = ranges.isFinite && numbers.every((row) => Number.isFinite(target[row]!))
    if (!isFinite) throw explainNonFinite(X, y, weighedGroups)
    const isFree = freeColumns(ranges, fitIntercept)
    let weight = 0
    for (const row of numbers) weight += weights[row]!
    const fields = { X, columns, numbers, weights, target, weight, targetShape, shift, isFree }
    return new RobustRows(fields, weighedGroups[0]!)
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
      kernelRows(this.#rows),
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
   * @param weights - shape (n), not negative; rows of weight 0 cost nothing
   * @param target - shape (n)
   */
  async normalSums(weights: Float64Array, target: Float64Array): Promise<NormalSums> {
    const { columns, shift, isFree } = this
    const sums = await native.moments(
      kernelMatrix(this.X),
      kernelMatrix(array(target)),
      weights,
      [kernelRows(this.#rows)],
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

  /** A row of `[1 X]` about the shift, shape (p), without what has no coefficient. */
  row(number: number): Float64Array {
    requireAttached(this.X)
    return Float64Array.from(this.isFree, (free, j) => {
      if (free === 0) return 0
      return j === 0 ? 1 : valueAt(this.X, number, j - 1) - this.shift[j - 1]!
    })
  }
}
