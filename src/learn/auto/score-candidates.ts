/** Scores candidates, and leaves out those whose predictions can't be scored. */

import { isOneCopyError, type OneCopyError } from '../../errors.ts'
import { foldsOf, type LayerFolds } from '../ensembles/folds/layer-folds.ts'
import type { FoldScores } from '../outputs/fold-scores.ts'
import { rmse } from '../scores/numbers/squared-errors.ts'
import { logLoss } from '../scores/probabilities/log-loss.ts'
import type { Scorer } from '../scores/scorer.ts'
import type { LeftOut } from './candidates/fit-candidates.ts'
import type { FittedCandidate } from './candidates/fitted-candidate.ts'

/** A candidate with its score on each fold. */
export interface ScoredCandidate extends FittedCandidate {
  readonly scores: readonly number[]
}

/** A step of a selection by log loss takes this part of the time of scores: it keeps sums of probabilities. */
const logLossPace = 0.2

/** Scores of candidates, each found once, and the time that they took. */
export class CandidateScores {
  readonly #scorer: FoldScores
  readonly #known = new Map<string, readonly number[] | OneCopyError>()
  readonly #pace: number
  #ms = 0

  /** @param own - what `scorer` scores by */
  constructor(scorer: FoldScores, own: Scorer) {
    this.#scorer = scorer
    this.#pace = own === rmse ? 0 : own === logLoss ? logLossPace : 1
  }

  /**
   * Milliseconds that a step of a selection is expected to take: it scores all candidates. 0 before the first candidate, and where steps read no rows.
   *
   * @param fits - how many selections there are
   */
  stepMs(candidates: number, fits: number): number {
    return this.#known.size === 0
      ? 0
      : (this.#ms / this.#known.size) * this.#pace * candidates * fits
  }

  /** Candidates that have been scored. */
  get count(): number {
    return this.#known.size
  }

  /**
   * Scores on each fold, or why there are none. Some predictions have no score, such as a negative one for a Poisson deviance.
   *
   * @param now - milliseconds of a clock
   * @throws what the scorer throws that is no refusal of a value
   */
  of(
    { candidate, columns, output }: FittedCandidate,
    folds: LayerFolds,
    now: () => number = () => performance.now(),
  ): readonly number[] | OneCopyError {
    const known = this.#known.get(candidate.name)
    if (known !== undefined) return known
    const start = now()
    const found = refusable(() => this.#scorer.of(columns, output, foldsOf(folds, 0)))
    this.#ms += now() - start
    this.#known.set(candidate.name, found)
    return found
  }
}

/**
 * Scores candidates on each fold. One whose predictions have no score is left out, as one that failed.
 *
 * @returns with the first refusal, undefined when there is none
 * @throws what the scorer throws that is no refusal of a value
 */
export function scoreCandidates(
  fitted: readonly FittedCandidate[],
  folds: LayerFolds,
  scorer: CandidateScores,
): {
  readonly scored: readonly ScoredCandidate[]
  readonly leftOut: readonly LeftOut[]
  readonly failure: OneCopyError | undefined
} {
  const scored: ScoredCandidate[] = []
  const leftOut: LeftOut[] = []
  let failure: OneCopyError | undefined
  for (const one of fitted) {
    const scores = scorer.of(one, folds)
    if (isOneCopyError(scores)) {
      failure ??= scores
      leftOut.push({ name: one.candidate.name, reason: scores.message })
    } else scored.push({ ...one, scores })
  }
  return { scored, leftOut, failure }
}

function refusable<T>(score: () => T): T | OneCopyError {
  try {
    return score()
  } catch (error) {
    if (!isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    return error
  }
}
