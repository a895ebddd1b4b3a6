/** Fits members of a layer on every fold and on all rows. */

import { allRows } from '../../../arrays/internal.ts'
import {
  clone,
  collectLearned,
  type Estimator,
  restore,
  type Learned,
} from '../../contract/estimator.ts'
import { describeEstimator } from '../../contract/estimator-spec.ts'
import type { FoldFit, SharingEstimator } from '../../contract/fold-sharing.ts'
import type { ColumnScaling } from '../../contract/moments-estimator.ts'
import { type FoldStatistics, momentsOfFolds } from '../../contract/moments-of-folds.ts'
import {
  collectNotConverged,
  type NotConverged,
  warnOfFolds,
} from '../../contract/not-converged.ts'
import { keepsMemory } from '../../features/keeps-memory.ts'
import { columnsOf } from '../../inputs/feature-input.ts'
import { Pipeline } from '../../pipelines/pipeline.ts'
import { type FittedParts, joinFitted, splitFitted } from '../../pipelines/pipeline-parts.ts'
import type { FittedEnsembleMember } from '../members/ensemble-member.ts'
import type { FoldOutputs } from '../folds/fold-outputs.ts'
import { fitsOf, partitionOf, placeOf } from '../folds/layer-folds.ts'
import { type LayerData, rowsOfFit } from '../folds/layer-data.ts'
import {
  explainFailure,
  fitFinal,
  fitFold,
  type FitSpent,
  type FittedLearner,
  type FittedModelSpec,
  type LearnerSpec,
  type MappedFold,
  type ModelData,
  secondsSince,
} from '../calls/layer-tasks.ts'
import { type Call, call, makeCalls, type LayerWork } from '../calls/layer-work.ts'
import type { MappedFolds, MappedUse } from '../shared/mapped-folds.ts'
import { outputColumns } from '../../outputs/member-output.ts'
import { columnOf, columnsOfPartition, type MemberPlan } from '../members/member-plan.ts'
import {
  copyScalers,
  type FittedScalers,
  needsMoments,
  type ScaledFolds,
} from '../shared/scaled-folds.ts'
import type { SharedObjects, SharedUse } from '../shared/shared-objects.ts'

/** What fits of a layer need. */
export interface LayerContext {
  readonly data: LayerData
  readonly objects: SharedObjects
  readonly work: LayerWork
}

/** What members of a layer use together. */
export interface LayerObjects {
  readonly objects: SharedObjects
  readonly scaled: ScaledFolds
  readonly mappedFolds: MappedFolds
}

/** A member and the objects that it uses. */
export class MemberFit {
  readonly plan: MemberPlan
  /** The mapped rows that it is fitted on; undefined when it needs none. */
  readonly mapped: MappedUse | undefined
  readonly #objects: SharedObjects
  readonly #shared: SharedUse<unknown> | undefined
  readonly #moments: SharedUse<FoldStatistics> | undefined
  readonly #scaled: ScaledFolds

  /** Says what the member will use; `release` must follow. */
  constructor(plan: MemberPlan, { objects, scaled, mappedFolds }: LayerObjects) {
    this.plan = plan
    this.#objects = objects
    this.#scaled = scaled
    const { sharing, scalers, scalersNumber, mappedBy } = plan
    this.mapped = mappedBy && mappedFolds.use(mappedBy, plan)
    if (sharing === undefined) return
    this.#shared = objects.use(sharing, scalersNumber)
    if (needsMoments(scalers)) this.#moments = objects.use(momentsOfFolds, scalersNumber)
  }

  /** The shared object; undefined when the member shares nothing. */
  async shared(): Promise<unknown> {
    return this.#shared?.get(async (fold) => (await this.scalers(fold)).map)
  }

  /** What the scalers before the learner learn on a fold, or on all rows; don't change them. */
  scalers(fold: number | null): Promise<FittedScalers> {
    const { scalers, scalersNumber } = this.plan
    return this.#scaled.fit(scalersNumber, scalers, fold, async () => this.#moments?.get())
  }

  /** Seconds of shared work to charge to one of so many folds. */
  shareOfSeconds(folds: number): number {
    return ((this.#shared?.seconds ?? 0) + (this.#moments?.seconds ?? 0)) / folds
  }

  /** Frees what no other member uses. */
  release(): void {
    this.#shared?.release()
    this.#moments?.release()
    this.mapped?.release()
  }

  /** Milliseconds of work on shared objects so far, of all members. */
  get sharedMilliseconds(): number {
    return this.#objects.milliseconds
  }
}

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

/**
 * Fits a member in this thread by the object that it shares.
 *
 * @throws OneCopyError `ERR_LEARNER`
 */
export async function fitInThread(fit: MemberFit, data: LayerData): Promise<FoldModels> {
  const { X, y, folds, finals, keepsModels = true, weights } = data
  const { member, learner } = fit.plan
  const { name } = member
  const shared = await makeShared(fit)
  const models = new Map<number | null, FoldModel>()
  const fitSeconds: number[] = []
  const notes: FoldNotes[] = []
  for (const fold of fitsOf(data)) {
    const start = performance.now()
    const before = fit.sharedMilliseconds
    const { result, notes: own } = await collectNotConverged(() =>
      explainFailure(name, placeOf(fold, data), async () => {
        const scalers = await fit.scalers(fold)
        const training: FoldFit = {
          fold,
          isKept: fold !== null && keepsModels && finals.includes(fold),
          weights,
          map: scalers.map,
          // Listed only for a learner that asks: of shuffled folds they are long.
          get rows() {
            return fold === null ? allRows(X.shape[0]!) : folds[fold]!.train
          },
        }
        const fitted = await clone(learner as SharingEstimator).fitFold(shared, X, y, training)
        return { learner: fitted, scalers }
      }),
    )
    models.set(fold, result)
    notes.push({ fold, notes: own })
    fitSeconds.push(secondsSince(start) - (fit.sharedMilliseconds - before) / 1000)
  }
  warnOfFits(name, notes, data)
  return {
    fit,
    folds: folds.map((_, fold) => models.get(fold)!),
    finals: finals.map((fold) => models.get(fold)!),
    fitSeconds,
  }
}

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
  return Promise.all(
    data.finals.map(async (fold, partition) => {
      const learner = restore(clone<Estimator>(whole), finals.get(fold)!.learner)
      const { steps } = sharing === undefined ? { steps: [] } : await fit.scalers(fold)
      const parts =
        learner instanceof Pipeline && whole !== plan.learner
          ? splitFitted(learner)
          : scaledParts(fit, copyScalers(steps), learner)
      return memberOf(plan, parts, { data, partition, seconds })
    }),
  )
}

/** What the calls of a member have returned. */
interface FitCalls {
  readonly spent: readonly FitSpent[]
  /** Final models by the numbers of their fits. */
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
  const { X, y, folds, finals, rounds, weights } = data
  const columns = columnsOf(X)
  const schema = columns && { names: columns.names, categories: columns.categories }
  const shared = (await makeShared(fit)) as Learned | undefined
  const { scaling: takes = 'mapped', freesRows = false } = fit.plan.sharing ?? {}
  const mapped = new Map<number | null, MappedFold>()
  const dataOf = async (fold: number | null): Promise<ModelData> => {
    const where = placeOf(fold, data)
    const { map } = await explainFailure(spec.name, where, () => fit.scalers(fold))
    const made = await fit.mapped?.get(fold, work)
    if (made !== undefined) mapped.set(fold, made)
    const isKept = fold !== null && finals.includes(fold)
    const rows = { rows: rowsOfFit(data, fold), freesRows, mapped: made?.training }
    return { X, schema, y, weights, shared, fold, isKept, where, map, takes, ...rows }
  }
  async function* calls(round: readonly number[]): AsyncGenerator<Call<FitSpent>> {
    for (const fold of round) {
      const { test } = folds[fold]!
      const first = columnOf(fit.plan, partitionOf(folds[fold]!))
      const out = outputColumns(outputs.target, first, spec.output)
      yield call(fitFold, spec, { ...(await dataOf(fold)), test }, out)
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
    for (const fold of others) yield call(fitFinal, spec, await dataOf(fold))
  }
  await makeCalls(lastCalls(), { ...work, step })
  return { spent, finals: found, mapped }
}

/** Whether a fit is one of the folds that predict. */
function isSplit(fold: number | null, { splits }: LayerData): boolean {
  return fold !== null && fold < splits
}

/** Notes of one fit. */
interface FoldNotes {
  readonly fold: number | null
  readonly notes: readonly NotConverged[]
}

/** Emits one warning for all fits of a member. */
function warnOfFits(name: string, noted: readonly FoldNotes[], data: LayerData): void {
  const folds = noted.filter(({ fold }) => isSplit(fold, data)).map(({ notes }) => notes)
  const others = noted.filter(({ fold }) => !isSplit(fold, data)).flatMap(({ notes }) => notes)
  warnOfFolds(name, [...folds, others], data.fitsAll ? 'all rows' : 'the rows of final models')
}

/** A learner that was fitted behind scalers, by maps of the columns. */
function scaledParts(
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
function memberOf(
  plan: MemberPlan,
  parts: FittedParts,
  { data: { folds, splits, partitions }, partition, seconds }: MemberPart,
): FittedEnsembleMember {
  const { member, output, steps, learner } = plan
  const ofPartition = (list: readonly number[]): number[] =>
    list.filter((_, k) => k < splits && partitionOf(folds[k]!) === partition)
  const count = member.preprocess.length
  const own = joinFitted(member.learner, {
    ...parts,
    steps: parts.steps.slice(count),
    widths: Array.from(parts.widths).slice(count),
  })
  const isRaw = parts.takes === 'raw'
  const whole = (): Estimator => joinFitted(new Pipeline({ steps: [...steps, learner] }), parts)
  return {
    member,
    name: partitions === 1 ? member.name : `${member.name}/${partition}`,
    partition,
    column: columnOf(plan, partition),
    output,
    learner: own,
    preprocess: isRaw ? [] : parts.steps.slice(0, count),
    predictor: isRaw || count === 0 ? own : whole(),
    copiedBytes: parts.copiedBytes,
    fitSeconds: ofPartition(seconds.fit),
    predictSeconds: ofPartition(seconds.predict),
  }
}

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

/** Why an object that a member shares could not be made; the cause is about the data, so it may name no learner. */
export class SharedFailure extends Error {}

async function makeShared(fit: MemberFit): Promise<unknown> {
  try {
    return await fit.shared()
  } catch (cause) {
    throw new SharedFailure('The shared object could not be made.', { cause })
  }
}
