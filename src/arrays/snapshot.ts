/** Copies of private buffers in scratch memory, released by hand. */

import { native } from '../native.ts'
import { ByteRanges, type ByteRange } from './byte-ranges.ts'
import type { NDArray } from './ndarray.ts'
import type { ArrayReference } from './references.ts'
import { trimLater } from './scratch.ts'

/** Frees the memory of snapshots that were dropped without `release()`. */
const dropped = new FinalizationRegistry<number>((id) => native.closeScratch(id))

/**
 * The scratch copy of one buffer: as long as the buffer, but only what was asked for is copied, each byte
 * once, however many views there are. Nobody in this thread sees it, so `release()` ends its use here
 * at once, without waiting for the garbage collector; then its pages may serve the next snapshot.
 */
export class Snapshot {
  readonly byteLength: number
  /** Device, inode and length of the memory: what references to it have in common. */
  readonly identity: string
  readonly #id: number
  readonly #fd: number
  readonly #copied = new ByteRanges()
  #isReleased = false

  /**
   * @param buffer - what will be copied
   * @throws OneCopyError `ERR_MEMORY` when there is no room, or no descriptor left
   */
  constructor(buffer: ArrayBufferLike) {
    // Whole elements of every dtype, so that a typed array over all of it can be made.
    this.byteLength = Math.max(8, Math.ceil(buffer.byteLength / 8) * 8)
    const { id, identity, fd } = native.holdScratch(this.byteLength)
    this.#id = id
    this.identity = identity
    this.#fd = fd
    dropped.register(this, id, this)
    trimLater()
  }

  /** Copies what lies in `range` of the buffer, those parts apart that were copied before. */
  copy(buffer: ArrayBufferLike, range: ByteRange): void {
    for (const [start, stop] of this.#copied.add(range))
      native.writeScratch(this.#id, start, new Uint8Array(buffer, start, stop - start))
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
   * A reference to the copy of an array on the buffer; valid until `release()`, and for those who opened it
   * before as long as they like.
   *
   * @param use - who gets it: `'copyOnWrite'` sees its own writes only, `'given'` is its new owner
   */
  refer(array: NDArray, use: 'copyOnWrite' | 'given'): ArrayReference {
    const { dtype, shape, strides, offset } = array
    const [id, fd, isOwn] = [this.#id, this.#fd, use === 'copyOnWrite']
    return {
      dtype,
      shape,
      strides,
      offset,
      mode: isOwn ? 'c' : 'r+',
      own: isOwn,
      given: !isOwn,
      mapping: {
        kind: 'scratch',
        process: native.processToken,
        id,
        mode: 'r+',
        identity: this.identity,
        path: `/proc/${process.pid}/fd/${fd}`,
      },
    }
  }

  /** Ends its use in this thread. */
  release(): void {
    if (this.#isReleased) return
    this.#isReleased = true
    dropped.unregister(this)
    native.closeScratch(this.#id)
  }
}
