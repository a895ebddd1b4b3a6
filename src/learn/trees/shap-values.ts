/** Explains predictions of trees by Shapley values, row by row. */

import { array, NDArray, type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { requireMatrix, requireRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireColumns } from '../contract/base-estimator.ts'
import { withFeatures } from '../features/predict-features.ts'
import { Table } from '../../tables/index.ts'
import { toArray } from '../inputs/as-array.ts'
import type { FeatureInput, Features } from '../inputs/feature-input.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { type ExplainedTrees, TreeExplainer } from './tree-explainer.ts'

/** Options of `shapValues`. */
export interface ShapOptions {
  /** Rows that predictions are compared with, shape (m, d): some 100 of the training rows are mostly enough. */
  readonly background: FeatureInput
  /** Rows of `X` to explain: row numbers, a mask, or ranges. Default: all. */
  readonly rows?: RowSelection
}

/** What `shapValues` found. */
export interface ShapValues {
  /** What each column adds to a row's score, shape (rows, d), or (rows, d, classes) when there is a score for each class. */
  readonly values: NDArray<'float64'>
  /** The mean score of the background rows, one for each score: with the values of a row it adds up to the row's score. */
  readonly base: Float64Array
}

/** Work between two turns of the event loop. */
const msPerTurn = 8

/** Explains rows of `X`. @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_FORMAT` */
export async function explainRows(
  model: object,
  trees: ExplainedTrees,
  X: FeatureInput,
  options: ShapOptions,
): Promise<ShapValues> {
  requireKnown('shapValues', options, names)
  const { columns } = trees
  const rowsOf = async (given: FeatureInput, name: string, rows?: RowSelection) => {
    const input = given instanceof Table ? given : toArray(given, name)
    return withFeatures(model, input, rows === undefined ? {} : { rows }, async (features) => {
      const [n, d] = features instanceof NDArray ? requireMatrix(features, name) : features.shape
      requireColumns(model, d, columns)
      return readRows(features, toRowNumbers(requireRows(rows, n)))
    })
  }
  const background = await rowsOf(options.background, '`background`')
  const explained = await rowsOf(X, '`X`', options.rows)
  if (background.length === 0) {
    throw new OneCopyError('ERR_ROWS', 'Expected at least one row of `background`, got none.')
  }
  const explainer = new TreeExplainer(trees)
  const { scores } = trees
  const base = new Float64Array(scores)
  for (const row of background)
    for (const [k, score] of explainer.score(row).entries()) base[k]! += score / background.length
  const size = columns * scores
  const values = new Float64Array(explained.length * size)
  let turn = performance.now()
  for (const [i, x] of explained.entries()) {
    const into = values.subarray(i * size, (i + 1) * size)
    for (const z of background) {
      explainer.explain({ x, z, into, weight: 1 / background.length })
      if (performance.now() - turn < msPerTurn) continue
      await new Promise((resolve) => setImmediate(resolve))
      turn = performance.now()
    }
  }
  const shape = [explained.length, columns, ...(scores === 1 ? [] : [scores])]
  return { values: array(values, { shape }), base }
}

const names: OptionNames<ShapOptions> = { background: true, rows: true }

/** Copies rows, each to an array of its own. */
async function readRows(X: Features, numbers: Int32Array): Promise<Float64Array[]> {
  const d = X.shape[1]
  const rows: Float64Array[] = []
  for await (const { values, count } of readBlocks(X, { numbers }))
    for (let i = 0; i < count; i++) rows.push(values.slice(i * d, (i + 1) * d))
  return rows
}
