/** Names the first value that is not a finite number. */

import { toRowNumbers, type NDArray, type Rows } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { valueAt } from './sampled-means.ts'

/**
 * Looks again at data in which a kernel met NaN or infinity, to name the place. Kernels only count
 * such rows, so that good data pays nothing for it.
 *
 * @param groups - the rows that were read
 * @returns an error `ERR_VALUE` with the least such row and its first such column. Its advice holds for whoever
 *   called, so it names no option
 * @throws OneCopyError `ERR_DETACHED` when an array has lost its memory since, and with it the value
 */
export function explainNonFinite(
  X: NDArray,
  y: NDArray | null,
  groups: readonly Rows[],
): OneCopyError {
  for (const array of y === null ? [X] : [X, y]) requireAttached(array)
  const first = groups
    .map((rows) => firstNonFinite(X, y, rows))
    .filter((place) => place !== undefined)
    .sort((a, b) => a.row - b.row)[0]
  if (first === undefined) {
    return new OneCopyError(
      'ERR_VALUE',
      'Expected finite numbers, met NaN or infinity in values that have changed since. ' +
        'Leave arrays as they are until the call is done.',
    )
  }
  const { name, row, column, value } = first
  const where = name === 'y' && y?.ndim === 1 ? `row ${row}` : `row ${row}, column ${column}`
  return new OneCopyError(
    'ERR_VALUE',
    `Expected finite numbers, got ${value} in \`${name}\` at ${where} (counted from 0). ` +
      'Leave such rows out, or fill in their values first.',
    { details: { name, row, column, value } },
  )
}

interface Place {
  readonly name: 'X' | 'y'
  readonly row: number
  readonly column: number
  readonly value: number
}

function firstNonFinite(X: NDArray, y: NDArray | null, rows: Rows): Place | undefined {
  let first: Place | undefined
  for (const row of toRowNumbers(rows)) {
    if (first !== undefined && row >= first.row) continue
    const value =
      nonFiniteInRow('X', X, row) ?? (y === null ? undefined : nonFiniteInRow('y', y, row))
    if (value !== undefined) first = value
  }
  return first
}

function nonFiniteInRow(name: 'X' | 'y', matrix: NDArray, row: number): Place | undefined {
  const columns = matrix.ndim === 1 ? 1 : matrix.shape[1]!
  for (let column = 0; column < columns; column++) {
    const value = valueAt(matrix, row, column)
    if (!Number.isFinite(value)) return { name, row, column, value }
  }
  return undefined
}
