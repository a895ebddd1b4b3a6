/** Finds values at positions of the sorted columns, in bounded memory. */

import { countRows, type Rows } from '../../arrays/index.ts'
import type { Features } from '../inputs/feature-input.ts'
import { readBlocks, type RowBlock } from '../inputs/row-blocks.ts'
import { requireKeptWeights } from '../inputs/weights.ts'
import { bitsOf, greatestKey, leastKey, lowerKey, upperKey, valueOfKeys } from './float-keys.ts'
import { explainInfinite, explainNonFinite } from './non-finite.ts'

/** The rows and columns that are sorted. */
export interface SortedColumns {
  readonly X: Features
  /** Rows without those of weight 0. */
  readonly rows: Rows
  readonly weights: Float64Array | null
  /** Whether NaN is left out; otherwise it is refused. */
  readonly skipMissing: boolean
  /** A number that stands for a missing value, beside NaN; default: none. */
  readonly missing?: number | undefined
}

/**
 * Positions to find in one sorted column, ascending: at position t stands the least value such that the weights of
 * all values up to it sum to more than t.
 *
 * @param weight - sum of the weights of the column, without NaN; 0 when there is no value
 */
export type Positions = (weight: number) => ArrayLike<number>

/** What was found in a column. */
export interface SelectedValues {
  /** Values at the positions; none when the column has no value. */
  readonly values: Float64Array
  /** Sum of the weights of the column, without NaN. */
  readonly weight: number
}

/** Columns that are searched together. */
const columnsPerGroup = 8

/** Parts that a range of keys is counted in. */
const parts = 1 << 16

/** Most values that are held and sorted at a time, for all columns of a group together. */
const mostValues = 1 << 20

/** Most ranges that are counted in parts in one pass. */
const mostCounts = 8

/**
 * Finds values at positions of each sorted column: the exact values, as if the column had been sorted. Nothing is
 * sorted as a whole. A pass over the rows counts how many values fall into each of 65,536 ranges of the bits of
 * float64; the ranges that hold the wanted positions are collected and sorted in a later pass, or counted more finely
 * when they hold too many values. Memory doesn't depend on the number of rows: at most about 30 MB for 8 columns at a
 * time. Passes over the rows for each 8 columns: one for up to 131,072 values, else two; up to five when most values
 * agree in all but their last bits, and one more for every million values that lie in ranges with wanted positions.
 *
 * @returns for each column, the values at its positions
 * @throws OneCopyError `ERR_VALUE` for infinity, and for NaN unless it is skipped
 */
export async function selectSorted(
  sorted: SortedColumns,
  positions: Positions,
): Promise<SelectedValues[]> {
  const columns = sorted.X.shape[1]
  const found: SelectedValues[] = []
  for (let start = 0; start < columns; start += columnsPerGroup) {
    const range = [start, Math.min(start + columnsPerGroup, columns)] as const
    found.push(...(await new ColumnGroup(sorted, range, positions).select()))
  }
  return found
}

/** A range of keys in one column: of upper keys, or of the lower keys that belong to one upper key. */
interface Segment {
  readonly column: number
  /** The upper key of all values, when the range is one of lower keys. */
  readonly upper: number | undefined
  readonly low: number
  readonly high: number
  /** Sum of the weights of smaller values. */
  readonly before: number
  /** Number of values. */
  readonly count: number
  /** Which positions lie in it: numbers from `from` up to `to`. */
  readonly from: number
  readonly to: number
}

/** What one pass gathers about a segment. */
interface Gathered {
  readonly segment: Segment
  /** Values and weights, when they are collected. */
  readonly values?: Float64Array
  readonly weights?: Float64Array
  filled: number
  /** Counts and weights of the parts, when they are counted. */
  readonly counts?: Float64Array
  readonly sums?: Float64Array
}

class ColumnGroup {
  readonly #sorted: SortedColumns
  readonly #range: readonly [number, number]
  readonly #positions: Positions
  readonly #wanted: (Float64Array | undefined)[]
  readonly #found: { values: Float64Array; weight: number }[] = []

  constructor(sorted: SortedColumns, range: readonly [number, number], positions: Positions) {
    this.#sorted = sorted
    this.#range = range
    this.#positions = positions
    this.#wanted = Array.from({ length: range[1] - range[0] })
  }

  async select(): Promise<SelectedValues[]> {
    const count = countRows(this.#sorted.rows)
    let pending: Segment[] = this.#wanted.map((_, column) => {
      const all = { low: leastKey, high: greatestKey, upper: undefined }
      return { column, ...all, before: 0, count, from: 0, to: Infinity }
    })
    while (pending.length > 0) {
      const { chosen, waiting } = this.#choose(pending)
      await this.#pass(chosen)
      pending = [...chosen.flatMap((one) => this.#resolve(one)), ...waiting]
    }
    return this.#found
  }

  /** Takes as many segments into the next pass as fit into memory. */
  #choose(pending: readonly Segment[]): { chosen: Gathered[]; waiting: Segment[] } {
    const chosen: Gathered[] = []
    const waiting: Segment[] = []
    const isWeighted = this.#sorted.weights !== null
    let values = 0
    let counts = 0
    for (const segment of pending) {
      const { count } = segment
      const isWhole = segment.to === Infinity
      // All columns of a group begin alike, so that one pass does for them.
      const fits = isWhole ? count * pending.length <= mostValues : count <= mostValues
      if (fits && values + count <= mostValues) {
        values += count
        const weights = isWeighted ? { weights: new Float64Array(count) } : {}
        chosen.push({ segment, values: new Float64Array(count), ...weights, filled: 0 })
      } else if (!fits && counts < mostCounts) {
        counts++
        const sums = isWeighted ? { sums: new Float64Array(parts) } : {}
        chosen.push({ segment, counts: new Float64Array(parts), ...sums, filled: 0 })
      } else waiting.push(segment)
    }
    return { chosen, waiting }
  }

  /** Reads all rows once. */
  async #pass(chosen: readonly Gathered[]): Promise<void> {
    const { X, rows, weights, skipMissing, missing } = this.#sorted
    const width = this.#wanted.length
    const isFirst = this.#found.length === 0
    for await (const block of readBlocks(X, rows, { columns: this.#range, missing })) {
      const bits = bitsOf(block.values)
      // The memory of weights may have been moved away meanwhile.
      requireKeptWeights(weights, X.shape[0])
      if (isFirst)
        requireNumbers(block.values, skipMissing, () =>
          skipMissing ? explainInfinite(X, [rows]) : explainNonFinite(X, null, [rows]),
        )
      for (const one of chosen) {
        if (one.values === undefined) countBlock(one, block, bits, width, weights)
        else collectBlock(one, block, bits, width, weights)
      }
    }
  }

  /** Uses what was gathered: finds values, or returns smaller segments that hold the wanted positions. */
  #resolve(one: Gathered): Segment[] {
    const { column } = one.segment
    const wanted = (this.#wanted[column] ??= this.#want(column, totalOf(one)))
    const found = this.#found[column]!.values
    const segment = { ...one.segment, to: Math.min(one.segment.to, wanted.length) }
    if (one.values !== undefined) {
      fill(found, wanted, segment, one)
      return []
    }
    return split(one, segment, wanted, found)
  }

  #want(column: number, weight: number): Float64Array {
    const wanted = Float64Array.from(weight > 0 ? this.#positions(weight) : [])
    this.#found[column] = { values: new Float64Array(wanted.length), weight }
    return wanted
  }
}

function totalOf({ filled, values, weights, counts, sums }: Gathered): number {
  if (values !== undefined) return weights?.subarray(0, filled).reduce((a, b) => a + b, 0) ?? filled
  return (sums ?? counts)!.reduce((a, b) => a + b, 0)
}

function requireNumbers(values: Float64Array, skipMissing: boolean, explain: () => Error): void {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value - value !== 0 && !(skipMissing && Number.isNaN(value))) throw explain()
  }
}

function countBlock(
  { segment, counts, sums }: Gathered,
  { count, rowAt }: RowBlock,
  bits: Uint32Array,
  width: number,
  weights: Float64Array | null,
): void {
  const { low, high, upper, column } = segment
  const scale = partsOf(segment)
  for (let i = 0, at = column; i < count; i++, at += width) {
    const first = upperKey(bits, at)
    if (upper !== undefined && first !== upper) continue
    const key = upper === undefined ? first : lowerKey(bits, at)
    if (key < low || key > high) continue
    const part = Math.floor((key - low) / scale)
    counts![part]!++
    if (sums !== undefined) sums[part]! += weights![rowAt(i)]!
  }
}

function collectBlock(
  one: Gathered,
  { count, rowAt, values }: RowBlock,
  bits: Uint32Array,
  width: number,
  weights: Float64Array | null,
): void {
  const { low, high, upper, column } = one.segment
  for (let i = 0, at = column; i < count; i++, at += width) {
    const first = upperKey(bits, at)
    if (upper !== undefined && first !== upper) continue
    const key = upper === undefined ? first : lowerKey(bits, at)
    if (key < low || key > high) continue
    one.values![one.filled] = values[at]!
    if (weights !== null) one.weights![one.filled] = weights[rowAt(i)]!
    one.filled++
  }
}

/** Number of keys in each part of a segment. */
function partsOf({ low, high }: Segment): number {
  return Math.ceil((high - low + 1) / parts)
}

/** Finds the positions of a segment whose values were collected. */
function fill(
  found: Float64Array,
  wanted: Float64Array,
  { before, from, to }: Segment,
  one: Gathered,
): void {
  const values = one.values!.subarray(0, one.filled)
  if (one.weights === undefined) {
    values.sort()
    for (let t = from; t < to; t++)
      found[t] = positive(values[Math.min(Math.floor(wanted[t]! - before), values.length - 1)]!)
    return
  }
  const order = Uint32Array.from(values.keys()).sort((a, b) => values[a]! - values[b]!)
  let sum = before
  let t = from
  for (const at of order) {
    sum += one.weights[at]!
    while (t < to && sum > wanted[t]!) found[t++] = positive(values[at]!)
  }
  // Sums in another order may differ in their last digits.
  while (t < to) found[t++] = positive(values[order.at(-1)!]!)
}

/** Turns minus zero into zero. */
function positive(value: number): number {
  return value + 0
}

/** Splits a counted segment into those parts that hold wanted positions. */
function split(
  one: Gathered,
  segment: Segment,
  wanted: Float64Array,
  found: Float64Array,
): Segment[] {
  const { column, low, high, upper, to } = segment
  const { counts, sums = counts } = one
  const scale = partsOf(segment)
  const smaller: Segment[] = []
  let before = segment.before
  let t = segment.from
  const last = counts!.findLastIndex((count) => count > 0)
  for (let part = 0; t < to && part <= last; part++) {
    const after = before + sums![part]!
    const from = t
    // Sums in another order may differ in their last digits, so the last part takes what is left.
    const limit = part === last ? Infinity : after
    while (t < to && wanted[t]! < limit) t++
    if (t > from) {
      const start = low + part * scale
      const end = Math.min(start + scale - 1, high)
      const range = { column, before, count: counts![part]!, from, to: t }
      if (start < end) smaller.push({ ...range, upper, low: start, high: end })
      else if (upper === undefined)
        smaller.push({ ...range, upper: start, low: 0, high: 0xffffffff })
      else found.fill(valueOfKeys(upper, start), from, t)
    }
    before = after
  }
  return join(smaller)
}

/** Joins neighbours that can be collected together, so that one pass sorts them. */
function join(segments: readonly Segment[]): Segment[] {
  const joined: Segment[] = []
  for (const segment of segments) {
    const last = joined.at(-1)
    const adjacent =
      last !== undefined && last.upper === segment.upper && last.high + 1 === segment.low
    if (adjacent && last.count + segment.count <= mostValues / 8)
      joined[joined.length - 1] = {
        ...last,
        high: segment.high,
        count: last.count + segment.count,
        to: segment.to,
      }
    else joined.push(segment)
  }
  return joined
}
