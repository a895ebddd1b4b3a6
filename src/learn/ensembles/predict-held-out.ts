/** Predicts held-out rows; those of weight 0 may hold NaN. */

import { type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { isOneCopyError } from '../../errors.ts'
import { takePredictions } from './take-predictions.ts'

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
 * @param predict - predicts rows
 * @throws what `predict` throws for rows that count
 */
export async function predictHeldOut(
  rows: Rows,
  noWeight: Rows | undefined,
  out: NDArray,
  predict: (rows: Rows) => Promise<unknown>,
): Promise<void> {
  try {
    takePredictions(await predict(rows), out, rows)
  } catch (error) {
    if (noWeight === undefined || !isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    const left = new Set(toRowNumbers(noWeight))
    const counted = rowNumbers(toRowNumbers(rows).filter((row) => !left.has(row)))
    takePredictions(await predict(counted), out, counted)
    for (const row of left) out.set(Number.NaN, row)
  }
}
