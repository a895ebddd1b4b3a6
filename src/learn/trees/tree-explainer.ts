/** Shapley values of predictions of trees, exact against background rows. */

import { OneCopyError } from '../../errors.ts'
import { TreeNodes } from './tree-nodes.ts'

/** Trees in the form that values are explained by. */
export interface ExplainedTrees {
  readonly nodes: BigUint64Array
  readonly treeStarts: Float64Array
  readonly binEdges: Float64Array
  readonly binStarts: Int32Array
  /** The column of `X` of each binned column; undefined: its own. */
  readonly binColumns: Int32Array | undefined
  /** Columns of `X`. */
  readonly columns: number
  /** Numbers of binned columns with categories. */
  readonly categorical: Int32Array
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
  readonly #nodes: TreeNodes
  readonly #splits: SplitValues
  // Of each column on the path: whether all its conditions so far hold for the row, and for the background row.
  readonly #byRow: Uint8Array
  readonly #byBackground: Uint8Array
  readonly #onPath: number[] = []

  constructor(trees: ExplainedTrees) {
    this.#trees = trees
    this.#nodes = new TreeNodes(trees.nodes)
    this.#splits = new SplitValues(this.#nodes, trees)
    const { columns } = trees
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
        isLeaf = left ? this.#nodes.isLeftLeaf(at) : this.#nodes.isRightLeaf(at)
        at = left ? this.#nodes.leftOf(at) : this.#nodes.rightOf(at)
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
    const nodes = this.#nodes
    const column = this.#columnOf(at)
    const [rowLeft, backgroundLeft] = [this.#goesLeft(pair.x, at), this.#goesLeft(pair.z, at)]
    const [wasByRow, wasByBackground] = [this.#byRow[column]!, this.#byBackground[column]!]
    this.#onPath.push(column)
    for (const left of [true, false]) {
      const byRow = wasByRow & Number(rowLeft === left)
      const byBackground = wasByBackground & Number(backgroundLeft === left)
      if (byRow === 0 && byBackground === 0) continue
      this.#byRow[column] = byRow
      this.#byBackground[column] = byBackground
      if (left) this.#walk(pair, tree, nodes.leftOf(at), nodes.isLeftLeaf(at))
      else this.#walk(pair, tree, nodes.rightOf(at), nodes.isRightLeaf(at))
    }
    this.#onPath.pop()
    this.#byRow[column] = wasByRow
    this.#byBackground[column] = wasByBackground
  }

  #goesLeft(row: Float64Array, at: number): boolean {
    return this.#splits.goesLeft(at, row[this.#columnOf(at)]!)
  }

  /** The column of `X` that a node splits. */
  #columnOf(at: number): number {
    const column = this.#nodes.columnOf(at)
    return this.#trees.binColumns?.[column] ?? column
  }

  /** Refuses an inner node whose children don't follow it within its tree. */
  #requireInside(tree: number, at: number): void {
    const [left, right] = [this.#nodes.leftOf(at), this.#nodes.rightOf(at)]
    const isInside = left < right && right < this.#trees.treeStarts[tree + 1]!
    if (isInside && this.#nodes.columnOf(at) < this.#trees.binStarts.length - 1) return
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

/** Thresholds and categories of nodes. */
class SplitValues {
  readonly #nodes: TreeNodes
  readonly #binEdges: Float64Array
  readonly #binStarts: Int32Array
  readonly #categorical: Set<number>

  constructor(nodes: TreeNodes, { binEdges, binStarts, categorical }: ExplainedTrees) {
    this.#nodes = nodes
    this.#binEdges = binEdges
    this.#binStarts = binStarts
    this.#categorical = new Set(categorical)
  }

  /** Whether a value of a node's column goes left. */
  goesLeft(at: number, value: number): boolean {
    const column = this.#nodes.columnOf(at)
    const [first, end] = [this.#binStarts[column]!, this.#binStarts[column + 1]!]
    if (this.#nodes.hasSet(at)) {
      const own = this.#binEdges.subarray(first, end)
      const bin = this.#categorical.has(column)
        ? own.indexOf(value)
        : own.reduce((below, edge) => below + Number(edge < value), Number.isNaN(value) ? -1 : 0)
      return this.#nodes.setHas(at, bin === -1 ? missingBin : bin)
    }
    if (Number.isNaN(value)) return this.#nodes.missingGoesLeft(at)
    const edge = first + this.#nodes.lastLeft(at)
    return edge >= end || value <= this.#binEdges[edge]!
  }
}

const missingBin = 255

function binomial(n: number, k: number): number {
  let result = 1
  for (let i = 1; i <= k; i++) result *= (n - k + i) / i
  return result
}
