/** Base of learners by the rows within a distance. */

import { countRows, type NDArray, type Rows, splitRows, toRowNumbers } from '../../arrays/index.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import type { RangeMeans } from '../../native/index.ts'
import { searchWithin } from './neighbor-index.ts'
import { NearRowsModel } from './neighbor-model.ts'
import type { RadiusOptions } from './neighbor-options.ts'

/** Squares of greater distances may leave the range of float64. */
const mostRadius = 1e150

/** Values of the results of a block of queries. */
const valuesPerBlock = 1 << 16

/** A learner by all rows within a distance. */
export abstract class RadiusModel extends NearRowsModel {
  radius: number

  constructor({ radius = 1, ...others }: RadiusOptions) {
    super(others)
    this.radius = radius
  }

  protected override requireReach(): number {
    requireNumber(this, 'radius', { min: 0, max: mostRadius })
    return 1
  }

  protected override trialNeighbors(): number {
    return 5
  }

  /**
   * Averages over the neighbours of some rows.
   *
   * @param what - what is averaged, and how wide its result is
   * @param take - called for each row with its averages, which change afterwards, and the number of its neighbours
   */
  protected async averageWithin(
    { queries, rows, targets }: { queries: NDArray; rows: Rows; targets?: NDArray },
    what: Pick<RangeMeans, 'targets' | 'codes' | 'classes'> & { readonly width: number },
    take: (row: number, means: Float64Array, count: number) => void,
  ): Promise<void> {
    const { width, ...averaged } = what
    const { X_: points, scale_: scale, weights_: weights, index_: index, p, radius } = this
    const byDistance = this.weights === 'distance'
    const most = Math.max(1, Math.floor(valuesPerBlock / Math.max(1, width)))
    const parts = Math.max(1, Math.ceil(countRows(rows) / most))
    for (const part of splitRows(rows, parts)) {
      const numbers = toRowNumbers(part)
      const means = new Float64Array(numbers.length * width)
      const counts = new Int32Array(numbers.length)
      const search = { points, queries, rows: part, scale, p, radius, targets: targets ?? null }
      await searchWithin(index, search, { ...averaged, weights, byDistance, means, counts })
      for (const [i, row] of numbers.entries())
        take(row, means.subarray(i * width, (i + 1) * width), counts[i]!)
    }
  }
}
