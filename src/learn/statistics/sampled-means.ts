/** Estimates means of columns from an even sample of rows. */

import { countRows, NDArray, type Rows } from '../../arrays/index.ts'
import type { Features } from '../inputs/feature-input.ts'

/** Rows in the sample: its mean lies about sd / 16 from the mean, which costs no digits. */
const sampleSize = 256

/**
 * Estimates the means of the columns of `[X y]`, so that sums of products can be taken about a
 * point near them and keep their digits when a mean is far from zero. Values that are not finite
 * are ignored; the mean of a constant column is exact.
 *
 * @param groups - the rows that count; the sample is spread evenly over all of them
 * @returns shape (d + m)
 */
export function sampledMeans(X: NDArray, y: NDArray | null, groups: readonly Rows[]): Float64Array {
  const sample = evenSample(groups)
  const means: number[] = []
  for (const matrix of y === null ? [X] : [X, y]) {
    const columns = matrix.ndim === 1 ? 1 : matrix.shape[1]!
    for (let column = 0; column < columns; column++) {
      means.push(finiteMean(sample.map((row) => valueAt(matrix, row, column))))
    }
  }
  return Float64Array.from(means)
}

/** The value of a matrix, or of a vector as its only column, as a number. */
export function valueAt(matrix: Features, row: number, column: number): number {
  if (!(matrix instanceof NDArray)) return matrix.get(row, column)
  return Number(matrix.ndim === 1 ? matrix.get(row) : matrix.get(row, column))
}

function finiteMean(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite)
  if (finite.length === 0) return 0
  const mean = finite.reduce((sum, value) => sum + value / finite.length, 0)
  // The mean of equal values must equal them, whatever the rounding.
  return Math.min(Math.max(mean, Math.min(...finite)), Math.max(...finite))
}

/** Row numbers spread evenly over all rows of the groups, in their order. */
function evenSample(groups: readonly Rows[]): number[] {
  const counts = groups.map((rows) => countRows(rows))
  const total = counts.reduce((sum, count) => sum + count, 0)
  const size = Math.min(sampleSize, total)
  const sample: number[] = []
  let before = 0
  for (const [g, rows] of groups.entries()) {
    while (sample.length < size) {
      const position = Math.floor((sample.length * total) / size) - before
      if (position >= counts[g]!) break
      sample.push(rowAt(rows, position))
    }
    before += counts[g]!
  }
  return sample
}

/** The row number at a position in a list of rows. */
function rowAt(rows: Rows, position: number): number {
  if ('numbers' in rows) return rows.numbers[position]!
  for (const [start, stop] of rows.ranges) {
    if (position < stop - start) return start + position
    position -= stop - start
  }
  throw new RangeError('position is past the last row')
}
