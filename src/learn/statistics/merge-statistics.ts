/** Merges statistics of folds: all of them, all but one, or any. */

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

/** Consecutive numbers of parts: from the first up to, not including, the second. */
export type Run = readonly [from: number, to: number]

/**
 * Merges parts for many choices of them. What choices have in common is merged once: beginnings, ends, and blocks between
 * them.
 */
export class PartMerges<T extends Mergeable<T>> {
  readonly #parts: readonly T[]
  /** Merges of the first part, the first two … */
  readonly #beginnings: T[] = []
  /** Merges of the last part, the last two … */
  readonly #ends: T[] = []
  readonly #blocks = new Map<string, T>()

  /** @param parts - at least one */
  constructor(parts: readonly T[]) {
    this.#parts = parts
  }

  /**
   * Merges chosen parts. No part is subtracted, which would lose digits.
   *
   * @param runs - numbers of parts, ascending, at least one
   */
  of(runs: readonly Run[]): T {
    return mergeAll(runs.map((run) => this.#run(run)))
  }

  #run([from, to]: Run): T {
    if (from === 0) return extend(this.#beginnings, to, (i) => this.#parts[i]!)
    const count = this.#parts.length
    if (to === count) return extend(this.#ends, count - from, (i) => this.#parts[count - 1 - i]!)
    const blocks: T[] = []
    for (let at = from; at < to;) {
      let size = 1
      while (at % (2 * size) === 0 && at + 2 * size <= to) size *= 2
      blocks.push(this.#block(at, size))
      at += size
    }
    return mergeAll(blocks)
  }

  /** Parts whose number is a power of two. */
  #block(from: number, size: number): T {
    if (size === 1) return this.#parts[from]!
    const key = `${from} ${size}`
    const half = size / 2
    const made =
      this.#blocks.get(key) ?? this.#block(from, half).merge(this.#block(from + half, half))
    this.#blocks.set(key, made)
    return made
  }
}

/** The merge of so many parts, each of which is merged with all before it. */
function extend<T extends Mergeable<T>>(merges: T[], count: number, part: (i: number) => T): T {
  for (let i = merges.length; i < count; i++) merges.push(merges.at(-1)?.merge(part(i)) ?? part(i))
  return merges[count - 1]!
}
