/** Scores candidates, and leaves out those whose predictions can't be scored. */

import { isOneCopyError, type OneCopyError } from '../../errors.ts'
import { foldsOf, type LayerFolds } from '../ensembles/folds/layer-folds.ts'
import type { FoldScores } from '../outputs/fold-scores.ts'
import type { LeftOut } from './candidates/fit-candidates.ts'
import type { FittedCandidate } from './candidates/fitted-candidate.ts'

/** A candidate with its score on each fold. */
export interface ScoredCandidate extends FittedCandidate {
  readonly scores: readonly number[]
}

/**
 * Scores candidates on each fold. Some predictions have no score, such as a negative one for a Poisson deviance: then the candidate is left
 * out, as one that failed.
 *
 * @returns with the first refusal, undefined when there is none
 * @throws what the scorer throws that is no refusal of a value
 */
export function scoreCandidates(
  fitted: readonly FittedCandidate[],
  folds: LayerFolds,
  scorer: FoldScores,
): {
  readonly scored: readonly ScoredCandidate[]
  readonly leftOut: readonly LeftOut[]
  readonly failure: OneCopyError | undefined
} {
  const scored: ScoredCandidate[] = []
  const leftOut: LeftOut[] = []
  let failure: OneCopyError | undefined
  for (const one of fitted) {
    try {
      scored.push({ ...one, scores: scorer.of(one.columns, one.output, foldsOf(folds, 0)) })
    } catch (error) {
      if (!isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
      failure ??= error
      leftOut.push({ name: one.candidate.name, reason: error.message })
    }
  }
  return { scored, leftOut, failure }
}
