/** The scorers of a validation. */

import { OneCopyError } from '../../errors.ts'
import type { EnsembleTask } from '../outputs/ensemble-task.ts'
import { requireScorer } from '../scores/scorer-names.ts'
import type { Scorer } from '../scores/scorer.ts'
import type { ScoredOptions, ScorerChoice } from './validation-options.ts'

/**
 * The scorers of an option: at least one, of different names.
 *
 * @throws OneCopyError `ERR_OPTION`, TypeError
 */
export function settleScorers(scorer: ScoredOptions['scorer'], task: EnsembleTask): Scorer[] {
  const given = scorer ?? (task === 'classification' ? 'accuracy' : 'rmse')
  const list = Array.isArray(given) ? (given as readonly ScorerChoice[]) : [given as ScorerChoice]
  if (list.length === 0)
    throw new OneCopyError('ERR_OPTION', 'Expected at least one `scorer`, got an empty list.')
  const scorers = list.map((one) => requireScorer(one, { task }))
  const names = scorers.map(({ name }) => name)
  const twice = names.find((name, i) => names.indexOf(name) < i)
  if (twice === undefined) return scorers
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected scorers of different names, got two called '${twice}'. Name one of them by makeScorer(f, { name: … }).`,
    { details: { scorer: twice } },
  )
}

/** Whether all that is scored is what estimators predict, neither probabilities nor decision values. */
export function needPredictions(scorers: readonly Scorer[]): boolean {
  return scorers.every(({ needs = 'predictions' }) => needs === 'predictions')
}
