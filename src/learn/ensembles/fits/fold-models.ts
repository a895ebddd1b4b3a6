/** Models of folds that have not predicted yet. */

import { collectLearned } from '../../contract/estimator.ts'
import { describeEstimator } from '../../contract/estimator-spec.ts'
import type { SharingEstimator } from '../../contract/fold-sharing.ts'
import type { FittedModelSpec } from '../calls/layer-tasks.ts'
import type { FittedScalers } from '../shared/scaled-folds.ts'
import type { MemberFit } from './member-fit.ts'

/** The model of a fold that has not predicted yet. */
export interface FoldModel {
  readonly learner: SharingEstimator
  readonly scalers: FittedScalers
}

/** The models of a member whose fits are done in this thread. */
export interface FoldModels {
  readonly fit: MemberFit
  /** One for each fit of the layer that has a number. */
  readonly folds: readonly FoldModel[]
  /** The final model of each partition. */
  readonly finals: readonly FoldModel[]
  /** Seconds of each fold's fit, without work on shared objects. */
  readonly fitSeconds: readonly number[]
}

/** What a model has learned, as it is sent to the calls that predict by it. */
export function describeModel(
  { fit, folds }: FoldModels,
  fold: number,
  travels: boolean,
): FittedModelSpec {
  const { member, output, sharing } = fit.plan
  const { learner, scalers } = folds[fold]!
  const spec = describeEstimator(learner, travels)
  const map = sharing!.scaling === 'mapped' ? scalers.map : undefined
  return { name: member.name, learner: { spec, state: collectLearned(learner) }, map, output }
}
