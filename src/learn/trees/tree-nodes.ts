/** Reads the nodes of grown trees. */

/** Bins of a column, that of missing values included. */
const bins = 256
/** Slots that the set of a node with categories takes. */
const setSlots = 4

/** Nodes of trees, as `native/trees/grow/slot_bits.h` lays them out. Most methods are for inner nodes only. */
export class TreeNodes {
  readonly #words: Uint32Array
  /** Values of leaves. */
  readonly values: Float64Array

  constructor(nodes: BigUint64Array) {
    this.#words = new Uint32Array(nodes.buffer, nodes.byteOffset, 2 * nodes.length)
    this.values = new Float64Array(nodes.buffer, nodes.byteOffset, nodes.length)
  }

  columnOf(at: number): number {
    return (this.#words[2 * at + 1]! >>> 9) & 0x3fffff
  }
  /** The greatest bin that goes left, in a column without categories. */
  lastLeft(at: number): number {
    return this.#words[2 * at + 1]! & 255
  }
  missingGoesLeft(at: number): boolean {
    return (this.#words[2 * at + 1]! & 256) !== 0
  }
  /** Whether its column has categories. */
  hasSet(at: number): boolean {
    return this.#words[2 * at + 1]! >>> 31 === 1
  }
  /** Whether a bin of a column with categories goes left; 255 is that of missing values. */
  setHas(at: number, bin: number): boolean {
    return ((this.#words[2 * (at + 1) + (bin >>> 5)]! >>> (bin & 31)) & 1) === 1
  }
  leftOf(at: number): number {
    return at + (this.hasSet(at) ? 1 + setSlots : 1)
  }
  rightOf(at: number): number {
    return at + (this.#words[2 * at]! & 0x3fffffff)
  }
  isLeftLeaf(at: number): boolean {
    return (this.#words[2 * at]! & (2 ** 30)) !== 0
  }
  isRightLeaf(at: number): boolean {
    return this.#words[2 * at]! >>> 31 === 1
  }
  /** Bins below `count` that go left, ascending, in a column with categories. */
  setOf(at: number, count: number = bins): number[] {
    return Array.from({ length: count }, (_, bin) => bin).filter((bin) => this.setHas(at, bin))
  }
}

/** Where the inner nodes of a tree stand, from its root on, left before right. */
export function* innerNodes(nodes: TreeNodes, start: number, stop: number): Generator<number> {
  if (stop - start <= 1) return
  const open = [start]
  for (let at; (at = open.pop()) !== undefined;) {
    yield at
    if (!nodes.isRightLeaf(at)) open.push(nodes.rightOf(at))
    if (!nodes.isLeftLeaf(at)) open.push(nodes.leftOf(at))
  }
}
