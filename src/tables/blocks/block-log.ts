/** Blocks of columns in scratch memory, until all rows are read. */

import {
  type Block,
  type BlockColumn,
  type BlockLayout,
  type ColumnPlace,
  groupColumns,
} from './block-layout.ts'
import { GroupLog } from './group-log.ts'

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

  /**
   * Copies a block to the end of the log.
   *
   * @param block - some rows, or some columns of them
   * @param row - number of the first row
   */
  append(block: Block, row: number): void {
    if (block.layout !== this.#layout) this.#parts = this.#divide(block.layout)
    this.#layout = block.layout
    let place = 0
    for (const { log, layout, rowBytes } of this.#parts) {
      log.append(block, row, layout, place, rowBytes)
      place += rowBytes * block.rows
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

function groupOf({ column }: BlockColumn): number {
  return Math.floor(column / groupColumns)
}
