/** Stores rows in columns of predicted length, or in a log. */

import type { Block, ColumnMaker, ColumnPlace } from './block-layout.ts'
import { BlockLog } from './block-log.ts'
import { ForecastColumns } from './forecast-columns.ts'

/** Keeps rows until all of them are known, and then gives the columns. */
export class RowStore {
  /** Rows kept. */
  rows = 0
  readonly #log: BlockLog
  readonly #makeColumns: ColumnMaker
  #forecast: ForecastColumns | undefined
  /** Whether there may be a forecast: in memory, where room for rows that don't come is free. */
  #mayForecast: boolean

  /**
   * @param makeColumns - makes the columns of the table
   * @param scratch - folder whose disk holds the rows and the columns; undefined for memory
   */
  constructor(makeColumns: ColumnMaker, scratch: string | undefined) {
    this.#log = new BlockLog(scratch)
    this.#makeColumns = makeColumns
    this.#mayForecast = scratch === undefined
  }

  /**
   * Copies a block.
   *
   * @param block - the next rows
   * @param expected - how many rows there will be, as far as one can tell
   */
  append(block: Block, expected: number): void {
    // The first blocks are often short: they end where a kind of a column turns out to be another.
    if (this.#mayForecast && block.packed !== undefined) {
      this.#mayForecast = false
      this.#forecast = ForecastColumns.make(block.layout, this.rows, expected, this.#makeColumns)
    }
    if (this.#forecast?.append(block) !== true) {
      this.#forecast?.moveTo(this.#log)
      this.#forecast = undefined
      this.#log.append(block, this.rows)
    }
    this.rows += block.rows
  }

  /**
   * Gives the columns, with all rows in them.
   *
   * @param place - makes them, unless the forecast came true
   * @param pause - is awaited after every block
   */
  async layOut(
    place: () => ReadonlyMap<number, ColumnPlace>,
    pause: () => Promise<void>,
  ): Promise<ReadonlyMap<number, ColumnPlace>> {
    const places = this.#forecast?.places ?? place()
    await this.#log.layOut(places, pause)
    this.#forecast = undefined
    return places
  }

  /** Frees what was not given. */
  [Symbol.dispose](): void {
    this.#log[Symbol.dispose]()
    this.#forecast?.[Symbol.dispose]()
  }
}
