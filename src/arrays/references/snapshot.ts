/** Copies of private buffers in scratch memory, released by hand. */

import { native } from '../../native/index.ts'
import { ByteRanges, type ByteRange } from '../layout/byte-ranges.ts'
import { MappingHold } from '../memory/mapping-hold.ts'
import type { NDArray } from '../ndarray/ndarray.ts'
import type { ArrayReference } from './references.ts'
import { trimLater } from '../ndarray/scratch.ts'
import { collectYoungMemory, noteYoungMemory } from '../memory/gc-pressure.ts'

/**
 * The scratch copy of one buffer. It is as long as the buffer, but only the requested parts are copied, each byte once,
 * for any number of views. This thread has no buffer of it, so `release()` frees it at once, without waiting for the
 * garbage collector, and its pages can be used for the next snapshot.
 */
export class Snapshot {
  readonly byteLength: number
  /** Device, inode and length of the memory: what references to it have in common. */
  readonly identity: string
  readonly #id: number
  readonly #fd: number
  readonly #start: number
  readonly #copied = new ByteRanges()
  readonly #hold: MappingHold

  /**
   * @param buffer - what will be copied
   * @throws OneCopyError `ERR_MEMORY` when there is no room, or when too many files are open
   */
  constructor(buffer: ArrayBufferLike) {
    collectYoungMemory()
    // Whole elements of every dtype, so that a typed array over all of it can be made.
    this.byteLength = Math.max(8, Math.ceil(buffer.byteLength / 8) * 8)
    const { id, identity, fd, start, hold } = native.holdScratch(this.byteLength)
    this.#id = id
    this.identity = identity
    this.#fd = fd
    this.#start = start
    this.#hold = new MappingHold(hold)
    trimLater()
  }

  /** Copies `range` of the buffer, except parts that have been copied before. */
  copy(buffer: ArrayBufferLike, range: ByteRange): void {
    for (const [start, stop] of this.#copied.add(range)) {
      native.writeScratch(this.#id, start, new Uint8Array(buffer, start, stop - start))
      noteYoungMemory(stop - start)
    }
  }

  /** Whether the buffer still holds what was copied of `range`. */
  isCurrent(buffer: ArrayBufferLike, range: ByteRange): boolean {
    return this.#copied
      .within(range)
      .every(([start, stop]) =>
        native.hasBytes(this.#id, start, new Uint8Array(buffer, start, stop - start)),
      )
  }

  /**
   * A reference to the copy of an array on the buffer. It can be opened until `release()`; what has been opened stays
   * valid.
   *
   * @param use - `'shared'`: the receiver sees only its own writes; `'shared once'`: the same, and it will probably
   *   not be sent again; `'given'`: the receiver becomes the owner
   */
  refer(array: NDArray, use: 'shared' | 'shared once' | 'given'): ArrayReference {
    const { dtype, shape, strides, offset } = array
    const [id, fd, isOwn] = [this.#id, this.#fd, use !== 'given']
    return {
      dtype,
      shape,
      strides,
      offset,
      mode: isOwn ? 'c' : 'r+',
      own: isOwn,
      given: !isOwn,
      once: use === 'shared once',
      mapping: {
        kind: 'scratch',
        process: native.processToken,
        id,
        mode: 'r+',
        identity: this.identity,
        start: this.#start,
        byteLength: this.byteLength,
        path: `/proc/${process.pid}/fd/${fd}`,
      },
    }
  }

  /** Ends its use in this thread. */
  release(): void {
    this.#hold.release()
  }
}
