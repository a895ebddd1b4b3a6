/** A weighted mean of probabilities as operators. */

import type { CombinedClassifier } from '../../learn/index.ts'
import type { ClassAnswer } from './answers.ts'
import { affine } from './export-linear.ts'
import type { OnnxGraph } from './onnx-graph.ts'

/**
 * Weighted sums of what classifiers say of each class, divided by their sum; of two classes the weighted sum is the probability of the
 * second one.
 */
export function exportCombined(
  graph: OnnxGraph,
  { weights_, classes_ }: CombinedClassifier<never>,
  X: string,
): ClassAnswer {
  const weights = weights_.toTypedArray()
  const classes = classes_.length
  const width = classes === 2 ? 1 : classes
  const d = weights.length * width
  const W = new Float64Array(width * d)
  for (const [l, weight] of weights.entries())
    for (let c = 0; c < width; c++) W[c * d + l * width + c] = weight
  const sums = affine(graph, X, W, [width, d], new Float64Array(width))
  const zero = graph.floats(Float64Array.of(0))
  const one = graph.floats(Float64Array.of(1))
  const positive = graph.add('Max', [sums, zero])
  const kind = 'classes'
  if (width === 1) {
    const second = graph.add('Min', [positive, one])
    const first = graph.add('Sub', [one, second])
    const name = graph.add('Concat', [first, second], { axis: { int: 1 } })
    return { kind, name, classes: classes_, map: 'probabilities' }
  }
  const total = graph.add('ReduceSum', [positive, graph.ints([1])])
  const isNone = graph.add('Equal', [total, zero])
  const shares = graph.add('Div', [positive, graph.add('Where', [isNone, one, total])])
  const even = graph.floats(new Float64Array(classes).fill(1 / classes), [1, classes])
  const name = graph.add('Where', [isNone, even, shares])
  return { kind, name, classes: classes_, map: 'probabilities' }
}
