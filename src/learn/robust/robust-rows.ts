/** Rows of a robust linear model, checked. */

import { type NDArray, shared, toRowNumbers } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireAttached, rowNumbers } from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { FitOptions } from '../contract/estimator.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { freeColumns } from '../logistic/logistic-data.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import { sampledMeans, valueAt } from '../statistics/sampled-means.ts'
import { LinearSums } from './linear-sums.ts'

/**
 * The rows that a model is fitted on. Vectors of numbers for rows have an element for every row of `X`, of which only those of
 * `numbers` count. A few such vectors are all that a fit needs besides `X`, which is read in place.
 */
export class RobustRows extends LinearSums {
  /** Row numbers with a weight above 0. */
  readonly numbers: Int32Array
  /** Shape (n); null: all 1. */
  readonly weights: Float64Array | null
  /** Shape (n). */
  readonly target: Float64Array
  /** Sum of the weights. */
  readonly weight: number
  /** Shape of one row of `y`. */
  readonly targetShape: readonly number[]
  readonly #vectors: NDArray[] = []

  private constructor(
    sums: LinearSums,
    fields: Pick<RobustRows, 'numbers' | 'weights' | 'target' | 'weight' | 'targetShape'>,
  ) {
    super(sums.X, sums.rows, sums.shift, sums.isFree)
    this.numbers = fields.numbers
    this.weights = fields.weights
    this.target = fields.target
    this.weight = fields.weight
    this.targetShape = fields.targetShape
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
    const weights = given?.slice() ?? null
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
    for (const row of numbers) weight += weights?.[row] ?? 1
    const sums = new LinearSums(X, weighedGroups[0]!, shift, isFree)
    return new RobustRows(sums, { numbers, weights, target, weight, targetShape })
  }

  /** A vector of zeros, shape (count), that is freed with these rows. */
  vector(count: number): Float64Array {
    // Many fits would leave long ones to the garbage collector.
    const vector = shared([count], 'float64')
    this.#vectors.push(vector)
    return vector.toTypedArray()
  }

  /** Frees all vectors; nothing may use them any more. */
  [Symbol.dispose](): void {
    for (const vector of this.#vectors) vector[Symbol.dispose]()
  }

  weightOf(row: number): number {
    return this.weights === null ? 1 : this.weights[row]!
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
