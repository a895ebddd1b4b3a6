/** Trees as attributes of ONNX's operator for them. */

import type { TreeNodes } from '../../learn/internal.ts'
import { numberBelow } from '../boosted/next-number.ts'
import type { Attributes } from './onnx-graph.ts'

/** Trees, and what their leaves add to which scores. */
export interface ExportedTrees {
  readonly nodes: TreeNodes
  readonly treeStarts_: Float64Array
  readonly binEdges_: Float64Array
  readonly binStarts_: Int32Array
  readonly binColumns_?: Int32Array | undefined
  readonly setColumns_?: Int32Array | undefined
  /** Number of scores. */
  readonly scores: number
  /** Scores before the first tree. */
  readonly baselines: Float64Array
  /** Calls `add` with what a leaf adds to each score. */
  readonly eachScore: (
    tree: number,
    leaf: number,
    add: (score: number, value: number) => void,
  ) => void
}

/** One question of a node; ONNX asks several in the place of a set of bins. */
interface Question {
  /** It holds for values up to this one. */
  readonly value: number
  /** Whether rows that it holds for go left. */
  readonly holdsLeft: boolean
  /** Whether it holds for a missing value. */
  readonly missingHolds: boolean
}

/**
 * Writes trees for `TreeEnsembleRegressor`. A set of bins becomes a chain of questions that share their children.
 *
 * @see onnx.ai/onnx/operators/onnx_aionnxml_TreeEnsembleRegressor.html
 */
export function treeAttributes(trees: ExportedTrees): Attributes {
  const writer = new TreeWriter(trees)
  for (let tree = 0; tree + 1 < trees.treeStarts_.length; tree++) writer.write(tree)
  return writer.attributes()
}

class TreeWriter {
  readonly #trees: ExportedTrees
  readonly #nodes = {
    treeids: [] as number[],
    nodeids: [] as number[],
    featureids: [] as number[],
    truenodeids: [] as number[],
    falsenodeids: [] as number[],
    missing_value_tracks_true: [] as number[],
  }
  readonly #modes: string[] = []
  readonly #values: number[] = []
  readonly #targets = { treeids: [] as number[], nodeids: [] as number[], ids: [] as number[] }
  readonly #weights: number[] = []

  constructor(trees: ExportedTrees) {
    this.#trees = trees
  }

  /** Writes one tree, its nodes numbered in the order in which they are met. */
  write(tree: number): void {
    const { nodes, treeStarts_: starts } = this.#trees
    const [first, stop] = [starts[tree]!, starts[tree + 1]!]
    let count = 1
    const open: [at: number, isLeaf: boolean, id: number][] = [[first, stop - first === 1, 0]]
    for (let next; (next = open.pop()) !== undefined;) {
      const [at, isLeaf, id] = next
      if (isLeaf) {
        this.#node({ tree, id, mode: 'LEAF', column: 0, value: 0 }, [0, 0], false)
        this.#trees.eachScore(tree, at, (score, value) => {
          this.#targets.treeids.push(tree)
          this.#targets.nodeids.push(id)
          this.#targets.ids.push(score)
          this.#weights.push(value)
        })
        continue
      }
      const questions = this.#questionsOf(at)
      // The first question has the node's own number; others, and then both children, have the next ones.
      const followers = questions.slice(1).map(() => count++)
      const sides = { left: count++, right: count++ }
      const binned = nodes.columnOf(at)
      const column = this.#trees.binColumns_?.[binned] ?? binned
      for (const [q, { value, holdsLeft, missingHolds }] of questions.entries()) {
        const own = q === 0 ? id : followers[q - 1]!
        const [holds, not] = holdsLeft ? [sides.left, sides.right] : [sides.right, sides.left]
        const children = [holds, followers[q] ?? not] as const
        const node = { tree, id: own, mode: 'BRANCH_LEQ', column, value }
        this.#node(node, children, missingHolds)
      }
      open.push(
        [nodes.rightOf(at), nodes.isRightLeaf(at), sides.right],
        [nodes.leftOf(at), nodes.isLeftLeaf(at), sides.left],
      )
    }
  }

  attributes(): Attributes {
    const { scores, baselines } = this.#trees
    const ints = (prefix: string, lists: Readonly<Record<string, readonly number[]>>) =>
      Object.entries(lists).map(([name, list]) => [`${prefix}_${name}`, { ints: list }] as const)
    return {
      ...Object.fromEntries([...ints('nodes', this.#nodes), ...ints('target', this.#targets)]),
      nodes_modes: { texts: this.#modes },
      nodes_values_as_tensor: { floats64: Float64Array.from(this.#values) },
      target_weights_as_tensor: { floats64: Float64Array.from(this.#weights) },
      base_values_as_tensor: { floats64: baselines },
      n_targets: { int: scores },
      aggregate_function: { text: 'SUM' },
      post_transform: { text: 'NONE' },
    }
  }

  /** The questions of a node, one after the other until one holds; where none does, rows go to the other side of the last one. */
  #questionsOf(at: number): Question[] {
    const { nodes, binEdges_: edges, binStarts_: starts, setColumns_ } = this.#trees
    const column = nodes.columnOf(at)
    const own = edges.subarray(starts[column], starts[column + 1])
    if (!nodes.hasSet(at)) {
      const value = own[nodes.lastLeft(at)] ?? Infinity
      return [{ value, holdsLeft: true, missingHolds: nodes.missingGoesLeft(at) }]
    }
    const missingLeft = nodes.setHas(at, missingBin)
    if (setColumns_?.includes(column) !== true)
      return categoryQuestions(nodes, at, own, missingLeft)
    const questions: Question[] = []
    let isSettled = false
    for (let bin = 0; bin < own.length; bin++) {
      const holdsLeft = nodes.setHas(at, bin)
      if (holdsLeft === nodes.setHas(at, bin + 1)) continue
      const missingHolds: boolean = !isSettled && holdsLeft === missingLeft
      isSettled ||= missingHolds
      questions.push({ value: own[bin]!, holdsLeft, missingHolds })
    }
    if (questions.length > 0) return questions
    const holdsLeft = nodes.setHas(at, 0)
    return [{ value: Infinity, holdsLeft, missingHolds: holdsLeft === missingLeft }]
  }

  #node(
    node: {
      readonly tree: number
      readonly id: number
      readonly mode: string
      readonly column: number
      readonly value: number
    },
    [holds, not]: readonly [number, number],
    missingHolds: boolean,
  ): void {
    const { treeids, nodeids, featureids, truenodeids, falsenodeids } = this.#nodes
    treeids.push(node.tree)
    nodeids.push(node.id)
    featureids.push(node.column)
    truenodeids.push(holds)
    falsenodeids.push(not)
    this.#nodes.missing_value_tracks_true.push(Number(missingHolds))
    this.#modes.push(node.mode)
    this.#values.push(node.value)
  }
}

const missingBin = 255

/**
 * Asks whether a value is up to, and whether it is below, each category that does not go where missing values go. All others
 * go there, too. The operator can ask for equality, but onnxruntime 1.30 joins such questions of a node with those of a child.
 */
function categoryQuestions(
  nodes: TreeNodes,
  at: number,
  categories: Float64Array,
  missingLeft: boolean,
): Question[] {
  const questions: Question[] = []
  const ask = (value: number, holdsLeft: boolean): void => {
    const missingHolds = questions.length === 0
    questions.push({ value, holdsLeft, missingHolds })
  }
  for (const [bin, category] of categories.entries()) {
    if (nodes.setHas(at, bin) === missingLeft) continue
    ask(numberBelow(category), missingLeft)
    ask(category, !missingLeft)
  }
  if (questions.length === 0) ask(Infinity, missingLeft)
  return questions
}
