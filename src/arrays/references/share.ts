/** Private arrays copied into scratch memory, each byte once. */

import { native } from '../../native/index.ts'
import { requireKnown } from '../../options.ts'
import { ByteRanges, bytesOf } from '../layout/byte-ranges.ts'
import { typedArrayMaker } from '../layout/dtype.ts'
import type { Mapping } from '../memory/mapping.ts'
import { NDArray } from '../ndarray/ndarray.ts'
import { createScratch, scratchNames, type ScratchOptions } from '../ndarray/scratch.ts'

/** The scratch copy of one buffer: as long as the buffer, but only the copied parts have pages. */
interface BufferCopy {
  readonly mapping: Mapping
  /** What was copied. */
  readonly ranges: ByteRanges
}

/**
 * Remembers which private buffers were copied into scratch memory, so that many views of one buffer
 * cost one copy. The copies are snapshots: later writes to the private memory don't reach them, so
 * an owner makes a new `SharedCopies` for each run. Buffers are remembered weakly.
 *
 * @example
 * ```ts
 * const copies = new SharedCopies()
 * const folds = [X.rows(0, 500), X.rows(500, 1000)].map((fold) => copies.share(fold))
 * folds[0].buffer === folds[1].buffer // true
 * ```
 */
export class SharedCopies {
  readonly #copies = new WeakMap<ArrayBufferLike, BufferCopy>()
  readonly #options: ScratchOptions

  /** @param options - `scratch`: a folder for the copies, when they are larger than memory */
  constructor(options: ScratchOptions = {}) {
    requireKnown('SharedCopies', options, scratchNames)
    this.#options = options
  }

  /**
   * The array in scratch memory: itself when it lies there or in an unchanged file, else a view of
   * the scratch copy with the same shape and strides.
   *
   * @param array - any array; the bytes between its first and last element are copied, unless they
   * were copied before
   * @throws OneCopyError `ERR_MEMORY` when there is no room
   */
  share<D extends NDArray['dtype']>(array: NDArray<D>): NDArray<D> {
    const { dtype, shape, strides, offset } = array
    const [start, stop] = bytesOf(array)
    if (array.mapping?.hasPrivateWrites(start, stop) === false) return array
    const { mapping, ranges } = this.#copyOf(array.buffer)
    for (const [from, to] of ranges.add([start, stop]))
      native.writeScratch(mapping.id, from, new Uint8Array(array.buffer, from, to - from))
    const data = new (typedArrayMaker(dtype))(mapping.buffer)
    return new NDArray(shape, dtype, data, { strides, offset, mapping })
  }

  #copyOf(buffer: ArrayBufferLike): BufferCopy {
    const before = this.#copies.get(buffer)
    if (before !== undefined) return before
    // Whole elements of every dtype, so that a typed array over all of it can be made.
    const bytes = Math.ceil(buffer.byteLength / 8) * 8
    const copy: BufferCopy = {
      mapping: createScratch(bytes, this.#options),
      ranges: new ByteRanges(),
    }
    this.#copies.set(buffer, copy)
    return copy
  }
}

/**
 * Copies a private array into scratch memory, so that workers see it without further copies.
 *
 * @param array - any array; one that workers can see already comes back as it is
 * @param options - `scratch`: a folder for the copy, when it is larger than memory
 * @throws OneCopyError `ERR_MEMORY` when there is no room
 */
export function share<D extends NDArray['dtype']>(
  array: NDArray<D>,
  options: ScratchOptions = {},
): NDArray<D> {
  requireKnown('share', options, scratchNames)
  return new SharedCopies(options).share(array)
}
