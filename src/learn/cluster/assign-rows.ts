/** Assigns rows to the nearest of some centres. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows } from '../../arrays/internal.ts'
import { isOneCopyError } from '../../errors.ts'
import { type ClusterRows, type ClusterSums, kernelThreads, native } from '../../native/index.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'

/** Rows to cluster, and their weights. */
export interface WeighedRows {
  readonly X: NDArray
  /** m rows. */
  readonly rows: Rows
  /** Weight of each row of `X`, or null. */
  readonly weights: Float64Array | null
}

/** Points that rows are compared with. */
export interface Centers {
  readonly count: number
  /** Shape (count, d). */
  readonly values: Float64Array
}

/** What a pass writes. */
export interface AssignResults {
  /** Number of the nearest centre of each row, shape (m). */
  readonly labels: Int32Array
  /** Squared distance to it, shape (m). */
  readonly squares?: Float64Array
  /** Whether sums for moving the centres are wanted; default: false. */
  readonly withSums?: boolean
}

/**
 * Assigns rows to their nearest centres in one pass, in place.
 *
 * @throws OneCopyError `ERR_VALUE` naming a value that is not finite
 */
export function assignRows(
  given: WeighedRows,
  centers: Centers,
  { labels, squares, withSums = false }: AssignResults,
): Promise<ClusterSums> {
  const results = { labels, squares: squares ?? null, withSums }
  return explained(given, () =>
    native.assignCenters(kernelClusterRows(given), centers, results, kernelThreads()),
  )
}

/**
 * Sums weights times squared distances to the nearest centre, with each candidate as a further centre.
 *
 * @param closest - squared distances to the nearest centre so far, shape (m)
 * @param update - whether to lower `closest` to the distances with the candidate; then there must be one
 * @returns shape (candidates)
 */
export function weighCandidates(
  given: WeighedRows,
  candidates: Centers,
  closest: Float64Array,
  update: boolean,
): Promise<Float64Array> {
  return explained(given, () =>
    native.weighCandidates(kernelClusterRows(given), candidates, closest, update, kernelThreads()),
  )
}

function kernelClusterRows({ X, rows, weights }: WeighedRows): ClusterRows {
  return { x: kernelMatrix(X), rows: kernelRows(rows), weights }
}

async function explained<T>({ X, rows }: WeighedRows, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isOneCopyError(error) || error.code !== 'ERR_VALUE') throw error
    throw explainNonFinite(X, null, [rows])
  }
}
