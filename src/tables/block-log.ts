/** Blocks of columns in scratch memory, until the number of rows is known. */

import { itemSize, type NDArray, shared } from '../arrays/index.ts'
import type { CodeType } from './columns.ts'
import { readBytes, writeBytes } from './scratch-bytes.ts'

/** The array of a finished column. */
export type ColumnArray = NDArray<'float64' | CodeType>

/** Memory of a column: numbers, or codes of the shortest type that holds them. */
export type ColumnMemory = Float64Array | Int32Array | Int16Array | Int8Array

/** The columns of a block in the order in which they lie, the widest values first. */
export type BlockLayout = readonly BlockColumn[]

/** A column of a block. */
export interface BlockColumn {
  /** Its place in the file. */
  readonly column: number
  /** Bytes of a value. */
  readonly width: 1 | 2 | 4 | 8
}

/** Rows to be logged. */
export interface Block {
  readonly rows: number
  readonly capacity: number
  readonly layout: BlockLayout
  /** All columns one behind the other, with room for `capacity` rows. */
  readonly bytes: Uint8Array
  /** The values of a column, `rows` of them. */
  values(column: number): ColumnMemory
}

/**
 * Keeps blocks in the order of arrival. How many rows will come is known only at the end; until
 * then a column in one piece would have to be moved each time it grows, with two copies in memory
 * while it moves. The log is never moved: {@link BlockLog.layOut} copies it arena by arena into
 * columns of the right length and frees each arena at once.
 */
export class BlockLog {
  readonly #arenas: Arena[] = []
  readonly #scratch: string | undefined
  #bytes = 0

  /** @param scratch - folder whose disk holds the log; default: memory */
  constructor(scratch?: string) {
    this.#scratch = scratch
  }

  /** Copies a block to the end of the log. */
  append(block: Block): void {
    const { rows, layout } = block
    if (rows === 0) return
    let size = 0
    for (const { width } of layout) size += rows * width
    const arena = this.#arenaFor(size)
    if (rows === block.capacity) writeBytes(arena.memory, arena.used, block.bytes)
    else {
      let at = arena.used
      for (const { column, width } of layout) {
        writeBytes(arena.memory, at, bytesOf(block.values(column)))
        at += rows * width
      }
    }
    arena.entries.push({ rows, layout, offset: arena.used, size })
    arena.used = (arena.used + size + 7) & ~7
    this.#bytes += size
  }

  /**
   * Copies each column into its target and frees the log on the way.
   *
   * @param targets - an array for all values of a column, by its place in the file; a column without
   * one is dropped
   * @param pause - is awaited after every block
   */
  async layOut(
    targets: ReadonlyMap<number, ColumnArray>,
    pause: () => Promise<void>,
  ): Promise<void> {
    let image = new Uint8Array(0)
    let row = 0
    for (const { entries, memory } of this.#arenas) {
      for (const { rows, layout, offset, size } of entries) {
        if (image.length < size) image = new Uint8Array(size)
        readBytes(memory, offset, image.subarray(0, size))
        let at = 0
        for (const { column, width } of layout) {
          const target = targets.get(column)
          if (target !== undefined) putValues(target, row, view(image.buffer, at, rows, width))
          at += rows * width
        }
        row += rows
        await pause()
      }
      memory[Symbol.dispose]()
    }
    this.#arenas.length = 0
  }

  /** Frees the log. */
  [Symbol.dispose](): void {
    for (const { memory } of this.#arenas) memory[Symbol.dispose]()
    this.#arenas.length = 0
  }

  #arenaFor(size: number): Arena {
    const last = this.#arenas.at(-1)
    if (last !== undefined && last.used + size <= last.memory.size) return last
    // An eighth of what there is: few arenas, and a small one to hold beside the result.
    const length = Math.max(size, Math.min(largestArena, Math.max(smallestArena, this.#bytes / 8)))
    const memory = shared('uint8', [Math.ceil(length / 4096) * 4096], { scratch: this.#scratch })
    const arena = { memory, entries: [], used: 0 }
    this.#arenas.push(arena)
    return arena
  }
}

interface Arena {
  readonly memory: NDArray<'uint8'>
  readonly entries: Entry[]
  /** Bytes taken; a multiple of 8, so that every block lies aligned. */
  used: number
}

interface Entry {
  readonly rows: number
  readonly layout: BlockLayout
  readonly offset: number
  /** Bytes of the block. */
  readonly size: number
}

const smallestArena = 1 << 20
const largestArena = 32 << 20

/** Copies values to a place in an array, whose dtype may be wider. */
function putValues(target: ColumnArray, start: number, values: ColumnMemory): void {
  const size = itemSize(target.dtype)
  const place = target.offset + start
  // A system call for a few bytes costs more than the page faults that it saves.
  if (values.byteLength < 4096 || values.BYTES_PER_ELEMENT !== size) target.data.set(values, place)
  else writeBytes(target, place * size, bytesOf(values))
}

function bytesOf({ buffer, byteOffset, byteLength }: ColumnMemory): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}

function view(
  buffer: ArrayBufferLike,
  offset: number,
  length: number,
  width: BlockColumn['width'],
): ColumnMemory {
  if (width === 8) return new Float64Array(buffer, offset, length)
  if (width === 4) return new Int32Array(buffer, offset, length)
  if (width === 2) return new Int16Array(buffer, offset, length)
  return new Int8Array(buffer, offset, length)
}
