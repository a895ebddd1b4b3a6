/** A slow, plain oracle for moments. */

import { toRowNumbers, type NDArray, type Rows } from '../../src/arrays/index.ts'
import type { Moments } from '../../src/learn/statistics/moments.ts'

/** What is compared: everything but where the origin lies. */
export type PlainMoments = Pick<
  Moments,
  'columns' | 'targetShape' | 'count' | 'weight' | 'mean' | 'cross' | 'minimum' | 'maximum'
>

/** Moments by two plain passes: means first, then products about them, summed without rounding loss. */
export function naiveMoments(
  X: NDArray,
  y: NDArray | null,
  rows: Rows,
  weights?: Float64Array,
): PlainMoments {
  const values: number[][] = []
  const counts: number[] = []
  for (const row of toRowNumbers(rows)) {
    const weight = weights?.[row] ?? 1
    if (weight === 0) continue
    counts.push(weight)
    values.push([...rowOf(X, row), ...(y === null ? [] : rowOf(y, row))])
  }
  const p = X.shape[1]! + (y === null ? 0 : (y.shape[1] ?? 1))
  const weight = exactSum(counts)
  const columns = Array.from({ length: p }, (_, j) => values.map((row) => row[j]!))
  const mean = columns.map((column) => {
    // About the first value, so that a large offset costs nothing.
    const [first = 0] = column
    return first + exactSum(column.map((value, i) => counts[i]! * (value - first))) / weight
  })
  const cross = new Float64Array(p * p)
  for (let i = 0; i < p; i++) {
    for (let j = 0; j < p; j++) {
      cross[i * p + j] = exactSum(
        counts.map(
          (count, r) => count * (columns[i]![r]! - mean[i]!) * (columns[j]![r]! - mean[j]!),
        ),
      )
    }
  }
  return {
    columns: X.shape[1]!,
    targetShape: y === null ? [0] : y.shape.slice(1),
    count: counts.length,
    weight,
    mean: Float64Array.from(mean),
    cross,
    minimum: Float64Array.from(columns, (column) => Math.min(...column)),
    maximum: Float64Array.from(columns, (column) => Math.max(...column)),
  }
}

function rowOf(matrix: NDArray, row: number): number[] {
  return matrix.ndim === 1
    ? [Number(matrix.get(row))]
    : Array.from(matrix.row(row), (value) => Number(value))
}

/** A sum with a second number for what rounding loses (Neumaier). */
function exactSum(values: readonly number[]): number {
  let sum = 0
  let lost = 0
  for (const value of values) {
    const next = sum + value
    lost += Math.abs(sum) >= Math.abs(value) ? sum - next + value : value - next + sum
    sum = next
  }
  return sum + lost
}
