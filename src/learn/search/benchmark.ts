/** Compares learners on the same folds. */

import type { OptionNames } from '../../options.ts'
import type { Learners } from '../ensembles/members/ensemble-member.ts'
import { openInputs } from '../features/open-inputs.ts'
import type { FeatureSource, TargetSource } from '../inputs/data-source.ts'
import {
  type ScoredOptions,
  scoredNames,
  settleValidation,
} from '../validation/validation-options.ts'
import { listCandidates, makeCases, type PreprocessingCases } from './candidates.ts'
import { measureCandidates } from './measure-candidates.ts'
import { SearchResults } from './search-results.ts'

/** Options of {@link benchmark}. */
export interface BenchmarkOptions extends ScoredOptions {
  /** Steps before each learner: transformers, or several cases of them by name, each of which is tried. Default: none. */
  readonly preprocess?: PreprocessingCases
}

/**
 * Scores learners, each behind each case of steps, on the same folds. All of them are fitted as one layer of an ensemble: what they can
 * share is made once for all learners and folds, and no row is copied for a fold. Predictions take a column for each learner and case.
 *
 * @param learners - one, several, or a record that names them
 * @param X - as for {@link crossValidate}
 * @param y - as for {@link crossValidate}
 * @returns a row for each learner and case, the best first; prints as a table
 * @throws as {@link crossValidate} does
 *
 * @example
 * ```ts
 * const found = await benchmark([new Ridge(), new RandomForestRegressor()], X, y, {
 *   preprocess: { raw: [], scaled: new StandardScaler() },
 * })
 * console.log(String(found))
 * ```
 */
export async function benchmark(
  learners: Learners,
  X: FeatureSource,
  y: TargetSource,
  options: BenchmarkOptions = {},
): Promise<SearchResults> {
  const settled = settleValidation('benchmark', options, names)
  const cases = makeCases(learners, options.preprocess ?? [], {}, [])
  const candidates = listCandidates(cases, { search: 'grid', draws: 1, seed: 0 })
  const found = await openInputs('benchmark', { X, y, options }, (X, y) =>
    measureCandidates(candidates, { X, y, settled }),
  )
  return new SearchResults(found)
}

const names: OptionNames<BenchmarkOptions> = { ...scoredNames, preprocess: true }
