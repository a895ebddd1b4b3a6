/** The order of rows in a VCF: by chromosome, then by position. */

/** Rows of one chromosome: places in the order, or row numbers without one. */
export interface ContigRows {
  /** Code of the chromosome. */
  readonly contig: number
  readonly start: number
  readonly stop: number
}

/** Rows in the order of a VCF. */
export interface SiteOrder {
  /** Row numbers; undefined when the table has that order. */
  readonly order: Int32Array | undefined
  /** Chromosomes in order of first appearance; they cover all rows. */
  readonly contigs: readonly ContigRows[]
}

/**
 * Orders rows by chromosome, as each first appears, and position. Rows that are in order stay where they are, and nothing is made.
 * Rows without a chromosome or a position count to their neighbours: they are not written.
 *
 * @param codes - of chromosomes, shape (n)
 * @param count - how many chromosomes there are
 * @param positions - shape (n)
 */
export function orderSites(
  codes: ArrayLike<number>,
  count: number,
  positions: ArrayLike<number>,
): SiteOrder {
  const contigs = findRuns(codes, count, positions)
  return contigs === undefined ? sortSites(codes, count, positions) : { order: undefined, contigs }
}

/** The chromosomes of rows in order; undefined when they are not. */
function findRuns(
  codes: ArrayLike<number>,
  count: number,
  positions: ArrayLike<number>,
): ContigRows[] | undefined {
  const seen = new Uint8Array(count)
  const runs: ContigRows[] = []
  let contig = -1
  let start = 0
  let last = 0
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!
    if (code < 0) continue
    if (code !== contig) {
      if (seen[code] !== 0) return undefined
      seen[code] = 1
      if (contig >= 0) {
        runs.push({ contig, start, stop: i })
        start = i
      }
      contig = code
      last = 0
    }
    const position = positions[i]!
    if (position < last) return undefined
    if (position >= last) last = position
  }
  if (contig >= 0) runs.push({ contig, start, stop: codes.length })
  return runs
}

/** A radix sort, which is stable: two passes over positions, one over chromosomes. */
function sortSites(
  codes: ArrayLike<number>,
  count: number,
  positions: ArrayLike<number>,
): SiteOrder {
  const n = codes.length
  const ranks = rankByAppearance(codes, count)
  const low = (row: number): number => positionKey(positions[row]!) & 0xffff
  const high = (row: number): number => positionKey(positions[row]!) >>> 16
  const rank = (row: number): number => (codes[row]! < 0 ? count : ranks[codes[row]!]!)
  let order = Int32Array.from({ length: n }, (_, i) => i)
  let next = new Int32Array(n)
  for (const [keyOf, keys] of [
    [low, 65536],
    [high, 65536],
    [rank, count + 1],
  ] as const) {
    const places = new Int32Array(keys + 1)
    for (let i = 0; i < n; i++) places[keyOf(i) + 1]!++
    for (let k = 0; k < keys; k++) places[k + 1]! += places[k]!
    for (let i = 0; i < n; i++) next[places[keyOf(order[i]!)]!++] = order[i]!
    ;[order, next] = [next, order]
  }
  const contigs: { contig: number; start: number; stop: number }[] = []
  for (let i = 0; i < n; i++) {
    const contig = codes[order[i]!]!
    if (contig >= 0 && contig !== contigs.at(-1)?.contig)
      contigs.push({ contig, start: i, stop: i })
    const last = contigs.at(-1)
    if (last !== undefined) last.stop = i + 1
  }
  return { order, contigs }
}

/** Positions that VCF can't express lie at the start, and are not written. */
function positionKey(position: number): number {
  return position >= 0 && position < 2 ** 32 ? position >>> 0 : 0
}

function rankByAppearance(codes: ArrayLike<number>, count: number): Int32Array {
  const ranks = new Int32Array(count).fill(-1)
  let met = 0
  for (let i = 0; i < codes.length && met < count; i++) {
    const code = codes[i]!
    if (code >= 0 && ranks[code] === -1) ranks[code] = met++
  }
  return ranks
}
