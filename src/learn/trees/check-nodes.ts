/** Checks the nodes of trees that come from elsewhere. */

import { TreeNodes } from './tree-nodes.ts'

/** Whether a leaf of a tree can hold a value. */
export type LeafCheck = (value: number, tree: number) => boolean

/** Nodes of trees, as `native/trees/grow/slot_bits.h` lays them out, and where each tree begins. */
export interface NodeList {
  readonly nodes: BigUint64Array
  readonly starts: Float64Array
  /** Number of columns that trees can ask for. */
  readonly columns: number
  /** Numbers of those with categories, whose nodes all hold sets. */
  readonly categorical: Int32Array
  /** Numbers of others whose nodes may hold sets. */
  readonly sets: Int32Array
}

/** A node that no fit can have made. */
export interface WrongNode {
  readonly node: number
  /** The value of a leaf; undefined for any other node. */
  readonly value?: number
}

/**
 * Walks every tree from its first node to its last.
 *
 * @returns the first wrong node; undefined when each tree is whole
 */
export function findWrongNode(
  { nodes, starts, columns, categorical, sets }: NodeList,
  isLeaf: LeafCheck,
): WrongNode | undefined {
  const read = new TreeNodes(nodes)
  const hasCategories = new Uint8Array(columns)
  for (const column of categorical) hasCategories[column] = 1
  const maySet = new Uint8Array(columns)
  for (const column of [...categorical, ...sets]) maySet[column] = 1
  const { values } = read
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const [first, stop] = [starts[tree]!, starts[tree + 1]!]
    // Right children that are still to come, each with 1 when it is a leaf, the next one last.
    const later: number[] = []
    let leaf = stop === first + 1
    for (let node = first; node < stop; node++) {
      if (!leaf) {
        const [column, left, right] = [read.columnOf(node), read.leftOf(node), read.rightOf(node)]
        // A left subtree has at least one node, and a right child stands before the one of the node above.
        const end = later.length === 0 ? stop : later.at(-2)!
        const hasSet = Number(read.hasSet(node))
        if (column >= columns || hasSet > maySet[column]! || hasSet < hasCategories[column]!)
          return { node }
        if (right <= left || right >= end) return { node }
        later.push(right, Number(read.isRightLeaf(node)))
        leaf = read.isLeftLeaf(node)
        node = left - 1
        continue
      }
      if (!isLeaf(values[node]!, tree)) return { node, value: values[node]! }
      const isNextLeaf = later.pop()
      const next = later.pop() ?? stop
      if (next !== node + 1) return { node: node + 1 }
      leaf = isNextLeaf === 1
    }
    if (later.length > 0) return { node: stop - 1 }
  }
  return undefined
}
