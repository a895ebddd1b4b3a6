/** Estimates how much memory a result keeps. */

import { isAnyArrayBuffer } from 'node:util/types'
import { NDArray } from '../../arrays/index.ts'
import { isSparse } from '../../objects/internal.ts'

/** Of a longer list, and of more values in all, a part is looked at and the rest counted as alike. */
const mostLooks = 1000

/** What a number takes in an array, and roughly an object without its members. */
const wordBytes = 8
const objectBytes = 32

/**
 * Estimates the bytes that a result keeps in memory, its arrays exactly: of an array in a mapping what it
 * refers to, of one in private memory the whole buffer. Objects and lists are looked through, long ones in part.
 */
export function sizeOfResult(value: unknown): number {
  if (typeof value === 'string') return objectBytes + 2 * value.length
  if (typeof value !== 'object' || value === null) return wordBytes
  return new Measure().take(value)
}

/** One pass over one value. */
class Measure {
  readonly #seen = new Set<object>()
  #looks = 0

  take(value: unknown): number {
    if (typeof value === 'string') return objectBytes + 2 * value.length
    if (typeof value !== 'object' || value === null) return wordBytes
    if (this.#seen.has(value)) return wordBytes
    this.#seen.add(value)
    if (value instanceof NDArray) {
      return objectBytes + (value.mapping === undefined ? this.#once(value.buffer) : value.nbytes)
    }
    if (ArrayBuffer.isView(value)) return objectBytes + this.#once(value.buffer)
    if (isAnyArrayBuffer(value)) return value.byteLength
    if (Array.isArray(value) && !isSparse(value)) return this.#sum(value, value.length)
    if (value instanceof Map) return this.#sum(pairs(value), 2 * value.size)
    if (value instanceof Set) return this.#sum(value, value.size)
    const members = Object.values(value)
    return this.#sum(members, members.length)
  }

  /** Several views of a buffer keep it once. */
  #once(buffer: ArrayBufferLike): number {
    if (this.#seen.has(buffer)) return 0
    this.#seen.add(buffer)
    return buffer.byteLength
  }

  #sum(members: Iterable<unknown>, length: number): number {
    let bytes = 0
    let looks = 0
    for (const member of members) {
      if (this.#looks >= mostLooks) break
      this.#looks++
      looks++
      bytes += this.take(member)
    }
    const rest = looks === 0 ? length * wordBytes : (bytes / looks) * (length - looks)
    return objectBytes + bytes + rest
  }
}

function* pairs(map: ReadonlyMap<unknown, unknown>): Generator {
  for (const [key, value] of map) {
    yield key
    yield value
  }
}
