/** The layers of an ensemble as they were put together. */

import { OneCopyError, show } from '../../../errors.ts'
import { clone } from '../../contract/estimator.ts'
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

/** One layer. */
export interface LayerSpec {
  readonly members: readonly EnsembleMember[]
  readonly propagateFeatures: readonly (number | string)[]
  /** Undefined: those of the ensemble. */
  readonly folds: number | Splitter | undefined
}

/** Adds learners to the last layer, which is made when there is none. */
export function addMembers(
  layers: readonly LayerSpec[],
  learners: Learners,
  options: AddOptions,
): LayerSpec[] {
  if (layers.length === 0) return addLayer(layers, learners, options)
  const last = layers.at(-1)!
  const members = [...last.members, ...makeMembers(learners, options, membersOf(layers))]
  return [...layers.slice(0, -1), { ...last, members }]
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
  if (folds !== undefined && typeof folds !== 'number') requireSplitter(folds)
  const isList =
    Array.isArray(propagateFeatures) &&
    propagateFeatures.every((one) => typeof one === 'string' || Number.isInteger(one))
  if (!isList)
    throw new TypeError(
      `Expected \`propagateFeatures\` to list numbers or names of columns, such as [0, 2], got ${show(propagateFeatures)}.`,
    )
  const members = makeMembers(learners, options, membersOf(layers))
  return [...layers, { members, propagateFeatures: [...propagateFeatures], folds }]
}

/**
 * Takes a learner out; a layer without learners is taken out with its last one.
 *
 * @throws OneCopyError `ERR_OPTION` for a name that no learner has
 */
export function removeMember(layers: readonly LayerSpec[], name: string): LayerSpec[] {
  requireMember(layers, name)
  return layers
    .map((layer) => ({ ...layer, members: layer.members.filter((one) => one.name !== name) }))
    .filter(({ members }) => members.length > 0)
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
  const replaced = (one: EnsembleMember): EnsembleMember =>
    one.name === name ? { ...one, learner: copy } : one
  return layers.map((layer) => ({ ...layer, members: layer.members.map(replaced) }))
}

/** The learners of all layers. */
export function membersOf(layers: readonly LayerSpec[]): EnsembleMember[] {
  return layers.flatMap(({ members }) => members)
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
