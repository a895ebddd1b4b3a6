/** Joins the sums of leaves: pairwise, or exactly. */

/** Receives sums of leaves for some results side by side, and joins them. */
export interface Totals {
  /** Adds the sums of the next leaf, one for each result; may change them. */
  add(sums: Float64Array): void
  /** Writes the totals from `at` on, and begins anew. */
  take(target: Sums, at: number, width: number): void
}

/** Totals of a reduction: `values[i] + carries[i] * 2^53`, exactly. */
export interface Sums {
  readonly values: Float64Array
  /** Only of integers. */
  readonly carries?: Float64Array
}

/**
 * Adds sums of floats as a binary tree, whose error grows with the logarithm of their number.
 *
 * @see Higham, The accuracy of floating point summation, SIAM J. Sci. Comput. 14 (1993); NumPy's `pairwise_sum`
 */
export class PairwiseTotals implements Totals {
  /** `levels[k]` is the sum of 2^k leaves, where the number of leaves has bit k. */
  readonly #levels: Float64Array[] = []
  readonly #width: number
  #count = 0

  /** @param width - results side by side, at most */
  constructor(width: number) {
    this.#width = width
  }

  add(sums: Float64Array): void {
    let level = 0
    for (let rest = this.#count; rest % 2 === 1; rest = (rest - 1) / 2) {
      const older = this.#levels[level++]!
      for (let j = 0; j < sums.length; j++) sums[j] = older[j]! + sums[j]!
    }
    this.#levels[level] ??= new Float64Array(this.#width)
    this.#levels[level]!.set(sums)
    this.#count++
  }

  take({ values }: Sums, at: number, width: number): void {
    let isFirst = true
    let rest = this.#count
    for (let level = 0; rest > 0; level++, rest = Math.floor(rest / 2)) {
      if (rest % 2 === 0) continue
      const sums = this.#levels[level]!
      for (let j = 0; j < width; j++)
        values[at + j] = isFirst ? sums[j]! : sums[j]! + values[at + j]!
      isFirst = false
    }
    this.#count = 0
  }
}

/** Adds sums of integers, each below 2^52, without an error. */
export class ExactTotals implements Totals {
  readonly #values: Float64Array
  readonly #carries: Float64Array

  /** @param width - results side by side, at most */
  constructor(width: number) {
    this.#values = new Float64Array(width)
    this.#carries = new Float64Array(width)
  }

  add(sums: Float64Array): void {
    const [values, carries] = [this.#values, this.#carries]
    for (let j = 0; j < sums.length; j++) {
      let value = values[j]! + sums[j]!
      if (value > 2 ** 52 || value < -(2 ** 52)) {
        const sign = Math.sign(value)
        value -= sign * 2 ** 53
        carries[j]! += sign
      }
      values[j] = value
    }
  }

  take({ values, carries }: Sums, at: number, width: number): void {
    values.set(this.#values.subarray(0, width), at)
    carries?.set(this.#carries.subarray(0, width), at)
    this.#values.fill(0)
    this.#carries.fill(0)
  }
}
