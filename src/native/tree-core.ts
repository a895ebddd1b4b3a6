/** What the C++ core offers on trees. */

import type { KernelMatrix, KernelRows } from './kernel-core.ts'

/**
 * Edges between the bins of each of d columns: a value x of column j is in bin b when `edges[b - 1] < x <=
 * edges[b]`, counted within that column.
 */
export interface BinEdges {
  /** Ascending within a column; at most 254 of each. */
  readonly edges: Float64Array
  /** Where each column's edges begin, and where the last one's end; shape (d + 1). */
  readonly starts: Int32Array
}

/** A matrix of n rows as bins. */
export interface BinnedRows {
  /** Row by row, each filled up to a multiple of 4 bytes; NaN is in bin 255, everything else in lower ones. */
  readonly bins: Uint8Array
  readonly columns: number
}

/**
 * Trees; contract: `native/trees/edges.h`, `native/trees/bins.h`. Every instruction set and every number of threads give the
 * same bytes. Wrong arguments throw at once, as those of {@link KernelCore} do.
 */
export interface TreeCore {
  /**
   * Finds edges at the exact quantiles of the values of some rows: midway between neighbours in a column with at most
   * `maxBins` distinct values. They don't depend on the order of the rows.
   *
   * @param x - shape (n, d), n < 2^31
   * @param weights - shape (n), or null; rows of weight 0 are passed over, others count alike
   * @param maxBins - 2 to 255
   */
  findEdges(
    x: KernelMatrix,
    rows: KernelRows,
    weights: Float64Array | null,
    maxBins: number,
    threads: number,
  ): Promise<BinEdges>

  /**
   * Writes the bins of some rows; other rows are left alone.
   *
   * @param x - shape (n, d), n < 2^31
   * @param binned - with room for n rows and d columns
   */
  binRows(
    x: KernelMatrix,
    rows: KernelRows,
    edges: BinEdges,
    binned: BinnedRows,
    threads: number,
  ): Promise<void>
}
