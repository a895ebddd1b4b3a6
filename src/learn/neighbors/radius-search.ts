/** Averages over the rows within a distance. */

import { countRows, type NDArray, type Rows, splitRows, toRowNumbers } from '../../arrays/index.ts'
import type { RangeMeans } from '../../native/index.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { searchWithin } from './neighbor-index.ts'
import type { NearRowsModel } from './near-rows-model.ts'

/** Squares of greater distances may leave the range of float64. */
const mostRadius = 1e150

/** Values of the results of a block of queries. */
const valuesPerBlock = 1 << 16

/** How many neighbours a search is tried with when their number is unknown. */
export const trialNeighbors = 5

/** A learner by all rows within a distance. */
export interface RadiusModel extends NearRowsModel {
  readonly radius: number
}

/** Checks `radius`; returns how many rows it needs. */
export function requireRadius(model: RadiusModel): number {
  requireNumber(model, 'radius', { min: 0, max: mostRadius })
  return 1
}

/** Rows to average the neighbours of. */
export interface Queries {
  readonly queries: NDArray
  readonly rows: Rows
  /** What is averaged when it may hold a value that is not finite, for error texts. */
  readonly targets?: NDArray
}

/**
 * Averages over the neighbours of some rows.
 *
 * @param what - what is averaged, and how wide its result is
 * @param take - called for each row with its averages, which change afterwards, and the number of its neighbours
 */
export async function averageWithin(
  model: RadiusModel,
  { queries, rows, targets }: Queries,
  what: Pick<RangeMeans, 'targets' | 'codes' | 'classes'> & { readonly width: number },
  take: (row: number, means: Float64Array, count: number) => void,
): Promise<void> {
  const { width, ...averaged } = what
  const { X_: points, scale_: scale, weights_: weights, index_: index, p, radius } = model
  const byDistance = model.weights === 'distance'
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
