/** Bytes of files in one mapping, for many files without a disk. */

import assert from 'node:assert/strict'
import { itemSize, type NDArray } from '../../src/arrays/index.ts'
import { createScratch, type Mapping } from '../../src/arrays/internal.ts'
import type { Archive } from '../../src/models/zip/open-archive.ts'
import { type ByteSource, memorySource, readForeignDirectory } from '../../src/zip/internal.ts'

/** A file that was put into memory. */
export interface MappedBytes {
  readonly source: ByteSource
  /** Begins with the bytes of the file; what follows is of files before it. */
  readonly mapping: Mapping
}

/** A mapping that holds one file after the other. */
export class FileMemory {
  readonly mapping: Mapping
  readonly #bytes: Uint8Array
  #size = 0

  /** @param most - bytes of the largest file */
  constructor(most: number) {
    this.mapping = createScratch(most)
    this.#bytes = new Uint8Array(this.mapping.buffer)
  }

  /** Puts a file in the place of the one before. */
  put(bytes: Uint8Array): MappedBytes {
    this.#bytes.set(bytes)
    this.#size = bytes.length
    return { source: memorySource(bytes, 'mutated'), mapping: this.mapping }
  }

  /** {@link put} for a zip archive. */
  archive(bytes: Uint8Array): Archive {
    const { source, mapping } = this.put(bytes)
    return { path: 'mutated', members: readForeignDirectory(source), mapping }
  }

  /** Fails when an array lies elsewhere than in the file, or in memory of its own. */
  requireInside(array: NDArray): void {
    assert.equal(array.toTypedArray().length, array.size)
    if (array.mapping !== this.mapping) return
    assert.ok(array.offset * itemSize(array.dtype) + array.nbytes <= this.#size, 'it lies outside')
  }
}
