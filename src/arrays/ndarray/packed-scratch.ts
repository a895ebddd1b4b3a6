/** Packs many small arrays into few segments of scratch memory. */

import { type DType, itemSize, typedArrayMaker } from '../layout/dtype.ts'
import { countElements } from '../layout/layout.ts'
import type { Mapping } from '../memory/mapping.ts'
import { NDArray } from './ndarray.ts'
import { createScratch, shared } from './scratch.ts'

/** Bytes in a mapping, from `start` on; zeros. */
export interface ScratchPlace {
  readonly mapping: Mapping
  /** A multiple of 64. */
  readonly start: number
}

/**
 * Scratch memory for the arrays of one file. A process can have some 65,000 maps, and a file may have more arrays, so small
 * arrays share segments. A segment is freed with its last array, and is at most as large as all that was taken before it.
 */
export class PackedScratch {
  #segment: Mapping | undefined
  #used = 0
  #taken = 0

  /**
   * Takes memory.
   *
   * @throws OneCopyError `ERR_MEMORY`
   */
  take(bytes: number): ScratchPlace {
    return this.#pack(bytes) ?? { mapping: createScratch(bytes), start: 0 }
  }

  /**
   * Makes an array of zeros.
   *
   * @throws OneCopyError `ERR_MEMORY`
   */
  array<D extends DType>(shape: readonly number[], dtype: D): NDArray<D> {
    const size = itemSize(dtype)
    const place = this.#pack(countElements(shape) * size)
    if (place === undefined) return shared(shape, dtype)
    const { mapping, start } = place
    const data = new (typedArrayMaker(dtype))(mapping.buffer)
    return new NDArray(shape, dtype, data, { mapping, offset: start / size })
  }

  /** A place for few bytes; undefined for many. */
  #pack(bytes: number): ScratchPlace | undefined {
    const room = Math.min(Math.max(this.#taken, leastBytes), mostBytes)
    this.#taken += bytes
    if (bytes > room / 4) return undefined
    if (this.#segment === undefined || this.#used + bytes > this.#segment.byteLength) {
      this.#segment = createScratch(Math.floor(room / alignment) * alignment)
      this.#used = 0
    }
    const start = this.#used
    this.#used += Math.ceil(bytes / alignment) * alignment
    return { mapping: this.#segment, start }
  }
}

const alignment = 64
const leastBytes = 2 ** 16
const mostBytes = 2 ** 26
