/** Merges statistics of folds: all of them, or all but one. */

/** Statistics of some rows that can be joined with those of others. */
export interface Mergeable<T> {
  merge(other: T): T
}

/**
 * Merges parts pairwise, which keeps rounding errors small.
 *
 * @param parts - at least one
 */
export function mergeAll<T extends Mergeable<T>>(parts: readonly T[]): T {
  if (parts.length === 1) return parts[0]!
  if (parts.length === 0) throw new TypeError('Expected at least one part to merge, got none.')
  const middle = parts.length >> 1
  return mergeAll(parts.slice(0, middle)).merge(mergeAll(parts.slice(middle)))
}

/**
 * For each part, merges all others. Combines merged prefixes and suffixes: 3 K merges and no
 * subtraction, which would lose digits.
 *
 * @param parts - at least two
 */
export function mergeOthers<T extends Mergeable<T>>(parts: readonly T[]): T[] {
  if (parts.length < 2) {
    throw new TypeError(
      `Expected at least two parts, to merge all others of each, got ${parts.length}.`,
    )
  }
  const beginnings = runningMerges(parts)
  const ends = runningMerges(parts.toReversed()).reverse()
  return parts.map((_, k) => {
    const [before, after] = [beginnings[k - 1], ends[k + 1]]
    if (before === undefined) return after!
    return after === undefined ? before : before.merge(after)
  })
}

/** The first part, the first two merged, the first three … */
function runningMerges<T extends Mergeable<T>>(parts: readonly T[]): T[] {
  const merges: T[] = []
  for (const part of parts) merges.push(merges.at(-1)?.merge(part) ?? part)
  return merges
}
