/** Linear functions of a row as operators. */

import type { NDArray } from '../../arrays/index.ts'
import type { Label } from '../../learn/index.ts'
import type { ClassAnswer, NumberAnswer } from './answers.ts'
import type { OnnxGraph } from './onnx-graph.ts'

/** A fitted linear model of numbers. */
export interface LinearNumbers {
  readonly coef_: NDArray<'float64'>
  readonly intercept_: Float64Array
}

/** A fitted linear model of classes. */
export interface LinearClasses extends LinearNumbers {
  readonly classes_: ArrayLike<Label>
}

/** X w + b. */
export function exportLinear(graph: OnnxGraph, model: LinearNumbers, X: string): NumberAnswer {
  const isVector = model.coef_.ndim === 1
  return {
    kind: 'numbers',
    name: scores(graph, model, X),
    columns: model.intercept_.length,
    isVector,
  }
}

/** Scores of classes, with probabilities where the model has them. */
export function exportLinearClasses(
  graph: OnnxGraph,
  model: LinearClasses,
  X: string,
): ClassAnswer {
  const name = scores(graph, model, X)
  const hasProbabilities = 'predictProba' in model
  const map = !hasProbabilities
    ? 'decision'
    : model.intercept_.length === 1
      ? 'logistic'
      : 'softmax'
  return { kind: 'classes', name, classes: model.classes_, map }
}

function scores(graph: OnnxGraph, { coef_, intercept_ }: LinearNumbers, X: string): string {
  const d = coef_.shape.at(-1)!
  return affine(graph, X, coef_.toTypedArray(), [intercept_.length, d], intercept_)
}

/**
 * X Wᵀ + b.
 *
 * @param W - shape (m, d)
 */
export function affine(
  graph: OnnxGraph,
  X: string,
  W: Float64Array,
  [m, d]: readonly [number, number],
  b: Float64Array,
): string {
  const turned = new Float64Array(W.length)
  for (let k = 0; k < m; k++) for (let j = 0; j < d; j++) turned[j * m + k] = W[k * d + j]!
  const product = graph.add('MatMul', [X, graph.floats(turned, [d, m])])
  return graph.add('Add', [product, graph.floats(b)])
}
