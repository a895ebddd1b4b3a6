/** Rows that are listed more than once, as rows with greater weights. */

import { rowNumbers } from '../../arrays/internal.ts'
import type { CheckedInputs } from '../statistics/read-moments.ts'
import { RowBits } from '../row-parts/row-bits.ts'

/**
 * Lists every row once, for learners that keep a value for each row: one that comes `k` times gets `k` times its weight. Inputs
 * without such rows are returned themselves.
 *
 * @param n - rows of the matrix
 */
export function mergeRepeated(inputs: CheckedInputs, n: number): CheckedInputs {
  const [rows] = inputs.groups
  if (rows === undefined || !('numbers' in rows)) return inputs
  const bits = new RowBits(n)
  if (bits.add(rows) === 0) return inputs
  const weights = new Float64Array(n)
  for (const row of rows.numbers) weights[row]! += inputs.weights?.[row] ?? 1
  const seen = new Uint8Array(n)
  const once = rows.numbers.filter((row) => {
    const isFirst = seen[row] === 0
    seen[row] = 1
    return isFirst
  })
  const weighed = rowNumbers(once.filter((row) => weights[row] !== 0))
  return { ...inputs, groups: [rowNumbers(once)], weighedGroups: [weighed], weights }
}
