/** What the workers of the examples do. */

import { setTimeout as sleep } from 'node:timers/promises'
import { type NDArray, shared } from 'onecopy'

/** After `ms`, an array of `n` numbers that are all `value`; made in shared memory, so that it is not copied. */
export async function makeResult(
  value: number,
  n: number,
  ms: number,
): Promise<NDArray<'float64'>> {
  await sleep(ms)
  const result = shared([n], 'float64')
  result.data.fill(value)
  return result
}

/** Reads an array and holds it for `ms`; gives its sum. */
export async function hold(X: NDArray<'float64'>, ms: number): Promise<number> {
  let sum = 0
  for (const value of X.toTypedArray()) sum += value
  await sleep(ms)
  return sum
}

/** Writes the squared distances between points from `start` on and all points, a row for each of `rows`. */
export function writeDistances(
  points: NDArray<'float64'>,
  rows: NDArray<'float64'>,
  start: number,
): void {
  const [m = 0, n = 0] = rows.shape
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      let sum = 0
      for (let k = 0; k < points.shape[1]!; k++)
        sum += (points.get(start + i, k) - points.get(j, k)) ** 2
      rows.set(sum, i, j)
    }
  }
}

/** What is known of one column. */
export interface ColumnFacts {
  readonly column: number
  readonly mean: number
  readonly min: number
  readonly max: number
}

/** Facts about some columns of a matrix. */
export function analyseColumns(X: NDArray<'float64'>, columns: readonly number[]): ColumnFacts[] {
  return columns.map((column) => {
    const values = X.column(column)
    let [sum, min, max] = [0, Infinity, -Infinity]
    for (let i = 0; i < values.size; i++) {
      const value = values.get(i)
      sum += value
      min = Math.min(min, value)
      max = Math.max(max, value)
    }
    return { column, mean: sum / values.size, min, max }
  })
}
