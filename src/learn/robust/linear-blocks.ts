/** Blocks of the rows of a linear model. */

import { rowNumbers } from '../../arrays/internal.ts'
import { LinearSums } from './linear-sums.ts'

/** Rows of `X` in a block: vectors of one take half a megabyte. */
const blockRows = 1 << 16

/** Rows that lie near each other. */
export interface SumsBlock {
  /** Positions of its rows in the list of those that count. */
  readonly from: number
  readonly to: number
  /** Its rows have numbers from `start` up to `stop`. */
  readonly start: number
  readonly stop: number
  /** The rows as those of `X` from `start` on: vectors for them have stop - start elements. */
  readonly sums: () => LinearSums
}

/**
 * Cuts rows into blocks of at most 65,536 rows of `X`.
 *
 * @param numbers - of the rows that count, ascending
 */
export function blocksOfRows(all: LinearSums, numbers: Int32Array): SumsBlock[] {
  const n = all.X.shape[0]!
  const blocks: SumsBlock[] = []
  for (let from = 0; from < numbers.length;) {
    // Blocks of few rows begin where blocks of all rows do, so that a weight of 0 changes no sum.
    const start = Math.floor(numbers[from]! / blockRows) * blockRows
    const stop = Math.min(start + blockRows, n)
    let to = from
    while (to < numbers.length && numbers[to]! < stop) to++
    blocks.push({ from, to, start, stop, sums: partOf(all, numbers, { from, to, start, stop }) })
    from = to
  }
  return blocks
}

function partOf(
  all: LinearSums,
  numbers: Int32Array,
  { from, to, start, stop }: Omit<SumsBlock, 'sums'>,
): () => LinearSums {
  const { X, shift, isFree } = all
  if (start === 0 && stop === X.shape[0]!) return () => all
  const part = X.rows(start, stop)
  if (to - from === stop - start)
    return () => new LinearSums(part, { ranges: [[0, to - from]] }, shift, isFree)
  // Listed when they are read: lists of all blocks would be as long as that of all rows.
  return () => {
    const own = numbers.slice(from, to)
    for (let i = 0; i < own.length; i++) own[i]! -= start
    return new LinearSums(part, rowNumbers(own), shift, isFree)
  }
}
