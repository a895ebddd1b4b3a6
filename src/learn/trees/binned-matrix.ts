/** A matrix as one byte a value, for tree learners. */

import { shared, type NDArray, type Rows } from '../../arrays/index.ts'
import { kernelRows } from '../../arrays/internal.ts'
import { type BinEdges, kernelThreads, native } from '../../native/index.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import type { FoldSharing } from '../contract/fold-sharing.ts'
import { columnsOf, type Features } from '../inputs/feature-input.ts'
import { kernelFeatures } from '../inputs/table-columns.ts'
import { uniteRows } from '../row-parts/row-bits.ts'
import { type CategoricalFeatures, requireCategorical } from './column-options.ts'

/** The bins of rows, and the edges between bins. */
export type BinnedMatrix = {
  /** Shape (n, d rounded up to a multiple of 4), in shared memory; NaN is in bin 255. */
  readonly bins: NDArray<'uint8'>
  readonly edges: BinEdges
}

/** Which rows are binned, and how finely. */
export interface BinningOptions {
  /** Rows that the edges are found by; those of weight 0 are passed over. */
  readonly rows: Rows
  /** Rows that are binned; those outside have no bins. */
  readonly binned: Rows
  readonly weights: Float64Array | null
  /** Most bins of a column, 2 to 255, without that of missing values. */
  readonly maxBins: number
  /** Numbers of the columns with categories, ascending. */
  readonly categorical: Int32Array
  /** Edges of another matrix that are taken over; default: they are found. */
  readonly edges?: BinEdges | undefined
}

/** Finding the edges of fewer values leaves little memory in the C library's heap. */
const manyValues = 1 << 22

/**
 * Turns values into bins, on native threads beside the event loop. Edges are the exact quantiles of each column; a column of
 * at most `maxBins` distinct values has a bin for each. They depend on the values only, not on their order. A column with
 * categories has a bin for each of the most frequent ones; the others count as missing.
 *
 * @param X - shape (n, d), any real dtype and strides, or columns of a table; read in place
 * @returns n x d bytes of scratch memory, rounded up; free them by `bins[Symbol.dispose]()`
 */
export async function binMatrix(
  X: Features,
  { rows, binned, weights, maxBins, categorical, edges: given }: BinningOptions,
): Promise<BinnedMatrix> {
  const matrix = kernelFeatures(X)
  const [n, columns] = X.shape as readonly [number, number]
  const threads = kernelThreads()
  const find = (): Promise<BinEdges> =>
    native.findEdges(matrix, kernelRows(rows), weights, maxBins, categorical, threads)
  const edges = given ?? { ...(await find()), categorical }
  // What the search has used would stand beside what trees are grown with.
  if (n * columns >= manyValues) native.trimHeap()
  const bins = shared([n, Math.ceil(columns / 4) * 4], 'uint8')
  const room = { bins: bins.toTypedArray(), columns }
  await native.binRows(kernelFeatures(X), kernelRows(binned), edges, room, threads)
  return { bins, edges }
}

/**
 * The sharing of tree learners with so many bins: folds learn from row numbers of one matrix. Its edges are those of all rows that
 * some model learns from, held-out ones included; no target is looked at for them. Trees don't change when columns are scaled.
 */
export function binnedMatrix(learner: {
  readonly maxBins: number
  readonly categoricalFeatures: CategoricalFeatures | null
}): FoldSharing<BinnedMatrix> {
  const { maxBins: bins, categoricalFeatures } = learner
  return {
    kind: `onecopy/binned-matrix/${[bins, ...(categoricalFeatures ?? [])].join('/')}`,
    scaling: 'raw',
    freesRows: true,
    make({ X: given, rows, folds, weights = null }) {
      const X = columnsOf(given) ?? given
      const maxBins = requireMaxBins(learner)
      const categorical = requireCategorical(learner, X)
      // Early stopping reads rows that a fold holds out, also those that no model learns from.
      const held = folds.map(({ test }) => test)
      const binned = uniteRows([rows, ...held], X.shape[0])
      return binMatrix(X, { rows, binned, weights, maxBins, categorical })
    },
    async makeOfRows({ X, rows, weights = null }) {
      const maxBins = requireMaxBins(learner)
      const categorical = requireCategorical(learner, X)
      return binMatrix(X, { rows, binned: rows, weights, maxBins, categorical })
    },
    free: ({ bins }) => bins[Symbol.dispose](),
  }
}

/** Checks the number of bins. @throws TypeError, OneCopyError `ERR_OPTION` */
export function requireMaxBins(learner: { readonly maxBins: number }): number {
  return requireNumber(learner, 'maxBins', { min: 2, max: 255, integer: true })
}

/** Passes a shared matrix to `use`, or one that is made for it and freed afterwards. */
export async function withBins<T>(
  given: BinnedMatrix | undefined,
  make: () => Promise<BinnedMatrix>,
  use: (binned: BinnedMatrix) => Promise<T>,
): Promise<T> {
  if (given !== undefined) return use(given)
  const made = await make()
  try {
    return await use(made)
  } finally {
    made.bins[Symbol.dispose]()
  }
}
