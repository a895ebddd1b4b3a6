/** Fits members of a layer on every fold and on all rows. */

import type { NDArray } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import {
  clone,
  type Configurable,
  learnedState,
  restore,
  type Learned,
} from '../contract/estimator.ts'
import { describeEstimator } from '../contract/estimator-spec.ts'
import type { FoldFit, SharingEstimator } from '../contract/fold-sharing.ts'
import { type FoldStatistics, momentsOfFolds } from '../contract/moments-of-folds.ts'
import { collectNotConverged, warnOfFolds } from '../contract/not-converged.ts'
import type { FittedEnsembleMember } from './ensemble-member.ts'
import type { LayerData } from './layer-data.ts'
import {
  explainFailure,
  fitAllRows,
  fitFold,
  type FittedPipelineSpec,
  type FittedSpec,
  type ModelData,
  type PipelineSpec,
  secondsSince,
} from './layer-tasks.ts'
import { call, makeCalls, type LayerWork } from './layer-work.ts'
import type { MemberPlan } from './member-plan.ts'
import { fitScalers, type FittedScalers } from './scaled-folds.ts'
import type { SharedObjects, SharedUse } from './shared-objects.ts'

/** What fits of a layer need. */
export interface LayerContext {
  readonly data: LayerData
  readonly objects: SharedObjects
  readonly work: LayerWork
}

/** A member and the objects that it uses. */
export class MemberFit {
  readonly plan: MemberPlan
  readonly #objects: SharedObjects
  readonly #shared: SharedUse<unknown> | undefined
  readonly #moments: SharedUse<FoldStatistics> | undefined

  /** Says what the member will use; `release` must follow. */
  constructor(plan: MemberPlan, objects: SharedObjects) {
    this.plan = plan
    this.#objects = objects
    const { sharing, scalers, scalersNumber } = plan
    if (sharing === undefined) return
    this.#shared = objects.use(sharing, scalersNumber)
    if (scalers.length > 0) this.#moments = objects.use(momentsOfFolds, scalersNumber)
  }

  /** The shared object; undefined when the member shares nothing. */
  async shared(): Promise<unknown> {
    const mapOf = async (): Promise<FittedScalers['map']> => (await this.scalers(null)).map
    return this.#shared?.get(mapOf)
  }

  /** What the scalers before the learner learn on a fold, or on all rows. */
  async scalers(fold: number | null): Promise<FittedScalers> {
    return fitScalers(this.plan.scalers, await this.#moments?.get(), fold)
  }

  /** Seconds of shared work to charge to one of so many folds. */
  shareOfSeconds(folds: number): number {
    return ((this.#shared?.seconds ?? 0) + (this.#moments?.seconds ?? 0)) / folds
  }

  /** Frees what no other member uses. */
  release(): void {
    this.#shared?.release()
    this.#moments?.release()
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
  const { name, learner } = fit.plan.member
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
  { data, work }: LayerContext,
  out: NDArray,
): Promise<FittedEnsembleMember> {
  const { member } = fit.plan
  const { X, y, folds, weights } = data
  const shared = (await makeShared(fit)) as Learned | undefined
  const travels = work.parallel !== undefined
  const spec: PipelineSpec = {
    name: member.name,
    learner: describeEstimator(member.learner, travels),
    steps: member.preprocess.map((step) => describeEstimator(step, travels)),
  }
  const dataOf = async (fold: number | null): Promise<ModelData> => {
    const { map } = await explainFailure(member.name, placeOf(fold), () => fit.scalers(fold))
    const test = fold === null ? undefined : folds[fold]!.test
    return { X, y, weights, shared, fold, map, test }
  }
  const calls = []
  for (const [fold, { test }] of folds.entries())
    calls.push(call(fitFold, spec, { ...(await dataOf(fold)), test }, out))
  const spent = await makeCalls(calls, work)
  const [all] = await makeCalls([call(fitAllRows, spec, await dataOf(null))], work)
  warnOfFolds(
    member.name,
    [...spent, all!].map(({ notes }) => notes),
  )
  const steps = fit.plan.sharing === undefined ? member.preprocess : []
  return {
    member,
    learner: restore(clone(member.learner), all!.learner),
    preprocess: steps.map((step, i) => restore(clone(step), all!.steps[i]!)),
    fitSeconds: spent.map(({ fitSeconds }) => fitSeconds),
    predictSeconds: spent.map(({ predictSeconds }) => predictSeconds),
  }
}

/** The fitted member of models that have predicted their folds. */
export function fittedMember(
  { fit, all, fitSeconds }: FoldModels,
  predictSeconds: readonly number[],
): FittedEnsembleMember {
  const { plan } = fit
  const { learner, scalers } = all
  return {
    member: plan.member,
    learner,
    preprocess: plan.sharing!.scaling === 'mapped' ? scalers.steps : [],
    fitSeconds,
    predictSeconds,
  }
}

/** What a model has learned, as it is sent to the calls that predict by it. */
export function describeModel(
  { fit, folds }: FoldModels,
  fold: number,
  travels: boolean,
): FittedPipelineSpec {
  const { member, sharing } = fit.plan
  const { learner, scalers } = folds[fold]!
  const steps = sharing!.scaling === 'mapped' ? scalers.steps : []
  const describe = (one: Configurable): FittedSpec => ({
    spec: describeEstimator(one, travels),
    state: learnedState(one),
  })
  return { name: member.name, learner: describe(learner), steps: steps.map(describe) }
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
