/** Checks the nodes of trees that come from elsewhere. */

/** Whether a leaf of a tree can hold a value. */
export type LeafCheck = (value: number, tree: number) => boolean

/** Nodes of trees, as `native/trees/grow/slot_bits.h` lays them out, and where each tree begins. */
export interface NodeList {
  readonly nodes: BigUint64Array
  readonly starts: Float64Array
  /** Number of columns that trees can ask for. */
  readonly columns: number
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
  { nodes, starts, columns }: NodeList,
  isLeaf: LeafCheck,
): WrongNode | undefined {
  const words = new Uint32Array(nodes.buffer, nodes.byteOffset, 2 * nodes.length)
  const values = new Float64Array(nodes.buffer, nodes.byteOffset, nodes.length)
  for (let tree = 0; tree + 1 < starts.length; tree++) {
    const [first, stop] = [starts[tree]!, starts[tree + 1]!]
    // Right children that are still to come, each with 1 when it is a leaf, the next one last.
    const later: number[] = []
    let leaf = stop === first + 1
    for (let node = first; node < stop; node++) {
      if (!leaf) {
        const low = words[2 * node]!
        const right = node + (low & rightMask)
        // A left subtree has at least one node, and a right child stands before the one of the node above.
        const end = later.length === 0 ? stop : later.at(-2)!
        if (words[2 * node + 1]! >>> columnShift >= columns || right < node + 2 || right >= end)
          return { node }
        later.push(right, low >>> 31)
        leaf = (low & leftIsLeaf) !== 0
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

const rightMask = 2 ** 30 - 1
const leftIsLeaf = 2 ** 30
/** Of the column, in the upper half of a node. */
const columnShift = 9
