/** The C++ core's interface for nearest neighbours. */

import type { KernelMatrix, KernelRows } from './kernel-core.ts'

/**
 * A k-d tree over row numbers, in the caller's memory, so that all threads and processes search the same tree. It holds
 * bounding boxes but no values, and works for every metric.
 */
export interface NeighborTree {
  /** Row numbers of the points, in any order before the tree is built. */
  readonly order: Int32Array
  /** Least and greatest values of each node's points, shape (treeNodes(points), 2, d). */
  readonly boxes: Float64Array
  /** Least row number of each node, shape (treeNodes(points)). */
  readonly least: Int32Array
}

/** Which neighbours are wanted. */
export interface NeighborSearch {
  /** Shape (n, d), n < 2^31. */
  readonly points: KernelMatrix
  /** The index; null: every query is compared with every point. */
  readonly tree: NeighborTree | null
  /** Without a tree: which rows of `points` are points. */
  readonly pointRows?: KernelRows
  /** Shape (any, d); may be `points` itself, then a point is its own nearest neighbour. */
  readonly queries: KernelMatrix
  readonly queryRows: KernelRows
  /** A distance is the root of the sum of ((point - query) * scale)² over the columns; shape (d). */
  readonly scale: Float64Array
  /**
   * Order of the Minkowski metric, at least 1: 2 for Euclidean distances, 1 for sums of differences, Infinity for the greatest
   * difference.
   */
  readonly p: number
  /** A label for each row of `points`, or null. */
  readonly labels: Uint16Array | null
  /** Label of the points that these queries pass over, such as those of their own fold; -1: none. */
  readonly skip: number
  /**
   * In place of `skip`: a bit for each label that is passed over, that of label i being bit i % 8 of byte i / 8; 8192 bytes.
   * Without `labels` rows have their numbers for labels: a bit for each of the n rows. Null: `skip` alone.
   */
  readonly skips?: Uint8Array | null
  /** How many neighbours of each query, at least 1. */
  readonly neighbors: number
}

/** Which points within a distance are wanted. */
export interface RangeSearch extends Omit<NeighborSearch, 'neighbors'> {
  /** Greatest distance, not negative. */
  readonly radius: number
}

/** Means over the points within a distance of each of m query rows. */
export interface RangeMeans {
  /** Targets of the points, shape (n, k); with `codes` the k columns are shares of classes. */
  readonly targets?: KernelMatrix
  /** Number of each point's class, shape (n), in place of targets. */
  readonly codes?: Uint16Array
  /** With `codes`: how many classes there are. */
  readonly classes?: number
  /** What each point counts, shape (n), or null: all 1. */
  readonly weights: Float64Array | null
  /** Whether a point counts 1 / distance times; if some are at distance 0, only those count. */
  readonly byDistance: boolean
  /** Result, shape (m, k); NaN where there are no points. */
  readonly means: Float64Array
  /** Result: how many points there are, shape (m). */
  readonly counts: Int32Array
}

/** The neighbours of each of m query rows, from near to far. */
export interface NeighborLists {
  /** Row numbers of points, shape (m, neighbors). */
  readonly rows: Int32Array
  /** Squared distances, or distances themselves with another `p` than 2; shape (m, neighbors). */
  readonly squares: Float64Array
}

/** Means of the neighbours' targets, written to the rows of `out` that have the queries' numbers. */
export interface NeighborMeans {
  /** Shape (n, m). */
  readonly targets: KernelMatrix
  /** What each point counts in a mean, shape (n), or null: all 1. */
  readonly weights: Float64Array | null
  /** Whether a target counts 1 / distance times; if some are at distance 0, only those count. */
  readonly byDistance: boolean
  /** float64 or float32, a row for every row of `queries`. */
  readonly out: KernelMatrix
  /** Column of `out` for the first target. */
  readonly outColumn: number
}

/**
 * Nearest neighbours; contract: `native/neighbors/neighbors.h`. Exact: the tree and the comparison with all
 * points, every instruction set and every number of threads give the same bytes; of points at the same
 * distance those with the lower row numbers are nearer. Wrong arguments throw at once, as those of
 * {@link KernelCore} do; values that aren't finite reject with `ERR_VALUE`, too few points
 * with `ERR_ROWS`.
 */
export interface NeighborCore {
  /** How many nodes a tree over so many points has. */
  treeNodes(points: number): number

  /**
   * Fills in a tree whose `order` holds the numbers of its rows.
   *
   * @param scale - of the metric that it will mostly serve, shape (d)
   */
  buildTree(
    points: KernelMatrix,
    scale: Float64Array,
    tree: NeighborTree,
    threads: number,
  ): Promise<void>

  /** Searches; resolves to the number of distances to points that it had to compute. */
  findNeighbors(
    search: NeighborSearch,
    answer: NeighborLists | NeighborMeans,
    threads: number,
  ): Promise<number>

  /** Averages over all points within a distance of each query; a query without any has NaN. */
  findWithin(search: RangeSearch, answer: RangeMeans, threads: number): Promise<void>
}
