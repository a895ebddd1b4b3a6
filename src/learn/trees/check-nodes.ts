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
  // Right children that are still to come, the next one last, and whether each is a leaf. Lists of JavaScript take three times as long.
  let rights = new Float64Array(64)
  let areLeaves = new Uint8Array(64)
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const first = starts[tree]!
    const stop = starts[tree + 1]!
    let open = 0
    // A left subtree has at least one node, and a right child stands before the one of the node above.
    let end = stop
    let leaf = stop === first + 1
    for (let node = first; node < stop; node++) {
      if (!leaf) {
        const column = read.columnOf(node)
        const left = read.leftOf(node)
        const right = read.rightOf(node)
        const hasSet = read.hasSet(node) ? 1 : 0
        if (column >= columns || hasSet > maySet[column]! || hasSet < hasCategories[column]!)
          return { node }
        if (right <= left || right >= end) return { node }
        if (open === rights.length) [rights, areLeaves] = [twice(rights), twice(areLeaves)]
        areLeaves[open] = read.isRightLeaf(node) ? 1 : 0
        rights[open++] = end = right
        leaf = read.isLeftLeaf(node)
        node = left - 1
        continue
      }
      if (!isLeaf(values[node]!, tree)) return { node, value: values[node]! }
      const next = open === 0 ? stop : rights[--open]!
      if (next !== node + 1) return { node: node + 1 }
      leaf = areLeaves[open] === 1
      end = open === 0 ? stop : rights[open - 1]!
    }
    if (open > 0) return { node: stop - 1 }
  }
  return undefined
}

/** The same values with room for as many more. */
function twice<T extends Float64Array | Uint8Array>(values: T): T {
  const more = new (values.constructor as new (length: number) => T)(2 * values.length)
  more.set(values)
  return more
}
