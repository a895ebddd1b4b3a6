/** Sets of rows as one bit a row. */

import { rowRanges, type Rows } from '../../arrays/index.ts'
import { rowNumbers, rowRange } from '../../arrays/internal.ts'

/** Some of n rows, as bits: row i is bit i % 8 of byte i / 8. */
export class RowBits {
  readonly bytes: Uint8Array
  readonly #n: number
  #count = 0

  constructor(n: number) {
    this.bytes = new Uint8Array(Math.ceil(n / 8))
    this.#n = n
  }

  /** How many rows there are. */
  get count(): number {
    return this.#count
  }

  has(row: number): boolean {
    return ((this.bytes[row >> 3]! >> (row & 7)) & 1) === 1
  }

  /** Adds rows; returns how many of them were there already. */
  add(rows: Rows): number {
    let known = 0
    const { bytes } = this
    const put = (row: number): void => {
      const bit = 1 << (row & 7)
      if ((bytes[row >> 3]! & bit) === 0) bytes[row >> 3]! |= bit
      else known++
    }
    let given = 0
    if ('numbers' in rows) {
      const { numbers } = rows
      for (let i = 0; i < numbers.length; i++) put(numbers[i]!)
      given = numbers.length
    } else
      for (const [start, stop] of rows.ranges) {
        const [first, last] = [Math.min((start + 7) & ~7, stop), Math.max(stop & ~7, start)]
        for (let row = start; row < first; row++) put(row)
        for (let byte = first >> 3; byte < last >> 3; byte++) {
          // Bytes of eight rows that nobody has added are the rule.
          if (bytes[byte] === 0) bytes[byte] = 255
          else for (let row = byte << 3; row < (byte + 1) << 3; row++) put(row)
        }
        for (let row = Math.max(first, last); row < stop; row++) put(row)
        given += stop - start
      }
    this.#count += given - known
    return known
  }

  /** Leaves out rows that `other` has not. */
  keepOnly(other: RowBits): void {
    const { bytes } = this
    let count = 0
    for (let i = 0; i < bytes.length; i++) {
      bytes[i]! &= other.bytes[i]!
      for (let byte = bytes[i]!; byte !== 0; byte &= byte - 1) count++
    }
    this.#count = count
  }

  /** The rows, ascending: one range when they follow each other, else their numbers. */
  rows(): Rows {
    let first = 0
    while (first < this.#n && !this.has(first)) first++
    let stop = first
    while (stop < this.#n && this.has(stop)) stop++
    if (stop - first === this.#count) return rowRange(first, stop)
    const numbers = new Int32Array(this.#count)
    for (let row = first, at = 0; at < numbers.length; row++) if (this.has(row)) numbers[at++] = row
    return rowNumbers(numbers)
  }
}

/** Rows that are in some of the lists, ascending: ranges when all lists are ranges. */
export function uniteRows(lists: readonly Rows[], n: number): Rows {
  const ranges: [number, number][] = []
  for (const rows of lists) {
    if ('numbers' in rows) {
      const bits = new RowBits(n)
      for (const one of lists) bits.add(one)
      return bits.rows()
    }
    for (const [start, stop] of rows.ranges) ranges.push([start, stop])
  }
  const joined: [number, number][] = []
  for (const [start, stop] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = joined.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], stop)
    else joined.push([start, stop])
  }
  return rowRanges(joined)
}
