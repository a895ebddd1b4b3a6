/** One layer of an ensemble: out-of-fold predictions and full models. */

import { type NDArray, shared } from '../../../arrays/index.ts'
import type { EnsembleMember, FittedEnsembleMember } from '../members/ensemble-member.ts'
import { type FailedEnsembleMember, MemberAttempts } from './failed-members.ts'
import { requireFinitePredictions } from './finite-predictions.ts'
import { fitByCalls } from '../fits/fit-by-calls.ts'
import { fitInThread } from '../fits/fit-in-thread.ts'
import { fittedMembers } from '../fits/fitted-members.ts'
import type { FoldModels } from '../fits/fold-models.ts'
import { type LayerContext, MemberFit } from '../fits/member-fit.ts'
import { FoldOutputs } from '../folds/fold-outputs.ts'
import { fitsOf } from '../folds/layer-folds.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { countUnits } from '../calls/fold-parts.ts'
import { roomFor } from '../calls/call-room.ts'
import { type LayerWork, makeTurns } from '../calls/layer-work.ts'
import { settleSoon, untilAborted } from '../calls/until-aborted.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { MappedFolds } from '../shared/mapped-folds.ts'
import { columnOf, columnsOfPartition, countColumns, planMembers } from '../members/member-plan.ts'
import {
  linearParts,
  modelParts,
  predictFolds,
  predictLinearFolds,
  rawTerms,
} from './predict-folds.ts'
import { ScaledFolds } from '../shared/scaled-folds.ts'
import { SharedObjects } from '../shared/shared-objects.ts'

/** A fitted layer. */
export interface FittedLayer {
  readonly members: readonly FittedEnsembleMember[]
  readonly failed: readonly FailedEnsembleMember[]
  /** Out-of-fold predictions, the columns of each of `members` side by side, in scratch memory. */
  readonly outOfFold: NDArray<'float64'>
}

/**
 * Fits all members of a layer on every fold and on all rows, without copying a row of `X`.
 *
 * What members share (see `SharingEstimator`) is made once and freed after its last user. A member whose fits are quick is fitted
 * in this thread, and its models predict afterwards, all linear ones in one pass over a fold's rows. Any other member is
 * fitted by one call for each fold, on a worker where there are workers.
 *
 * @param onError - `'skip'` leaves a member that fails out of the result, and reports it
 */
export async function fitLayer(
  members: readonly EnsembleMember[],
  data: LayerData,
  work: LayerWork,
  onError: 'stop' | 'skip',
): Promise<FittedLayer> {
  const plans = planMembers(members, data)
  const outputs = new FoldOutputs(data, data.X.shape[0]!, countColumns(plans, data.partitions))
  const { Z } = outputs
  const attempts = new MemberAttempts(onError)
  const objects = new SharedObjects(data)
  const room = roomFor(work.parallel, data.X.shape[0]!)
  const mappedFolds = new MappedFolds(data, room?.calls ?? work.parallel?.workers ?? 1)
  const together = { objects, scaled: new ScaledFolds(data), mappedFolds }
  const fits = plans.map((plan) => new MemberFit(plan, together))
  const linear = fits.filter(({ plan }) => plan.isLinear)
  const others = fits.filter(({ plan }) => !plan.isLinear)
  const partsOf = (own: LayerWork): LayerParts => ({
    context: { data, objects, work: own },
    outputs,
    attempts,
  })
  const groups: Jobs[] = [
    (own) => [() => fitLinear(linear, partsOf(own))],
    ...groupByRows(others).map(
      (group): Jobs =>
        (own) =>
          group.map((fit) => () => fitOther(fit, partsOf(own))),
    ),
  ]
  try {
    const fitted =
      work.parallel === undefined
        ? await inTurn(groups, work)
        : await atOnce((own) => groups.flatMap((jobs) => jobs(own)), { ...work, room })
    const done = fitted.flat().toSorted((a, b) => a.column - b.column)
    return {
      members: done,
      failed: attempts.failed,
      outOfFold: keepColumns(
        Z,
        done.flatMap((one) => columnsOfPartition(one, 0)),
      ),
    }
  } catch (error) {
    Z[Symbol.dispose]()
    throw error
  } finally {
    outputs.close()
    for (const fit of fits) fit.release()
    await settleSoon(work.signal, Promise.all([objects.close(), mappedFolds.close()]))
  }
}

/** Members that learn from the same mapped rows are in one group, any other one is alone. */
function groupByRows(fits: readonly MemberFit[]): MemberFit[][] {
  const groups = new Map<unknown, MemberFit[]>()
  for (const fit of fits) {
    const key = fit.plan.mappedBy ?? fit
    groups.set(key, [...(groups.get(key) ?? []), fit])
  }
  return [...groups.values()]
}

/** Each fits some members of a layer. */
type Jobs = (work: LayerWork) => (() => Promise<FittedEnsembleMember[]>)[]

/**
 * Runs groups of jobs one after the other. Without workers they share this thread, and each call is timed alone: the jobs of a
 * group take turns.
 */
async function inTurn(groups: readonly Jobs[], work: LayerWork): Promise<FittedEnsembleMember[][]> {
  const results = []
  const own = { ...work, takeTurn: makeTurns() }
  for (const jobs of groups) results.push(...(await atOnce(jobs, own)))
  return results
}

/** The first failure aborts the other jobs; it is thrown when all of them have ended. */
async function atOnce(jobs: Jobs, work: LayerWork): Promise<FittedEnsembleMember[][]> {
  const stop = new AbortController()
  const signals = work.signal === undefined ? [stop.signal] : [stop.signal, work.signal]
  const started = jobs({ ...work, signal: AbortSignal.any(signals) }).map((job) => job())
  for (const one of started) one.catch((error: unknown) => stop.abort(error))
  const settled = await Promise.allSettled(started)
  const broken = settled.find((one) => one.status === 'rejected')
  if (broken !== undefined) throw broken.reason
  return Promise.all(started)
}

/** Number of calls that `fitLayer` makes when none fails. */
export function countCalls(members: readonly EnsembleMember[], data: LayerData): number {
  const { folds } = data
  const plans = planMembers(members, data)
  const linear = plans.some(({ isLinear }) => isLinear) ? countUnits(folds, linearParts) : 0
  const others = plans
    .filter(({ isLinear }) => !isLinear)
    .map(({ sharing }) =>
      sharing?.inThread === true ? countUnits(folds, modelParts) : fitsOf(data).length,
    )
  return others.reduce((sum, calls) => sum + calls, linear)
}

/** What fits of members of a layer have in common. */
export interface LayerParts {
  readonly context: LayerContext
  readonly outputs: FoldOutputs
  readonly attempts: MemberAttempts
}

/** Fits all members whose models are linear functions, which predict together. */
export async function fitLinear(
  fits: readonly MemberFit[],
  { context, outputs, attempts }: LayerParts,
): Promise<FittedEnsembleMember[]> {
  const { data, work } = context
  const { signal } = work
  try {
    const solved: FoldModels[] = []
    for (const fit of fits) {
      const models = await attempts.run(fit.plan.member, () =>
        untilAborted(signal, () => fitInThread(fit, data, signal)),
      )
      if (models !== undefined) solved.push(models)
    }
    const seconds = await predictLinearFolds(solved, context, outputs)
    const predictSeconds = seconds.map((one) => one / solved.length)
    const fitted = solved.map((models) =>
      attempts.run(models.fit.plan.member, async () => {
        await takeOutputs(models.fit, data, outputs)
        const made = fittedMembers(models, data, predictSeconds)
        return made.map((one) => ({
          ...charge(one, models.fit, data),
          terms: rawTerms(models.finals[one.partition]!),
        }))
      }),
    )
    return (await Promise.all(fitted)).flatMap((one) => one ?? [])
  } finally {
    for (const fit of fits) fit.release()
  }
}

/** Fits any other member. */
export async function fitOther(
  fit: MemberFit,
  { context, outputs, attempts }: LayerParts,
): Promise<FittedEnsembleMember[]> {
  const { member, sharing } = fit.plan
  const { data, work } = context
  const { signal } = work
  const fitted = await attempts
    .run(member, async () => {
      let done: FittedEnsembleMember[]
      if (sharing?.inThread === true) {
        const models = await untilAborted(signal, () => fitInThread(fit, data, signal))
        done = fittedMembers(models, data, await predictFolds(models, context, outputs))
      } else done = await fitByCalls(fit, context, outputs)
      await takeOutputs(fit, data, outputs)
      return done.map((one) => charge(one, fit, data))
    })
    .finally(() => fit.release())
  return fitted ?? []
}

/** Ends the rounds of a member, and checks its predictions. */
async function takeOutputs(
  { plan }: MemberFit,
  data: LayerData,
  outputs: FoldOutputs,
): Promise<void> {
  outputs.endRounds((partition) => columnsOfPartition(plan, partition))
  for (const partition of data.finals.keys()) {
    const predicted = outputColumns(outputs.Z, columnOf(plan, partition), plan.output)
    await requireFinitePredictions(plan.member.name, data, predicted, partition)
  }
}

/** Adds a member's part of the shared work to its times. */
function charge(
  fitted: FittedEnsembleMember,
  fit: MemberFit,
  { folds }: LayerData,
): FittedEnsembleMember {
  const share = fit.shareOfSeconds(folds.length)
  return { ...fitted, fitSeconds: fitted.fitSeconds.map((seconds) => seconds + share) }
}

/** The chosen columns; `Z` itself when they are all of them. */
function keepColumns(Z: NDArray<'float64'>, columns: readonly number[]): NDArray<'float64'> {
  if (columns.length === Z.shape[1]) return Z
  const [n] = Z.shape as [number, number]
  const kept = shared([n, columns.length], 'float64')
  for (const [to, from] of columns.entries())
    for (let row = 0; row < n; row++) kept.set(Z.get(row, from), row, to)
  Z[Symbol.dispose]()
  return kept
}
