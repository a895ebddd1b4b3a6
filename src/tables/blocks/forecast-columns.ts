/** Columns that are allocated early, for a predicted number of rows. */

import type {
  Block,
  BlockColumn,
  BlockLayout,
  ColumnMaker,
  ColumnMemory,
  ColumnPlace,
} from './block-layout.ts'
import type { BlockLog } from './block-log.ts'
import { putValues } from './column-memory.ts'

/** Most memory for which there is a forecast. */
const largestForecast = 32 << 20

/** Most memory that is made in one piece: it is there twice for a moment when the forecast fails. */
const largestPart = 8 << 20

const dtypes = { 8: 'float64', 4: 'int32', 2: 'int16', 1: 'int8' } as const

/**
 * Takes blocks straight to where they stay. That goes well while columns are read as they were at first
 * and no more rows come than were expected. Memory that isn't written to is none.
 */
export class ForecastColumns {
  /** Where each column lies, from the first row of the table on. */
  readonly places: ReadonlyMap<number, ColumnPlace>
  readonly #layout: BlockLayout
  readonly #parts: readonly BlockLayout[]
  readonly #start: number
  readonly #stop: number
  #row: number

  private constructor(layout: BlockLayout, start: number, stop: number, makeColumns: ColumnMaker) {
    this.#layout = layout
    this.#parts = divide(layout, stop)
    this.#start = start
    this.#row = start
    this.#stop = stop
    const places = new Map<number, ColumnPlace>()
    for (const part of this.#parts) {
      const columns = part.map(({ column }) => column)
      for (const [i, place] of makeColumns(dtypes[part[0]!.width], columns, stop).entries())
        places.set(columns[i]!, place)
    }
    this.places = places
  }

  /**
   * Makes columns of a block's layout.
   *
   * @param layout - how the rows to come are read
   * @param start - number of the first row to come; there is room for those before
   * @param expected - rows that are likely to come in all
   * @param makeColumns - makes their memory
   * @returns undefined when that were too much memory
   */
  static make(
    layout: BlockLayout,
    start: number,
    expected: number,
    makeColumns: ColumnMaker,
  ): ForecastColumns | undefined {
    const rows = Math.ceil(expected * 1.25)
    if (layout.some(({ isWide }) => isWide === true)) return undefined
    const isLarge = rows * rowBytes(layout) > largestForecast
    if (isLarge || layout.some(({ width }) => rows * width > largestPart)) return undefined
    return new ForecastColumns(layout, start, rows, makeColumns)
  }

  /** Takes the next rows; false when they don't fit. */
  append(block: Block): boolean {
    if (block.layout !== this.#layout || this.#row + block.rows > this.#stop) return false
    for (const { column } of this.#layout)
      putValues(this.places.get(column)!, this.#row, block.values(column), 0, block.rows)
    this.#row += block.rows
    return true
  }

  /** Copies all rows to a log and frees the columns, part by part. */
  moveTo(log: BlockLog): void {
    const rows = this.#row - this.#start
    for (const layout of this.#parts) {
      const values: Block['values'] = (column) => {
        const { memory, start } = this.places.get(column)!
        return (memory.data as ColumnMemory).subarray(start + this.#start, start + this.#row)
      }
      log.append({ rows, layout, packed: undefined, values }, this.#start)
      this.#free(layout)
    }
  }

  /** Frees the columns. */
  [Symbol.dispose](): void {
    for (const layout of this.#parts) this.#free(layout)
  }

  #free([first]: BlockLayout): void {
    this.places.get(first!.column)!.memory[Symbol.dispose]()
  }
}

/** Columns of one width, as many as may lie in one piece. */
function divide(layout: BlockLayout, rows: number): BlockLayout[] {
  return [...Map.groupBy(layout, ({ width }) => width)].flatMap(([width, columns]) => {
    const count = Math.floor(largestPart / (rows * width))
    const parts: BlockColumn[][] = []
    for (let i = 0; i < columns.length; i += count) parts.push(columns.slice(i, i + count))
    return parts
  })
}

function rowBytes(layout: BlockLayout): number {
  return layout.reduce((sum, { width }) => sum + width, 0)
}
