/** Means and distinct values of columns with missing values. */

import { NDArray, type Rows } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import type { Features } from '../inputs/feature-input.ts'
import { readBlocks } from '../inputs/row-blocks.ts'
import { requireKeptWeights } from '../inputs/weights.ts'
import { explainInfinite } from './non-finite.ts'

/** Rows to read, and their weights. */
export interface ColumnRows {
  readonly X: Features
  /** Rows without those of weight 0. */
  readonly rows: Rows
  readonly weights: Float64Array | null
  /** A number that stands for a missing value, beside NaN; default: none. */
  readonly missing?: number | undefined
}

/**
 * Sums each column in one pass over the rows, without NaN.
 *
 * @returns weighted means, shape (d), NaN for a column without numbers
 * @throws OneCopyError `ERR_VALUE` for infinity
 */
export async function meansWithoutMissing({
  X,
  rows,
  weights,
  missing,
}: ColumnRows): Promise<Float64Array> {
  const d = X.shape[1]
  // About a first value, so that a mean far from zero keeps its digits.
  const origin = new Float64Array(d).fill(Number.NaN)
  const sums = new Float64Array(d)
  const totals = new Float64Array(d)
  const blockSums = new Float64Array(d)
  for await (const { values, count, rowAt } of readBlocks(X, rows, { missing })) {
    requireKeptWeights(weights, X.shape[0])
    blockSums.fill(0)
    for (let i = 0, at = 0; i < count; i++) {
      const weight = weights === null ? 1 : weights[rowAt(i)]!
      for (let j = 0; j < d; j++, at++) {
        const value = values[at]!
        if (value - value !== 0) {
          if (Number.isNaN(value)) continue
          throw explainInfinite(X, [rows])
        }
        if (Number.isNaN(origin[j]!)) origin[j] = value
        blockSums[j]! += weight * (value - origin[j]!)
        totals[j]! += weight
      }
    }
    for (let j = 0; j < d; j++) sums[j]! += blockSums[j]!
  }
  return sums.map((sum, j) => origin[j]! + sum / totals[j]!)
}

/** A value of a column and the sum of its weights. */
export interface DistinctValues {
  /** Ascending; NaN comes last when the column has it. */
  readonly values: Float64Array
  /** Sum of the weights of each. */
  readonly weights: Float64Array
}

/** How many different values a column may have, and what to do when it has more. */
export interface DistinctLimit {
  readonly most: number
  /** A sentence. */
  readonly advice: string
}

/**
 * Finds the distinct values of each column in one pass over the rows.
 *
 * @throws OneCopyError `ERR_VALUE` for infinity, for integers that float64 can't tell apart, and when a column has more
 *   values than `limit`
 */
export async function distinctValues(
  { X, rows, weights, missing }: ColumnRows,
  { most, advice }: DistinctLimit,
): Promise<DistinctValues[]> {
  const d = X.shape[1]
  const isLong = X instanceof NDArray && (X.dtype === 'int64' || X.dtype === 'uint64')
  const found = Array.from({ length: d }, () => new Map<number, number>())
  for await (const { values, count, rowAt } of readBlocks(X, rows, { missing })) {
    requireKeptWeights(weights, X.shape[0])
    for (let j = 0; j < d; j++) {
      const column = found[j]!
      for (let i = 0, at = j; i < count; i++, at += d) {
        const value = values[at]! + 0
        if (value - value !== 0 && !Number.isNaN(value)) throw explainInfinite(X, [rows])
        if (isLong && !Number.isSafeInteger(value)) throw tooLong(X, rowAt(i), j)
        column.set(value, (column.get(value) ?? 0) + (weights === null ? 1 : weights[rowAt(i)]!))
      }
      if (column.size <= most) continue
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected at most ${most} different values in column ${j} of \`X\`, got more. ${advice}`,
        { details: { column: j, most } },
      )
    }
  }
  return found.map((column) => {
    // Typed arrays sort NaN to the end.
    const values = Float64Array.from(column.keys()).sort()
    return { values, weights: values.map((value) => column.get(value)!) }
  })
}

/** Two of these could be one number of float64. */
function tooLong(X: Features, row: number, column: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected values within ±(2^53 - 1), which float64 tells apart, got ${X.get(row, column)} in \`X\` at row ${row}, column ${column} (counted from 0). ` +
      'Number them from 0 first.',
    { details: { row, column } },
  )
}

/**
 * Finds which columns have missing values, in one pass over the rows.
 *
 * @returns numbers of these columns, ascending
 * @throws OneCopyError `ERR_VALUE` for infinity
 */
export async function columnsWithMissing({
  X,
  rows,
  missing,
}: Omit<ColumnRows, 'weights'>): Promise<number[]> {
  const d = X.shape[1]
  const has = new Uint8Array(d)
  for await (const { values } of readBlocks(X, rows, { missing })) {
    for (let at = 0, j = 0; at < values.length; at++) {
      const value = values[at]!
      if (value - value !== 0) {
        if (!Number.isNaN(value)) throw explainInfinite(X, [rows])
        has[j] = 1
      }
      if (++j === d) j = 0
    }
  }
  return Array.from(has.keys()).filter((j) => has[j] === 1)
}
