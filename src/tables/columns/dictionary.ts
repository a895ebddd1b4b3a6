/** Distinct texts and their codes, looked up by their bytes. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { TextPool } from './text-pool.ts'

/** What {@link Dictionary.find} gives for a text that isn't there. */
export const unknown = -2

/** Code of a missing value. */
const missingCode = -1

/** Where the hash of an empty text starts (FNV-1a). */
export const hashSeed = 0x811c9dc5 | 0

/** Each byte is mixed in with `Math.imul(hash ^ byte, hashPrime)`. */
export const hashPrime = 0x01000193

/** Slots from which on they lie in scratch memory, which is free as soon as they are outgrown. */
const scratchSlots = 1 << 16

/**
 * Maps UTF-8 texts to codes 0, 1, 2 … in order of arrival. Texts are kept as bytes and become strings
 * only when somebody asks: a hundred million of them fit in memory. Beside a text's bytes it takes 4
 * for its place and, until it is closed, 5 to 11 for its slots.
 */
export class Dictionary {
  /** Whether any text means "missing". */
  hasMissing = false
  readonly #texts = new TextPool()
  /** Texts that mean "missing", ascending. */
  readonly #missing: number[] = []
  /**
   * Open addressing with linear steps, at most three quarters full. A slot is 0 when free; else as many
   * low bits as number the slots are the text's number + 1, and the rest are those of its hash.
   */
  #slots = new Int32Array(16)
  #memory: NDArray | undefined

  /** Number of categories: texts with a code of their own. */
  get size(): number {
    return this.#texts.size - this.#missing.length
  }

  /**
   * Looks a text up.
   *
   * @param bytes - memory that holds it
   * @param from - its first byte
   * @param to - its end
   * @param hash - of its bytes, see {@link hashBytes}
   * @returns its code, or {@link unknown}
   */
  find(bytes: Uint8Array, from: number, to: number, hash: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    for (let slot = spread(hash) & mask; ; slot = (slot + 1) & mask) {
      const entry = slots[slot]!
      if (entry === 0) return unknown
      if (((entry ^ hash) & ~mask) !== 0) continue
      const text = (entry & mask) - 1
      if (this.#texts.equals(text, bytes, from, to))
        return this.#missing.length === 0 ? text : this.#codeOf(text)
    }
  }

  /**
   * Adds a text that isn't there yet; its bytes are copied.
   *
   * @param missing - whether it means "missing" instead of a category
   * @returns its code
   */
  add(bytes: Uint8Array, from: number, to: number, hash: number, missing = false): number {
    const text = this.#texts.size
    if (4 * (text + 1) > 3 * this.#slots.length) this.#rehash()
    this.#texts.add(bytes, from, to)
    this.#occupy(text, hash)
    if (!missing) return this.size - 1
    this.hasMissing = true
    this.#missing.push(text)
    return missingCode
  }

  /** Frees what only adding and finding need. */
  close(): void {
    this.#makeSlots(0)
  }

  /** The categories as strings, by code. */
  *categories(): Generator<string, void, undefined> {
    const missing = new Set(this.#missing)
    for (let text = 0; text < this.#texts.size; text++)
      if (!missing.has(text)) yield this.#texts.read(text, decode)
  }

  /** A text's number without the missing ones before it. */
  #codeOf(text: number): number {
    const missing = this.#missing
    let before = 0
    for (let above = missing.length; before < above;) {
      const middle = (before + above) >>> 1
      if (missing[middle]! < text) before = middle + 1
      else above = middle
    }
    return missing[before] === text ? missingCode : text - before
  }

  #rehash(): void {
    this.#makeSlots(2 * this.#slots.length)
    for (let text = 0; text < this.#texts.size; text++)
      this.#occupy(text, this.#texts.read(text, hashBytes))
  }

  #makeSlots(count: number): void {
    this.#memory?.[Symbol.dispose]()
    if (count < scratchSlots) {
      this.#memory = undefined
      this.#slots = new Int32Array(count)
    } else {
      const memory = shared([count], 'int32')
      this.#memory = memory
      this.#slots = memory.data as Int32Array<ArrayBuffer>
    }
  }

  #occupy(text: number, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = spread(hash) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = (hash & ~mask) | (text + 1)
  }
}

/** The hash of a text, as {@link Dictionary} wants it. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = hashSeed
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, hashPrime)
  return hash
}

function decode({ buffer }: Uint8Array, start: number, end: number): string {
  return Buffer.from(buffer, start, end - start).toString('utf8')
}

/** FNV's low bits depend on few of the text's bits; its high bits are better. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15)
}
