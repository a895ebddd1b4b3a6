/** Binned columns of trees that other libraries have grown. */

import { NDArray } from '../../arrays/index.ts'
import { kernelMatrix } from '../../arrays/internal.ts'
import type { BinEdges, KernelColumns, KernelMatrix } from '../../native/index.ts'
import type { Features } from '../inputs/feature-input.ts'
import { kernelFeatures } from '../inputs/table-columns.ts'

/**
 * Which columns of `X` the bins of a model are made of. A fit makes one binned column of each column of `X`. Trees of other
 * libraries may split a column at more places than a binned column has edges, and send several intervals of it left.
 */
export interface BinColumns {
  readonly binEdges_: Float64Array
  readonly binStarts_: Int32Array
  readonly categoricalColumns_: Int32Array
  /** For each binned column the number of its column of `X`; default: its own. */
  readonly binColumns_?: Int32Array
  /** Numbers of binned columns of numbers in which nodes hold sets of bins, ascending; default: none. */
  readonly setColumns_?: Int32Array
}

/** Edges in the form that the native core takes, and the column of `X` of each; undefined when these are all, in order. */
export interface ReadColumns {
  readonly edges: BinEdges
  readonly columns: Int32Array | undefined
}

/** How the native core reads the bins of a model. */
export function readColumns(model: BinColumns): ReadColumns {
  const { binEdges_: edges, binStarts_: starts, categoricalColumns_: categorical } = model
  const own = { edges, starts, categorical }
  const { binColumns_, setColumns_ } = model
  const needsSets = setColumns_ !== undefined && categorical.length === 0
  if (!needsSets) return { edges: own, columns: binColumns_ }
  // The core looks for sets in nodes only when some column has categories: one more column has none of them.
  const count = starts.length - 1
  const columns = binColumns_ ?? Int32Array.from({ length: count }, (_, j) => j)
  const spare = {
    starts: Int32Array.of(...starts, edges.length),
    categorical: Int32Array.of(count),
  }
  return { edges: { ...own, ...spare }, columns: Int32Array.of(...columns, 0) }
}

/** The columns of `X` that bins are made of, in place. */
export function spreadColumns(
  X: Features,
  columns: Int32Array | undefined,
): KernelMatrix | KernelColumns {
  if (columns === undefined) return kernelFeatures(X)
  if (!(X instanceof NDArray)) return X.select(columns).kernel()
  return { rows: X.shape[0]!, list: Array.from(columns, (j) => kernelMatrix(X.column(j))) }
}
