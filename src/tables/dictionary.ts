/** Distinct texts and their codes, found by their bytes. */

/** What {@link Dictionary.find} gives for a text that isn't there. */
export const unknown = -2

/** Code of a missing value. */
const missingCode = -1

/** Where the hash of an empty text starts (FNV-1a). */
export const hashSeed = 0x811c9dc5 | 0

/** Each byte is mixed in with `Math.imul(hash ^ byte, hashPrime)`. */
export const hashPrime = 0x01000193

/**
 * Maps UTF-8 texts to codes 0, 1, 2 … in order of arrival. Texts are kept as bytes, one after
 * another, and become strings only when somebody asks: a hundred million of them fit in memory.
 */
export class Dictionary {
  /** Number of categories: texts with a code of their own. */
  size = 0
  /** Whether any text means "missing". */
  hasMissing = false
  /** Number of texts, with those that mean "missing". */
  #texts = 0
  /** Text `i` is `#pool[#starts[i] … #starts[i + 1]]`. */
  #pool = new Uint8Array(64)
  #starts = new Float64Array(8)
  #codes = new Int32Array(8)
  #hashes = new Int32Array(8)
  /** Open addressing with linear steps; text number + 1, 0 when free; at most half full. */
  #slots = new Int32Array(16)

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
      const text = slots[slot]! - 1
      if (text < 0) return unknown
      if (this.#hashes[text] === hash && this.#equals(text, bytes, from, to))
        return this.#codes[text]!
    }
  }

  /**
   * Adds a text that isn't there yet; its bytes are copied.
   *
   * @param missing - whether it means "missing" instead of a category
   * @returns its code
   */
  add(bytes: Uint8Array, from: number, to: number, hash: number, missing = false): number {
    const text = this.#texts++
    if (2 * this.#texts > this.#slots.length) this.#rehash()
    if (text === this.#codes.length) {
      this.#codes = grow(this.#codes, new Int32Array(text * 2))
      this.#hashes = grow(this.#hashes, new Int32Array(text * 2))
    }
    if (text + 1 === this.#starts.length)
      this.#starts = grow(this.#starts, new Float64Array(text * 2 + 2))
    const start = this.#starts[text]!
    const stop = start + to - from
    if (stop > this.#pool.length) {
      const size = Math.max(stop, this.#pool.length * 1.5)
      this.#pool = grow(this.#pool, new Uint8Array(Math.ceil(size)))
    }
    for (let i = from; i < to; i++) this.#pool[start + i - from] = bytes[i]!
    this.#starts[text + 1] = stop
    this.#hashes[text] = hash
    this.#occupy(text, hash)
    if (missing) this.hasMissing = true
    return (this.#codes[text] = missing ? missingCode : this.size++)
  }

  /** Frees what only adding and finding need. */
  close(): void {
    this.#slots = new Int32Array(0)
    this.#hashes = new Int32Array(0)
  }

  /** The categories as strings, by code. */
  *categories(): Generator<string, void, undefined> {
    const pool = Buffer.from(this.#pool.buffer)
    for (let text = 0; text < this.#texts; text++) {
      if (this.#codes[text]! >= 0)
        yield pool.toString('utf8', this.#starts[text], this.#starts[text + 1])
    }
  }

  #equals(text: number, bytes: Uint8Array, from: number, to: number): boolean {
    const pool = this.#pool
    const start = this.#starts[text]!
    if (this.#starts[text + 1]! - start !== to - from) return false
    for (let i = from, p = start; i < to; i++, p++) if (pool[p] !== bytes[i]) return false
    return true
  }

  #rehash(): void {
    this.#slots = new Int32Array(this.#slots.length * 4)
    for (let text = 0; text < this.#texts - 1; text++) this.#occupy(text, this.#hashes[text]!)
  }

  #occupy(text: number, hash: number): void {
    const mask = this.#slots.length - 1
    let slot = spread(hash) & mask
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
    this.#slots[slot] = text + 1
  }
}

/** The hash of a text, as {@link Dictionary} wants it. */
export function hashBytes(bytes: Uint8Array, from: number, to: number): number {
  let hash = hashSeed
  for (let i = from; i < to; i++) hash = Math.imul(hash ^ bytes[i]!, hashPrime)
  return hash
}

/**
 * Copies into a longer array. `ArrayBuffer.transfer` would save the copy, but once any buffer of a
 * process was detached V8 checks for it at every access to every typed array, at half the speed.
 */
function grow<T extends Int32Array | Float64Array | Uint8Array>(from: T, into: T): T {
  into.set(from)
  return into
}

/** FNV's low bits depend on few of the text's bits; its high bits are better. */
function spread(hash: number): number {
  return hash ^ (hash >>> 15)
}
