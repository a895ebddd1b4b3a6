/** Transformers as operators. */

import {
  clone,
  ColumnTransformer,
  MinMaxScaler,
  PCA,
  Pipeline,
  restore,
  RobustScaler,
  SelectColumns,
  SelectKBest,
  SimpleImputer,
  StandardScaler,
  type Transformer,
} from '../../learn/index.ts'
import { requireParts } from '../../learn/internal.ts'
import { fittedStepsOf } from './fitted-steps.ts'
import { affine } from './export-linear.ts'
import type { OnnxGraph } from './onnx-graph.ts'
import { refuseExport } from './refuse-export.ts'

/** Columns of a tensor. */
export interface Columns {
  readonly name: string
  readonly columns: number
}

/**
 * Adds the operators of a fitted transformer.
 *
 * @param X - a matrix of float64
 * @param place - of the transformer in the model, for errors
 * @throws OneCopyError `ERR_EXPORT`
 */
export function exportTransformer(
  graph: OnnxGraph,
  step: Transformer,
  X: Columns,
  place: string,
): Columns {
  const { constructor: kind } = step
  if (kind === StandardScaler || kind === MinMaxScaler || kind === RobustScaler)
    return exportScaler(graph, step as StandardScaler, X)
  if (kind === SimpleImputer) return exportImputer(graph, step as SimpleImputer, X)
  if (kind === SelectColumns || kind === SelectKBest)
    return chooseColumns(graph, X, (step as SelectColumns).columns_)
  if (kind === PCA) return exportPca(graph, step as PCA, X)
  if (kind === Pipeline) {
    let mapped = X
    for (const [name, own] of fittedStepsOf(step as unknown as Pipeline))
      mapped = exportTransformer(graph, own as Transformer, mapped, `step \`${name}\` of ${place}`)
    return mapped
  }
  if (kind === ColumnTransformer) return exportParts(graph, step as ColumnTransformer, X, place)
  throw refuseExport(
    place,
    `the transformer ${kind.name}`,
    'Transformers that can be exported are StandardScaler, MinMaxScaler, RobustScaler, SimpleImputer, PCA, SelectColumns, SelectKBest, ' +
      'ColumnTransformer and Pipeline.',
  )
}

function exportScaler(graph: OnnxGraph, { shift_, scale_ }: StandardScaler, X: Columns): Columns {
  const centred = graph.add('Sub', [X.name, graph.floats(shift_)])
  return { ...X, name: graph.add('Div', [centred, graph.floats(scale_)]) }
}

function exportImputer(graph: OnnxGraph, step: SimpleImputer, X: Columns): Columns {
  const { statistics_: statistics, indicatorColumns_: indicators, missing } = step
  let isMissing = graph.add('IsNaN', [X.name])
  if (!Number.isNaN(missing)) {
    const same = graph.add('Equal', [X.name, graph.floats(Float64Array.of(missing))])
    isMissing = graph.add('Or', [isMissing, same])
  }
  const filled = graph.add('Where', [isMissing, graph.floats(statistics), X.name])
  const kept = Int32Array.from(statistics.keys()).filter((j) => !Number.isNaN(statistics[j]!))
  const own = chooseColumns(graph, { ...X, name: filled }, kept)
  if (indicators.length === 0) return own
  const marks = { ...X, name: graph.cast(isMissing, 'float64') }
  return joinColumns(graph, [own, chooseColumns(graph, marks, indicators)])
}

function exportPca(graph: OnnxGraph, step: PCA, X: Columns): Columns {
  const [width, d] = step.components_.shape as [number, number]
  const centred = graph.add('Sub', [X.name, graph.floats(step.mean_)])
  const directions = step.components_.toTypedArray().slice()
  if (step.whiten)
    for (const [k, variance] of step.explainedVariance_.entries())
      for (let j = k * d; j < (k + 1) * d; j++)
        directions[j]! *= variance > 0 ? 1 / Math.sqrt(variance) : 0
  const name = affine(graph, centred, directions, [width, d], new Float64Array(width))
  return { name, columns: width }
}

function exportParts(
  graph: OnnxGraph,
  step: ColumnTransformer,
  X: Columns,
  place: string,
): Columns {
  const { transformers, remainder, inputColumns_: count, featureNamesIn_: names } = step
  const parts = requireParts(transformers, remainder, { count, names }).map((part) => {
    const own = chooseColumns(graph, X, part.columns)
    if (part.transformer === 'passthrough') return own
    const fitted = restore(clone(part.transformer), step.transformers_[part.name]!)
    return exportTransformer(graph, fitted, own, `part \`${part.name}\` of ${place}`)
  })
  return joinColumns(graph, parts)
}

/** Some columns, by their numbers. */
export function chooseColumns(graph: OnnxGraph, X: Columns, columns: ArrayLike<number>): Columns {
  const isAll =
    columns.length === X.columns && Array.from(columns).every((column, j) => column === j)
  if (isAll) return X
  const numbers = graph.ints(Array.from(columns))
  const name = graph.add('Gather', [X.name, numbers], { axis: { int: 1 } })
  return { name, columns: columns.length }
}

/** Columns side by side. */
export function joinColumns(graph: OnnxGraph, parts: readonly Columns[]): Columns {
  const [first] = parts
  if (parts.length === 1) return first!
  const names = parts.map(({ name }) => name)
  const columns = parts.reduce((sum, part) => sum + part.columns, 0)
  return { name: graph.add('Concat', names, { axis: { int: 1 } }), columns }
}
