/** Refuses out-of-fold predictions that are not finite. */

import type { NDArray, Rows } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import { partitionOf } from '../folds/layer-folds.ts'
import type { LayerData } from '../folds/layer-data.ts'
import { explainFailure } from '../calls/layer-tasks.ts'

/**
 * Checks that a member's out-of-fold predictions are finite. Otherwise the meta learner would refuse them with
 * an error that doesn't name the member. Rows of weight 0 may be predicted as NaN.
 *
 * @param partition - whose folds have predicted
 * @throws OneCopyError `ERR_LEARNER` naming the member and the fold
 */
export async function requireFinitePredictions(
  name: string,
  { folds, weights }: LayerData,
  predicted: NDArray<'float64'>,
  partition = 0,
): Promise<void> {
  for (const [number, fold] of folds.entries()) {
    if (partitionOf(fold) !== partition) continue
    const wrong = firstNotFinite(predicted, fold.test, weights)
    if (wrong === undefined) continue
    const { row, value } = wrong
    await explainFailure(name, `fold ${number}`, () => {
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected finite predictions, got ${value} for row ${row} (counted from 0).`,
        { details: { row, value } },
      )
    })
  }
}

/** The first of the rows with a value that is not finite, unless its weight is 0. */
function firstNotFinite(
  predicted: NDArray<'float64'>,
  rows: Rows,
  weights: Float64Array | undefined,
): { row: number; value: number } | undefined {
  if ('numbers' in rows) {
    for (const row of rows.numbers) {
      const value = weights?.[row] === 0 ? undefined : notFiniteInRow(predicted, row)
      if (value !== undefined) return { row, value }
    }
    return undefined
  }
  for (const [start, stop] of rows.ranges)
    for (let first = start; first < stop; first += blockRows) {
      const end = Math.min(first + blockRows, stop)
      if (areFinite(predicted, first, end)) continue
      for (let row = first; row < end; row++) {
        const value = weights?.[row] === 0 ? undefined : notFiniteInRow(predicted, row)
        if (value !== undefined) return { row, value }
      }
    }
  return undefined
}

/** Rows that are looked at together: only where one is not finite, each is looked at alone. */
const blockRows = 4096

/** Whether all values of the rows from `start` up to `stop` are finite. */
function areFinite(
  { data, offset, shape, strides }: NDArray<'float64'>,
  start: number,
  stop: number,
): boolean {
  const [rowStride, columnStride = 1] = strides as [number, number?]
  // 0, but NaN once a value is not finite.
  let rest = 0
  for (let k = 0; k < (shape[1] ?? 1); k++) {
    const first = offset + k * columnStride
    for (let row = start; row < stop; row++) {
      const value = data[first + row * rowStride]!
      rest += value - value
    }
  }
  return rest === 0
}

function notFiniteInRow(
  { data, offset, shape, strides }: NDArray<'float64'>,
  row: number,
): number | undefined {
  const [rowStride, columnStride = 1] = strides as [number, number?]
  for (let k = 0; k < (shape[1] ?? 1); k++) {
    const value = data[offset + row * rowStride + k * columnStride]!
    if (value - value !== 0) return value
  }
  return undefined
}
