/** The rows that a metric scores, with their predictions and weights. */

import { countRows, type Rows } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { weightsOf } from '../features/column-inputs.ts'
import { requireFiniteWeights } from '../inputs/weights.ts'
import type { MetricOptions } from './score-options.ts'
import { largestOf, powerOfTwo, rangesOf, refuseNoRows } from './weighted-mean.ts'

/** Rows that are scored. */
export interface ScoredRows {
  readonly rows: Rows
  /** Whether there are predictions of all rows of `y`, not just of these. */
  readonly isWhole: boolean
  /** Weights of all rows of `y`. */
  readonly weights: Float64Array | undefined
  /** Power of two by which weights are divided, so that their sum is finite. */
  readonly unit: number
}

/**
 * Finds the rows to score.
 *
 * @param n - number of rows of `y`
 * @param found - number of predictions
 * @throws OneCopyError `ERR_SHAPE` when predictions are of neither all rows nor those that are scored; `ERR_INDEX`, `ERR_VALUE`
 */
export function requireScoredRows(
  n: number,
  found: number,
  y: unknown,
  options: MetricOptions,
): ScoredRows {
  const rows = requireRows(options.rows, n)
  const count = countRows(rows)
  if (found !== n && found !== count) throw refuseCount(n, found, options.rows && count)
  const weights = options.weights && requireFiniteWeights(weightsOf(y, options.weights), n)
  return { rows, isWhole: found === n, weights, unit: powerOfTwo(largestOf(weights)) }
}

/**
 * Calls `visit` for each row that counts.
 *
 * @param visit - takes the row of `y`, that of its prediction, and its weight, divided by the unit
 * @throws OneCopyError `ERR_ROWS` when no row counts
 */
export function eachScored(
  { rows, isWhole, weights, unit }: ScoredRows,
  visit: (row: number, at: number, weight: number) => void,
): void {
  let count = 0
  let position = 0
  const numbers = 'numbers' in rows ? rows.numbers : undefined
  for (const [start, stop] of rangesOf({ rows })) {
    for (let i = start; i < stop; i++, position++) {
      const row = numbers === undefined ? i : numbers[i]!
      const weight = weights === undefined ? 1 : weights[row]! / unit
      if (weight === 0) continue
      count++
      visit(row, isWhole ? row : position, weight)
    }
  }
  if (count === 0) throw refuseNoRows()
}

function refuseCount(n: number, found: number, count: number | undefined): OneCopyError {
  const advice =
    count === undefined
      ? ''
      : ` Pass predictions of all rows of \`y\`, or of just the ${count} rows of \`rows\` in their order.`
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected a prediction for each of ${n} rows of \`y\`, got ${found}.${advice}`,
    { details: { expected: n, rows: found } },
  )
}
