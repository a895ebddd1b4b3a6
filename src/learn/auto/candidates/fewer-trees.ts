/** Smaller models of trees, for little time. */

import { clone, type Estimator } from '../../contract/estimator.ts'
import { boostedRounds } from './candidate-cost.ts'
import type { Candidate } from './portfolio.ts'

/** Fewest trees of a forest, and rounds of boosting, that are worth their time. */
const fewest = { trees: 20, rounds: 40 }

/** Boosting in steps larger than this predicts badly. */
const largestRate = 0.3

/**
 * A candidate with a share of its trees. Boosting takes larger steps in return.
 *
 * @param share - below 1
 * @returns undefined for other learners, and when too few trees would be left
 */
export function withFewerTrees(candidate: Candidate, share: number): Candidate | undefined {
  const { learner, kind } = candidate
  const { trees, learningRate } = learner as {
    readonly trees?: number
    readonly learningRate?: number
  }
  if ((kind === 'randomForest' || kind === 'extraTrees') && trees !== undefined) {
    const fewer = Math.floor(trees * share)
    return fewer < fewest.trees ? undefined : withParams(candidate, { trees: fewer })
  }
  if (kind !== 'boosting' || learningRate === undefined) return undefined
  const rounds = Math.floor(boostedRounds(learner) * share)
  const rate = Math.min(largestRate, learningRate / share)
  return rounds < fewest.rounds
    ? undefined
    : withParams(candidate, { maxIter: rounds, learningRate: rate })
}

/** Options of a candidate that {@link withFewerTrees} changes. */
const sizes = ['trees', 'maxIter', 'learningRate'] as const

/** The sizes of a candidate of trees; none of learners that were given. */
export function sizesOf({ kind, learner }: Candidate): Record<string, number> {
  if (!['boosting', 'randomForest', 'extraTrees'].includes(kind)) return {}
  const options = learner as Partial<Record<(typeof sizes)[number], number>>
  return Object.fromEntries(
    sizes.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]])),
  ) as Record<string, number>
}

/** A candidate with the sizes of another one of the same name. */
export function withSizes(candidate: Candidate, found: Record<string, number>): Candidate {
  return Object.keys(found).length === 0 ? candidate : withParams(candidate, found)
}

function withParams(candidate: Candidate, params: Record<string, unknown>): Candidate {
  const learner: Estimator = clone(candidate.learner).setParams(params)
  return { ...candidate, learner }
}
