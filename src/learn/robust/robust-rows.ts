/** Rows of a robust linear model, checked. */

import type { NDArray } from '../../arrays/index.ts'
import {
  kernelMatrix,
  kernelRows,
  listRowNumbers,
  requireAttached,
  rowNumbers,
} from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'
import type { FitOptions } from '../contract/estimator.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { placesWhere } from '../inputs/row-vectors.ts'
import { RowScratch } from '../inputs/row-scratch.ts'
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
  /** Row numbers with a weight above 0, ascending. */
  readonly numbers: Int32Array
  /** Shape (n); null: all 1. */
  readonly weights: Float64Array | null
  /** Shape (n). */
  readonly target: Float64Array
  /** Sum of the weights. */
  readonly weight: number
  /** Shape of one row of `y`. */
  readonly targetShape: readonly number[]
  readonly #scratch: RowScratch

  private constructor(
    sums: LinearSums,
    fields: Pick<RobustRows, 'numbers' | 'weights' | 'target' | 'weight' | 'targetShape'>,
    scratch: RowScratch,
  ) {
    super(sums.X, sums.rows, sums.shift, sums.isFree)
    this.numbers = fields.numbers
    this.weights = fields.weights
    this.target = fields.target
    this.weight = fields.weight
    this.targetShape = fields.targetShape
    this.#scratch = scratch
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
    options: FitOptions & { readonly fitIntercept: boolean },
  ): Promise<RobustRows> {
    const scratch = new RowScratch()
    try {
      return await RobustRows.#read(estimator, { X, y }, options, scratch)
    } catch (error) {
      scratch[Symbol.dispose]()
      throw error
    }
  }

  static async #read(
    estimator: object,
    { X, y }: { readonly X: NDArray; readonly y: NDArray },
    { fitIntercept, ...options }: FitOptions & { readonly fitIntercept: boolean },
    scratch: RowScratch,
  ): Promise<RobustRows> {
    const inputs = checkInputs(X, y, readOptions(options))
    const { columns, targetShape, weights: given, weighedGroups } = inputs
    const listed = listRowNumbers(weighedGroups[0]!, (count) => scratch.int32(count))
    requireSamples(estimator, { weight: listed.length, targetShape }, 'one')
    const n = X.shape[0]!
    // Copies from the start: private memory of `y` and of weights can be moved away while the fit runs.
    const target = heldTarget(y) ?? scratch.float64(n)
    if (heldTarget(y) === undefined)
      for (let row = 0; row < n; row++) target[row] = valueAt(y, row, 0)
    const own = given?.slice() ?? null
    const repeated = isAscending(listed) ? undefined : countRepeats(listed, n, own)
    const { numbers, weights } = repeated ?? { numbers: listed, weights: own }
    const rows = repeated === undefined ? weighedGroups[0]! : rowNumbers(numbers)
    const shift = fitIntercept
      ? sampledMeans(X, null, [rowNumbers(numbers)])
      : new Float64Array(columns)
    const ranges = await native.columnRanges(
      kernelMatrix(X),
      null,
      kernelRows(rows),
      kernelThreads(),
    )
    const isFinite = ranges.isFinite && numbers.every((row) => Number.isFinite(target[row]!))
    if (!isFinite) throw explainNonFinite(X, y, weighedGroups)
    const isFree = freeColumns(ranges, fitIntercept)
    let weight = 0
    for (let i = 0; i < numbers.length; i++) weight += weights?.[numbers[i]!] ?? 1
    const sums = new LinearSums(X, rows, shift, isFree)
    return new RobustRows(sums, { numbers, weights, target, weight, targetShape }, scratch)
  }

  /** A vector of zeros, shape (count), that is freed with these rows. */
  vector(count: number): Float64Array {
    return this.#scratch.float64(count)
  }

  /** As `vector`, of 4 bytes each. */
  shortVector(count: number): Float32Array {
    return this.#scratch.float32(count)
  }

  /** Frees all vectors; nothing may use them any more. */
  [Symbol.dispose](): void {
    this.#scratch[Symbol.dispose]()
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

/** A target in memory that `fit` holds, as it lies; undefined for others. */
function heldTarget(y: NDArray): Float64Array | undefined {
  if (y.dtype !== 'float64' || y.mapping === undefined || !y.isContiguous) return undefined
  return y.toTypedArray() as Float64Array
}

function isAscending(numbers: Int32Array): boolean {
  for (let i = 1; i < numbers.length; i++) if (numbers[i]! <= numbers[i - 1]!) return false
  return true
}

/**
 * Turns a list of rows in any order into ascending numbers, each once, with weights: vectors with one element for a row can't hold
 * a row that is listed twice.
 *
 * @param weights - shape (n); null: all 1
 */
function countRepeats(
  listed: Int32Array,
  n: number,
  weights: Float64Array | null,
): { readonly numbers: Int32Array; readonly weights: Float64Array | null } {
  const counted = new Float64Array(n)
  for (let i = 0; i < listed.length; i++) counted[listed[i]!]!++
  const numbers = placesWhere(counted, (count) => count > 0)
  if (numbers.length === listed.length) return { numbers, weights }
  for (let row = 0; row < n; row++) counted[row]! *= weights?.[row] ?? 1
  return { numbers, weights: counted }
}
