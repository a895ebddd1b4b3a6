/** Scores candidates on the same folds. */

import type { Fold } from '../contract/fold-sharing.ts'
import type { LayerFolds } from '../ensembles/folds/layer-folds.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { summarize } from '../selection/score-summary.ts'
import { measureMembers } from '../validation/validate-members.ts'
import { planValidation } from '../validation/validation-folds.ts'
import type { SettledValidation } from '../validation/validation-options.ts'
import type { Candidate } from './candidates.ts'
import type { SearchResult } from './search-results.ts'

/** What candidates are scored on. */
export interface SearchData {
  readonly X: FeatureInput
  readonly y: TargetInput
  readonly settled: SettledValidation
}

/**
 * Fits all candidates on the folds as one layer, so that they share what learners of an ensemble share.
 *
 * @param shorten - makes folds that learn from some of the rows; default: all
 * @param rows - how many rows these are; undefined: all
 * @returns one for each candidate, in their order
 */
export async function measureCandidates(
  candidates: readonly Candidate[],
  { X, y, settled }: SearchData,
  shorten: (splits: readonly Fold[]) => readonly Fold[] = (splits) => splits,
  rows: () => number | undefined = () => undefined,
): Promise<SearchResult[]> {
  const { scorers, members } = await measureMembers({
    members: candidates.map(({ member }) => member),
    X,
    y,
    settled,
    keepsModels: false,
    plan: (splits, n): LayerFolds => planValidation(shorten(splits), n, false),
  })
  return candidates.map(({ learner, preprocessing, params }, i) => {
    const { name, scores, fitSeconds, predictSeconds, failure } = members[i]!
    const summaries = scorers.map((scorer, s) => summarize(scorer, scores[s]!))
    const own = { name, learner, preprocessing, params }
    return { ...own, summaries, fitSeconds, predictSeconds, rows: rows(), failure }
  })
}
