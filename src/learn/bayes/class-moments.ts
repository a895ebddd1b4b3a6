/** Means and variances of the columns in each class. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { readColumnBlocks } from '../preprocessing/column-blocks.ts'
import { hasLostDigits } from '../statistics/lost-digits.ts'
import { Moments } from '../statistics/moments.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'

/** Means and variances, shape (classes, d), and the greatest variance of a column over all rows. */
export interface ClassMoments {
  readonly means: Float64Array
  readonly variances: Float64Array
  readonly greatest: number
}

/**
 * Reads each class's rows in one pass for every 256 columns. A class is read once more by itself when a column of its rows lies
 * many of its standard deviations from the other rows.
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
  let first = 0 // column of the block
  let parts: Moments[] = []
  const read = (rows: readonly Rows[]): ReadOptions => ({
    groups: rows,
    ...(weights && { weights }),
  })
  for await (const part of readColumnBlocks(X, read(groups))) {
    parts.push(part)
    if (parts.length < groups.length) continue
    const { columns } = part
    const all = Moments.merge(parts)
    for (let j = 0; j < columns; j++)
      greatest = Math.max(greatest, all.cross[j * columns + j]! / all.weight)
    for (let [c, own] of parts.entries()) {
      if (hasLostDigits(own)) {
        const block = X.slice(null, [first, first + columns])
        own = (await Moments.compute(block, null, read([groups[c]!])))[0]!
      }
      for (let j = 0; j < columns; j++) {
        means[c * d + first + j] = own.mean[j]!
        variances[c * d + first + j] = own.cross[j * columns + j]! / own.weight
      }
    }
    first += columns
    parts = []
  }
  return { means, variances, greatest }
}
