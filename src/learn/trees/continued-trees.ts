/** The trees of a boosted model that another fit continues. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type BinEdges, type BoostedTrees, type KnownTrees, native } from '../../native/index.ts'
import { requireColumns, requireFitted } from '../contract/base-estimator.ts'
import { collectLearned, type LearnedState } from '../contract/estimator.ts'
import { takeNodes } from './tree-ensemble.ts'

/** What a boosted model has learned. */
export interface BoostedState {
  readonly nodes_: NDArray<'uint64'>
  readonly treeStarts_: Float64Array
  readonly binEdges_: Float64Array
  readonly binStarts_: Int32Array
  readonly categoricalColumns_: Int32Array
  readonly featureGains_: Float64Array
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
 * @throws OneCopyError `ERR_SHAPE` for other columns, `ERR_OPTION` for other columns with categories
 */
export function knownTrees(
  learner: object,
  state: BoostedState,
  baselines: Float64Array,
  { columns, categorical }: { readonly columns: number; readonly categorical: Int32Array },
): { readonly known: KnownTrees; readonly edges: BinEdges } {
  requireColumns(learner, columns, state.binStarts_.length - 1)
  const own = state.categoricalColumns_
  if (own.length !== categorical.length || own.some((column, i) => column !== categorical[i])) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`categoricalFeatures\` of ${learner.constructor.name} to be those of \`continueFrom\`, [${own.join(', ')}], got [${categorical.join(', ')}].`,
      { details: { name: 'categoricalFeatures' } },
    )
  }
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
