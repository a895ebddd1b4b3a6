/** Writes many small pieces to a file in few large ones. */

import { writeSync } from 'node:fs'
import type { PendingFile } from '../pending-file.ts'

/** Bytes of a large piece. While one is written the next is filled. */
const pieceBytes = 2 * 2 ** 20
/** What a small file needs: to ask the system for large pieces would take most of its time. */
const firstBytes = 16 * 1024

/**
 * Writes a file by few large pieces.
 *
 * @param file - new and empty; stays the caller's. When this ends, also by an error, nothing is being written to it: the number
 * of a descriptor that is closed meanwhile may be that of another file
 */
export async function writeGathered(
  file: PendingFile,
  write: (output: GatheringFile) => Promise<void>,
): Promise<void> {
  const output = new GatheringFile(file)
  try {
    await write(output)
    await output.flush()
  } finally {
    await output.settle()
  }
}

const none = Buffer.alloc(0)

/** The end of a new file. What is appended is copied, so that its memory may change or go away afterwards. */
export class GatheringFile {
  /** How many bytes have been appended. */
  length = 0
  readonly #file: PendingFile
  #piece: Buffer = Buffer.allocUnsafeSlow(firstBytes)
  /** The piece that is being written, or was. */
  #other: Buffer | undefined
  #filled = 0
  /** Bytes for places that were written already. */
  readonly #late: [at: number, bytes: Uint8Array][] = []
  #writing: Promise<void> = Promise.resolve()

  /** @param file - new and empty; stays the caller's */
  constructor(file: PendingFile) {
    this.#file = file
  }

  /**
   * Appends bytes.
   *
   * @param onCopy - called with each part as it will be written
   */
  async append(bytes: Uint8Array, onCopy?: (part: Uint8Array) => void): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      if (this.#filled === this.#piece.length) await this.#makeRoom()
      const count = Math.min(bytes.length - at, this.#piece.length - this.#filled)
      const part = this.#piece.subarray(this.#filled, this.#filled + count)
      part.set(bytes.subarray(at, at + count))
      onCopy?.(part)
      at += count
      this.#filled += count
      this.length += count
    }
  }

  /** Puts bytes in the place of as many that were appended before. */
  overwrite(at: number, bytes: Uint8Array): void {
    const place = at - (this.length - this.#filled)
    if (place >= 0) this.#piece.set(bytes, place)
    else this.#late.push([at, bytes])
  }

  /** Waits until all that was appended is in the file. */
  async flush(): Promise<void> {
    await this.#startPiece()
    await this.#writing
    for (const [at, bytes] of this.#late)
      for (let done = 0; done < bytes.length;)
        done += writeSync(this.#file.fd, bytes, done, bytes.length - done, at + done)
  }

  /** Waits until no bytes are on their way to the file. */
  async settle(): Promise<void> {
    // Its failure was thrown by whoever waited for it, or another error came first.
    await this.#writing.catch(() => {})
  }

  /** The piece is full: it is written, or a larger one takes its place. */
  async #makeRoom(): Promise<void> {
    if (this.#piece.length === pieceBytes) await this.#startPiece()
    if (this.#piece.length === pieceBytes) return
    const larger = Buffer.allocUnsafeSlow(pieceBytes)
    larger.set(this.#piece.subarray(0, this.#filled))
    this.#piece = larger
  }

  async #startPiece(): Promise<void> {
    await this.#writing
    const piece = this.#piece
    const full = piece.subarray(0, this.#filled)
    this.#piece = this.#other ?? none
    this.#other = piece.length === pieceBytes ? piece : undefined
    this.#filled = 0
    this.#writing = this.#file.write(full)
    // Whoever waits for it next sees its failure.
    this.#writing.catch(() => {})
  }
}
