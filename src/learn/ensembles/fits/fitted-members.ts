/** Makes fitted members of models and what their fits took. */

import type { Estimator } from '../../contract/estimator.ts'
import type { ColumnScaling } from '../../contract/moments-estimator.ts'
import { Pipeline } from '../../pipelines/pipeline.ts'
import { type FittedParts, joinFitted, partsOf } from '../../pipelines/pipeline-parts.ts'
import type { EnsembleMember, FittedEnsembleMember } from '../members/ensemble-member.ts'
import { partitionOf } from '../folds/layer-folds.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { columnOf, type MemberPlan } from '../members/member-plan.ts'
import { copyScalers } from '../shared/scaled-folds.ts'
import type { MemberFit } from './member-fit.ts'
import type { FoldModels } from './fold-models.ts'

/** The fitted member, for each partition, of models that have predicted their folds. */
export function fittedMembers(
  { fit, finals, fitSeconds }: FoldModels,
  data: LayerData,
  predictSeconds: readonly number[],
): FittedEnsembleMember[] {
  const seconds = { fit: fitSeconds, predict: predictSeconds }
  return finals.map(({ learner, scalers }, partition) => {
    const parts = scaledParts(fit, copyScalers(scalers.steps), learner)
    return memberOf(fit.plan, parts, { data, partition, seconds })
  })
}

/** A learner that was fitted behind scalers, by maps of the columns. */
export function scaledParts(
  { plan: { sharing } }: MemberFit,
  steps: readonly ColumnScaling[],
  learner: Estimator,
): FittedParts {
  const columns = steps[0]?.affine().scale.length ?? 0
  const widths = new Int32Array(steps.length + 1).fill(columns)
  return { steps, learner, widths, takes: sharing?.scaling ?? 'mapped', copiedBytes: 0 }
}

/** Which partition a fitted member is of, and what all folds took. */
interface MemberPart {
  readonly data: LayerData
  readonly partition: number
  readonly seconds: { readonly fit: readonly number[]; readonly predict: readonly number[] }
}

/** A member made of fitted parts of its plan. */
export function memberOf(
  plan: MemberPlan,
  parts: FittedParts,
  part: MemberPart,
): FittedEnsembleMember {
  const { data, partition } = part
  const models = joinMember(plan.member, parts, { partition, partitions: data.partitions })
  return { ...models, ...predictionsOf(plan, part) }
}

/** A member whose models are not kept: it has its learner as it was before the fit. */
export function unkeptMember(plan: MemberPlan, part: MemberPart): FittedEnsembleMember {
  const { member, steps } = plan
  const { data, partition } = part
  const { learner } = member
  const widths = new Int32Array(steps.length + 1)
  return {
    member,
    name: modelName(member, partition, data.partitions),
    partition,
    learner,
    preprocess: [],
    predictor: learner,
    parts: { steps: [], learner, widths, takes: 'raw', copiedBytes: 0 },
    copiedBytes: 0,
    ...predictionsOf(plan, part),
  }
}

/** Where the predictions of a member are, and what they took. */
function predictionsOf(
  plan: MemberPlan,
  { data: { folds, splits }, partition, seconds }: MemberPart,
): Pick<FittedEnsembleMember, 'column' | 'output' | 'fitSeconds' | 'predictSeconds'> {
  const ofPartition = (list: readonly number[]): number[] =>
    list.filter((_, k) => k < splits && partitionOf(folds[k]!) === partition)
  return {
    column: columnOf(plan, partition),
    output: plan.output,
    fitSeconds: ofPartition(seconds.fit),
    predictSeconds: ofPartition(seconds.predict),
  }
}

/** The models of a member, put together from fitted parts. */
export function joinMember(
  member: EnsembleMember,
  parts: FittedParts,
  { partition, partitions }: { readonly partition: number; readonly partitions: number },
): Omit<FittedEnsembleMember, 'column' | 'output' | 'fitSeconds' | 'predictSeconds'> {
  const count = member.preprocess.length
  const own = joinFitted(member.learner, {
    ...parts,
    steps: parts.steps.slice(count),
    widths: Array.from(parts.widths).slice(count),
  })
  const isRaw = parts.takes === 'raw'
  const { steps, learner } = partsOf(member.learner)
  const whole = (): Estimator =>
    joinFitted(new Pipeline({ steps: [...member.preprocess, ...steps, learner] }), parts)
  return {
    member,
    name: modelName(member, partition, partitions),
    partition,
    learner: own,
    preprocess: isRaw ? [] : parts.steps.slice(0, count),
    predictor: isRaw || count === 0 ? own : whole(),
    parts,
    copiedBytes: parts.copiedBytes,
  }
}

/** What the model of a partition is called; the only one has the name of its learner. */
export function modelName({ name }: EnsembleMember, partition: number, partitions: number): string {
  return partitions === 1 ? name : `${name}/${partition}`
}
