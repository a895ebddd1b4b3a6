/** Members that an earlier fit has fitted and that nothing has changed. */

import { type NDArray, shared } from '../../../arrays/index.ts'
import { isConfigurable } from '../../contract/estimator.ts'
import { widthOf } from '../../outputs/member-output.ts'
import type { FittedLayer } from '../layer/fit-layer.ts'
import type { EnsembleMember, FittedEnsembleMember } from '../members/ensemble-member.ts'
import type { FittedStage } from '../plan/fitted-layer.ts'
import { areSameFits, type FitRecord } from './fit-record.ts'
import type { FittedEnsemble } from './fitted-ensemble.ts'

/** The members of a layer that are kept, by their names in the plan. */
export type KeptMembers = ReadonlyMap<string, readonly FittedEnsembleMember[]>

/** What a fit is about to do. */
export interface FitPlan extends Pick<FitRecord, 'planned' | 'propagated' | 'metaFolds' | 'metas'> {
  /** Members of each layer. */
  readonly members: readonly (readonly EnsembleMember[])[]
}

/** What of an earlier fit is kept. */
export interface KeptParts {
  /** For each layer. */
  readonly layers: readonly KeptMembers[]
  /** Whether the meta learners learn from the same columns and rows as in the earlier fit, and are the same. */
  readonly keepsMeta: boolean
}

/**
 * Finds what needs no fit: members with the same options, steps and folds whose layer learns from the same columns, which are those of a
 * layer that is kept as a whole.
 *
 * @param before - an earlier fit of the same data
 */
export function findKept(plan: FitPlan, before: FittedEnsemble | undefined): KeptParts {
  const { record, stages = [], meta } = before ?? {}
  const layers: KeptMembers[] = []
  let isSameInput = record !== undefined
  for (const [l, members] of plan.members.entries()) {
    const stage = stages[l]
    const isKept =
      isSameInput && stage !== undefined && areSameFits(plan.planned[l]!, record!.planned[l]!)
    const kept = isKept ? keptMembers(members, stage) : new Map<string, never>()
    layers.push(kept)
    const names = [...new Set(stage?.members.map(({ member }) => member.name))]
    isSameInput =
      isKept &&
      String(names) === String(members.map(({ name }) => name)) &&
      kept.size === members.length &&
      String(plan.propagated[l]) === String(record!.propagated[l])
  }
  const keepsMeta =
    isSameInput &&
    stages.length === plan.members.length &&
    meta !== undefined &&
    areSameFits(plan.metaFolds, record!.metaFolds) &&
    plan.metas.length === record!.metas.length &&
    plan.metas.every((one, i) => areSameMembers(one, record!.metas[i]!))
  return { layers, keepsMeta }
}

function keptMembers(members: readonly EnsembleMember[], stage: FittedStage): KeptMembers {
  const found = members.map((member) => {
    const own = stage.members.filter((one) => areSameMembers(one.member, member))
    return [member.name, own] as const
  })
  return new Map(found.filter(([, own]) => own.length > 0))
}

/** Whether members are fitted alike. */
export function areSameMembers(a: EnsembleMember, b: EnsembleMember): boolean {
  return (
    a.name === b.name &&
    a.proba === b.proba &&
    isSameOption(a.learner, b.learner) &&
    isSameOption(a.preprocess, b.preprocess)
  )
}

/** Whether options are the same: estimators by their classes and options, lists and plain objects by what they hold. */
function isSameOption(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false
  if (isConfigurable(a) && isConfigurable(b)) return isSameOption(a.getParams(), b.getParams())
  const prototype: unknown = Object.getPrototypeOf(a)
  const isPlain = Array.isArray(a) || prototype === Object.prototype || prototype === null
  if (!isPlain) return false
  const [names, others] = [Object.keys(a), Object.keys(b)]
  const get = (of: object, name: string): unknown => (of as Readonly<Record<string, unknown>>)[name]
  return (
    names.length === others.length &&
    names.every((name) => Object.hasOwn(b, name) && isSameOption(get(a, name), get(b, name)))
  )
}

/**
 * Puts kept and newly fitted members of a layer in the order of the plan, and their columns side by side.
 *
 * @param stage - of the earlier fit
 * @param fresh - newly fitted ones; undefined: there are none
 * @returns with the out-of-fold predictions of the earlier fit itself when they are all of it
 */
export function joinLayer(
  order: readonly EnsembleMember[],
  kept: KeptMembers,
  stage: FittedStage,
  fresh: FittedLayer | undefined,
): FittedLayer {
  const sources = new Map<FittedEnsembleMember, NDArray<'float64'>>()
  const old = placed(stage.members, stage.training!.outOfFold, sources)
  const own = fresh === undefined ? [] : placed(fresh.members, fresh.outOfFold, sources)
  const members = order.flatMap(({ name }) => {
    const names = kept.get(name)?.map((one) => one.name)
    return names === undefined
      ? own.filter(({ member }) => member.name === name)
      : old.filter((one) => names.includes(one.name))
  })
  const failed = fresh?.failed ?? []
  const isWhole = members.length === old.length && members.every((one, i) => one === old[i])
  if (isWhole) {
    fresh?.outOfFold[Symbol.dispose]()
    return { members, failed, outOfFold: stage.training!.outOfFold }
  }
  const [n] = stage.training!.outOfFold.shape as [number]
  const outOfFold = shared(
    [n, members.reduce((sum, { output }) => sum + widthOf(output), 0)],
    'float64',
  )
  let column = 0
  const joined = members.map((member) => {
    const from = sources.get(member)!
    const first = column
    for (let k = 0; k < widthOf(member.output); k++)
      copyColumn(from.column(member.column + k), outOfFold.column(column++))
    return { ...member, column: first }
  })
  fresh?.outOfFold[Symbol.dispose]()
  return { members: joined, failed, outOfFold }
}

/** Members with the places of their columns, which stand side by side. */
function placed(
  members: readonly FittedEnsembleMember[],
  outOfFold: NDArray<'float64'>,
  sources: Map<FittedEnsembleMember, NDArray<'float64'>>,
): FittedEnsembleMember[] {
  let column = 0
  return members.map((member) => {
    const own = { ...member, column }
    column += widthOf(member.output)
    sources.set(own, outOfFold)
    return own
  })
}

function copyColumn(from: NDArray<'float64'>, to: NDArray<'float64'>): void {
  const [step] = from.strides as [number]
  const [stride] = to.strides as [number]
  let read = from.offset
  for (let row = 0, at = to.offset; row < from.size; row++, at += stride, read += step)
    to.data[at] = from.data[read]!
}
