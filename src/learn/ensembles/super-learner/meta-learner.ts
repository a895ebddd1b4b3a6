/** Fits the meta learner on out-of-fold predictions, and scores the ensemble. */

import type { NDArray } from '../../../arrays/index.ts'
import { foldsOf } from '../folds/layer-folds.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { fitLayer } from '../layer/fit-layer.ts'
import type { LayerWork } from '../calls/layer-work.ts'
import type { Estimator } from '../../contract/estimator.ts'
import type { EnsembleMember, FittedEnsembleMember } from '../members/ensemble-member.ts'
import type { FoldScores } from '../../outputs/fold-scores.ts'
import { classProbabilities } from '../../outputs/class-predictions.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { type ScoreRow, scoreRow } from '../../selection/score-table.ts'

/** What begins the name of a meta learner that was skipped: as in the paths of options. */
export const metaPrefix = 'meta.'

/** A fitted meta learner and the ensemble's score. */
export interface FittedMeta {
  readonly meta: Estimator
  /** The same as the member of a layer. */
  readonly member: FittedEnsembleMember
  /** Its predictions of rows that it was not fitted on: numbers, the probability of each class, or what it predicts of classes. */
  readonly outOfFold: NDArray<'float64'>
  readonly row: ScoreRow
}

/**
 * Fits the meta learner on all rows of `Z`, and once without each fold to score the ensemble
 * on it. It never predicts rows that it has learned from.
 *
 * @param data - `X` is `Z`, the out-of-fold predictions, shape (n, columns)
 */
export async function fitMeta(
  meta: EnsembleMember,
  data: LayerData,
  work: LayerWork,
  scores: FoldScores,
): Promise<FittedMeta> {
  const { members, outOfFold } = await fitLayer([meta], data, work, 'stop')
  const member = members[0]!
  const { learner, output, fitSeconds, predictSeconds } = member
  const fitted = { meta: learner, member }
  const columns = outputColumns(outOfFold, 0, output)
  const folds = scores.ofLearner(meta.name, columns, output, foldsOf(data, 0))
  const row = scoreRow('ensemble', folds, fitSeconds, predictSeconds)
  if (output.method !== 'predictProba') return { ...fitted, outOfFold: columns, row }
  const probabilities = classProbabilities(columns, output)
  outOfFold[Symbol.dispose]()
  return { ...fitted, outOfFold: probabilities, row }
}
