/** Squared losses of means of columns, from products of their errors. */

import type { Matrix } from 'ml-matrix'
import type { Candidates } from './greedy-steps.ts'
import { errorsOf } from './solve-weights.ts'

/** Columns of which the mean with the least sum of squared errors is sought: a step takes as many operations as there are columns. */
export class SquaredLosses implements Candidates {
  readonly count: number
  /** Products of errors, shape (L, L). */
  readonly #products: readonly Float64Array[]
  /** Products of the error of each candidate with the sum of the chosen ones' errors. */
  readonly #withChosen: Float64Array
  #square = 0
  #chosen = 0

  /**
   * @param A - shape (r, L)
   * @param b - shape (r)
   */
  constructor(A: Matrix, b: Float64Array) {
    const errors = errorsOf(A, b)
    this.count = errors.length
    this.#products = errors.map((one) => Float64Array.from(errors, (other) => dot(one, other)))
    this.#withChosen = new Float64Array(errors.length)
  }

  losses(): Promise<Float64Array> {
    const size = (this.#chosen + 1) ** 2
    const losses = this.#withChosen.map(
      (product, l) => Math.max(0, this.#square + 2 * product + this.#products[l]![l]!) / size,
    )
    return Promise.resolve(losses)
  }

  add(candidate: number): void {
    const own = this.#products[candidate]!
    this.#square += 2 * this.#withChosen[candidate]! + own[candidate]!
    for (let l = 0; l < this.count; l++) this.#withChosen[l]! += own[l]!
    this.#chosen++
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!
  return sum
}
