/** Blocks of neighbouring columns in scratch memory. */

import { type NDArray, shared } from '../../arrays/index.ts'
import { bytesOf, MemoryViews, putValues } from './column-memory.ts'
import type { Block, BlockLayout, ColumnPlace } from './block-layout.ts'
import { writeBytes } from '../columns/scratch-bytes.ts'

/** The log of neighbouring columns. */
export class GroupLog {
  readonly #arenas: Arena[] = []
  readonly #scratch: string | undefined
  #bytes = 0

  constructor(scratch: string | undefined) {
    this.#scratch = scratch
  }

  /**
   * @param block - holds these columns and others
   * @param row - number of its first row
   * @param layout - these columns
   * @param place - where they lie in the block
   * @param rowBytes - bytes of a row of them
   */
  append(block: Block, row: number, layout: BlockLayout, place: number, rowBytes: number): void {
    const { rows, packed } = block
    if (rows === 0) return
    const size = rows * rowBytes
    const arena = this.#arenaFor(size)
    if (packed !== undefined)
      writeBytes(arena.memory, arena.used, packed.subarray(place, place + size))
    else {
      // A few rows of a million columns would be as many system calls.
      const gathered = rows <= shortColumn ? new Uint8Array(size) : undefined
      let at = 0
      for (const { column, width } of layout) {
        const bytes = bytesOf(block.values(column))
        if (gathered === undefined) writeBytes(arena.memory, arena.used + at, bytes)
        else gathered.set(bytes, at)
        at += rows * width
      }
      if (gathered !== undefined) writeBytes(arena.memory, arena.used, gathered)
    }
    arena.entries.push({ row, rows, layout, offset: arena.used })
    arena.used = (arena.used + size + 7) & ~7
    this.#bytes += size
  }

  async layOut(
    targets: ReadonlyMap<number, ColumnPlace>,
    pause: () => Promise<void>,
  ): Promise<void> {
    for (const { entries, memory } of this.#arenas) {
      const views = new MemoryViews(memory.buffer)
      for (const { row, rows, layout, offset } of entries) {
        let at = offset
        for (const one of layout) {
          const { column, width } = one
          const target = targets.get(column)
          if (target !== undefined) putValues(target, row, views.values(one), at / width, rows)
          at += rows * width
        }
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
    const memory = shared([Math.ceil(length / 4096) * 4096], 'uint8', { scratch: this.#scratch })
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
  /** Number of the first row. */
  readonly row: number
  readonly rows: number
  readonly layout: BlockLayout
  readonly offset: number
}

/** Rows up to which columns are gathered before they are written. */
const shortColumn = 512

const smallestArena = 1 << 20
const largestArena = 32 << 20
