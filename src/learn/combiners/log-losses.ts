/** Log losses of means of probabilities, from rows. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { toRowNumbers } from '../../arrays/index.ts'
import type { ClassRows } from '../contract/combiner.ts'
import type { Candidates } from './greedy-steps.ts'

/** Probabilities below this count as it, as in scikit-learn's `log_loss`. */
const leastProbability = Number.EPSILON

/** Products of so many probabilities are above the least float64: one logarithm is enough for them. */
const perLogarithm = 16

/** Rows between two turns of the event loop. */
const rowsPerTurn = 1 << 16

/**
 * Classifiers of which the mean with the least log loss is sought: - Σ weight log p(true class). A step reads all columns; there are at most
 * two values of scratch for each row. Probabilities of a row that don't sum to 1 are divided by their sum.
 */
export class LogLosses implements Candidates {
  readonly count: number
  readonly #problem: ClassRows
  readonly #numbers: Int32Array
  /** Sums of the chosen classifiers' probabilities of the true class. */
  readonly #sums: Float64Array
  /** Sums of their probabilities of all classes; undefined where these are 1. */
  readonly #totals: Float64Array | undefined
  #chosen = 0

  constructor(problem: ClassRows) {
    this.count = problem.columns.learners
    this.#problem = problem
    this.#numbers = toRowNumbers(problem.rows)
    const { length } = this.#numbers
    this.#sums = new Float64Array(length)
    if (!this.#sumToOne()) this.#totals = new Float64Array(length)
  }

  async losses(): Promise<Float64Array> {
    const losses = new Float64Array(this.count)
    const { length } = this.#numbers
    for (let start = 0; start < length; start += rowsPerTurn) {
      this.#addLosses(start, Math.min(start + rowsPerTurn, length), losses)
      await nextTurn()
    }
    const { weights } = this.#problem
    const all =
      weights === null ? length : this.#numbers.reduce((sum, row) => sum + weights[row]!, 0)
    return losses.map((loss) => loss / all)
  }

  add(candidate: number): void {
    for (let i = 0; i < this.#numbers.length; i++) {
      const row = this.#numbers[i]!
      this.#sums[i]! += this.#trueOf(row, candidate)
      if (this.#totals !== undefined) this.#totals[i]! += this.#totalOf(row, candidate)
    }
    this.#chosen++
  }

  /**
   * Adds the losses of some rows by each mean with one more classifier. Rows are read one by one, as they lie in memory, and all of
   * their columns at once.
   */
  #addLosses(start: number, stop: number, losses: Float64Array): void {
    const { X, weights, codes, columns } = this.#problem
    const { data, offset, strides } = X
    const [rowStride, columnStride] = strides as [number, number]
    const [sums, totals, numbers] = [this.#sums, this.#totals, this.#numbers]
    const { width } = columns
    const { count } = this
    const chosen = this.#chosen + 1
    const products = new Float64Array(count).fill(1)
    let left = perLogarithm
    for (let i = start; i < stop; i++) {
      const row = numbers[i]!
      const code = codes[row]!
      const isFirst = width === 1 && code === 0
      const sum = sums[i]!
      // Locals, because this runs for every row, learner and step.
      let at = offset + row * rowStride + (width === 1 ? 0 : code) * columnStride
      for (let l = 0; l < count; l++, at += width * columnStride) {
        const own = Number(data[at])
        const total = totals === undefined ? chosen : totals[i]! + this.#totalOf(row, l)
        const share = (sum + (isFirst ? 1 - own : own)) / total
        const probability = share > leastProbability ? Math.min(share, 1) : leastProbability
        if (weights === null) products[l]! *= probability
        else losses[l]! -= weights[row]! * Math.log(probability)
      }
      if (weights !== null || (--left > 0 && i < stop - 1)) continue
      for (let l = 0; l < count; l++) losses[l]! -= Math.log(products[l]!)
      products.fill(1)
      left = perLogarithm
    }
  }

  /** Probability of a row's true class by a classifier. */
  #trueOf(row: number, l: number): number {
    const { codes, columns } = this.#problem
    const code = codes[row]!
    if (columns.width > 1) return this.#value(row, l * columns.width + code)
    const second = this.#value(row, l)
    return code === 1 ? second : 1 - second
  }

  /** Sum of the probabilities of a row by a classifier. */
  #totalOf(row: number, l: number): number {
    const { width } = this.#problem.columns
    let total = 0
    for (let c = l * width; c < (l + 1) * width; c++) total += this.#value(row, c)
    return total
  }

  #value(row: number, column: number): number {
    const { data, offset, strides } = this.#problem.X
    return Number(data[offset + row * strides[0]! + column * strides[1]!])
  }

  #sumToOne(): boolean {
    if (this.#problem.columns.width === 1) return true
    return this.#numbers.every((row) => {
      for (let l = 0; l < this.count; l++)
        if (!(Math.abs(this.#totalOf(row, l) - 1) <= 1e-9)) return false
      return true
    })
  }
}
