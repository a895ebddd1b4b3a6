/** Log losses of means of probabilities, from rows. */

import { setImmediate as nextTurn } from 'node:timers/promises'
import { toRowNumbers } from '../../arrays/index.ts'
import type { ClassRows } from '../contract/combiner.ts'
import type { Candidates } from './greedy-steps.ts'

/** Probabilities below this count as it, as in scikit-learn's `log_loss`. */
const leastProbability = Number.EPSILON

/** Products of so many probabilities are above the least float64: one logarithm is enough for them. */
const perLogarithm = 16

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
    for (let l = 0; l < this.count; l++) {
      losses[l] = this.#lossWith(l)
      await nextTurn()
    }
    return losses
  }

  add(candidate: number): void {
    for (let i = 0; i < this.#numbers.length; i++) {
      const row = this.#numbers[i]!
      this.#sums[i]! += this.#trueOf(row, candidate)
      if (this.#totals !== undefined) this.#totals[i]! += this.#totalOf(row, candidate)
    }
    this.#chosen++
  }

  #lossWith(l: number): number {
    const { weights } = this.#problem
    const [sums, totals, numbers] = [this.#sums, this.#totals, this.#numbers]
    const count = this.#chosen + 1
    let [loss, product, left, all] = [0, 1, perLogarithm, 0]
    for (let i = 0; i < numbers.length; i++) {
      const row = numbers[i]!
      const total = totals === undefined ? count : totals[i]! + this.#totalOf(row, l)
      const share = (sums[i]! + this.#trueOf(row, l)) / total
      const probability = share > leastProbability ? Math.min(share, 1) : leastProbability
      if (weights !== null) {
        loss -= weights[row]! * Math.log(probability)
        all += weights[row]!
        continue
      }
      product *= probability
      if (--left > 0) continue
      loss -= Math.log(product)
      product = 1
      left = perLogarithm
    }
    return (loss - Math.log(product)) / (weights === null ? numbers.length : all)
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
