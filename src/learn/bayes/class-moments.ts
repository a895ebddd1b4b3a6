/** Means and variances of the columns in each class. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { readGroupBlocks } from '../preprocessing/column-blocks.ts'
import { Moments } from '../statistics/moments.ts'

/** Means and variances, shape (classes, d), and the greatest variance of a column over all rows. */
export interface ClassMoments {
  readonly means: Float64Array
  readonly variances: Float64Array
  readonly greatest: number
}

/**
 * Reads each class's rows in one pass for every 256 columns; for fewer columns where there are more than 64 classes.
 *
 * @param groups - the rows of each class
 */
export async function readClassMoments(
  X: NDArray,
  groups: readonly Rows[],
  weights: Float64Array | null,
): Promise<ClassMoments> {
  const d = X.shape[1]!
  const means = new Float64Array(groups.length * d)
  const variances = new Float64Array(groups.length * d)
  let greatest = 0
  for await (const { first, parts } of readGroupBlocks(X, groups, weights)) {
    const all = Moments.merge(parts)
    const { columns } = all
    for (let j = 0; j < columns; j++)
      greatest = Math.max(greatest, all.cross[j * columns + j]! / all.weight)
    for (const [c, own] of parts.entries()) {
      for (let j = 0; j < columns; j++) {
        means[c * d + first + j] = own.mean[j]!
        variances[c * d + first + j] = own.cross[j * columns + j]! / own.weight
      }
    }
  }
  return { means, variances, greatest }
}
