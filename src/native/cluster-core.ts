/** The C++ core's interface for clustering. */

import type { KernelMatrix, KernelRows } from './kernel-core.ts'

/** Rows to cluster. */
export interface ClusterRows {
  /** Shape (n, d), n < 2^31. */
  readonly x: KernelMatrix
  /** m of the rows. */
  readonly rows: KernelRows
  /** Weight of each row of `x`, shape (n), or null: all 1. */
  readonly weights: Float64Array | null
}

/** Points that rows are compared with. */
export interface ClusterCenters {
  readonly count: number
  /** Shape (count, d). */
  readonly values: Float64Array
}

/** Where the results of a pass go. */
export interface ClusterResults {
  /** Number of the nearest centre of each row, shape (m); read as well, to count changes. */
  readonly labels: Int32Array
  /** Squared distance to it, shape (m), or null. */
  readonly squares: Float64Array | null
  /** Whether sums for moving the centres are wanted. */
  readonly withSums: boolean
}

/** Sums of a pass. */
export interface ClusterSums {
  /** Sum of weights times squared distances. */
  readonly inertia: number
  /** How many labels are other ones than before. */
  readonly changed: number
  /** For each centre the weight of its rows, then weighted differences of these to it: shape (count, 1 + d). */
  readonly sums: Float64Array
}

/** Passes of clustering; contract: `native/cluster/cluster.h`. */
export interface ClusterCore {
  /** Assigns rows to their nearest centres. */
  assignCenters(
    rows: ClusterRows,
    centers: ClusterCenters,
    results: ClusterResults,
    threads: number,
  ): Promise<ClusterSums>

  /**
   * Sums weights times squared distances to the nearest centre, with each candidate as a further centre.
   *
   * @param closest - squared distances to the nearest centre so far, shape (m)
   * @param update - whether to lower `closest` to the distances with the candidate; then there must be one
   * @returns shape (candidates)
   */
  weighCandidates(
    rows: ClusterRows,
    candidates: ClusterCenters,
    closest: Float64Array,
    update: boolean,
    threads: number,
  ): Promise<Float64Array>
}
