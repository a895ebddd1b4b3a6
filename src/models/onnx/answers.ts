/** What operators of a learner answer, and labels and probabilities of it. */

import type { Label } from '../../learn/index.ts'
import type { OnnxGraph } from './onnx-graph.ts'

/** Numbers of a regression, a matrix of float64. */
export interface NumberAnswer {
  readonly kind: 'numbers'
  readonly name: string
  readonly columns: number
  /** Whether a row's prediction is one number, not a vector. */
  readonly isVector: boolean
}

/** Scores of classes, a matrix of float64: one column for two classes, or one for each. */
export interface ClassAnswer {
  readonly kind: 'classes'
  readonly name: string
  readonly classes: ArrayLike<Label>
  /** What becomes of scores; `'decision'`: there are no probabilities. */
  readonly map: 'logistic' | 'softmax' | 'probabilities' | 'decision'
}

export type Answer = NumberAnswer | ClassAnswer

/** The probability of each class, shape (N, classes). */
export function probabilitiesOf(graph: OnnxGraph, { name, map }: ClassAnswer): string {
  if (map === 'softmax') return graph.add('Softmax', [name], { axis: { int: 1 } })
  if (map !== 'logistic') return name
  // The softmax of 0 and the score.
  const zeros = graph.add('Sub', [name, name])
  const both = graph.add('Concat', [zeros, name], { axis: { int: 1 } })
  return graph.add('Softmax', [both], { axis: { int: 1 } })
}

/** The position of the likeliest class, shape (N); of several the first one. */
export function likeliestOf(graph: OnnxGraph, { name, map, classes }: ClassAnswer): string {
  const isOneScore = map === 'logistic' || (map === 'decision' && classes.length === 2)
  if (!isOneScore) return graph.add('ArgMax', [name], { axis: { int: 1 }, keepdims: { int: 0 } })
  const zero = graph.floats(Float64Array.of(0))
  const isSecond = graph.cast(graph.add('Greater', [name, zero]), 'int64')
  return graph.add('Squeeze', [isSecond, graph.ints([1])])
}
