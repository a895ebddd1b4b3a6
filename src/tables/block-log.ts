/** Blocks of columns, until the number of rows is known. */

import { type NDArray, shared } from '../arrays/index.ts'
import type { CodeType } from './columns.ts'
import { readBytes, writeBytes } from './scratch-bytes.ts'

/** Where a finished column lies. */
export interface ColumnPlace {
  /** An array of shape (rows), or of shape (columns, rows) with several of them. */
  readonly memory: NDArray<'float64' | CodeType>
  /** Which of the several it is. */
  readonly row?: number
  /** Index of its first value in `memory.data`. */
  readonly start: number
}

/** Memory of a column: numbers, or codes of the shortest type that holds them. */
export type ColumnMemory = Float64Array | Int32Array | Int16Array | Int8Array

/** The columns of a block in the order in which they lie. */
export type BlockLayout = readonly BlockColumn[]

/** Columns that are logged together; the log of a wide table is laid out group by group. */
export const groupColumns = 512

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
 * columns of the right length and frees each arena at once. Every group of columns has a log of its
 * own, since short columns share pages, and a few rows of each would take the memory of all.
 */
export class BlockLog {
  readonly #groups = new Map<number, GroupLog>()
  readonly #scratch: string | undefined
  #layout: BlockLayout = []
  /** What each group gets of a block of this layout. */
  #parts: readonly Part[] = []

  /** @param scratch - folder whose disk holds the log; default: memory */
  constructor(scratch?: string) {
    this.#scratch = scratch
  }

  /** Copies a block to the end of the log. */
  append(block: Block): void {
    if (block.layout !== this.#layout) this.#parts = this.#divide(block.layout)
    this.#layout = block.layout
    let place = 0
    for (const { log, layout, rowBytes } of this.#parts) {
      log.append(block, layout, place, rowBytes)
      place += rowBytes * block.capacity
    }
  }

  /**
   * Copies each column into its target and frees the log on the way.
   *
   * @param targets - where all values of a column go, by its place in the file; a column without
   * one is dropped
   * @param pause - is awaited after every block
   */
  async layOut(
    targets: ReadonlyMap<number, ColumnPlace>,
    pause: () => Promise<void>,
  ): Promise<void> {
    for (const group of this.#groups.values()) await group.layOut(targets, pause)
  }

  /** Frees the log. */
  [Symbol.dispose](): void {
    for (const group of this.#groups.values()) group[Symbol.dispose]()
  }

  /** Assigns the columns of a layout to their groups. */
  #divide(layout: BlockLayout): readonly Part[] {
    return [...Map.groupBy(layout, groupOf)].map(([group, columns]) => {
      const log = this.#groups.get(group) ?? new GroupLog(this.#scratch)
      this.#groups.set(group, log)
      const rowBytes = columns.reduce((sum, { width }) => sum + width, 0)
      return { log, layout: columns, rowBytes }
    })
  }
}

/** Neighbouring columns of a block. */
interface Part {
  readonly log: GroupLog
  readonly layout: BlockLayout
  /** Bytes of a row of them. */
  readonly rowBytes: number
}

/** The log of neighbouring columns. */
class GroupLog {
  readonly #arenas: Arena[] = []
  readonly #scratch: string | undefined
  #bytes = 0

  constructor(scratch: string | undefined) {
    this.#scratch = scratch
  }

  /**
   * @param block - holds these columns and others
   * @param layout - these columns
   * @param place - where they lie in the block
   * @param rowBytes - bytes of a row of them
   */
  append(block: Block, layout: BlockLayout, place: number, rowBytes: number): void {
    const { rows, capacity } = block
    if (rows === 0) return
    const size = rows * rowBytes
    const arena = this.#arenaFor(size)
    if (rows === capacity)
      writeBytes(arena.memory, arena.used, block.bytes.subarray(place, place + size))
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

  async layOut(
    targets: ReadonlyMap<number, ColumnPlace>,
    pause: () => Promise<void>,
  ): Promise<void> {
    let image = new Image(0)
    let row = 0
    for (const { entries, memory } of this.#arenas) {
      for (const { rows, layout, offset, size } of entries) {
        if (image.bytes.length < size) image = new Image(size)
        readBytes(memory, offset, image.bytes.subarray(0, size))
        let at = 0
        for (const { column, width } of layout) {
          const target = targets.get(column)
          if (target !== undefined) putValues(target, row, image.values(width), at / width, rows)
          at += rows * width
        }
        row += rows
        await pause()
      }
      memory[Symbol.dispose]()
    }
    this.#arenas.length = 0
  }

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

function groupOf({ column }: BlockColumn): number {
  return Math.floor(column / groupColumns)
}

const smallestArena = 1 << 20
const largestArena = 32 << 20

/** A block read back into private memory. */
class Image {
  readonly bytes: Uint8Array
  readonly #numbers: Float64Array
  readonly #wideCodes: Int32Array
  readonly #middleCodes: Int16Array
  readonly #shortCodes: Int8Array

  constructor(size: number) {
    this.bytes = new Uint8Array((size + 7) & ~7)
    const { buffer } = this.bytes
    this.#numbers = new Float64Array(buffer)
    this.#wideCodes = new Int32Array(buffer)
    this.#middleCodes = new Int16Array(buffer)
    this.#shortCodes = new Int8Array(buffer)
  }

  /** All of it as values of one width. */
  values(width: BlockColumn['width']): ColumnMemory {
    if (width === 8) return this.#numbers
    if (width === 4) return this.#wideCodes
    return width === 2 ? this.#middleCodes : this.#shortCodes
  }
}

/** Copies `count` values from `start` on to row `row` of a column, whose dtype may be wider. */
function putValues(
  target: ColumnPlace,
  row: number,
  values: ColumnMemory,
  start: number,
  count: number,
): void {
  const { data } = target.memory
  const place = target.start + row
  const size = data.BYTES_PER_ELEMENT
  // Few values are copied one by one: a system call, or a view of them, would cost more.
  if (count * size < 4096) for (let i = 0; i < count; i++) data[place + i] = values[start + i]!
  else {
    const part = values.subarray(start, start + count)
    if (part.BYTES_PER_ELEMENT === size) writeBytes(target.memory, place * size, bytesOf(part))
    else data.set(part, place)
  }
}

function bytesOf({ buffer, byteOffset, byteLength }: ColumnMemory): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
