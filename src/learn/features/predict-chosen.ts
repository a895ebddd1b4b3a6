/** Predicts chosen rows of a matrix, block by block. */

import { array, countRows, NDArray, type Rows, zeros } from '../../arrays/index.ts'
import { requireRows, sharesElement } from '../../arrays/internal.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import { requireNoOutput } from '../contract/predict-labels.ts'
import { writeLater } from '../contract/write-output.ts'
import { readBlocks, type RowBlock } from '../inputs/row-blocks.ts'
import { type Predictions, PredictionTarget } from './predictions.ts'

/**
 * Implements {@link PredictOptions}: rows that follow each other are a view, others are gathered in blocks of 4 MB.
 *
 * @param X - values, shape (n, d)
 * @param predict - predicts all rows of an array; what it returns is freed once it is copied
 * @returns `options.out`, or what `predict` returns, with one row for every chosen row
 * @throws what `predict` throws; OneCopyError `ERR_SHAPE` or `ERR_DTYPE` when `out` doesn't fit, `ERR_OPTION` for one with a list of labels
 */
export async function predictChosen<P extends Predictions>(
  X: NDArray,
  options: PredictOptions,
  predict: (X: NDArray) => Promise<P>,
): Promise<P> {
  const [n, d] = X.shape as [number, number]
  const rows = requireRows(options.rows, n)
  const { out } = options
  if (out instanceof NDArray && sharesElement(X, out)) {
    const later = async (own: PredictOptions): Promise<FloatArray> => {
      const found = await predictChosen(X, own, predict)
      if (!(found instanceof NDArray)) requireNoOutput(out)
      return found as FloatArray
    }
    return (await writeLater(X, options, later)) as P
  }
  const range = wholeRange(X, rows)
  if (range !== undefined && out === undefined) return predict(range)
  const target = new PredictionTarget(n, countRows(rows), out)
  for await (const block of blocksOf(X, rows, range)) {
    const found = await predict(block.values)
    target.write(found, block)
    if (found instanceof NDArray) found[Symbol.dispose]()
  }
  const found = target.result ?? target.start(await predict(zeros([0, d], 'float64')))
  // SAFETY: the result is of the kind that `predict` gives for every block.
  return found as Predictions as P
}

/** Rows that follow each other as a view; undefined for others. */
function wholeRange(X: NDArray, rows: Rows): NDArray | undefined {
  if (!('ranges' in rows) || rows.ranges.length > 1) return undefined
  const [start, stop] = rows.ranges[0] ?? [0, 0]
  return start === 0 && stop === X.shape[0] ? X : X.rows(start, stop)
}

/** Values of a block, 4 MB, so that the threads of learners have enough to do. */
const valuesPerBlock = 1 << 19

async function* blocksOf(
  X: NDArray,
  rows: Rows,
  range: NDArray | undefined,
): AsyncGenerator<Pick<RowBlock, 'count' | 'position' | 'rowAt'> & { readonly values: NDArray }> {
  if (range !== undefined) {
    const [start] = ('ranges' in rows ? rows.ranges[0] : undefined) ?? [0]
    const count = range.shape[0]!
    if (count > 0) yield { values: range, count, position: 0, rowAt: (i) => start + i }
    return
  }
  for await (const block of readBlocks(X, rows, { values: valuesPerBlock })) {
    const { count, position, rowAt } = block
    const values = array(block.values, { shape: [count, X.shape[1]!] })
    yield { values, count, position, rowAt }
  }
}
