/** Reads a file in chunks that end between rows. */

import { readSync } from 'node:fs'
import { CsvFault } from '../csv-fault.ts'

/** Bytes behind the end of a chunk that may be looked at: the line end put there, and padding. */
const padding = 16

/** No row may be longer: the first unclosed quote of a large file would else fill the memory. */
const longestRow = 32 << 20

/**
 * A window on a part of a file that moves forward. The reader says how far it got; what it left,
 * the row that the chunk's end cut in two, stands at the start of the next chunk. The window
 * grows when one row needs it.
 */
export class FileChunks {
  bytes: Uint8Array
  /** The same memory as `bytes`. */
  view: DataView
  /** Number of valid bytes; `bytes[end]` is a line end that isn't in the file. */
  end = 0
  /** Where the last line that ends in this chunk ends; `end` in the last chunk. */
  linesEnd = 0
  /** Whether the part ends with this chunk. */
  final = false
  /** Position in the file of `bytes[0]`. */
  offset: number
  readonly #file: number
  readonly #stop: number
  readonly #newline: number

  /**
   * @param file - descriptor; it stays open
   * @param start - first byte to read
   * @param stop - end of the part
   * @param newline - the byte that ends a line
   * @param chunkBytes - size of the window to begin with
   */
  constructor(file: number, start: number, stop: number, newline: number, chunkBytes: number) {
    this.#file = file
    this.#stop = stop
    this.#newline = newline
    this.offset = start
    this.bytes = new Uint8Array(chunkBytes + padding)
    this.view = new DataView(this.bytes.buffer)
  }

  /**
   * Moves the window on.
   *
   * @param used - how many bytes of the present chunk are done with
   * @returns false when nothing is left
   * @throws CsvFault when a row is too long for memory
   */
  next(used: number): boolean {
    if (this.final) return false
    if (used === 0 && this.end === this.bytes.length - padding) this.#grow()
    this.bytes.copyWithin(0, used, this.end)
    this.offset += used
    this.end -= used
    const room = this.bytes.length - padding - this.end
    const position = this.offset + this.end
    const wanted = Math.min(room, this.#stop - position)
    const got = wanted === 0 ? 0 : readSync(this.#file, this.bytes, this.end, wanted, position)
    this.end += got
    this.bytes[this.end] = this.#newline
    this.final = got === 0 || position + got === this.#stop
    this.linesEnd = this.final ? this.end : this.bytes.lastIndexOf(this.#newline, this.end - 1) + 1
    return this.end > 0
  }

  #grow(): void {
    const size = this.bytes.length - padding
    if (size >= longestRow) {
      throw new CsvFault(
        this.offset,
        (lineOf) =>
          `expected rows of at most ${longestRow >> 20} MiB, got a longer one at line ` +
          `${lineOf(this.offset)}. Is the delimiter or a quote wrong?`,
      )
    }
    const grown = new Uint8Array(size * 2 + padding)
    grown.set(this.bytes.subarray(0, this.end))
    this.bytes = grown
    this.view = new DataView(grown.buffer)
  }
}
