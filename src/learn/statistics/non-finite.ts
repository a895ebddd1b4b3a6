/** Finds the first value that is not a finite number. */

import { NDArray, toRowNumbers, type Rows } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { Features } from '../inputs/feature-input.ts'
import { valueAt } from './sampled-means.ts'

/**
 * Searches data in which a kernel met NaN or infinity for the first such value. Kernels only count
 * such rows, so clean data costs nothing extra.
 *
 * @param groups - the rows that were read
 * @returns an error `ERR_VALUE` with the least such row and its first such column. Its advice names no
 *   option, as callers have different ones
 * @throws OneCopyError `ERR_DETACHED` when the memory of an array was moved away meanwhile
 */
export function explainNonFinite(
  X: Features,
  y: NDArray | null,
  groups: readonly Rows[],
): OneCopyError {
  const first = findNonFinite(X, y, groups)
  if (first === undefined) {
    return new OneCopyError(
      'ERR_VALUE',
      'Expected finite numbers, got NaN or infinity in values that changed during the call. ' +
        "Don't change arrays before the call has ended.",
    )
  }
  return refusePlace(first, y)
}

/** The error about a value that was found. */
export function refusePlace(place: Place, y: NDArray | null = null): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected finite numbers, got ${describe(place, y)}. Leave such rows out, or fill in their values first.`,
    { details: { ...place } },
  )
}

/**
 * As {@link explainNonFinite}, for data in which NaN is a missing value and only infinity is refused.
 *
 * @throws OneCopyError `ERR_DETACHED`
 */
export function explainInfinite(X: Features, groups: readonly Rows[]): OneCopyError {
  const first = findNonFinite(X, null, groups, (value) => !Number.isNaN(value))
  if (first === undefined) return explainNonFinite(X, null, groups)
  return new OneCopyError(
    'ERR_VALUE',
    `Expected finite numbers, or NaN for missing ones, got ${describe(first, null)}. Leave such rows out, or replace their values first.`,
    { details: { ...first } },
  )
}

/**
 * The error for a model whose training data was finite when it was fitted and has changed since.
 *
 * @param groups - the rows that it keeps
 */
export function explainChanged(
  X: Features,
  y: NDArray | null,
  groups: readonly Rows[],
): OneCopyError {
  const first = findNonFinite(X, y, groups)
  if (first === undefined) return explainNonFinite(X, y, groups)
  return new OneCopyError(
    'ERR_VALUE',
    `Expected the rows that this model was fitted on, got ${describe(first, y)}: they have changed since. ` +
      'Fit the model again, on a copy if they keep changing.',
    { details: { ...first } },
  )
}

function describe({ name, row, column, value }: Place, y: NDArray | null): string {
  const where = name === 'y' && y?.ndim === 1 ? `row ${row}` : `row ${row}, column ${column}`
  return `${value} in \`${name}\` at ${where} (counted from 0)`
}

/** Where a value is. */
export interface Place {
  readonly name: 'X' | 'y'
  readonly row: number
  readonly column: number
  readonly value: number
}

/**
 * Finds the least row with a value that is not finite, and its first such column.
 *
 * @param counts - which of these values are looked for; default: all
 * @throws OneCopyError `ERR_DETACHED`
 */
export function findNonFinite(
  X: Features,
  y: NDArray | null,
  groups: readonly Rows[],
  counts: (value: number) => boolean = () => true,
): Place | undefined {
  const arrays = X instanceof NDArray ? [X] : X.arrays
  for (const array of y === null ? arrays : [...arrays, y]) requireAttached(array)
  return groups
    .map((rows) => firstNonFinite(X, y, rows, counts))
    .filter((place) => place !== undefined)
    .sort((a, b) => a.row - b.row)[0]
}

function firstNonFinite(
  X: Features,
  y: NDArray | null,
  rows: Rows,
  counts: (value: number) => boolean,
): Place | undefined {
  let first: Place | undefined
  for (const row of toRowNumbers(rows)) {
    if (first !== undefined && row >= first.row) continue
    const value =
      nonFiniteInRow('X', X, row, counts) ??
      (y === null ? undefined : nonFiniteInRow('y', y, row, counts))
    if (value !== undefined) first = value
  }
  return first
}

function nonFiniteInRow(
  name: 'X' | 'y',
  matrix: Features,
  row: number,
  counts: (value: number) => boolean,
): Place | undefined {
  const columns = matrix.shape[1] ?? 1
  for (let column = 0; column < columns; column++) {
    const value = valueAt(matrix, row, column)
    if (!Number.isFinite(value) && counts(value)) return { name, row, column, value }
  }
  return undefined
}
