/** Chooses rows at random. */

import { countRows, type Rows, type RowSelection } from '../../arrays/index.ts'
import { requireRows, rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { requireOptions, wholeNumber } from '../../options.ts'
import type { Table } from '../table/table.ts'
import { makeRowNumbers, requireTable } from './table-cells.ts'

/** Options of {@link sampleRows}. */
export interface SampleOptions {
  /** Chooses which rows; the same number gives the same rows. Default: 0. */
  readonly seed?: number | undefined
  /** Among which rows. Default: all. */
  readonly rows?: RowSelection | undefined
}

/**
 * Chooses `count` different rows at random, each set of them with the same probability.
 *
 * @param count - at most as many as there are
 * @returns their numbers in shared memory, in the order in which they stand in the table or in `rows`
 * @throws OneCopyError `ERR_INDEX` for more rows than there are, `ERR_OPTION`
 * @see Knuth, The Art of Computer Programming 2, 3.4.2, algorithm S
 *
 * @example
 * ```ts
 * const table = await readCsv('diamonds.csv')
 * const rows = sampleRows(table, 1000, { seed: 1 })
 * ```
 */
export function sampleRows(table: Table, count: number, options: SampleOptions = {}): Rows {
  requireTable(table, 'sampleRows')
  requireOptions<SampleOptions>('sampleRows', options, {
    seed: wholeNumber(0, 2 ** 32 - 1),
    rows: true,
  })
  const among = requireRows(options.rows, table.rows)
  const all = countRows(among)
  if (!Number.isInteger(count) || count < 0 || count > all) {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected a number of rows from 0 to ${all}, as many as there are, got ${show(count)}.`,
    )
  }
  const numbers = makeRowNumbers(count).toTypedArray()
  const random = makeRandom(options.seed ?? 0)
  let [at, left] = [0, all]
  const visit = (row: number): void => {
    // Each of the rows that are left is one of those still wanted with the same probability.
    if (random() * left-- < count - at) numbers[at++] = row
  }
  if ('numbers' in among) among.numbers.forEach(visit)
  else for (const [start, stop] of among.ranges) for (let row = start; row < stop; row++) visit(row)
  return rowNumbers(numbers)
}

/** Numbers in [0, 1) with 53 bits (sfc32). */
function makeRandom(seed: number): () => number {
  let [a, b, c, d] = [0x9e3779b9, 0x243f6a88, seed | 0, 1]
  const next = (): number => {
    const t = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + t) | 0
    return t >>> 0
  }
  for (let i = 0; i < 16; i++) next()
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53
}
