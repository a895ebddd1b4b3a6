/** Reads the nodes of a tree of scikit-learn. */

import { findWrongChild, type IntervalSplit, type SplitTree } from '../../learn/internal.ts'
import { lastRoundedAtMost } from '../boosted/next-number.ts'
import type { RecordArray } from './npy-kinds.ts'
import { ObjectFields } from './object-fields.ts'
import { showSkops, SkopsObject } from './skops-values.ts'

/** A tree, and the values of its leaves. */
export interface ReadTree extends Omit<SplitTree, 'leaves'> {
  /** Numbers of the nodes that are leaves. */
  readonly leafNodes: readonly number[]
  /** Values of each node: 1 for a regression, else the number of classes. */
  readonly width: number
  readonly valueOf: (node: number, value: number) => number
}

/** A node that has no child. */
const noChild = -1

/**
 * Reads `tree_` of an estimator. Rows are rounded to float32 there before they are compared with thresholds: bounds are those of
 * float64 values that are rounded to the same side.
 *
 * @param columns - of `X`
 * @throws OneCopyError `ERR_FORMAT` when nodes are no tree, or ask for columns that there are not; for several outputs
 */
export function readSplitTree(fields: ObjectFields, columns: number): ReadTree {
  const tree = fields.need('tree_')
  if (!(tree instanceof SkopsObject) || tree.loader !== 'TreeNode')
    throw fields.refuse('tree_', 'a tree', showSkops(tree))
  const state = new ObjectFields(tree, fields.path, fields.placeOf('tree_'))
  const nodes = state.records('nodes')
  const values = state.floats('values')
  const [count = 0, outputs = 0, width = 0] = values.shape
  if (count !== nodes.length || values.shape.length !== 3 || width === 0)
    throw state.refuse('values', `${nodes.length} values`, `the shape [${values.shape.join(', ')}]`)
  if (outputs !== 1) {
    throw state.refuse(
      'values',
      'one output',
      `${outputs}`,
      ' Trees of several targets have no counterpart here.',
    )
  }
  const read = readNodes(state, nodes, columns)
  return { ...read, width, valueOf: (node, value) => values.values[node * width + value]! }
}

function readNodes(
  state: ObjectFields,
  nodes: RecordArray,
  columns: number,
): Omit<ReadTree, 'width' | 'valueOf'> {
  const column = columnsOf(state, nodes)
  const [lefts, rights] = [column('left_child'), column('right_child')]
  const [features, thresholds] = [column('feature'), column('threshold')]
  const missing = nodes.column('missing_go_to_left')
  return treeOfNodes(
    state,
    { length: nodes.length, columns, lefts, rights },
    {
      isLeaf: (node) => lefts[node] === noChild,
      splitAt: (node) => {
        const threshold = thresholds[node]!
        if (!Number.isFinite(threshold))
          throw state.refuse('nodes', 'finite thresholds', `${threshold} at node ${node}`)
        const bound = lastRoundedAtMost(threshold)
        const bounds = bound === Infinity ? [] : [bound]
        return {
          column: features[node]!,
          bounds,
          firstLeft: true,
          missingLeft: missing?.[node] === 1,
        }
      },
    },
  )
}

/** Reads fields of records that there must be. */
export function columnsOf(state: ObjectFields, nodes: RecordArray): (name: string) => Float64Array {
  return (name) => {
    const found = nodes.column(name)
    if (found !== undefined) return found
    throw state.refuse('nodes', `records with the field ${name}`, 'others')
  }
}

/** Nodes of a tree, and the children of each. */
export interface StoredNodes {
  readonly length: number
  /** Columns of `X`. */
  readonly columns: number
  readonly lefts: Float64Array
  readonly rights: Float64Array
}

/** What a node is. */
export interface NodeReader {
  readonly isLeaf: (node: number) => boolean
  readonly splitAt: (node: number) => IntervalSplit
}

/**
 * Tells splits and leaves apart.
 *
 * @throws OneCopyError `ERR_FORMAT` for nodes that are not one tree from node 0 on, and columns that there are not
 */
export function treeOfNodes(
  state: ObjectFields,
  { length, columns, lefts, rights }: StoredNodes,
  { isLeaf, splitAt }: NodeReader,
): Omit<ReadTree, 'width' | 'valueOf'> {
  const places = new Int32Array(length)
  const leafNodes: number[] = []
  const splitNodes: number[] = []
  for (let node = 0; node < length; node++)
    places[node] = isLeaf(node) ? -leafNodes.push(node) : splitNodes.push(node) - 1
  const splits = splitNodes.map((node) => {
    const split = splitAt(node)
    const { column } = split
    if (Number.isInteger(column) && column >= 0 && column < columns) return split
    throw state.refuse(
      'nodes',
      `splits of ${columns} columns`,
      `one of column ${column} at node ${node}`,
    )
  })
  // A child outside the nodes is one that there is not.
  const childrenOf = (list: Float64Array): number[] =>
    splitNodes.map((node) => places[list[node]!] ?? length)
  const read = { splits, left: childrenOf(lefts), right: childrenOf(rights), leafNodes }
  const wrong = findWrongChild({ ...read, leaves: leafNodes })
  if (length > 0 && places[0] === (splits.length > 0 ? 0 : -1) && wrong === undefined) return read
  const at = wrong === undefined ? 0 : splitNodes[wrong.split]!
  throw state.refuse('nodes', 'one tree, whose nodes have one parent each', `others at node ${at}`)
}
