/** The plan of an ensemble: layers, groups of learners, meta learners. */

import { OneCopyError, show } from '../../../errors.ts'
import { clone, type Estimator, type Transformer } from '../../contract/estimator.ts'
import { requireSplitter, type Splitter } from '../../contract/splitter.ts'
import {
  type AddOptions,
  type AnyLearner,
  type EnsembleMember,
  type Learners,
  makeMembers,
  requireEstimator,
} from '../members/ensemble-member.ts'

/** Options of `addLayer`. */
export interface LayerOptions extends AddOptions {
  /**
   * Columns of what the layer learns from that the next layer, or the meta learner, gets to the left of the predictions: their numbers, or
   * names. Default: none.
   */
  readonly propagateFeatures?: readonly (number | string)[]
  /** How the rows of this layer are split: a number of folds, or a splitter. Default: as the ensemble says. */
  readonly folds?: number | Splitter
}

/** Learners that were added together. */
export interface LearnerGroup {
  /** The learners by name; names are unique in the ensemble. */
  readonly learners: Readonly<Record<string, Estimator>>
  /** Steps before each of them, fitted once for all of them; default: none. */
  readonly preprocess?: readonly Transformer[] | undefined
  /** As in `add`. */
  readonly proba?: boolean | undefined
}

/** One layer. */
export interface LayerSpec {
  /** At least one. */
  readonly groups: readonly LearnerGroup[]
  /** As in `addLayer`; default: none. */
  readonly propagateFeatures?: readonly (number | string)[] | undefined
  /** As in `addLayer`; default: those of the ensemble. */
  readonly folds?: number | Splitter | undefined
}

/** What `add`, `addLayer` and `addMeta` have put together, as plain data and unfitted learners. It is never changed in place. */
export interface EnsemblePlan {
  /** The layers, in order; default: none. */
  readonly layers?: readonly LayerSpec[] | undefined
  /** Learners that may combine those of the last layer, by name; a single one is called `meta`. Default: none. */
  readonly metas?: Readonly<Record<string, Estimator>> | undefined
}

/** Adds learners to the last layer, which is made when there is none. */
export function addMembers(
  layers: readonly LayerSpec[],
  learners: Learners,
  options: AddOptions,
): LayerSpec[] {
  if (layers.length === 0) return addLayer(layers, learners, options)
  const last = layers.at(-1)!
  const groups = [...last.groups, groupOf(makeMembers(learners, options, membersOf(layers)))]
  return [...layers.slice(0, -1), { ...last, groups }]
}

/**
 * Adds a layer.
 *
 * @throws TypeError for wrong options
 */
export function addLayer(
  layers: readonly LayerSpec[],
  learners: Learners,
  { propagateFeatures = [], folds, ...options }: LayerOptions,
): LayerSpec[] {
  requireLayerSplit(folds)
  requireColumnList(propagateFeatures)
  const groups = [groupOf(makeMembers(learners, options, membersOf(layers)))]
  const layer = {
    groups,
    ...(propagateFeatures.length > 0 && { propagateFeatures: [...propagateFeatures] }),
    ...(folds !== undefined && { folds }),
  }
  return [...layers, layer]
}

/** Members that were made together as a group. */
function groupOf(members: readonly EnsembleMember[]): LearnerGroup {
  const [{ preprocess, proba }] = members as [EnsembleMember]
  const learners = Object.fromEntries(members.map(({ name, learner }) => [name, learner]))
  return {
    learners,
    ...(preprocess.length > 0 && { preprocess }),
    ...(proba !== undefined && { proba }),
  }
}

/** @throws TypeError for what splits no rows */
export function requireLayerSplit(folds: unknown): void {
  if (folds !== undefined && typeof folds !== 'number') requireSplitter(folds)
}

/** @throws TypeError for anything but numbers and names */
export function requireColumnList(propagateFeatures: unknown): void {
  const isList =
    Array.isArray(propagateFeatures) &&
    propagateFeatures.every((one) => typeof one === 'string' || Number.isInteger(one))
  if (isList) return
  throw new TypeError(
    `Expected \`propagateFeatures\` to list numbers or names of columns, such as [0, 2], got ${show(propagateFeatures)}.`,
  )
}

/**
 * Takes a learner out; a layer without learners is taken out with its last one.
 *
 * @throws OneCopyError `ERR_OPTION` for a name that no learner has
 */
export function removeMember(layers: readonly LayerSpec[], name: string): LayerSpec[] {
  requireMember(layers, name)
  const isOther = (entry: readonly [string, Estimator]): boolean => entry[0] !== name
  const others = changeGroups(layers, (group) => ({
    ...group,
    learners: Object.fromEntries(Object.entries(group.learners).filter(isOther)),
  }))
  return others
    .map((layer) => ({
      ...layer,
      groups: layer.groups.filter(({ learners }) => Object.keys(learners).length > 0),
    }))
    .filter(({ groups }) => groups.length > 0)
}

/**
 * Puts another learner in the place of one, behind the same steps.
 *
 * @throws as {@link removeMember} does; TypeError when it is no learner
 */
export function replaceMember(
  layers: readonly LayerSpec[],
  name: string,
  learner: AnyLearner,
): LayerSpec[] {
  requireMember(layers, name)
  const copy = clone(requireEstimator(learner))
  return changeGroups(
    layers,
    (group) => ({
      ...group,
      learners: { ...group.learners, [name]: copy },
    }),
    name,
  )
}

/**
 * Changes groups of learners; all others stay the same objects.
 *
 * @param name - of a learner, whose group is changed; default: every group
 */
export function changeGroups(
  layers: readonly LayerSpec[],
  change: (group: LearnerGroup) => LearnerGroup,
  name?: string,
): LayerSpec[] {
  return layers.map((layer) => ({
    ...layer,
    groups: layer.groups.map((group) =>
      name === undefined || Object.hasOwn(group.learners, name) ? change(group) : group,
    ),
  }))
}

/** The learners of some layers. */
export function membersOf(layers: readonly LayerSpec[]): EnsembleMember[] {
  return layers.flatMap(({ groups }) => groups.flatMap(membersOfGroup))
}

function membersOfGroup({ learners, preprocess = [], proba }: LearnerGroup): EnsembleMember[] {
  return Object.entries(learners).map(([name, learner]) => ({ name, learner, preprocess, proba }))
}

/** The meta learners of a plan, each as the member of a layer. */
export function metasOf({ metas = {} }: EnsemblePlan): EnsembleMember[] {
  return membersOfGroup({ learners: metas })
}

function requireMember(layers: readonly LayerSpec[], name: string): void {
  const names = membersOf(layers).map((one) => one.name)
  if (names.includes(name)) return
  const known = names.length === 0 ? 'There are none.' : `There are: ${names.join(', ')}.`
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected the name of a learner of this ensemble, got ${show(name)}. ${known}`,
    { details: { name } },
  )
}
