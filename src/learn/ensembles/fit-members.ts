/** Fits members of a layer on every fold and on all rows. */

import type { NDArray } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import {
  clone,
  collectLearned,
  type Estimator,
  restore,
  type Learned,
} from '../contract/estimator.ts'
import { describeEstimator } from '../contract/estimator-spec.ts'
import type { FoldFit, SharingEstimator } from '../contract/fold-sharing.ts'
import type { ColumnScaling } from '../contract/moments-estimator.ts'
import { type FoldStatistics, momentsOfFolds } from '../contract/moments-of-folds.ts'
import { collectNotConverged, warnOfFolds } from '../contract/not-converged.ts'
import { keepsMemory } from '../features/keeps-memory.ts'
import { columnsOf } from '../inputs/feature-input.ts'
import { Pipeline } from '../pipelines/pipeline.ts'
import { type FittedParts, joinFitted, splitFitted } from '../pipelines/pipeline-parts.ts'
import type { FittedEnsembleMember } from './ensemble-member.ts'
import type { LayerData } from './layer-data.ts'
import {
  explainFailure,
  fitAllRows,
  fitFold,
  type FitSpent,
  type FittedLearner,
  type FittedModelSpec,
  type LearnerSpec,
  type MappedFold,
  type ModelData,
  secondsSince,
} from './layer-tasks.ts'
import { type Call, call, makeCalls, type LayerWork } from './layer-work.ts'
import type { MappedFolds, MappedUse } from './mapped-folds.ts'
import type { MemberPlan } from './member-plan.ts'
import { copyScalers, type FittedScalers, needsMoments, type ScaledFolds } from './scaled-folds.ts'
import type { SharedObjects, SharedUse } from './shared-objects.ts'

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
  /** One for each fold. */
  readonly folds: readonly FoldModel[]
  readonly all: FoldModel
  /** Seconds of each fold's fit, without work on shared objects. */
  readonly fitSeconds: readonly number[]
}

/**
 * Fits a member in this thread by the object that it shares.
 *
 * @throws OneCopyError `ERR_LEARNER`
 */
export async function fitInThread(
  fit: MemberFit,
  { X, y, folds, weights }: LayerData,
): Promise<FoldModels> {
  const { member, learner } = fit.plan
  const { name } = member
  const shared = await makeShared(fit)
  const models: FoldModel[] = []
  const fitSeconds: number[] = []
  const notes = []
  for (const fold of [...folds.keys(), null]) {
    const start = performance.now()
    const before = fit.sharedMilliseconds
    const { result, notes: own } = await collectNotConverged(() =>
      explainFailure(name, placeOf(fold), async () => {
        const scalers = await fit.scalers(fold)
        const training: FoldFit = {
          fold,
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
    models.push(result)
    notes.push(own)
    fitSeconds.push(secondsSince(start) - (fit.sharedMilliseconds - before) / 1000)
  }
  warnOfFolds(name, notes)
  return {
    fit,
    folds: models.slice(0, -1),
    all: models.at(-1)!,
    fitSeconds: fitSeconds.slice(0, -1),
  }
}

/**
 * Fits a member on every fold and on all rows by one call each, which also predicts the fold. Its class is sent to the
 * workers; rows and shared objects are not copied.
 *
 * @param out - its column of `Z`
 * @throws OneCopyError `ERR_LEARNER`
 */
export async function fitByCalls(
  fit: MemberFit,
  context: LayerContext,
  out: NDArray,
): Promise<FittedEnsembleMember> {
  const { plan } = fit
  const { member, sharing } = plan
  const travels = context.work.parallel !== undefined
  const whole =
    sharing === undefined && plan.steps.length > 0
      ? new Pipeline({ steps: [...plan.steps, plan.learner] })
      : plan.learner
  const spec: LearnerSpec = { name: member.name, learner: describeEstimator(whole, travels) }
  const { spent, all, mapped } = await callFits(fit, spec, context, out)
  warnOfFolds(
    member.name,
    [...spent, all].map(({ notes }, i) => [...(mapped[i]?.notes ?? []), ...notes]),
  )
  const learner = restore(clone<Estimator>(whole), all.learner)
  const rows = mapped.at(-1)?.training.rows
  fit.mapped?.done(null, rows !== undefined && keepsMemory(learner, rows))
  const { steps } = sharing === undefined ? { steps: [] } : await fit.scalers(null)
  const parts =
    learner instanceof Pipeline && whole !== plan.learner
      ? splitFitted(learner)
      : scaledParts(fit, copyScalers(steps), learner)
  const share = (fold: number): number => (mapped[fold]?.seconds ?? 0) / (fit.mapped?.users ?? 1)
  return {
    ...memberOf(plan, parts),
    fitSeconds: spent.map(({ fitSeconds }, fold) => fitSeconds + share(fold)),
    predictSeconds: spent.map(({ predictSeconds }) => predictSeconds),
  }
}

/** What the calls of a member have returned. */
interface FitCalls {
  readonly spent: readonly FitSpent[]
  readonly all: FittedLearner
  /** The mapped rows of each fold, and of all rows last. */
  readonly mapped: readonly (MappedFold | undefined)[]
}

/** Calls the fits of a member on the folds, one after the other as there is room, then on all rows. */
async function callFits(
  fit: MemberFit,
  spec: LearnerSpec,
  { data, work }: LayerContext,
  out: NDArray,
): Promise<FitCalls> {
  const { X, y, folds, weights } = data
  const columns = columnsOf(X)
  const schema = columns && { names: columns.names, categories: columns.categories }
  const shared = (await makeShared(fit)) as Learned | undefined
  const { scaling: takes = 'mapped', freesRows = false } = fit.plan.sharing ?? {}
  const mapped: (MappedFold | undefined)[] = []
  const dataOf = async (fold: number | null): Promise<ModelData> => {
    const { map } = await explainFailure(spec.name, placeOf(fold), () => fit.scalers(fold))
    const test = fold === null ? undefined : folds[fold]!.test
    const made = await fit.mapped?.get(fold, work)
    mapped.push(made)
    const rows = { test, freesRows, mapped: made?.training }
    return { X, schema, y, weights, shared, fold, map, takes, ...rows }
  }
  async function* calls(): AsyncGenerator<Call<FitSpent>> {
    for (const [fold, { test }] of folds.entries())
      yield call(fitFold, spec, { ...(await dataOf(fold)), test }, out)
  }
  let fitted = 0
  const step = (): void => {
    fit.mapped?.done(fitted++)
    work.step()
  }
  const spent = await makeCalls(calls(), { ...work, step })
  const [all] = await makeCalls([call(fitAllRows, spec, await dataOf(null))], work)
  return { spent, all: all!, mapped }
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

/** A member made of fitted parts of its plan. */
function memberOf(
  { member, steps, learner }: MemberPlan,
  parts: FittedParts,
): Pick<FittedEnsembleMember, 'member' | 'learner' | 'preprocess' | 'predictor' | 'copiedBytes'> {
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
    learner: own,
    preprocess: isRaw ? [] : parts.steps.slice(0, count),
    predictor: isRaw || count === 0 ? own : whole(),
    copiedBytes: parts.copiedBytes,
  }
}

/** The fitted member of models that have predicted their folds. */
export function fittedMember(
  { fit, all, fitSeconds }: FoldModels,
  predictSeconds: readonly number[],
): FittedEnsembleMember {
  const { learner, scalers } = all
  return {
    ...memberOf(fit.plan, scaledParts(fit, copyScalers(scalers.steps), learner)),
    fitSeconds,
    predictSeconds,
  }
}

/** What a model has learned, as it is sent to the calls that predict by it. */
export function describeModel(
  { fit, folds }: FoldModels,
  fold: number,
  travels: boolean,
): FittedModelSpec {
  const { member, sharing } = fit.plan
  const { learner, scalers } = folds[fold]!
  const spec = describeEstimator(learner, travels)
  const map = sharing!.scaling === 'mapped' ? scalers.map : undefined
  return { name: member.name, learner: { spec, state: collectLearned(learner) }, map }
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

function placeOf(fold: number | null): string {
  return fold === null ? 'all rows' : `fold ${fold}`
}
