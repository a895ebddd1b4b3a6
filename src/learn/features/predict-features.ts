/** Predictions for rows of a table, whose columns are found by name. */

import { array, countRows, NDArray, zeros } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { Table } from '../../tables/index.ts'
import { toArray } from '../inputs/as-array.ts'
import { columnsOf, type FeatureInput, type Features } from '../inputs/feature-input.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import type { TableColumns } from '../inputs/table-columns.ts'
import { makeTableMatrix } from '../inputs/table-matrix.ts'
import type { PredictOptions } from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import { requireApart } from '../contract/write-output.ts'
import { keptArrays } from './keeps-memory.ts'
import { matchColumns } from './match-columns.ts'
import { type Predictions, PredictionTarget } from './predictions.ts'
import { explainMissing, explainUnknown } from './table-refusals.ts'

/** Values of a block, 4 MB, so that the threads of a learner have enough to do. */
const valuesPerBlock = 1 << 19

/**
 * Predicts rows of an array as it is, and those of a table in blocks of 4 MB.
 *
 * @param predict - predicts the rows that options choose of an array
 * @throws OneCopyError `ERR_INDEX` for a table without a column of the model; what `predict` throws
 */
export function predictFeatures<P extends Predictions>(
  estimator: object,
  X: FeatureInput,
  options: PredictOptions,
  predict: (X: NDArray, options: PredictOptions) => Promise<P>,
): Promise<P> {
  return withFeatures(estimator, X, options, async (features) => {
    if (features instanceof NDArray) return predict(features, options)
    const view = features.view()
    if (view !== undefined) return predict(view, options)
    const [n, d] = features.shape
    const rows = requireRows(options.rows, n)
    requireApart(estimator, options.out, keptArrays(estimator))
    const target = new PredictionTarget(n, countRows(rows), options.out)
    for await (const block of readBlocks(features, rows, { values: valuesPerBlock })) {
      const values = array(block.values, { shape: [block.count, d] })
      target.write(await predict(values, {}), block)
    }
    const found = target.result ?? target.start(await predict(zeros([0, d], 'float64'), {}))
    // SAFETY: the result is of the kind that `predict` gives for every block.
    return found as Predictions as P
  })
}

/**
 * Runs work on rows to predict or transform: an array, or the columns of a table that the estimator was fitted on.
 *
 * @throws as {@link predictFeatures} does
 */
export async function withFeatures<T>(
  estimator: object,
  X: FeatureInput | Features,
  options: PredictOptions,
  work: (X: Features) => Promise<T>,
  method = 'predict',
): Promise<T> {
  if (!(X instanceof Table)) {
    const columns = columnsOf(X)
    if (columns === undefined || X instanceof NDArray) return work(toArray(X, '`X`'))
    return work(columns)
  }
  const columns = matchColumns(estimator, X)
  const held = columns.arrays
  return keepInputs(
    { X: undefined, options, held },
    async () => {
      try {
        return await work(columns)
      } catch (cause) {
        const explained = explainMissing(estimator, columns, options.rows, cause)
        throw explainUnknown(columns, textsOf(X, columns), options.rows, explained)
      }
    },
    method,
  )
}

/**
 * Runs work that reads rows many times: on an array, or on one matrix of the columns of a table that the estimator was
 * fitted on, which is freed afterwards.
 *
 * @throws as {@link predictFeatures} does
 */
export function withMatrix<T>(
  estimator: object,
  X: FeatureInput,
  work: (X: NDArray) => Promise<T>,
): Promise<T> {
  return withFeatures(estimator, X, {}, async (features) => {
    if (features instanceof NDArray) return work(features)
    const { matrix } = await makeTableMatrix(features)
    try {
      return await work(matrix)
    } finally {
      matrix[Symbol.dispose]()
    }
  })
}

/** Texts of codes that a model doesn't know. */
function textsOf(table: Table, { names }: TableColumns) {
  return (column: number, code: number): string | undefined => {
    const found = table.column(names[column]!)
    return found.kind === 'category' ? found.categories[code] : undefined
  }
}
