/** Takes some rows of values: as a view where they allow that. */

import { array, type NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'

/** Rows that follow each other as a view, others as a copy. */
export function takeRows(values: NDArray, rows: Rows): NDArray {
  if ('ranges' in rows && rows.ranges.length === 1) return values.rows(...rows.ranges[0]!)
  const width = values.shape[1] ?? 1
  const numbers = toRowNumbers(rows)
  const copy = new Float64Array(numbers.length * width)
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i]!
    for (let k = 0; k < width; k++)
      copy[i * width + k] = Number(values.ndim === 1 ? values.get(row) : values.get(row, k))
  }
  return array(copy, { shape: [numbers.length, ...values.shape.slice(1)] })
}
