/** The trees of a boosted model that another fit continues. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import {
  type BinEdges,
  type BoostedTrees,
  type ColumnSets,
  type KnownTrees,
  native,
} from '../../native/index.ts'
import { requireColumns, requireFitted } from '../contract/base-estimator.ts'
import { collectLearned, type LearnedState } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { InteractionConstraints } from './column-options.ts'
import { takeNodes } from './tree-ensemble.ts'

/** What a boosted model has learned. */
export interface BoostedState {
  readonly nodes_: NDArray<'uint64'>
  readonly treeStarts_: Float64Array
  readonly binEdges_: Float64Array
  readonly binStarts_: Int32Array
  readonly categoricalColumns_: Int32Array
  readonly featureGains_: Float64Array
  readonly monotonicSigns_: Int32Array
  readonly interactions_: string
  readonly binColumns_?: Int32Array
  readonly setColumns_?: Int32Array
}

/** What trees are grown by and must not change when they are continued. */
export interface GrowthRules {
  readonly columns: number
  readonly categorical: Int32Array
  /** As {@link BoostedState.monotonicSigns_}. */
  readonly signs: Int32Array
  /** As {@link BoostedState.interactions_}. */
  readonly interactions: string
}

/**
 * Takes what a model has learned before it is fitted anew, if it is the same.
 *
 * @throws TypeError when it is of another class, OneCopyError `ERR_NOT_FITTED`
 */
export function takeState(learner: object, continueFrom: object): LearnedState {
  if (!(continueFrom instanceof (learner.constructor as new () => object))) {
    throw new TypeError(
      `Expected \`continueFrom\` to be a fitted ${learner.constructor.name}, got ${show(continueFrom)}.`,
    )
  }
  requireFitted(continueFrom, 'nodes_')
  return collectLearned(continueFrom)
}

/**
 * Trees in the form in which the native core continues them, and the edges that they were grown on.
 *
 * @throws OneCopyError `ERR_SHAPE` for other columns, `ERR_OPTION` for other columns with categories or other constraints
 */
export function knownTrees(
  learner: object,
  state: BoostedState,
  baselines: Float64Array,
  { columns, categorical, signs, interactions }: GrowthRules,
): { readonly known: KnownTrees; readonly edges: BinEdges } {
  requireColumns(learner, columns, state.featureGains_.length)
  if (state.binColumns_ !== undefined || state.setColumns_ !== undefined) throw refuseBins()
  const own = state.categoricalColumns_
  requireSame(learner, 'categoricalFeatures', [listOf(own), listOf(categorical)])
  requireSame(learner, 'monotonicCst', [listOf(state.monotonicSigns_), listOf(signs)])
  requireSame(learner, 'interactionConstraints', [state.interactions_, interactions])
  return {
    known: {
      slots: state.nodes_.toTypedArray(),
      starts: state.treeStarts_,
      baselines,
      gains: state.featureGains_,
    },
    edges: { edges: state.binEdges_, starts: state.binStarts_, categorical: own },
  }
}

function refuseBins(): OneCopyError {
  return new OneCopyError(
    'ERR_OPTION',
    'Expected `continueFrom` to have trees that a fit can grow, got a model of another library that splits a column at more than 254 places, ' +
      'or sends several intervals of one left, such as sets of categories. Fit a new model in place of continuing this one.',
    { details: { name: 'continueFrom' } },
  )
}

function listOf(numbers: Int32Array): string {
  return `[${numbers.join(', ')}]`
}

/**
 * Refuses to continue trees that were grown by another value of an option.
 *
 * @param values - that of the trees, and that of the learner
 * @throws OneCopyError `ERR_OPTION`
 */
export function requireSame(
  learner: object,
  name: string,
  [known, own]: readonly [string | number, string | number],
): void {
  if (known === own) return
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` of ${learner.constructor.name} to be as in the fit of \`continueFrom\`, ${known}, got ${own}.`,
    { details: { name } },
  )
}

/** Directions of all columns, shape (d). */
export function signsOfColumns(monotone: Int8Array | null, columns: number): Int32Array {
  return monotone === null ? new Int32Array(columns) : Int32Array.from(monotone)
}

/** How columns may interact, as {@link BoostedState.interactions_}. */
export function interactionsOf(
  given: InteractionConstraints | null,
  together: ColumnSets | null,
): string {
  if (together === null) return 'any'
  if (typeof given === 'string') return given
  const { columns, starts } = together
  const sets = Array.from(starts.subarray(1), (end, s) => columns.slice(starts[s], end))
  if (sets.every((set) => set.length === 1)) return 'noInteractions'
  return sets.map(listOf).toSorted().join(', ')
}

/**
 * Refuses constraints that no fit can have kept.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function checkConstraints(values: LearnedValues): void {
  const { length } = values.integers('monotonicSigns_', 2, -1)
  const columns = values.floats('featureGains_').length
  if (length !== columns)
    throw values.refuse('monotonicSigns_', `an Int32Array of ${columns} signs`)
  values.matching(
    'interactions_',
    interactionTexts,
    "'any' or sets of columns, such as '[0, 1], [2]'",
  )
}

const interactionTexts = /^(any|pairwise|noInteractions|\[\d+(, \d+)*\](, \[\d+(, \d+)*\])*)$/

/**
 * Joins known trees and those that have grown.
 *
 * @param count - how many of them are kept, from the first one on
 */
export async function joinTrees(
  known: KnownTrees | null,
  grown: BoostedTrees,
  count: number,
): Promise<{ readonly nodes: NDArray<'uint64'>; readonly starts: Float64Array }> {
  if (known === null) {
    const starts = grown.starts.slice(0, count + 1)
    return { nodes: await takeNodes(grown, starts[count]!), starts }
  }
  const size = known.starts.at(-1)!
  const all = Float64Array.of(...known.starts, ...grown.starts.subarray(1).map((at) => at + size))
  const starts = all.slice(0, count + 1)
  const nodes = shared([starts[count]!], 'uint64')
  const slots = nodes.toTypedArray()
  slots.set(known.slots.subarray(0, Math.min(size, slots.length)))
  const room = new BigUint64Array(grown.starts.at(-1))
  await native.takeTrees(grown.trees, room)
  if (slots.length > size) slots.set(room.subarray(0, slots.length - size), size)
  return { nodes, starts }
}
