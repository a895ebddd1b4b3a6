/** The index of neighbours that all folds share. */

import {
  array,
  type NDArray,
  rowRanges,
  type Rows,
  shared,
  toRowNumbers,
} from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { FoldSharing } from '../contract/fold-sharing.ts'
import { RowBits } from '../row-parts/row-bits.ts'
import type { TrainingParts } from '../row-parts/training-parts.ts'
import type { AffineMap } from '../statistics/moments.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { valueAt } from '../statistics/sampled-means.ts'
import {
  freeOnFailure,
  makeIndex,
  type NeighborAlgorithm,
  type NeighborIndex,
  type PassedOver,
} from './neighbor-index.ts'

/** An index of all rows that folds learn from, and their parts; or an index of the training rows of one fold. */
export interface SharedNeighbors {
  readonly index: NeighborIndex
  /** Undefined for rows of one fold, and where there are too many parts. */
  readonly parts: TrainingParts | undefined
}

/**
 * The sharing of learners that keep the rows themselves: one index of all rows serves every fold, which passes over those that
 * it does not learn from. A tree is made for each scaling, because it splits where scaled points lie farthest apart.
 */
export function sharedNeighbors(algorithm: NeighborAlgorithm): FoldSharing<SharedNeighbors> {
  const byRows = algorithm === 'brute'
  return {
    kind: byRows ? 'onecopy/neighbor-rows' : 'onecopy/neighbor-tree',
    inThread: true,
    perCase: !byRows,
    scaling: 'raw',
    async make({ X, y, rows, weights: given, parts, map }) {
      const { groups, weights } = checkInputs(X, y, { groups: [rows], weights: given })
      const order = numberRows(groups[0]!, weights)
      const index = await freeOnFailure([order], () => {
        requireFinite(X, y, order, byRows)
        return makeIndex(X, order, { algorithm, scale: scaleOf(X, map) })
      })
      return { index, parts }
    },
    async makeOfRows({ X, y, rows, weights = null }) {
      const order = numberRows(rows, weights)
      requireFinite(X, y, order, byRows)
      const index = await makeIndex(X, order, { algorithm, scale: scaleOf(X) })
      return { index, parts: undefined }
    },
  }
}

/** Which points the model of a fold passes over: those of the parts that it does not learn from, or single rows. */
export function passedOver(
  parts: TrainingParts | undefined,
  fold: number,
  rows: () => { readonly train: Rows; readonly n: number },
): PassedOver {
  if (parts === undefined) {
    const { train, n } = rows()
    const bits = new RowBits(n)
    bits.add(train)
    // In shared memory: calls that predict are sent it.
    const skips = shared([bits.bytes.length], 'uint8')
    skips.toTypedArray().set(bits.bytes.map((byte) => ~byte))
    return { skips }
  }
  const runs = parts.passedOverBy(fold)
  const [first] = runs
  if (runs.length === 1 && first![1] - first![0] === 1)
    return { labels: parts.partOf, skip: first![0] }
  const bits = new RowBits(2 ** 16)
  bits.add(rowRanges(runs))
  return { labels: parts.partOf, skips: array(bits.bytes) }
}

/** Factors of differences in each column: those of (x - shift) / scale are those of x / scale. */
export function scaleOf(X: NDArray, map?: AffineMap): Float64Array {
  return map === undefined
    ? new Float64Array(requireMatrix(X, '`X`')[1]).fill(1)
    : map.scale.map((scale) => 1 / scale)
}

/**
 * The numbers of rows with a weight above 0, in scratch memory.
 *
 * @throws OneCopyError `ERR_ROWS` when there is none
 */
export function numberRows(rows: Rows, weights: Float64Array | null): NDArray<'int32'> {
  const all = toRowNumbers(rows)
  const counted = weights === null ? all : all.filter((row) => weights[row] !== 0)
  if (counted.length === 0) {
    throw new OneCopyError(
      'ERR_ROWS',
      'Expected at least one row with a weight above 0 to find neighbours among, got none.',
    )
  }
  const order = shared([counted.length], 'int32')
  order.toTypedArray().set(counted)
  return order
}

/** Refuses fewer rows than neighbours. @throws OneCopyError `ERR_ROWS` */
export function requireEnough(rows: number, neighbors: number): void {
  if (rows >= neighbors) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least ${neighbors} rows to choose neighbours from, got ${rows}. ` +
      'Use fewer neighbours or more rows.',
    { details: { neighbors, rows } },
  )
}

/** Checks the targets, and the values too when no tree is built, which checks them itself. */
export function requireFinite(
  X: NDArray,
  y: NDArray,
  order: NDArray<'int32'>,
  values: boolean,
): void {
  const isFinite = (array: NDArray, row: number): boolean => {
    for (let column = 0, columns = array.shape[1] ?? 1; column < columns; column++)
      if (!Number.isFinite(valueAt(array, row, column))) return false
    return true
  }
  const wrong = order
    .toTypedArray()
    .find((row) => !isFinite(y, row) || (values && !isFinite(X, row)))
  if (wrong !== undefined) throw explainNonFinite(X, y, [{ numbers: Int32Array.of(wrong) }])
}
