/** Picks an even sample of rows, for a first guess. */

import { countRows, type Rows, rowRanges } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'

/** Rows that lie together in the sample: reading them costs no more than reading all of their memory. */
const blockRows = 128

/** One of so many blocks is in the sample. */
const every = 16

/** Fewer rows than this are not worth a sample. */
const leastRows = 65_536

/**
 * Picks every sixteenth block of 128 rows; nothing when there are fewer than 65,536 rows.
 *
 * @returns rows in the same order, and which part of all rows they are
 */
export function sampleBlocks(rows: Rows): { rows: Rows; share: number } | undefined {
  const total = countRows(rows)
  if (total < leastRows) return undefined
  const sample =
    'ranges' in rows
      ? rowRanges(blocksOf(rows.ranges))
      : rowNumbers(rows.numbers.filter((_, i) => Math.floor(i / blockRows) % every === 0))
  return { rows: sample, share: countRows(sample) / total }
}

function blocksOf(ranges: readonly (readonly [number, number])[]): [number, number][] {
  const blocks: [number, number][] = []
  let position = 0 // of the range's first row among all rows
  const period = blockRows * every
  for (const [start, stop] of ranges) {
    const end = position + stop - start
    for (let block = Math.floor(position / period) * period; block < end; block += period) {
      const from = Math.max(block, position)
      const to = Math.min(block + blockRows, end)
      if (from < to) blocks.push([start + from - position, start + to - position])
    }
    position = end
  }
  return blocks
}
