/** Isotonic regression: the non-decreasing steps with the least squared error. */

import { sortedOrder } from '../scores/sorted-order.ts'

/** Steps by the scores where they begin and end. */
export interface IsotonicSteps {
  /** Scores that ascend. */
  readonly scores: Float64Array
  /** The value at each of them; it never falls. */
  readonly probabilities: Float64Array
}

/** Which rows belong to the class. */
interface ClassRows {
  readonly codes: Uint16Array
  readonly code: number
  readonly weights: Float64Array | undefined
}

/**
 * Pools adjacent violators: joins neighbouring rows, in order of their scores, until the share of the class never falls. Rows of equal
 * scores are one. One sort and one pass.
 *
 * @param scores - of each row, finite
 */
export function fitIsotonic(
  scores: Float64Array,
  { codes, code, weights }: ClassRows,
): IsotonicSteps {
  const order = sortedOrder(scores)
  const stack = new BlockStack()
  let [total, hit, last] = [0, 0, Number.NaN]
  for (let i = 0; i < order.length; i++) {
    const at = order[i]!
    const score = scores[at]!
    if (score !== last) {
      if (i > 0) stack.push(total, hit, last)
      total = hit = 0
      last = score
    }
    const weight = weights === undefined ? 1 : weights[at]!
    total += weight
    if (codes[at] === code) hit += weight
  }
  stack.push(total, hit, last)
  return stack.steps()
}

/** Neighbouring rows with one value each, in lists of numbers: an object for each would be garbage. */
class BlockStack {
  readonly #totals: number[] = []
  /** Weights of the rows of the class. */
  readonly #hits: number[] = []
  /** Least and greatest scores. */
  readonly #firsts: number[] = []
  readonly #lasts: number[] = []

  /** Adds rows of one score, joined with the blocks before it whose share is not less. */
  push(total: number, hit: number, score: number): void {
    let first = score
    let top = this.#totals.length - 1
    for (; top >= 0; top--) {
      if (this.#hits[top]! * total < hit * this.#totals[top]!) break
      total += this.#totals.pop()!
      hit += this.#hits.pop()!
      first = this.#firsts.pop()!
      this.#lasts.pop()
    }
    this.#totals.push(total)
    this.#hits.push(hit)
    this.#firsts.push(first)
    this.#lasts.push(score)
  }

  steps(): IsotonicSteps {
    const knots: number[] = []
    const values: number[] = []
    for (const [block, total] of this.#totals.entries()) {
      // Rounding may bring a share above 1, or below that of the block before.
      const share = Math.max(Math.min(this.#hits[block]! / total, 1), values.at(-1) ?? 0)
      const [first, last] = [this.#firsts[block]!, this.#lasts[block]!]
      for (const knot of last > first ? [first, last] : [first]) {
        knots.push(knot)
        values.push(share)
      }
    }
    return { scores: Float64Array.from(knots), probabilities: Float64Array.from(values) }
  }
}

/** The value of a score between ascending knots, and that of the first or last knot outside. */
export function interpolate(score: number, knots: Float64Array, values: Float64Array): number {
  let [low, high] = [0, knots.length - 1]
  if (score <= knots[0]!) return values[0]!
  if (score >= knots[high]!) return values[high]!
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if (knots[middle]! <= score) low = middle
    else high = middle
  }
  // Halves, so that a difference of large scores is finite.
  const share = (score / 2 - knots[low]! / 2) / (knots[high]! / 2 - knots[low]! / 2)
  return values[low]! + share * (values[high]! - values[low]!)
}
