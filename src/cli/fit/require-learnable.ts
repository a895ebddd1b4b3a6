/** Refuses inputs from which nothing can be learned. */

import type { NDArray } from '../../arrays/index.ts'
import { UsageError } from '../output/failure.ts'
import type { Input } from '../input/input.ts'
import { formatCount } from '../../format.ts'

/**
 * Checks that every fold gets a row, and that the target differs between rows.
 *
 * @returns the target's standard deviation; NaN when it has such values, which learners refuse
 * @throws UsageError
 */
export function requireLearnable({ y, target }: Input, folds: number): number {
  if (y.size < folds) {
    throw new UsageError(
      `Expected at least ${folds} rows for ${folds} folds, got ${y.size}. ` +
        'Use fewer folds with --folds, or more rows.',
    )
  }
  const deviation = standardDeviation(y)
  if (deviation !== 0) return deviation
  throw new UsageError(
    `There is nothing to predict: '${target}' is ${Number(y.get(0))} in all ${formatCount(y.size, 'row')}.`,
  )
}

/** Of a vector's values, about their first one, so that large equal parts cost no digits. */
function standardDeviation({ data, offset, strides: [step = 1], size }: NDArray): number {
  const first = Number(data[offset])
  let sum = 0
  let squares = 0
  for (let i = 0; i < size; i++) {
    const difference = Number(data[offset + i * step]) - first
    sum += difference
    squares += difference * difference
  }
  return Math.sqrt(Math.max(0, squares / size - (sum / size) ** 2))
}
