/** Predictions of rows, of which those with NaN or infinity are refused. */

import { type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { requireRows, rowNumbers } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import { fillRows, type WriteRows } from '../contract/write-output.ts'
import { explainNonFinite, findNonFinite } from '../statistics/non-finite.ts'

/**
 * As `fillRows`, for a learner that takes no missing values.
 *
 * @param write - predicts rows; it throws `ERR_VALUE` for NaN and infinity in them, as kernels do that read rows, or
 *   calls {@link requireFiniteRows}
 * @throws OneCopyError `ERR_VALUE` with the row and column of the first such value; what `fillRows` throws
 */
export async function fillFiniteRows(
  X: NDArray,
  rowShape: readonly number[],
  options: PredictOptions,
  write: WriteRows,
): Promise<FloatArray> {
  try {
    return await fillRows(X, rowShape, options, write)
  } catch (error) {
    if (!isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    throw explainNonFinite(X, null, [requireRows(options.rows, X.shape[0]!)])
  }
}

/**
 * Refuses rows with NaN or infinity by what linear functions have predicted for them, which is then not finite either: only such
 * rows are looked at, so that finite predictions cost nothing. A prediction of a finite row may overflow.
 *
 * @param rows - those of `X` that were predicted, to the same rows of `out`
 * @throws OneCopyError `ERR_VALUE` with the row and column of the first such value, `ERR_DETACHED` when `rows` was moved away
 */
export function requireFiniteRows(X: NDArray, rows: Rows, out: NDArray): void {
  const suspects: number[] = []
  if ('ranges' in rows) {
    for (const [start, stop] of rows.ranges) addSuspects(out, start, stop, suspects)
  } else {
    const numbers = toRowNumbers(rows)
    const { buffer } = numbers
    if (buffer instanceof ArrayBuffer && buffer.detached) throw movedRows()
    for (const row of numbers) addSuspects(out, row, row + 1, suspects)
  }
  if (suspects.length === 0) return
  const found = rowNumbers(Int32Array.from(suspects))
  if (findNonFinite(X, null, [found]) !== undefined) throw explainNonFinite(X, null, [found])
}

/** The error for row numbers that were moved away while their rows were predicted. */
function movedRows(): OneCopyError {
  return new OneCopyError(
    'ERR_DETACHED',
    'The memory of `rows` was transferred or detached during the call. Use a copy for one of the two.',
    { details: { name: 'rows' } },
  )
}

/** Lists rows from `start` up to `stop` with a value that isn't finite. */
function addSuspects(
  { data, offset, shape, strides }: NDArray,
  start: number,
  stop: number,
  suspects: number[],
): void {
  const [rowStride, step = 1] = strides as [number, number?]
  const m = shape[1] ?? 1
  for (let row = start; row < stop; row++) {
    // 0, but NaN for what isn't finite.
    let rest = 0
    const first = offset + row * rowStride
    for (let k = 0, at = first; k < m; k++, at += step) {
      const value = Number(data[at])
      rest += value - value
    }
    if (rest !== 0) suspects.push(row)
  }
}
