/** Predictions of rows with one column changed, block by block. */

import { array, countRows, type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import type { Estimator } from '../contract/estimator.ts'
import { readBlocks } from '../inputs/row-blocks.ts'

/** Rows, and what stands in one of their columns. */
export interface ChangedColumn {
  /** Values, shape (n, d). */
  readonly X: NDArray
  readonly rows: Rows
  readonly column: number
  /** One for each of the rows, in their order; or one for all. */
  readonly values: Float64Array | number
}

/** Predictions of all rows, one row after the other. */
export interface Predictions {
  readonly data: Float64Array
  /** Numbers that are predicted for a row. */
  readonly width: number
}

/** Predicts rows in blocks of scratch; probabilities when `proba` is set. */
export async function predictChanged(
  model: Estimator,
  { X, rows, column, values }: ChangedColumn,
  proba = false,
): Promise<Predictions> {
  const count = countRows(rows)
  const d = X.shape[1]!
  let found: Predictions | undefined
  for await (const block of readBlocks(X, rows)) {
    const changed = block.values.slice()
    for (let i = 0; i < block.count; i++) {
      const value = typeof values === 'number' ? values : values[block.position + i]!
      changed[i * d + column] = value
    }
    const scratch = array(changed, { shape: [block.count, d] })
    const predicted = await (proba ? model.predictProba!(scratch) : model.predict(scratch))
    const width = predicted.size / block.count
    found ??= { data: new Float64Array(count * width), width }
    found.data.set(Float64Array.from(predicted.toTypedArray(), Number), block.position * width)
  }
  return found ?? { data: new Float64Array(0), width: 1 }
}

/** Values of rows of a vector, as numbers. */
export function takeColumn(vector: NDArray, rows: Rows): Float64Array {
  const numbers = toRowNumbers(rows)
  const taken = new Float64Array(numbers.length)
  for (let i = 0; i < numbers.length; i++) taken[i] = Number(vector.get(numbers[i]!))
  return taken
}
