/** Splits rows into parts that the same folds learn from. */

import { countRows, type NDArray, rowRanges, type Rows, shared } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'

/** Rows on one side of a fold: what it learns from, or all others. */
export interface Side {
  readonly rows: Rows
  readonly isTrain: boolean
}

/** Numbers of the parts on one side of a fold, ascending. */
export interface PartSide {
  readonly parts: Int32Array
  readonly isTrain: boolean
}

/** Parts of rows. */
export interface FoundParts {
  /** The rows of each part, in the order of their first rows; one that no fold learns from is last. */
  readonly rows: readonly Rows[]
  readonly sides: readonly PartSide[]
  /** How many parts some fold learns from. */
  readonly learned: number
  /** The part of each row, in scratch memory, where row numbers were listed. */
  readonly labels?: NDArray<'uint16'>
  /** What `rows` lists, in scratch memory. */
  readonly lists?: NDArray<'int32'>
}

/**
 * Splits n rows by the sides of folds.
 *
 * @param most - most parts, at most 65536
 * @returns undefined when there are more
 */
export function findParts(sides: readonly Side[], n: number, most: number): FoundParts | undefined {
  return sides.every(({ rows }) => 'ranges' in rows)
    ? findByRanges(sides, n, most)
    : findByRows(sides, n, most)
}

/** Parts of stretches of rows between the ends of all ranges. */
function findByRanges(sides: readonly Side[], n: number, most: number): FoundParts | undefined {
  const ranges = sides.map(({ rows }) => ('ranges' in rows ? rows.ranges : []))
  const edges = [...new Set([0, n, ...ranges.flat(2)])].toSorted((a, b) => a - b)
  const at = new Map(edges.map((edge, i) => [edge, i]))
  const stretches = sides.map(({ isTrain }, k) => ({
    rows: rowRanges(ranges[k]!.map(([start, stop]) => [at.get(start)!, at.get(stop)!] as const)),
    isTrain,
  }))
  const labels = new Int32Array(edges.length - 1)
  const parts = new Refinement(labels, most)
  if (!stretches.every(({ rows }) => parts.split(rows))) return undefined
  const found = numberParts(labels, stretches, most)
  const rows: [number, number][][] = Array.from({ length: found.count }, () => [])
  for (const [i, part] of labels.entries()) rows[part]!.push([edges[i]!, edges[i + 1]!])
  return { ...found, rows: rows.map(rowRanges) }
}

/** Parts of single rows, where some folds list row numbers. */
function findByRows(sides: readonly Side[], n: number, most: number): FoundParts | undefined {
  const room = shared([n], 'int32')
  try {
    const numbers = room.toTypedArray()
    const parts = new Refinement(numbers, most)
    if (!sides.every(({ rows }) => parts.split(rows))) return undefined
    const found = numberParts(numbers, sides, most)
    const labels = shared([n], 'uint16')
    labels.toTypedArray().set(numbers)
    return { ...found, ...listParts(numbers, found.count, sides, found.sides), labels }
  } finally {
    room[Symbol.dispose]()
  }
}

/** Labels of rows, which tell parts apart. */
class Refinement {
  readonly #labels: Int32Array
  readonly #most: number
  readonly #sizes: Int32Array
  readonly #movedTo: Int32Array
  /** The split in which a label was given out or moved to. */
  readonly #madeBy: Int32Array
  readonly #movedBy: Int32Array
  readonly #free: number[] = []
  #next = 1
  #splits = 0

  /** @param labels - of each row, all 0; changed */
  constructor(labels: Int32Array, most: number) {
    this.#labels = labels
    this.#most = most
    const room = (): Int32Array => new Int32Array(2 * most + 2)
    this.#sizes = room()
    this.#movedTo = room()
    this.#madeBy = room()
    this.#movedBy = room()
    this.#sizes[0] = labels.length
  }

  /** Splits every part into what is among some rows and what is not; returns false when there are too many parts. */
  split(rows: Rows): boolean {
    const split = ++this.#splits
    const [labels, sizes, movedTo] = [this.#labels, this.#sizes, this.#movedTo]
    const [madeBy, movedBy] = [this.#madeBy, this.#movedBy]
    const moved: number[] = []
    const put = (i: number): void => {
      const from = labels[i]!
      if (madeBy[from] === split) return
      if (movedBy[from] !== split) {
        movedBy[from] = split
        movedTo[from] = this.#free.pop() ?? this.#next++
        madeBy[movedTo[from]] = split
        moved.push(from)
      }
      labels[i] = movedTo[from]!
      sizes[from]!--
      sizes[movedTo[from]!]!++
    }
    if ('numbers' in rows) for (let i = 0; i < rows.numbers.length; i++) put(rows.numbers[i]!)
    else for (const [start, stop] of rows.ranges) for (let i = start; i < stop; i++) put(i)
    // Labels of parts that have moved as a whole are given out again.
    for (const label of moved) if (sizes[label] === 0) this.#free.push(label)
    return this.#next - this.#free.length <= this.#most
  }
}

/** Numbers parts in the order of their first rows, one that no fold learns from last; says which parts each side has. */
function numberParts(
  labels: Int32Array,
  sides: readonly Side[],
  most: number,
): { readonly count: number; readonly learned: number; readonly sides: PartSide[] } {
  const numbers = new Int32Array(2 * most + 2).fill(-1)
  let count = 0
  for (let i = 0; i < labels.length; i++) {
    if (numbers[labels[i]!] === -1) numbers[labels[i]!] = count++
    labels[i] = numbers[labels[i]!]!
  }
  const parts = sides.map(({ rows }) => partsAmong(labels, rows, count))
  const users = new Int32Array(count).fill(sides.filter(({ isTrain }) => !isTrain).length)
  for (const [k, own] of parts.entries())
    for (const part of own) users[part]! += sides[k]!.isTrain ? 1 : -1
  const unlearned = users.indexOf(0)
  const withSides = (learned: number): { count: number; learned: number; sides: PartSide[] } => ({
    count,
    learned,
    sides: sides.map(({ isTrain }, k) => ({ parts: parts[k]!, isTrain })),
  })
  if (unlearned === -1) return withSides(count)
  const move = (part: number): number =>
    part === unlearned ? count - 1 : part - Number(part > unlearned)
  for (let i = 0; i < labels.length; i++) labels[i] = move(labels[i]!)
  for (const [k, own] of parts.entries()) parts[k] = own.map(move).toSorted()
  return withSides(count - 1)
}

/** Numbers of the parts that some rows are of, ascending. */
function partsAmong(labels: Int32Array, rows: Rows, count: number): Int32Array {
  const seen = new Uint8Array(count)
  if ('numbers' in rows) for (const row of rows.numbers) seen[labels[row]!] = 1
  else
    for (const [start, stop] of rows.ranges) for (let i = start; i < stop; i++) seen[labels[i]!] = 1
  return Int32Array.from([...seen.keys()].filter((part) => seen[part] === 1))
}

/** The rows of each part: those that a fold lists already, the others in scratch memory. */
function listParts(
  labels: Int32Array,
  count: number,
  sides: readonly Side[],
  found: readonly PartSide[],
): Pick<FoundParts, 'rows' | 'lists'> {
  const sizes = new Int32Array(count)
  for (let row = 0; row < labels.length; row++) sizes[labels[row]!]!++
  const own = new Map<number, Rows>()
  for (const [k, { parts }] of found.entries()) {
    const [part] = parts
    if (parts.length === 1 && countRows(sides[k]!.rows) === sizes[part!])
      own.set(part!, sides[k]!.rows)
  }
  const total = sizes.reduce((sum, size, part) => (own.has(part) ? sum : sum + size), 0)
  if (total === 0) return { rows: Array.from(sizes, (_, part) => own.get(part)!) }
  const lists = shared([total], 'int32')
  const numbers = lists.toTypedArray()
  const next = new Int32Array(count).fill(-1)
  let start = 0
  const rows = Array.from(sizes, (size, part): Rows => {
    const given = own.get(part)
    if (given !== undefined) return given
    next[part] = start
    return rowNumbers(numbers.subarray(start, (start += size)))
  })
  for (let row = 0; row < labels.length; row++) {
    const part = labels[row]!
    if (next[part] !== -1) numbers[next[part]!++] = row
  }
  return { rows, lists }
}
