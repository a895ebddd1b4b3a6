/** Fits a member by one call for each fold and final model. */

import { clone, type Estimator, restore, type Learned } from '../../contract/estimator.ts'
import { describeEstimator } from '../../contract/estimator-spec.ts'
import { keepsMemory } from '../../features/keeps-memory.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import { Pipeline } from '../../pipelines/pipeline.ts'
import { splitFitted } from '../../pipelines/pipeline-parts.ts'
import type { FittedEnsembleMember } from '../members/ensemble-member.ts'
import type { FoldOutputs } from '../folds/fold-outputs.ts'
import { partitionOf, placeOf } from '../folds/layer-folds.ts'
import { isSplit, rowsOfFit } from '../folds/layer-data.ts'
import {
  explainFailure,
  fitFinal,
  fitFold,
  type FitSpent,
  type FittedLearner,
  type LearnerSpec,
  type MappedFold,
  type ModelData,
} from '../calls/layer-tasks.ts'
import { type Call, callOf, makeCalls } from '../calls/layer-work.ts'
import { untilAborted } from '../calls/until-aborted.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { columnOf, columnsOfPartition, type MemberPlan } from '../members/member-plan.ts'
import { copyScalers } from '../shared/scaled-folds.ts'
import { type LayerContext, makeShared, type MemberFit } from './member-fit.ts'
import { warnOfFits } from './fold-notes.ts'
import { memberOf, scaledParts, unkeptMember } from './fitted-members.ts'

/**
 * Fits a member on every fold and on the rows of final models by one call each, which also predicts the fold. Its class is sent to
 * the workers; rows and shared objects are not copied.
 *
 * @returns the member of each partition
 * @throws OneCopyError `ERR_LEARNER`
 */
export async function fitByCalls(
  fit: MemberFit,
  context: LayerContext,
  outputs: FoldOutputs,
): Promise<FittedEnsembleMember[]> {
  const { plan } = fit
  const { member, sharing } = plan
  const travels = context.work.parallel !== undefined
  const whole =
    sharing === undefined && plan.steps.length > 0
      ? new Pipeline({ steps: [...plan.steps, plan.learner] })
      : plan.learner
  const spec = {
    name: member.name,
    learner: describeEstimator(whole, travels),
    output: plan.output,
  }
  const { data } = context
  const { spent, finals, mapped } = await callFits(fit, spec, context, outputs)
  const noted = [...spent.entries(), ...[...finals].filter(([fold]) => !isSplit(fold, data))]
  warnOfFits(
    member.name,
    noted.map(([fold, { notes }]) => ({
      fold,
      notes: [...(mapped.get(fold)?.notes ?? []), ...notes],
    })),
    data,
  )
  const share = (fold: number): number =>
    (mapped.get(fold)?.seconds ?? 0) / (fit.mapped?.users ?? 1)
  const seconds = {
    fit: spent.map(({ fitSeconds }, fold) => fitSeconds + share(fold)),
    predict: spent.map(({ predictSeconds }) => predictSeconds),
  }
  const memberOfFit = async (
    fold: number | null,
    partition: number,
  ): Promise<FittedEnsembleMember> => {
    const kept = finals.get(fold)
    if (kept === undefined) return unkeptMember(plan, { data, partition, seconds })
    const learner = restore(clone<Estimator>(whole), kept.learner)
    const { steps } = sharing === undefined ? { steps: [] } : await fit.scalers(fold)
    const parts =
      learner instanceof Pipeline && whole !== plan.learner
        ? splitFitted(learner)
        : scaledParts(fit, copyScalers(steps), learner)
    return memberOf(plan, parts, { data, partition, seconds })
  }
  const members = await Promise.all(data.finals.map(memberOfFit))
  if (data.keepsFolds !== true) return members
  const bag: Estimator[] = []
  for (const [fold] of spent.entries()) bag.push((await memberOfFit(fold, 0)).predictor)
  return members.map((member) => ({ ...member, bag }))
}

/** What the calls of a member have returned. */
interface FitCalls {
  readonly spent: readonly FitSpent[]
  /** Final models that are kept, by the numbers of their fits. */
  readonly finals: ReadonlyMap<number | null, FittedLearner>
  /** The mapped rows of each fit. */
  readonly mapped: ReadonlyMap<number | null, MappedFold>
}

/** Calls the fits of a member on the folds, one after the other as there is room, then on the rows of final models. */
async function callFits(
  fit: MemberFit,
  spec: LearnerSpec & Pick<MemberPlan, 'output'>,
  { data, work }: LayerContext,
  outputs: FoldOutputs,
): Promise<FitCalls> {
  const { X, y, folds, finals, keepsModels = true, rounds, weights } = data
  const columns = columnsOf(X)
  const schema = columns && { names: columns.names, categories: columns.categories }
  const made = await untilAborted(work.signal, () => makeShared(fit))
  const shared = made as Learned | undefined
  const { name } = spec
  const { steps, learner, sharing } = fit.plan
  const { scaling: takes = 'mapped' } = sharing ?? {}
  const { freesRows = false } = sharing ?? (steps.length === 0 ? learner : {})
  const mapped = new Map<number | null, MappedFold>()
  const dataOf = async (fold: number | null): Promise<ModelData> => {
    const where = placeOf(fold, data)
    const { map } = await explainFailure(spec.name, where, () => fit.scalers(fold))
    const made = await fit.mapped?.get(fold, work)
    if (made !== undefined) mapped.set(fold, made)
    const isFinal = finals.includes(fold) || data.keepsFolds === true
    const isKept = fold !== null && keepsModels && isFinal
    const rows = { rows: rowsOfFit(data, fold), freesRows, mapped: made?.training }
    return { X, schema, y, weights, shared, fold, isKept, where, map, takes, ...rows }
  }
  async function* calls(round: readonly number[]): AsyncGenerator<Call<FitSpent>> {
    for (const fold of round) {
      const { test } = folds[fold]!
      const first = columnOf(fit.plan, partitionOf(folds[fold]!))
      const out = outputColumns(outputs.target, first, spec.output)
      const own = await dataOf(fold)
      yield callOf({ name, where: own.where }, fitFold, spec, { ...own, test }, out)
    }
  }
  const spent: FitSpent[] = []
  const found = new Map<number | null, FittedLearner>()
  const others = [...new Set(finals)].filter((fold) => !isSplit(fold, data))
  const waiting = [...rounds.flat(), ...others]
  const step = (result: unknown): void => {
    const fold = waiting.shift()!
    const { learner, notes } = result as Partial<FittedLearner>
    if (learner !== undefined) found.set(fold, { learner, notes: notes! })
    // The rows of a model that is kept may be part of it.
    const rows = learner && mapped.get(fold)?.training.rows
    fit.mapped?.done(fold, rows !== undefined && keepsMemory(learner!, rows))
    work.step()
  }
  for (const round of rounds) {
    spent.push(...(await makeCalls(calls(round), { ...work, step })))
    outputs.endRound(round, (partition) => columnsOfPartition(fit.plan, partition))
  }
  async function* lastCalls(): AsyncGenerator<Call<FittedLearner>> {
    for (const fold of others) {
      const own = await dataOf(fold)
      yield callOf({ name, where: own.where }, fitFinal, spec, own)
    }
  }
  await makeCalls(lastCalls(), { ...work, step })
  return { spent, finals: found, mapped }
}
