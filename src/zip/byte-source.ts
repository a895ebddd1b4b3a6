/** Reads small parts of a file through one buffer. */

import { readSync } from 'node:fs'
import { damaged } from './damage.ts'

/** The bytes of a file, on disk or in memory. */
export interface ByteSource {
  /** What error texts call the file. */
  readonly path: string
  /** Bytes of the file when it was opened. */
  readonly size: number
  /** Copies bytes from `at` on; returns how many, fewer than asked for at the end of the file. */
  read(at: number, target: Uint8Array): number
}

/** The bytes of an open file, read with `pread`, so that a file that is cut meanwhile can't kill the process. */
export function fileSource(fd: number, size: number, path: string): ByteSource {
  return { path, size, read: (at, target) => readSync(fd, target, 0, target.length, at) }
}

/** The bytes of a file that was read. */
export function memorySource(bytes: Uint8Array, path: string): ByteSource {
  return {
    path,
    size: bytes.length,
    read: (at, target) => {
      const part = bytes.subarray(at, at + target.length)
      target.set(part)
      return part.length
    },
  }
}

/**
 * A part of a file, copied, so that what was checked can't change. Neighbouring parts cost one read.
 *
 * @example
 * ```ts
 * const at = window.need(0, 4)
 * window.view.getUint32(at, true)
 * ```
 */
export class ByteWindow {
  /** The part of the file that was read last. */
  bytes: Buffer
  /** The same, for numbers: faster than methods of Buffer in code that runs for the first time. */
  view: DataView
  readonly source: ByteSource
  readonly #own: Buffer
  #start = 0
  #stop = 0

  /**
   * @param source - the file
   * @param byteLength - how much is read at a time
   */
  constructor(source: ByteSource, byteLength: number) {
    this.source = source
    this.#own = Buffer.allocUnsafeSlow(byteLength)
    this.bytes = this.#own
    this.view = viewOf(this.#own)
  }

  /**
   * Reads bytes `[at, at + length)` unless they are here already.
   *
   * @returns where they begin in `bytes`, until the next call
   * @throws OneCopyError `ERR_FORMAT` when the file ends before them
   */
  need(at: number, length: number): number {
    if (at >= this.#start && at + length <= this.#stop) return at - this.#start
    const bytes = length > this.#own.length ? Buffer.allocUnsafeSlow(length) : this.#own
    if (bytes !== this.bytes) {
      this.bytes = bytes
      this.view = viewOf(bytes)
    }
    this.#start = at
    this.#stop = at + this.#fill(at)
    if (at + length <= this.#stop) return 0
    const { path, size } = this.source
    throw damaged({
      path,
      field: 'the length',
      expected: `at least ${at + length} bytes`,
      got: Math.min(size, this.#stop),
      advice:
        'The file was cut, or is still being written by a program that does not replace it whole.',
    })
  }

  #fill(at: number): number {
    const room = Math.max(0, Math.min(this.bytes.length, this.source.size - at))
    let done = 0
    while (done < room) {
      const count = this.source.read(at + done, this.bytes.subarray(done, room))
      if (count === 0) break
      done += count
    }
    return done
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}
