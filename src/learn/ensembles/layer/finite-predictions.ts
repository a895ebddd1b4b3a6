/** Refuses out-of-fold predictions that are not finite. */

import { toRowNumbers, type NDArray } from '../../../arrays/index.ts'
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
  const { data, offset, shape, strides } = predicted
  const [rowStride, columnStride = 1] = strides as [number, number?]
  const width = shape[1] ?? 1
  const wrongOf = (row: number): number | undefined => {
    let at = offset + row * rowStride
    for (let k = 0; k < width; k++, at += columnStride) {
      const value = data[at]!
      if (value - value !== 0) return value
    }
    return undefined
  }
  for (const [number, fold] of folds.entries()) {
    if (partitionOf(fold) !== partition) continue
    const { test } = fold
    const wrong = toRowNumbers(test).find(
      (row) => wrongOf(row) !== undefined && weights?.[row] !== 0,
    )
    if (wrong === undefined) continue
    const value = wrongOf(wrong)
    await explainFailure(name, `fold ${number}`, () => {
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected finite predictions, got ${value} for row ${wrong} (counted from 0).`,
        { details: { row: wrong, value } },
      )
    })
  }
}
