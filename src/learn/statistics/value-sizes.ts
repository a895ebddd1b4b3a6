/** Checks that values are finite and not too large. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { explainNonFinite } from './non-finite.ts'

/** Greater values have squares that float64 can't hold. */
const mostSize = 1e145

/**
 * Checks rows of `X` in one pass.
 *
 * @throws OneCopyError `ERR_VALUE` for NaN, infinity and values whose squares float64 can't hold
 */
export async function requireSizedValues(X: NDArray, rows: Rows): Promise<void> {
  const { isFinite, minimum, maximum } = await native.columnRanges(
    kernelMatrix(X),
    null,
    kernelRows(rows),
    kernelThreads(),
  )
  if (!isFinite) throw explainNonFinite(X, null, [rows])
  const sizes = minimum.map((low, j) => Math.max(-low, maximum[j]!))
  const column = sizes.findIndex((size) => size > mostSize && size < Infinity)
  if (column === -1) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected values of at most ${mostSize} in size, so that float64 can hold their squares, got ${sizes[column]} in column ${column} of \`X\`. Rescale it first.`,
    { details: { name: 'X', column } },
  )
}
