/** Makes the content of files of ONNX. */

import { awaitAdvice, OneCopyError, show } from '../../errors.ts'
import {
  type Configurable,
  EncodedModel,
  isEstimator,
  isTransformer,
  learnedState,
  type Transformer,
} from '../../learn/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { type Answer, likeliestOf, probabilitiesOf } from './answers.ts'
import { exportLearner } from './export-learner.ts'
import { type Columns, exportTransformer } from './export-transformer.ts'
import { type GraphValue, OnnxGraph } from './onnx-graph.ts'
import type { OnnxOptions } from './onnx-options.ts'
import { refuseExport } from './refuse-export.ts'
import type { ProtobufWriter } from './protobuf-writer.ts'

const names: OptionNames<OnnxOptions> = { columns: true, dtype: true, description: true }

/** Makes the content of a file. @throws as `saveOnnx` does */
export function onnxOf(model: Configurable, options: OnnxOptions = {}): ProtobufWriter {
  requireKnown('saveOnnx', options, names)
  const { name } = requireModel(model).constructor
  const { dtype = 'float32', description = name } = options
  if (dtype !== 'float32' && dtype !== 'float64')
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`dtype\` to be 'float32' or 'float64', got ${show(dtype)}.`,
    )
  const columns = columnsOf(model, options.columns)
  const graph = new OnnxGraph()
  const X = { name: dtype === 'float64' ? 'X' : graph.cast('X', 'float64'), columns }
  const outputs = isEstimator(model)
    ? exportAnswer(graph, exportLearner(graph, model, X, 'the model'), dtype)
    : exportTransformed(
        graph,
        exportTransformer(graph, model as Transformer, X, 'the model'),
        dtype,
      )
  return graph.finish({ name: 'X', type: dtype, columns }, outputs, description)
}

function requireModel(model: unknown): Configurable {
  if (model instanceof EncodedModel)
    throw refuseExport(
      'the model',
      'an EncodedModel, as `onecopy fit` saves it',
      'Its encoder turns a table into numbers. Export what is behind it, `saveOnnx(model.model, path)`, and give it the columns of `model.encoder`.',
    )
  if (isEstimator(model) || isTransformer(model)) {
    learnedState(model)
    return model
  }
  throw new TypeError(
    `Expected a fitted model, got ${show(model)}.${awaitAdvice(model) || ' Pass an instance, such as a fitted new Ridge().'}`,
  )
}

/** Learned values that tell how many columns a model has. */
interface WithColumns {
  readonly featureNamesIn_?: readonly string[]
  readonly columnsIn_?: number
  readonly inputColumns_?: number
  readonly widths_?: Int32Array
  readonly featureGains_?: Float64Array
  readonly coef_?: { readonly shape: readonly number[] }
  readonly scale_?: Float64Array | number
  readonly statistics_?: Float64Array
  readonly mean_?: Float64Array
}

function columnsOf(model: object, given: number | undefined): number {
  const known = model as WithColumns
  const { columnsIn_, inputColumns_, featureGains_, coef_, statistics_, mean_, scale_ } = known
  const ofScale = scale_ instanceof Float64Array ? scale_.length : undefined
  const found =
    columnsIn_ ??
    inputColumns_ ??
    known.widths_?.[0] ??
    featureGains_?.length ??
    coef_?.shape.at(-1) ??
    statistics_?.length ??
    ofScale ??
    mean_?.length
  const count = given ?? found
  if (Number.isInteger(count) && count! >= 1 && (found === undefined || count === found))
    return count!
  throw new OneCopyError(
    'ERR_OPTION',
    found === undefined
      ? `Expected \`columns\`, the number of columns of \`X\`, as this ${model.constructor.name} does not know it, got ${show(given)}.`
      : `Expected \`columns\` to be ${found}, as this ${model.constructor.name} was fitted on, got ${show(given)}.`,
    { details: { name: 'columns' } },
  )
}

function exportAnswer(
  graph: OnnxGraph,
  answer: Answer,
  dtype: 'float32' | 'float64',
): GraphValue[] {
  if (answer.kind === 'numbers') {
    const { name, columns, isVector } = answer
    const shaped = isVector ? graph.add('Squeeze', [name, graph.ints([1])]) : name
    graph.cast(shaped, dtype, 'prediction')
    return [{ name: 'prediction', type: dtype, ...(!isVector && { columns }) }]
  }
  const labels = graph.labels(answer.classes)
  graph.add('Gather', [labels.name, likeliestOf(graph, answer)], { axis: { int: 0 } }, 'label')
  const label = { name: 'label', type: labels.type }
  if (answer.map === 'decision') {
    graph.cast(answer.name, dtype, 'scores')
    const columns = answer.classes.length === 2 ? 1 : answer.classes.length
    return [label, { name: 'scores', type: dtype, columns }]
  }
  graph.cast(probabilitiesOf(graph, answer), dtype, 'probabilities')
  return [label, { name: 'probabilities', type: dtype, columns: answer.classes.length }]
}

function exportTransformed(
  graph: OnnxGraph,
  { name, columns }: Columns,
  dtype: 'float32' | 'float64',
): GraphValue[] {
  graph.cast(name, dtype, 'transformed')
  return [{ name: 'transformed', type: dtype, columns }]
}
