/** Opens containers: one mapping for all arrays, or private memory. */

import { fstatSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { itemSize, NDArray } from '../arrays/index.ts'
import {
  cStrides,
  fStrides,
  type Mapping,
  mapWhole,
  requirePath,
  typedArrayMaker,
  withFile,
} from '../arrays/internal.ts'
import { OneCopyError } from '../errors.ts'
import { fileSource, memorySource } from '../zip/internal.ts'
import { requireChecksums } from './checksums.ts'
import type { StoredArray } from './read-array-header.ts'
import { type ContainerContents, readContainer } from './read-container.ts'

/** A container whose arrays can be used. */
export interface OpenContainer extends ContainerContents {
  /** The array of each member, by its name. Writes to it stay in this process. */
  readonly values: ReadonlyMap<string, NDArray>
  /**
   * All bytes: of the mapping, with what this process has written to it, or of the copy. With `verify` or `isSigned` those of the
   * file.
   */
  readonly bytes: Uint8Array
}

/** Options of {@link openContainer}. */
export interface OpenContainerOptions {
  /**
   * Reads the file into private memory, so that nothing that happens to it later matters. Default false: the file is mapped,
   * and whoever may write to it can change the numbers, or end this process by cutting it.
   */
  readonly copy?: boolean
  /** Compares all bytes with their checksums, which reads the whole file. Default false. */
  readonly verify?: boolean
  /**
   * Whether arrays are to hold what the file holds also where this process has written to arrays of it before: then they get a mapping
   * of their own. Default false.
   */
  readonly isUnwritten?: boolean
  /** Whether `bytes` are to be compared with a signature. Default false. */
  readonly isSigned?: boolean
}

/**
 * Opens a container without reading its arrays. They are views of one mapping of the file, which all processes share, and
 * which stays valid when the file is replaced or removed. Opening a file again gives the same memory.
 *
 * @param path - a file of {@link saveContainer}
 * @throws OneCopyError `ERR_FILE` when it can't be opened, `ERR_FORMAT` or `ERR_DTYPE` when it is no sound container,
 * `ERR_MEMORY` when there is no room for it
 */
export async function openContainer(
  path: string,
  options: OpenContainerOptions = {},
): Promise<OpenContainer> {
  const { copy = false, verify = false, isSigned = false, isUnwritten = false } = options
  const container = copy ? copyFile(path) : mapContainer(path, verify || isSigned, isUnwritten)
  if (verify) await requireChecksums(container)
  return container
}

/** Reads what a container holds, without mapping it; {@link openContainer} says what is refused. */
export function describeContainer(path: string): ContainerContents {
  return withContainer(path, (contents) => contents)
}

/** Opens a file, reads what it holds, runs `use` and closes it. */
function withContainer<T>(path: string, use: (contents: ContainerContents, fd: number) => T): T {
  requirePath(path)
  const file = resolve(path)
  return withFile(file, 'c', (fd) =>
    use(readContainer(fileSource(fd, fstatSync(fd).size, file)), fd),
  )
}

/**
 * @param ofFile - whether `bytes` are those of the file also where this process has written to its pages
 * @param isUnwritten - whether its arrays are
 */
function mapContainer(path: string, ofFile: boolean, isUnwritten: boolean): OpenContainer {
  return withContainer(path, (contents, fd) => {
    const { path: file, size } = contents
    const source = { kind: 'file', mode: 'c', path: file } as const
    const known = mapWhole(fd, source, size)
    const isFresh = isUnwritten && known.hasPrivateWrites(0, size)
    const mapping = isFresh ? mapWhole(fd, source, size, { fresh: true }) : known
    const container = withValues(contents, mapping.buffer, mapping)
    if (!ofFile || !mapping.hasPrivateWrites(0, size)) return container
    return {
      ...container,
      bytes: new Uint8Array(mapWhole(fd, source, size, { fresh: true }).buffer),
    }
  })
}

function copyFile(path: string): OpenContainer {
  return withContainer(path, ({ path: file, size }, fd) => {
    const buffer = allocate(file, size)
    const bytes = new Uint8Array(buffer)
    for (let at = 0; at < size;) {
      const count = readSync(fd, bytes, at, Math.min(size - at, readBytes), at)
      if (count === 0) break
      at += count
    }
    // Once more: what was checked before may have been changed while it was copied.
    const contents = readContainer(memorySource(bytes, file))
    return withValues(contents, buffer)
  })
}

/** The most that one call of the system reads. */
const readBytes = 2 ** 30

function allocate(path: string, size: number): ArrayBuffer {
  try {
    return new ArrayBuffer(size)
  } catch (cause) {
    throw new OneCopyError(
      'ERR_MEMORY',
      `No room for a copy of ${path}, ${size} bytes, in private memory. Open it without \`copy\`, which maps it.`,
      { cause, details: { path, size } },
    )
  }
}

/** The arrays of a container over its bytes. */
export function withValues(
  contents: ContainerContents,
  buffer: ArrayBufferLike,
  mapping?: Mapping,
): OpenContainer {
  // One typed array for each dtype, whatever the number of arrays.
  const memory = new Map<string, NodeJS.TypedArray>()
  const view = (stored: StoredArray): NDArray => {
    const { dtype, shape, dataOffset, fortranOrder } = stored
    const bytes = itemSize(dtype)
    const data = (memory.get(dtype) ??
      new (typedArrayMaker(dtype))(
        buffer,
        0,
        Math.floor(buffer.byteLength / bytes),
      )) as NDArray['data']
    memory.set(dtype, data)
    const strides = (fortranOrder ? fStrides : cStrides)(shape)
    return new NDArray(shape, dtype, data, { strides, offset: dataOffset / bytes, mapping })
  }
  const values = new Map(contents.arrays.map((stored) => [stored.name, view(stored)]))
  return { ...contents, values, bytes: new Uint8Array(buffer) }
}
