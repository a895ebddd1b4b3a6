/** Moments of mapped rows, read in blocks that are never kept. */

import { array, type NDArray, type Rows } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import type { RowMap } from '../contract/row-map.ts'
import type { Features } from '../inputs/feature-input.ts'
import { readBlocks, type RowBlock } from '../inputs/row-blocks.ts'
import { requireKeptWeights } from '../inputs/weights.ts'
import { Moments } from '../statistics/moments.ts'
import { valueAt } from '../statistics/sampled-means.ts'

/** Rows whose moments are read. */
export interface MappedRows {
  readonly X: Features
  /** Target; null when only `X` matters. */
  readonly y: NDArray | null
  /** Rows of positive weight, at least one. */
  readonly rows: Rows
  readonly weights: Float64Array | null
}

/** Values of a block: 4 MB. Smaller blocks would spend their time on setting up a pass. */
const valuesPerBlock = 1 << 19

/**
 * Reads the moments of mapped rows, as `Moments.compute` reads those of a copy. A block of about 4 MB is mapped at a
 * time, and the moments of blocks are merged pairwise.
 *
 * @param map - maps rows of `X`
 * @param step - what error texts call the map
 * @throws OneCopyError `ERR_VALUE` for NaN and infinity after the map, naming the row of `X`; `ERR_MEMORY`
 */
export async function blockwiseMoments(
  { X, y, rows, weights }: MappedRows,
  map: RowMap,
  step: string,
): Promise<Moments> {
  const width = Math.max(map.width, map.scratch ?? 0)
  // Like the digits of a binary number: each holds the moments of twice as many blocks as the next.
  const merged: { moments: Moments; blocks: number }[] = []
  let scratch = new Float64Array(0)
  for await (const block of readBlocks(X, rows, { width, values: valuesPerBlock })) {
    const length = block.count * map.width
    if (scratch.length < length) scratch = new Float64Array(length)
    const mapped = scratch.subarray(0, length)
    await map.apply(block.values, mapped, block.count, block.rowAt)
    // The memory of weights and the target may have been freed or moved away meanwhile.
    requireKeptWeights(weights, X.shape[0])
    if (y !== null) requireAttached(y)
    const values = array(mapped, { shape: [block.count, map.width] })
    const target = y === null ? null : targetOf(y, block)
    const own = weights === null ? {} : { weights: weightsOf(weights, block) }
    const [moments] = await Moments.compute(values, target, own).catch((error: unknown) => {
      throw inOriginalRows(error, block, step)
    })
    let last = { moments: moments!, blocks: 1 }
    while (merged.at(-1)?.blocks === last.blocks) {
      const before = merged.pop()!
      last = { moments: before.moments.merge(last.moments), blocks: 2 * last.blocks }
    }
    merged.push(last)
  }
  return merged.map(({ moments }) => moments).reduceRight((sum, moments) => moments.merge(sum))
}

function targetOf(y: NDArray, { count, rowAt }: RowBlock): NDArray {
  const m = y.shape[1] ?? 1
  const values = new Float64Array(count * m)
  for (let i = 0, at = 0; i < count; i++)
    for (let k = 0; k < m; k++) values[at++] = valueAt(y, rowAt(i), k)
  return array(values, { shape: [count, ...y.shape.slice(1)] })
}

function weightsOf(weights: Float64Array, { count, rowAt }: RowBlock): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => weights[rowAt(i)]!)
}

/** Names the row of `X` in an error about a row of a block. */
function inOriginalRows(error: unknown, { rowAt }: RowBlock, step: string): unknown {
  if (!isOneCopyError(error)) return error
  const { name, row, column, value } = error.details
  if (typeof row !== 'number') return error
  const place =
    name === 'y'
      ? `\`y\` at row ${rowAt(row)}`
      : `row ${rowAt(row)}, column ${String(column)} after ${step}`
  return new OneCopyError(
    'ERR_VALUE',
    `Expected finite numbers, got ${String(value)} in ${place} (counted from 0). ` +
      'Leave such rows out, or fill in their values first.',
    { cause: error, details: { ...error.details, row: rowAt(row) } },
  )
}
