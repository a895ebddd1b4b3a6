/** Reads one tree of XGBoost's JSON model. */

import { type IntervalSplit, mostDepth, type SplitTree } from '../../learn/internal.ts'
import { categoryBounds } from '../boosted/category-bounds.ts'
import { lastRoundedBelow } from '../boosted/next-number.ts'
import type { ModelField } from './model-field.ts'

/** A tree, and what its splits have gained. */
export interface XGBoostTree {
  readonly tree: SplitTree
  readonly gains: readonly number[]
}

/** Categories beyond are not told apart by float32. */
const mostCategory = 2 ** 24 - 1

/** More nodes than XGBoost numbers. */
const mostNodes = 2 ** 31 - 1

/** Nodes of a tree by their numbers, as they stand in the file. */
interface NodeFields {
  readonly left: Float64Array
  readonly right: Float64Array
  readonly columns: Float64Array
  /** Thresholds of splits, values of leaves. */
  readonly conditions: Float64Array
  readonly defaultLeft: Float64Array
  readonly gains: Float64Array
  /** Categories that go right, by node. */
  readonly categories: ReadonlyMap<number, readonly number[]>
}

/**
 * Reads a tree; nodes that XGBoost has pruned stay in its file and are passed over.
 *
 * @param columns - of the model
 * @param weight - what leaves are multiplied by
 * @throws OneCopyError `ERR_FORMAT`
 */
export function treeOfFields(field: ModelField, columns: number, weight: number): XGBoostTree {
  const nodes = readNodes(field, columns)
  const splits: IntervalSplit[] = []
  const [left, right, leaves, gains]: number[][] = [[], [], [], []]
  const seen = new Uint8Array(nodes.left.length)
  seen[0] = 1
  /** Nodes to visit, and where the number of each is due. */
  const open: [node: number, due: number[] | undefined, at: number, depth: number][] = [
    [0, undefined, 0, 1],
  ]
  for (let next; (next = open.pop()) !== undefined;) {
    const [node, due, at, depth] = next
    const isLeaf = nodes.left[node] === -1
    if (due !== undefined) due[at] = isLeaf ? -1 - leaves!.length : splits.length
    if (isLeaf) {
      leaves!.push(nodes.conditions[node]! * weight)
      continue
    }
    if (depth > mostDepth) throw field.refuse(`at most ${mostDepth} splits deep`, 'a deeper tree')
    const own = splits.length
    splits.push(splitOf(nodes, node))
    gains!.push(nodes.gains[node]!)
    left!.push(0)
    right!.push(0)
    for (const side of ['right', 'left'] as const) {
      const child = nodes[side][node]!
      if (child === -1 || seen[child] === 1) {
        const found = child === -1 ? 'none' : `node ${child}, which is a child already or the root`
        throw field.get(`${side}_children`).refuseAt(node, 'a child with one parent', found)
      }
      seen[child] = 1
      open.push([child, side === 'left' ? left : right, own, depth + 1])
    }
  }
  return { tree: { splits, left: left!, right: right!, leaves: leaves! }, gains: gains! }
}

function readNodes(field: ModelField, columns: number): NodeFields {
  const leafSize = field.get('tree_param').get('size_leaf_vector')
  if (leafSize.value !== undefined && leafSize.count(0, mostNodes) > 1)
    throw leafSize.refuse('at most 1', 'more', oneTarget)
  const lefts = field.get('left_children')
  const count = lefts.list().length
  if (count === 0) throw lefts.refuse('a list of at least one node', 'none')
  const left = lefts.integers(count, -1, count - 1)
  const right = field.get('right_children').integers(count, -1, count - 1)
  const inner = Float64Array.from(field.get('split_indices').integers(count, 0, mostNodes))
  for (const [node, column] of inner.entries())
    if (left[node] !== -1 && column >= columns) {
      const expected = `a column from 0 to ${columns - 1}`
      throw field.get('split_indices').refuseAt(node, expected, `${column}`)
    }
  const categories = readCategories(field, count)
  // Splits of categories have no threshold.
  const isSet = (node: number): boolean => categories.has(node) && left[node] !== -1
  return {
    left,
    right,
    columns: inner,
    conditions: field.get('split_conditions').floats(count, isSet),
    defaultLeft: field.get('default_left').integers(count, 0, 1),
    gains: field.has('loss_changes')
      ? field.get('loss_changes').floats(count, () => true)
      : new Float64Array(count),
    categories,
  }
}

/** Advice for models that predict vectors. */
export const oneTarget = 'Train one model for each target.'

function splitOf(nodes: NodeFields, node: number): IntervalSplit {
  const [column, missingLeft] = [nodes.columns[node]!, nodes.defaultLeft[node] === 1]
  const codes = nodes.categories.get(node)
  const bounds =
    codes === undefined
      ? [lastRoundedBelow(nodes.conditions[node]!)]
      : categoryBounds(codes, lastRoundedBelow)
  return { column, bounds, firstLeft: true, missingLeft }
}

/** Sets of categories of the nodes that have one. */
function readCategories(field: ModelField, count: number): Map<number, readonly number[]> {
  const found = new Map<number, readonly number[]>()
  const kinds = field.has('split_type')
    ? field.get('split_type').integers(count, 0, 1)
    : new Float64Array(count)
  if (!field.has('categories_nodes')) {
    if (kinds.includes(1)) throw field.get('categories_nodes').refuse('a list', 'none')
    return found
  }
  const list = field.get('categories_nodes')
  const owners = list.integers(undefined, 0, count - 1)
  const codes = field.get('categories').integers(undefined, 0, mostCategory)
  const starts = field.get('categories_segments').integers(owners.length, 0, codes.length)
  const sizes = field.get('categories_sizes').integers(owners.length, 0, codes.length)
  let end = 0
  for (const [i, node] of owners.entries()) {
    if (kinds[node] !== 1 || found.has(node))
      throw list.refuseAt(i, 'a node that splits categories, once', `${node}`)
    if (starts[i] !== end || end + sizes[i]! > codes.length) {
      const segments = field.get('categories_segments')
      throw segments.refuseAt(i, `${end}, with as many categories as it says`, `${starts[i]}`)
    }
    end += sizes[i]!
    found.set(
      node,
      [...new Set(codes.subarray(starts[i], end))].toSorted((a, b) => a - b),
    )
  }
  const without = kinds.findIndex((kind, node) => kind === 1 && !found.has(node))
  if (without === -1) return found
  throw field.get('split_type').refuseAt(without, '0 without categories', '1')
}
