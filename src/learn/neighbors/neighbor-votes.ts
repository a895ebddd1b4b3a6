/** Votes of nearest rows on the class of other rows. */

import { countRows, type Rows, splitRows, toRowNumbers } from '../../arrays/index.ts'
import { type IndexSearch, type NeighborIndex, searchIndex } from './neighbor-index.ts'

/** Whose votes are counted, and how. */
export interface Voters {
  readonly index: NeighborIndex
  /** Number of each indexed row's class, shape (n). */
  readonly codes: Uint16Array
  readonly classes: number
  /** What each row's vote counts, shape (n); null: all 1. */
  readonly weights: Float64Array | null
  /** Whether a vote counts 1 / distance times; of rows at distance 0 only these count. */
  readonly byDistance: boolean
}

/** Queries whose neighbours are listed at a time: a few hundred KB of lists. */
const queriesPerBlock = 4096

/**
 * Finds the neighbours of some rows and counts their votes.
 *
 * @param take - called for each row with its number, the votes of each class (which change afterwards), and the class that wins: of
 *   classes with as many votes that of the nearest row among them
 */
export async function countVotes(
  { index, codes, classes, weights, byDistance }: Voters,
  search: Omit<IndexSearch, 'rows'> & { readonly rows: Rows },
  take: (row: number, votes: Float64Array, winner: number) => void,
): Promise<void> {
  const { neighbors, p } = search
  const votes = new Float64Array(classes)
  const parts = Math.max(1, Math.ceil(countRows(search.rows) / queriesPerBlock))
  for (const rows of splitRows(search.rows, parts)) {
    const numbers = toRowNumbers(rows)
    const lists = {
      rows: new Int32Array(numbers.length * neighbors),
      squares: new Float64Array(numbers.length * neighbors),
    }
    await searchIndex(index, { ...search, rows }, lists)
    for (const [i, row] of numbers.entries()) {
      const [from, to] = [i * neighbors, (i + 1) * neighbors]
      const isExact = byDistance && lists.squares[from] === 0
      votes.fill(0)
      for (let k = from; k < to; k++) {
        const square = lists.squares[k]!
        if (isExact && square > 0) break
        const neighbor = lists.rows[k]!
        const share = byDistance && !isExact ? 1 / (p === 2 ? Math.sqrt(square) : square) : 1
        votes[codes[neighbor]!]! += share * (weights?.[neighbor] ?? 1)
      }
      take(row, votes, winnerOf(votes, codes, lists.rows.subarray(from, to)))
    }
  }
}

function winnerOf(votes: Float64Array, codes: Uint16Array, nearest: Int32Array): number {
  const most = Math.max(...votes)
  for (const row of nearest) if (votes[codes[row]!] === most) return codes[row]!
  return 0
}
