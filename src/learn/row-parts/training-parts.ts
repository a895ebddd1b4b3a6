/** Parts of the rows that the same folds learn from. */

import { type NDArray, type Rows, shared } from '../../arrays/index.ts'
import type { Run } from '../statistics/merge-statistics.ts'
import { findParts, type FoundParts, type Side } from './find-parts.ts'
import { learnsFromOthers, type SplitSides } from './held-out-folds.ts'

/**
 * Rows that every fold treats alike, as one part: it learns from all of them or from none. K folds that learn from what they don't
 * hold out have K parts. Statistics are read once for each part, and those of a fold are merged from its parts.
 */
export class TrainingParts {
  /** The rows of each part. Those that no fold learns from are the last part. */
  readonly rows: readonly Rows[]
  /** How many parts some fold learns from: all, or all but the last. */
  readonly learned: number
  readonly #n: number
  readonly #found: FoundParts
  #partOf: NDArray<'uint16'> | undefined

  private constructor(n: number, found: FoundParts) {
    this.#n = n
    this.#found = found
    this.rows = found.rows
    this.learned = found.learned
  }

  /**
   * Finds the parts of n rows.
   *
   * @returns undefined when there are more than 4 parts for each fold and 64: then statistics are cheaper to read fold by
   *   fold
   */
  static find(folds: readonly SplitSides[], n: number): TrainingParts | undefined {
    const most = Math.min(4 * folds.length + 64, mostParts)
    const found = findParts(
      folds.map((fold) => sideOf(fold, n)),
      n,
      most,
    )
    return found && new TrainingParts(n, found)
  }

  /** The number of each row's part, shape (n), in shared memory. */
  get partOf(): NDArray<'uint16'> {
    return (this.#partOf ??= this.#found.labels ?? labelRows(this.rows, this.#n))
  }

  /** The parts that a fold learns from, as runs of their numbers, ascending. */
  learnedBy(fold: number): Run[] {
    const { parts, isTrain } = this.#found.sides[fold]!
    return isTrain ? runsOf(parts) : gapsOf(parts, this.rows.length)
  }

  /** The parts that a fold does not learn from. */
  passedOverBy(fold: number): Run[] {
    const { parts, isTrain } = this.#found.sides[fold]!
    return isTrain ? gapsOf(parts, this.rows.length) : runsOf(parts)
  }

  /** Whether each row is held out by one fold, which learns from all others. */
  get areHeldOutOnce(): boolean {
    const { sides } = this.#found
    const held = new Set(
      sides.map(({ parts, isTrain }) => (!isTrain && parts.length === 1 ? parts[0]! : -1)),
    )
    return held.size === sides.length && !held.has(-1) && held.size === this.rows.length
  }

  /** Frees memory of lists and labels. */
  [Symbol.dispose](): void {
    this.#partOf?.[Symbol.dispose]()
    this.#found.labels?.[Symbol.dispose]()
    this.#found.lists?.[Symbol.dispose]()
  }
}

/** Most parts: their numbers fit 16 bits. */
const mostParts = 2 ** 16

/** The side of a fold that is listed already, not computed from the other one. */
function sideOf(fold: SplitSides, n: number): Side {
  return learnsFromOthers(fold, n)
    ? { rows: fold.test, isTrain: false }
    : { rows: fold.train, isTrain: true }
}

function runsOf(parts: Int32Array): Run[] {
  const runs: [number, number][] = []
  for (const part of parts) {
    const last = runs.at(-1)
    if (last?.[1] === part) last[1]++
    else runs.push([part, part + 1])
  }
  return runs
}

function gapsOf(parts: Int32Array, count: number): Run[] {
  const edges = [0, ...runsOf(parts).flat(), count]
  const gaps: Run[] = []
  for (let i = 0; i < edges.length; i += 2)
    if (edges[i]! < edges[i + 1]!) gaps.push([edges[i]!, edges[i + 1]!])
  return gaps
}

function labelRows(parts: readonly Rows[], n: number): NDArray<'uint16'> {
  const labels = shared([n], 'uint16')
  const { data, offset } = labels
  for (const [part, rows] of parts.entries()) {
    if ('numbers' in rows) for (const row of rows.numbers) data[offset + row] = part
    else for (const [from, to] of rows.ranges) data.fill(part, offset + from, offset + to)
  }
  return labels
}
