/** Weighs probabilities of classes of rows. */

import { OneCopyError } from '../../errors.ts'
import type { NDArray, Rows } from '../../arrays/index.ts'
import type { ClassColumns } from '../contract/combiner.ts'
import { readBlocks } from '../inputs/row-blocks.ts'

/**
 * Combines the probabilities of each row: their weighted sums, divided by the sum over classes; of two classes the weighted sum is the
 * probability of the second one. Sums below 0 count as 0; where all are 0, all classes are equally likely.
 *
 * @param X - probabilities, shape (n, learners × width)
 * @param weights - one for each learner
 * @param take - called with the number of each row and the probabilities of its classes, which change afterwards
 * @throws OneCopyError `ERR_VALUE` for NaN and infinity
 */
export async function combineRows(
  X: NDArray,
  rows: Rows,
  { learners, classes, width }: ClassColumns,
  weights: Float64Array,
  take: (row: number, probabilities: Float64Array) => void,
): Promise<void> {
  const d = learners * width
  const sums = new Float64Array(classes)
  for await (const { count, values, rowAt } of readBlocks(X, rows)) {
    for (let i = 0; i < count; i++) {
      sums.fill(0)
      let rest = 0
      for (let l = 0, at = i * d; l < learners; l++) {
        for (let c = 0; c < width; c++, at++) {
          const value = values[at]!
          rest += value - value
          sums[c]! += weights[l]! * value
        }
      }
      // The caller finds the place of the value.
      if (rest !== 0) throw new OneCopyError('ERR_VALUE', 'Expected finite numbers.')
      if (width === 1) splitTwo(sums)
      else divideBySum(sums)
      take(rowAt(i), sums)
    }
  }
}

function splitTwo(sums: Float64Array): void {
  const second = sums[0]! > 0 ? Math.min(sums[0]!, 1) : 0
  sums[0] = 1 - second
  sums[1] = second
}

function divideBySum(sums: Float64Array): void {
  let most = 0
  for (let c = 0; c < sums.length; c++) {
    sums[c] = sums[c]! > 0 ? Math.min(sums[c]!, Number.MAX_VALUE) : 0
    most = Math.max(most, sums[c]!)
  }
  if (most === 0) {
    sums.fill(1 / sums.length)
    return
  }
  // Divided by the largest first, so that the sum is finite.
  let total = 0
  for (let c = 0; c < sums.length; c++) total += sums[c]! /= most
  for (let c = 0; c < sums.length; c++) sums[c]! /= total
}
