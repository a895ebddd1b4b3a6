/** Reads moments in blocks of columns, for per-column statistics. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { requireMatrix } from '../../arrays/internal.ts'
import { isOneCopyError } from '../../errors.ts'
import { hasLostDigits } from '../statistics/lost-digits.ts'
import { Moments } from '../statistics/moments.ts'
import { explainNonFinite } from '../statistics/non-finite.ts'
import { checkInputs, explainRange, type ReadOptions } from '../statistics/read-moments.ts'

/** Columns per block. Moments hold products of all pairs of columns, of which only the squares are used. */
const mostColumns = 256

/** What is read beside the rows of `X`. */
export interface ColumnBlockOptions {
  /** Target, whose moments are read with each block; default: none. */
  readonly y?: NDArray | null
  /** Columns per block, at most 256, for reading many groups of rows; default: 256. */
  readonly columnsPerBlock?: number
}

/**
 * Reads the moments of `X` in blocks of 256 columns, one pass over the rows for each block. The memory needed
 * doesn't depend on the number of columns.
 *
 * @param read - groups of rows, and weights
 * @returns moments of each group for each block, in order; at least one
 * @throws OneCopyError as `Moments.compute`, with column numbers of `X`
 */
export async function* readColumnBlocks(
  X: NDArray,
  read: ReadOptions,
  options: ColumnBlockOptions = {},
): AsyncGenerator<Moments, void> {
  const { y = null } = options
  const columnsPerBlock = Math.min(options.columnsPerBlock ?? mostColumns, mostColumns)
  const [, columns] = requireMatrix(X, '`X`')
  // Runs once for no columns as well, which are then refused.
  for (let start = 0; start === 0 || start < columns; start += columnsPerBlock) {
    const block = X.slice(null, [start, Math.min(start + columnsPerBlock, columns)])
    try {
      yield* await Moments.compute(block, y, read)
    } catch (error) {
      throw inWholeMatrix(error, start, { X, y, read })
    }
  }
}

/** Moments of several groups of rows for one block of columns. */
export interface GroupBlock {
  /** The first column of the block. */
  readonly first: number
  /** One for each group. */
  readonly parts: readonly Moments[]
}

/** Moments of all groups for one block of columns take at most 32 MB. */
const mostProducts = 1 << 22

/**
 * Reads the moments of groups of rows, one pass over all of them for each block of columns: 256 for up to 64 groups, fewer for
 * more. A group is read once more by itself when a column of its rows lies many of its standard deviations from the other
 * rows.
 *
 * @param groups - each of at least one row with a weight above 0
 * @throws OneCopyError as `Moments.compute`, with column numbers of `X`
 */
export async function* readGroupBlocks(
  X: NDArray,
  groups: readonly Rows[],
  weights: Float64Array | null,
): AsyncGenerator<GroupBlock, void> {
  const columnsPerBlock = Math.max(1, Math.floor(Math.sqrt(mostProducts / groups.length)))
  const given = weights === null ? {} : { weights }
  let first = 0
  let parts: Moments[] = []
  for await (const moments of readColumnBlocks(X, { groups, ...given }, { columnsPerBlock })) {
    const { columns } = moments
    const group = groups[parts.length]!
    if (hasLostDigits(moments)) {
      const block = X.slice(null, [first, first + columns])
      parts.push((await Moments.compute(block, null, { groups: [group], ...given }))[0]!)
    } else parts.push(moments)
    if (parts.length < groups.length) continue
    yield { first, parts }
    first += columns
    parts = []
  }
}

function inWholeMatrix(
  error: unknown,
  start: number,
  { X, y, read }: { X: NDArray; y: NDArray | null; read: ReadOptions },
): unknown {
  if (!isOneCopyError(error)) return error
  const { name, column, value, spread } = error.details
  if (name === 'y') return error
  if (typeof spread === 'number' && typeof column === 'number')
    return explainRange('X', start + column, spread)
  if (value === undefined || column === undefined) return error
  return explainNonFinite(X, y, checkInputs(X, y, read).weighedGroups)
}
