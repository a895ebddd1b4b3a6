/** Shapley values of predictions of trees, exact against background rows. */

import { OneCopyError } from '../../errors.ts'

/** Trees in the form that values are explained by. */
export interface ExplainedTrees {
  readonly nodes: BigUint64Array
  readonly treeStarts: Float64Array
  readonly binEdges: Float64Array
  readonly binStarts: Int32Array
  /** Number of scores; tree t adds to score t modulo it, unless leaves have shares of all. */
  readonly scores: number
  /** Scores before the first tree. */
  readonly baselines: Float64Array
  readonly factor: number
  readonly shares: Float64Array | undefined
  readonly shareStarts: Float64Array | undefined
}

/** One row's values against those of a background row, and where what is found is added. */
interface Pair {
  readonly x: Float64Array
  readonly z: Float64Array
  readonly into: Float64Array
  readonly weight: number
}

/**
 * Explains scores of trees: what each column adds to a row's score, compared with background rows. A leaf counts where the columns
 * on its path that only the row meets are taken from the row, and those that only the background row meets are not: its
 * share of each column has a closed form, so that values are exact.
 *
 * @see Lundberg et al., From local explanations to global understanding, 2020 (interventional values)
 */
export class TreeExplainer {
  readonly #trees: ExplainedTrees
  readonly #nodes: DecodedNodes
  // Of each column on the path: whether all its conditions so far hold for the row, and for the background row.
  readonly #byRow: Uint8Array
  readonly #byBackground: Uint8Array
  readonly #onPath: number[] = []

  constructor(trees: ExplainedTrees) {
    this.#trees = trees
    this.#nodes = decodeNodes(trees)
    const columns = trees.binStarts.length - 1
    this.#byRow = new Uint8Array(columns).fill(1)
    this.#byBackground = new Uint8Array(columns).fill(1)
  }

  /** The scores of a row. */
  score(row: Float64Array): Float64Array {
    const { treeStarts, baselines } = this.#trees
    const scores = baselines.slice()
    for (let t = 0; t + 1 < treeStarts.length; t++) {
      let at = treeStarts[t]!
      for (let isLeaf = treeStarts[t + 1]! - at === 1; !isLeaf;) {
        this.#requireInside(t, at)
        const left = this.#goesLeft(row, at)
        isLeaf = (left ? this.#nodes.leftIsLeaf : this.#nodes.rightIsLeaf)[at] === 1
        at = left ? at + 1 : this.#nodes.rights[at]!
      }
      this.#eachScore(t, at, (score, value) => (scores[score]! += value))
    }
    return scores
  }

  /** Adds the values of a pair of rows to `into`, shape (d, scores). */
  explain(pair: Pair): void {
    const { treeStarts } = this.#trees
    for (let t = 0; t + 1 < treeStarts.length; t++) {
      const [start, stop] = [treeStarts[t]!, treeStarts[t + 1]!]
      this.#walk(pair, t, start, stop - start === 1)
    }
  }

  #walk(pair: Pair, tree: number, at: number, isLeaf: boolean): void {
    if (isLeaf) return this.#addLeaf(pair, tree, at)
    this.#requireInside(tree, at)
    const { columns, rights, leftIsLeaf, rightIsLeaf } = this.#nodes
    const column = columns[at]!
    const [rowLeft, backgroundLeft] = [this.#goesLeft(pair.x, at), this.#goesLeft(pair.z, at)]
    const [wasByRow, wasByBackground] = [this.#byRow[column]!, this.#byBackground[column]!]
    this.#onPath.push(column)
    for (const left of [true, false]) {
      const byRow = wasByRow & Number(rowLeft === left)
      const byBackground = wasByBackground & Number(backgroundLeft === left)
      if (byRow === 0 && byBackground === 0) continue
      this.#byRow[column] = byRow
      this.#byBackground[column] = byBackground
      if (left) this.#walk(pair, tree, at + 1, leftIsLeaf[at] === 1)
      else this.#walk(pair, tree, rights[at]!, rightIsLeaf[at] === 1)
    }
    this.#onPath.pop()
    this.#byRow[column] = wasByRow
    this.#byBackground[column] = wasByBackground
  }

  #goesLeft(row: Float64Array, at: number): boolean {
    const { columns, thresholds, missingLeft } = this.#nodes
    const value = row[columns[at]!]!
    return Number.isNaN(value) ? missingLeft[at] === 1 : value <= thresholds[at]!
  }

  /** Refuses an inner node whose children don't follow it within its tree. */
  #requireInside(tree: number, at: number): void {
    const right = this.#nodes.rights[at]!
    if (at + 1 < right && right < this.#trees.treeStarts[tree + 1]!) return
    throw new OneCopyError('ERR_FORMAT', 'The trees are damaged: a node points outside its tree.')
  }

  #addLeaf(pair: Pair, tree: number, at: number): void {
    const path = [...new Set(this.#onPath)]
    const ofRow = path.filter((j) => this.#byRow[j] === 1 && this.#byBackground[j] === 0)
    const ofBackground = path.filter((j) => this.#byRow[j] === 0 && this.#byBackground[j] === 1)
    const [u, v] = [ofRow.length, ofBackground.length]
    if (u + v === 0) return
    // (u - 1)! v! / (u + v)! and u! (v - 1)! / (u + v)!
    const choose = binomial(u + v, u)
    const { scores } = this.#trees
    this.#eachScore(tree, at, (score, value) => {
      const amount = value * pair.weight
      for (const j of ofRow) pair.into[j * scores + score]! += amount / (u * choose)
      for (const j of ofBackground) pair.into[j * scores + score]! -= amount / (v * choose)
    })
  }

  /** Calls `add` with what a leaf adds to each score. */
  #eachScore(tree: number, at: number, add: (score: number, value: number) => void): void {
    const { scores, factor, shares, shareStarts } = this.#trees
    const value = this.#nodes.values[at]!
    if (shares === undefined) add(tree % scores, factor * value)
    else if (value >= 0 && value < scores) add(value, factor)
    else {
      const first = shareStarts![tree]! - 1 - value
      for (let k = 0; k < scores; k++) add(k, factor * shares[first + k]!)
    }
  }
}

interface DecodedNodes {
  readonly columns: Int32Array
  readonly thresholds: Float64Array
  readonly missingLeft: Uint8Array
  readonly rights: Float64Array
  readonly leftIsLeaf: Uint8Array
  readonly rightIsLeaf: Uint8Array
  readonly values: Float64Array
}

/** Reads the bits of nodes; see `native/trees/grow/slot_bits.h`. What stands in leaves is read too, and not looked at. */
function decodeNodes({ nodes, binEdges, binStarts }: ExplainedTrees): DecodedNodes {
  const count = nodes.length
  const words = new Uint32Array(nodes.buffer, nodes.byteOffset, 2 * count)
  const columns = new Int32Array(count)
  const thresholds = new Float64Array(count)
  const missingLeft = new Uint8Array(count)
  const rights = new Float64Array(count)
  const leftIsLeaf = new Uint8Array(count)
  const rightIsLeaf = new Uint8Array(count)
  for (let at = 0; at < count; at++) {
    const [low, high] = [words[2 * at]!, words[2 * at + 1]!]
    rights[at] = at + (low & 0x3fffffff)
    leftIsLeaf[at] = (low >>> 30) & 1
    rightIsLeaf[at] = low >>> 31
    missingLeft[at] = (high >>> 8) & 1
    const column = Math.min(high >>> 9, binStarts.length - 2)
    columns[at] = column
    const edge = binStarts[column]! + (high & 255)
    thresholds[at] = edge < binStarts[column + 1]! ? binEdges[edge]! : Infinity
  }
  const values = new Float64Array(nodes.buffer, nodes.byteOffset, count)
  return { columns, thresholds, missingLeft, rights, leftIsLeaf, rightIsLeaf, values }
}

function binomial(n: number, k: number): number {
  let result = 1
  for (let i = 1; i <= k; i++) result *= (n - k + i) / i
  return result
}
