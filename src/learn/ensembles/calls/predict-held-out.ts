/** Predicts held-out rows; those of weight 0 may hold NaN. */

import { type NDArray, type Rows, toRowNumbers } from '../../../arrays/index.ts'
import { rowNumbers } from '../../../arrays/internal.ts'
import { isOneCopyError } from '../../../errors.ts'

/** The rows of weight 0 among some rows; undefined: none. */
export function rowsOfNoWeight(rows: Rows, weights: Float64Array | undefined): Rows | undefined {
  if (weights === undefined) return undefined
  const found = toRowNumbers(rows).filter((row) => weights[row] === 0)
  return found.length === 0 ? undefined : rowNumbers(found)
}

/**
 * Predicts rows into `out`. When the learner refuses a value of them, rows of weight 0, which count in no fit and no score, are left out
 * and predicted as NaN.
 *
 * @param noWeight - what {@link rowsOfNoWeight} returned
 * @param out - columns of the learner, shape (n) or (n, m)
 * @param predict - predicts rows into `out`
 * @throws what `predict` throws for rows that count
 */
export async function predictHeldOut(
  rows: Rows,
  noWeight: Rows | undefined,
  out: NDArray,
  predict: (rows: Rows) => Promise<void>,
): Promise<void> {
  try {
    await predict(rows)
  } catch (error) {
    if (noWeight === undefined || !isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    const left = new Set(toRowNumbers(noWeight))
    const counted = rowNumbers(toRowNumbers(rows).filter((row) => !left.has(row)))
    await predict(counted)
    const width = out.shape[1]
    for (const row of left) {
      if (width === undefined) out.set(Number.NaN, row)
      else for (let k = 0; k < width; k++) out.set(Number.NaN, row, k)
    }
  }
}
