/** Layers of an ensemble as operators. */

import type { Estimator, SuperLearner } from '../../learn/index.ts'
import { type Answer, type ClassAnswer, probabilitiesOf } from './answers.ts'
import {
  chooseColumns,
  type Columns,
  exportTransformer,
  joinColumns,
} from './export-transformer.ts'
import type { OnnxGraph } from './onnx-graph.ts'
import { refuseExport } from './refuse-export.ts'

/** Adds the operators of a learner. */
export type ExportLearner = (
  graph: OnnxGraph,
  learner: Estimator,
  X: Columns,
  place: string,
) => Answer

/** What a fitted ensemble knows of a learner. */
type MemberState = SuperLearner['layers_'][number]['members'][number]

/** Learners of all layers, and the meta learner. @throws OneCopyError `ERR_EXPORT` */
export function exportEnsemble(
  graph: OnnxGraph,
  ensemble: SuperLearner,
  X: Columns,
  place: string,
  exportLearner: ExportLearner,
): Answer {
  const { meta, layers, classes_: classes } = ensemble
  if (meta === undefined)
    throw refuseExport(place, 'an ensemble without a meta learner', 'Call addMeta() before fit().')
  let input = X
  for (const [l, state] of ensemble.layers_.entries()) {
    const { learners, preprocessing } = layers[l]!
    const outputs = state.members.map((member) => {
      const name = state.partitions === 1 ? member.name : `${member.name}/${member.partition}`
      const own = `learner \`${name}\` of ${place}`
      let mapped = input
      for (const step of preprocessing[name]!)
        mapped = exportTransformer(graph, step, mapped, `a step before ${own}`)
      return stackedColumns(graph, exportLearner(graph, learners[name]!, mapped, own), member, own)
    })
    const handedOn = state.columns.length === 0 ? [] : [chooseColumns(graph, input, state.columns)]
    input = joinColumns(graph, [...handedOn, ...outputs])
  }
  const answer = exportLearner(graph, meta, input, `the meta learner of ${place}`)
  if (classes === undefined) return answer
  if (answer.kind === 'classes' && answer.classes.length === classes.length)
    return { ...answer, classes }
  throw refuseExport(
    `the meta learner of ${place}`,
    'one that does not predict all classes',
    'Use a classifier, such as LogisticRegression.',
  )
}

/** The columns of a learner that the next layer gets. */
function stackedColumns(
  graph: OnnxGraph,
  answer: Answer,
  { method, classes, rowShape }: MemberState,
  place: string,
): Columns {
  if (answer.kind === 'numbers') return { name: answer.name, columns: answer.columns }
  const columns = rowShape[0] ?? 1
  if (method === 'predictProba') {
    const name = probabilitiesOf(graph, answer)
    return alignClasses(graph, { name, columns: answer.classes.length }, answer, classes, columns)
  }
  if (method === 'decisionFunction' && answer.classes.length === classes)
    return { name: answer.name, columns }
  throw refuseExport(
    place,
    method === 'predict' ? 'labels that are stacked' : 'decision values of some classes',
    'Stack probabilities: leave out `proba: false`.',
  )
}

/** Probabilities of all classes, 0 for those that the learner does not know; of two classes that of the second one. */
function alignClasses(
  graph: OnnxGraph,
  known: Columns,
  answer: ClassAnswer,
  classes: number,
  columns: number,
): Columns {
  const codes = Array.from(answer.classes, Number)
  if (columns === 1 && codes.length === 2) return chooseColumns(graph, known, [1])
  if (codes.length === classes) return known
  const wanted = columns === 1 ? [1] : Array.from({ length: classes }, (_, code) => code)
  const places = new Float64Array(codes.length * wanted.length)
  for (const [k, code] of codes.entries()) {
    const at = wanted.indexOf(code)
    if (at !== -1) places[k * wanted.length + at] = 1
  }
  const matrix = graph.floats(places, [codes.length, wanted.length])
  return { name: graph.add('MatMul', [known.name, matrix]), columns: wanted.length }
}
