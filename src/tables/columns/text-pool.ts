/** Many texts as bytes, one after the other, in fixed memory. */

/** Bytes of a piece; the first one grows up to that, as most pools stay small. */
const pieceBytes = 1 << 20

/** Places in a piece of the list of places, likewise. */
const pieceStarts = 1 << 14

/**
 * Keeps texts by numbers 0, 1, 2 … A text takes its bytes and four more. Memory that grows by moving
 * would be there twice, and what is given up is not free before it is collected.
 */
export class TextPool {
  /** How many texts there are. */
  size = 0
  /** A text lies in one piece; one that is longer than a piece has a longer one of its own. */
  readonly #pieces: Uint8Array[] = [new Uint8Array(64)]
  /** How much of each piece but the last is taken. */
  readonly #filled: number[] = []
  #used = 0
  /** Low 32 bits of each text's place: its piece, and 20 bits of where in it. */
  readonly #starts: Uint32Array[] = [new Uint32Array(8)]
  /** Texts with which the places go beyond another 32 bits. */
  readonly #wraps: number[] = []

  /** Adds a text; its bytes are copied. */
  add(bytes: Uint8Array, from: number, to: number): void {
    const length = to - from
    const piece = this.#makeRoom(length)
    const start = this.#used
    for (let i = 0; i < length; i++) piece[start + i] = bytes[from + i]!
    this.#used += length
    this.#putStart((this.#pieces.length - 1) * pieceBytes + start)
  }

  /** Whether text `index` has these bytes. */
  equals(index: number, bytes: Uint8Array, from: number, to: number): boolean {
    const place = this.#startOf(index)
    const number = Math.floor(place / pieceBytes)
    const start = place - number * pieceBytes
    if (this.#endOf(index, number) - start !== to - from) return false
    const piece = this.#pieces[number]!
    for (let i = from, p = start; i < to; i++, p++) if (piece[p] !== bytes[i]) return false
    return true
  }

  /** What `use` makes of the bytes of text `index`, from `start` to `end` in `piece`. */
  read<T>(index: number, use: (piece: Uint8Array, start: number, end: number) => T): T {
    const place = this.#startOf(index)
    const number = Math.floor(place / pieceBytes)
    return use(this.#pieces[number]!, place - number * pieceBytes, this.#endOf(index, number))
  }

  #startOf(index: number): number {
    let place = this.#starts[index >>> 14]![index & (pieceStarts - 1)]!
    for (const wrap of this.#wraps) if (index >= wrap) place += 2 ** 32
    return place
  }

  /** Where a text ends in its piece: where the next one starts, or what is taken of the piece. */
  #endOf(index: number, number: number): number {
    if (index + 1 === this.size) return this.#used
    const next = this.#startOf(index + 1) - number * pieceBytes
    return next < pieceBytes ? next : this.#filled[number]!
  }

  /** The last piece, with room for `length` bytes. */
  #makeRoom(length: number): Uint8Array {
    const last = this.#pieces.length - 1
    const piece = this.#pieces[last]!
    // No text starts at the very end of a piece, not even an empty one: its place would be the next's.
    const needed = Math.max(this.#used + 1, this.#used + length)
    if (needed <= piece.length) return piece
    if (last === 0 && needed <= pieceBytes) {
      const grown = new Uint8Array(Math.min(pieceBytes, Math.max(needed, 2 * piece.length)))
      grown.set(piece)
      return (this.#pieces[0] = grown)
    }
    this.#filled[last] = this.#used
    this.#used = 0
    const made = new Uint8Array(Math.max(pieceBytes, length))
    this.#pieces.push(made)
    return made
  }

  #putStart(place: number): void {
    const index = this.size++
    if (place >= (this.#wraps.length + 1) * 2 ** 32) this.#wraps.push(index)
    const last = this.#starts.length - 1
    const starts = this.#starts[last]!
    const at = index & (pieceStarts - 1)
    if (index >>> 14 > last) this.#starts.push(new Uint32Array(pieceStarts))
    else if (at === starts.length) {
      const grown = new Uint32Array(2 * at)
      grown.set(starts)
      this.#starts[last] = grown
    }
    this.#starts.at(-1)![at] = place
  }
}
