/** Fits the meta learner on out-of-fold predictions, and scores the ensemble. */

import type { NDArray } from '../../../arrays/index.ts'
import { clone, type Estimator } from '../../contract/estimator.ts'
import { foldsOf } from '../folds/layer-folds.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { fitLayer } from '../layer/fit-layer.ts'
import type { LayerWork } from '../calls/layer-work.ts'
import {
  type AnyLearner,
  type EnsembleMember,
  requireEstimator,
} from '../members/ensemble-member.ts'
import type { FoldScores } from '../../outputs/fold-scores.ts'
import { classProbabilities } from '../../outputs/class-predictions.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { type ScoreRow, scoreRow } from '../../selection/score-table.ts'

/** A fitted meta learner and the ensemble's score. */
export interface FittedMeta {
  readonly meta: Estimator
  /** Its predictions of rows that it was not fitted on: numbers, the probability of each class, or what it predicts of classes. */
  readonly outOfFold: NDArray<'float64'>
  readonly row: ScoreRow
}

/** The meta learner as the one member of a layer. */
export function metaMember(learner: AnyLearner): EnsembleMember {
  return {
    name: 'meta',
    learner: clone(requireEstimator(learner)),
    preprocess: [],
    proba: undefined,
  }
}

/**
 * Fits the meta learner on all rows of `Z`, and once without each fold to score the ensemble
 * on it. It never predicts rows that it has learned from.
 *
 * @param data - `X` is `Z`, the out-of-fold predictions, shape (n, columns)
 */
export async function fitMeta(
  member: EnsembleMember,
  data: LayerData,
  work: LayerWork,
  scores: FoldScores,
): Promise<FittedMeta> {
  const { members, outOfFold } = await fitLayer([member], data, work, 'stop')
  const { learner, output, fitSeconds, predictSeconds } = members[0]!
  const columns = outputColumns(outOfFold, 0, output)
  const folds = scores.of(columns, output, foldsOf(data, 0))
  const row = scoreRow('ensemble', folds, fitSeconds, predictSeconds)
  if (output.method !== 'predictProba') return { meta: learner, outOfFold: columns, row }
  const probabilities = classProbabilities(columns, output)
  outOfFold[Symbol.dispose]()
  return { meta: learner, outOfFold: probabilities, row }
}
