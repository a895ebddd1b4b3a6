/** Models of trees as operators. */

import type { NDArray } from '../../arrays/index.ts'
import type {
  GradientBoostingClassifier,
  GradientBoostingRegressor,
  Label,
} from '../../learn/index.ts'
import { TreeNodes } from '../../learn/internal.ts'
import type { ClassAnswer, NumberAnswer } from './answers.ts'
import type { OnnxGraph } from './onnx-graph.ts'
import { type ExportedTrees, treeAttributes } from './tree-attributes.ts'

/** What all models of trees have. */
interface Trees {
  readonly nodes_: NDArray<'uint64'>
  readonly treeStarts_: Float64Array
  readonly binEdges_: Float64Array
  readonly binStarts_: Int32Array
  readonly binColumns_?: Int32Array
  readonly setColumns_?: Int32Array
}

/** A tree or forest of numbers. */
export interface NumberForest extends Trees {
  readonly targetShape_: readonly number[]
}

/** A tree or forest of classes. */
export interface ClassForest extends Trees {
  readonly classes_: ArrayLike<Label>
  readonly leafShares_: NDArray<'float64'>
  readonly leafShareStarts_: Float64Array
}

export function exportBoosting(
  graph: OnnxGraph,
  model: GradientBoostingRegressor,
  X: string,
): NumberAnswer {
  const sum = scoresOf(graph, model, X, Float64Array.of(model.baseline_), addOne(model, 1, 1))
  const name = model.map_ === 'exp' ? graph.add('Exp', [sum]) : sum
  return { kind: 'numbers', name, columns: 1, isVector: model.targetShape_.length === 0 }
}

export function exportBoostedClasses(
  graph: OnnxGraph,
  model: GradientBoostingClassifier,
  X: string,
): ClassAnswer {
  const { baselines_: baselines, classes_: classes } = model
  const name = scoresOf(graph, model, X, baselines, addOne(model, baselines.length, 1))
  return { kind: 'classes', name, classes, map: baselines.length === 1 ? 'logistic' : 'softmax' }
}

export function exportForest(graph: OnnxGraph, model: NumberForest, X: string): NumberAnswer {
  const share = 1 / (model.treeStarts_.length - 1)
  const name = scoresOf(graph, model, X, new Float64Array(1), addOne(model, 1, share))
  return { kind: 'numbers', name, columns: 1, isVector: model.targetShape_.length === 0 }
}

/** The mean of the shares of classes in leaves. */
export function exportClassForest(graph: OnnxGraph, model: ClassForest, X: string): ClassAnswer {
  const { classes_: classes, leafShareStarts_: starts } = model
  const shares = model.leafShares_.toTypedArray()
  const share = 1 / (model.treeStarts_.length - 1)
  const { values } = new TreeNodes(model.nodes_.toTypedArray())
  const eachScore: ExportedTrees['eachScore'] = (tree, leaf, add) => {
    const value = values[leaf]!
    if (value >= 0) return add(value, share)
    const first = starts[tree]! - 1 - value
    for (let k = 0; k < classes.length; k++)
      if (shares[first + k]! > 0) add(k, share * shares[first + k]!)
  }
  const name = scoresOf(graph, model, X, new Float64Array(classes.length), eachScore)
  return { kind: 'classes', name, classes, map: 'probabilities' }
}

/** Leaves that add their value to one score. */
function addOne({ nodes_ }: Trees, scores: number, factor: number): ExportedTrees['eachScore'] {
  const { values } = new TreeNodes(nodes_.toTypedArray())
  return (tree, leaf, add) => add(tree % scores, factor * values[leaf]!)
}

/** Sums of leaves. The operator answers in float32. */
function scoresOf(
  graph: OnnxGraph,
  model: Trees,
  X: string,
  baselines: Float64Array,
  eachScore: ExportedTrees['eachScore'],
): string {
  const { treeStarts_, binEdges_, binStarts_, binColumns_, setColumns_ } = model
  const attributes = treeAttributes({
    nodes: new TreeNodes(model.nodes_.toTypedArray()),
    treeStarts_,
    binEdges_,
    binStarts_,
    binColumns_,
    setColumns_,
    scores: baselines.length,
    baselines,
    eachScore,
  })
  return graph.cast(graph.add('TreeEnsembleRegressor', [X], attributes), 'float64')
}
