/** Predicts the rows of each fold by its model. */

import { onRawColumns, type LinearTerms } from '../../linear/predict-linear.ts'
import type { LinearModel } from '../../linear/linear-model.ts'
import { describeModel, type FoldModel, type FoldModels } from '../fits/fold-models.ts'
import type { LayerContext } from '../fits/member-fit.ts'
import { predictLinearRows, predictModelRows } from '../calls/layer-tasks.ts'
import type { FoldOutputs } from '../folds/fold-outputs.ts'
import { partitionOf } from '../folds/layer-folds.ts'
import { type FoldPart, type PartSizes, TimedParts } from '../calls/fold-parts.ts'
import { type Call, call, callOf, makeCalls } from '../calls/layer-work.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { columnOf, columnsOfPartition } from '../members/member-plan.ts'
import { rowsOfNoWeight } from '../calls/predict-held-out.ts'

/** Parts of linear functions: less than a second of work, so that aborting is quick. */
export const linearParts: PartSizes = { unitRows: 1 << 20, mostUnits: 1 }

/** Parts of other models, so that progress is visible and aborting is quick. */
export const modelParts: PartSizes = { unitRows: 4096, mostUnits: 64 }

/**
 * Predicts each fold's rows by all linear members in one pass over them.
 *
 * @returns for each fold, seconds of its pass
 */
export async function predictLinearFolds(
  members: readonly FoldModels[],
  context: LayerContext,
  outputs: FoldOutputs,
): Promise<number[]> {
  const { X, folds } = context.data
  if (members.length === 0) return folds.map(() => 0)
  const ofPartition = (partition: number): number[] =>
    members.flatMap(({ fit }) => columnsOfPartition(fit.plan, partition))
  return predictRounds(context, outputs, ofPartition, linearParts, ({ fold, rows }) => {
    const terms = members.flatMap((models) => rawTerms(models.folds[fold]!))
    const columns = ofPartition(partitionOf(folds[fold]!))
    return call(predictLinearRows, X, rows, { terms, columns }, outputs.target)
  })
}

/** Predicts each fold's rows by the model of a member; resolves to the seconds of each fold. */
export async function predictFolds(
  models: FoldModels,
  context: LayerContext,
  outputs: FoldOutputs,
): Promise<number[]> {
  const { X, folds, weights } = context.data
  const travels = context.work.parallel !== undefined
  const described = folds.map((_, fold) => describeModel(models, fold, travels))
  const { plan } = models.fit
  const ofPartition = (partition: number): number[] => columnsOfPartition(plan, partition)
  return predictRounds(context, outputs, ofPartition, modelParts, ({ fold, rows }) => {
    const part = { fold, rows, noWeight: rowsOfNoWeight(rows, weights) }
    const first = columnOf(plan, partitionOf(folds[fold]!))
    const out = outputColumns(outputs.target, first, plan.output)
    const owner = { name: plan.member.name, where: `fold ${fold}` }
    return callOf(owner, predictModelRows, described[fold]!, X, part, out)
  })
}

/** Makes calls that predict all folds, round by round; resolves to the seconds of each fold. */
async function predictRounds(
  { data: { folds, rounds }, work }: LayerContext,
  outputs: FoldOutputs,
  columnsOf: (partition: number) => number[],
  sizes: PartSizes,
  callFor: (part: FoldPart) => Call<number>,
): Promise<number[]> {
  const seconds = folds.map(() => 0)
  for (const round of rounds) {
    const parts = new TimedParts(folds, round, sizes)
    const step = (spent: unknown): void => {
      for (let units = parts.ended(spent as number); units > 0; units--) work.step()
    }
    const spent = await makeCalls(callsOf(parts, callFor), { ...work, step })
    for (const [i, one] of spent.entries()) seconds[parts.made[i]!.fold]! += one
    outputs.endRound(round, columnsOf)
  }
  return seconds
}

function* callsOf(
  parts: TimedParts,
  callFor: (part: FoldPart) => Call<number>,
): Generator<Call<number>> {
  for (const part of parts) yield callFor(part)
}

/** A linear model as functions of raw columns, one for each target. */
export function rawTerms({ learner, scalers }: FoldModel): LinearTerms[] {
  const terms = (learner as unknown as LinearModel).linearTerms()
  return terms.map((one) => scalers.maps.reduceRight(onRawColumns, one))
}
