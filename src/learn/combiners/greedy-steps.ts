/** Greedy selection with replacement. */

import type { FoundWeights } from '../contract/combiner.ts'

/** What is chosen from, one after the other, and what has been chosen. */
export interface Candidates {
  /** How many there are. */
  readonly count: number
  /** For each candidate the loss of the mean of it and all that have been chosen; less is better. */
  losses(): Promise<ArrayLike<number>>
  /** Chooses a candidate. */
  add(candidate: number): void
}

/** Losses that differ by less than this part of the best candidate's are equal. */
const tolerance = 1e-12

/**
 * Chooses so many times the candidate that makes the mean of all chosen ones best; it may be chosen several times. Of equally good
 * ones it takes one that has been chosen before, then the first. What was chosen after the best mean is left out.
 *
 * @returns the share of each candidate among the chosen ones, and their order
 * @see Caruana et al.: Ensemble selection from libraries of models, ICML (2004)
 */
export async function selectGreedily(
  candidates: Candidates,
  steps: number,
): Promise<Required<FoundWeights>> {
  const counts = new Int32Array(candidates.count)
  const order: number[] = []
  const reached: number[] = []
  let unit = 0
  for (let step = 0; step < steps; step++) {
    const losses = Array.from(await candidates.losses())
    const least = losses.reduce((best, loss) => Math.min(best, loss))
    if (step === 0 && Number.isFinite(least)) unit = Math.abs(least)
    const equal = [...losses.keys()].filter((l) => areEqual(losses[l]!, least, unit))
    const next = equal.find((l) => counts[l]! > 0) ?? equal[0]!
    candidates.add(next)
    counts[next]!++
    order.push(next)
    reached.push(losses[next]!)
  }
  const best = reached.reduce((least, loss) => Math.min(least, loss))
  const length = reached.findIndex((loss) => areEqual(loss, best, unit)) + 1
  const weights = new Float64Array(candidates.count)
  for (const chosen of order.slice(0, length)) weights[chosen]! += 1
  return {
    weights: weights.map((count) => count / length),
    order: Int32Array.from(order.slice(0, length)),
  }
}

/** Whether a loss is that of the best one; both may be infinite. */
function areEqual(loss: number, best: number, unit: number): boolean {
  return loss === best || loss - best <= tolerance * unit
}
