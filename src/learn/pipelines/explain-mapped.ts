/** Errors of a learner about mapped rows. */

import type { NDArray } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import type { RowBlock } from '../inputs/row-blocks.ts'
import { findNonFinite, refusePlace } from '../statistics/non-finite.ts'

/**
 * Predicts a block of mapped rows. A value of them that the learner refuses is named by its place in `X`; one that only the steps
 * have made, by its row.
 *
 * @throws what `predict` throws
 */
export async function explainMapped<T>(
  X: NDArray,
  { count, rowAt }: RowBlock,
  learner: object,
  predict: () => Promise<T>,
): Promise<T> {
  try {
    return await predict()
  } catch (cause) {
    if (!isOneCopyError(cause) || cause.code !== 'ERR_VALUE') throw cause
    const { name, row: at, column, value } = cause.details
    const isPlace = typeof at === 'number' && typeof column === 'number' && at < count
    if (name !== 'X' || !isPlace || Number.isFinite(value)) throw cause
    const row = rowAt(at)
    const given = findNonFinite(X, null, [rowNumbers(Int32Array.of(row))], (one) =>
      Object.is(one, value),
    )
    if (given !== undefined) throw refusePlace(given)
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected finite numbers from the steps before ${learner.constructor.name}, got ${String(value)} for row ${row} in column ${column} (counted from 0). ` +
        'Leave such rows out, or fill in their values first.',
      { cause, details: { row, column, value } },
    )
  }
}
