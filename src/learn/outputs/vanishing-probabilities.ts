/** Replaces probabilities that are too small to learn from by 0. */

import type { NDArray } from '../../arrays/index.ts'
import { type MemberOutput, widthOf } from './member-output.ts'

/** Below it, sums of squares of a column could vanish in float64. */
const least = 1e-100

/**
 * Sets probabilities below 1e-100 to 0, in place. A learner of the next layer, or the meta learner, would refuse a column that holds
 * nothing else: nobody can rescale probabilities. They are scored before.
 *
 * @param Z - out-of-fold predictions, shape (n, columns); NaN stays
 * @param outputs - those of the members, in the order of their columns
 */
export function zeroVanishing(Z: NDArray<'float64'>, outputs: readonly MemberOutput[]): void {
  const { data, offset, strides } = Z
  const [n] = Z.shape as [number, number]
  const [rowStride, columnStride] = strides as [number, number]
  let first = 0
  for (const output of outputs) {
    const end = first + widthOf(output)
    if (output.method === 'predictProba')
      for (let row = 0; row < n; row++)
        for (let column = first; column < end; column++) {
          const at = offset + row * rowStride + column * columnStride
          if (data[at]! < least) data[at] = 0
        }
    first = end
  }
}
