/** Sets of byte numbers as ranges. */

import { type DType, itemSize } from './dtype.ts'
import { extentOf, type Layout } from './layout.ts'

/** Bytes from `start` up to, not including, `stop`. */
export type ByteRange = readonly [start: number, stop: number]

/** A set of bytes: ranges, ascending and apart from each other. */
export class ByteRanges {
  #ranges: readonly ByteRange[] = []

  /** Adds a range. Returns the parts of it that are new. */
  add([start, stop]: ByteRange): ByteRange[] {
    if (start >= stop) return []
    const known = this.within([start, stop])
    const added: ByteRange[] = []
    let at = start
    for (const [low, high] of known) {
      if (at < low) added.push([at, low])
      at = high
    }
    if (at < stop) added.push([at, stop])
    if (added.length > 0) this.#join([start, stop])
    return added
  }

  /** The parts of a range that are in the set. */
  within([start, stop]: ByteRange): ByteRange[] {
    return this.#ranges
      .filter(([low, high]) => low < stop && high > start)
      .map(([low, high]) => [Math.max(low, start), Math.min(high, stop)])
  }

  #join([start, stop]: ByteRange): void {
    const apart = this.#ranges.filter(([low, high]) => high < start || low > stop)
    const touching = this.#ranges.filter(([low, high]) => high >= start && low <= stop)
    const first = Math.min(start, ...touching.map(([low]) => low))
    const last = Math.max(stop, ...touching.map(([, high]) => high))
    this.#ranges = [...apart, [first, last] as const].sort(([a], [b]) => a - b)
  }
}

/** The bytes of its buffer that the elements of an array lie in. */
export function bytesOf(array: Layout & { readonly dtype: DType }): [start: number, stop: number] {
  const [start, stop] = extentOf(array)
  const size = itemSize(array.dtype)
  return [start * size, stop * size]
}
