/** Groups: rows of a table by the values of columns. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { CellValue } from '../columns/column-base.ts'
import type { Table } from '../table/table.ts'

/** One group. */
export interface Group {
  /** The value of each column that groups were made by. */
  readonly key: Readonly<Record<string, CellValue>>
  readonly rows: Rows
  readonly size: number
}

/** @internal What groups are made of. */
export interface GroupParts {
  /** Row numbers, group after group; or start and stop of each range. */
  readonly order: NDArray<'int32'>
  readonly isRuns: boolean
  readonly starts: Float64Array
  readonly sizes: Float64Array
  readonly firstRows: Int32Array
}

/**
 * Rows by the values of columns. Only values that occur make groups. They are ordered by the first column, then by the next: numbers and dates
 * ascend, categories follow their list, false comes before true, and missing values come last.
 */
export class Groups implements Iterable<Group> {
  /** The table whose rows are grouped. */
  readonly table: Table
  /** The columns by whose values they are grouped. */
  readonly names: readonly string[]
  /** Number of rows of each group, shape (groups). */
  readonly sizes: Float64Array
  readonly #parts: GroupParts

  /** @internal Made by groupRows. */
  constructor(table: Table, names: readonly string[], parts: GroupParts) {
    this.table = table
    this.names = Object.freeze([...names])
    this.sizes = parts.sizes
    this.#parts = parts
  }

  /** Number of groups. */
  get length(): number {
    return this.sizes.length
  }

  /** Whether each group is a list of ranges, which takes no memory for its rows; otherwise all groups share one list of 4 bytes a row. */
  get isRanges(): boolean {
    return this.#parts.isRuns
  }

  /** @internal */
  get parts(): GroupParts {
    return this.#parts
  }

  /**
   * The rows of a group, ascending: ranges, or numbers in memory that all groups share.
   *
   * @param group - in [0, length)
   * @throws OneCopyError `ERR_INDEX`
   */
  rows(group: number): Rows {
    this.#require(group)
    const { order, isRuns, starts } = this.#parts
    const [from, to] = [starts[group]!, starts[group + 1]!]
    const list = order.toTypedArray()
    if (!isRuns) return { numbers: list.subarray(from, to) }
    return {
      ranges: Array.from(
        { length: to - from },
        (_, i) => [list[2 * (from + i)]!, list[2 * (from + i) + 1]!] as const,
      ),
    }
  }

  /**
   * The value of each column in a group: NaN for no number, null for no other value.
   *
   * @throws OneCopyError `ERR_INDEX`
   */
  key(group: number): Record<string, CellValue> {
    this.#require(group)
    const row = this.#parts.firstRows[group]!
    return Object.fromEntries(this.names.map((name) => [name, this.table.column(name).get(row)]))
  }

  /** All groups in order. */
  *[Symbol.iterator](): Generator<Group> {
    for (let group = 0; group < this.length; group++)
      yield { key: this.key(group), rows: this.rows(group), size: this.sizes[group]! }
  }

  /** Frees the list of rows now. The table stays. */
  [Symbol.dispose](): void {
    this.#parts.order.mapping?.discard()
  }

  #require(group: number): void {
    if (Number.isInteger(group) && group >= 0 && group < this.length) return
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected a group in [0, ${this.length}), got ${show(group)}.`,
    )
  }
}
