/** The C++ core's interface for rows of tables. */

import type { KernelMatrix, KernelRows } from './kernel-core.ts'

/** A column of fixed width. NaN is a missing value. */
export interface TableCells {
  /** Shape (n, 1). */
  readonly values: KernelMatrix
  /** One bit a row, lowest first, 1 = there is a value; shape (ceil(n / 8)); null: every row has one. */
  readonly validity: Uint8Array | null
  /** Whether values below 0 are missing. */
  readonly isCode: boolean
}

/**
 * A step of a condition, in reverse Polish notation. Bounds and values are doubles for columns of floats, bigints for others, unsigned
 * for uint64.
 */
export type ConditionStep =
  /** Values from the first up to the second one; or those of an ascending list. */
  | {
      readonly test: 'range' | 'values'
      readonly column: number
      readonly values: Float64Array | BigInt64Array | BigUint64Array
    }
  /** Codes whose element is 1; there is one for each category. */
  | { readonly test: 'codes'; readonly column: number; readonly values: Uint8Array }
  | { readonly test: 'missing'; readonly column: number }
  | { readonly test: 'and' | 'or' | 'not' | 'all' }

/** Rows by their keys. Groups are ordered by the columns' values, the first column first; missing ones come last. */
export interface GroupedRows {
  /** Whether each group is a list of ranges; then `order` holds nothing. */
  readonly isRuns: boolean
  /** Where each group begins in `order`, or in the pairs of `ranges`, and where the last one ends; shape (groups + 1). */
  readonly starts: Float64Array
  /** Shape (groups). */
  readonly sizes: Float64Array
  /** The first row of each group. */
  readonly firstRows: Int32Array
  /** Start and stop of each range. */
  readonly ranges: Int32Array
}

/** Selections, groups and summaries of rows. Each result is the same for any number of threads. A table has fewer than 2^31 rows. */
export interface TableCore {
  /**
   * Marks the rows that fulfil a condition; one whose value is missing fulfils no test of values.
   *
   * @param bits - shape (ceil(rows / 8)): bit j % 8 of byte j / 8 becomes 1 for row j
   * @returns how many rows there are, and how many ranges of them
   */
  findTableRows(
    columns: readonly TableCells[],
    steps: readonly ConditionStep[],
    rows: number,
    bits: Uint8Array,
    threads: number,
  ): Promise<{ readonly hits: number; readonly runs: number }>

  /**
   * Lists the rows whose bit is 1.
   *
   * @param out - gets their numbers; or start and stop of each range of them
   */
  listBits(
    bits: Uint8Array,
    rows: number,
    out: Int32Array,
    isRanges: boolean,
    threads: number,
  ): Promise<void>

  /**
   * Groups rows by the values of columns.
   *
   * @param list - which rows, ascending or not; null: all
   * @param order - gets the rows of the first group in their order, then those of the second, …; null: only sizes are wanted
   */
  groupTableRows(
    columns: readonly TableCells[],
    rows: number,
    list: Int32Array | null,
    order: Int32Array | null,
    threads: number,
  ): Promise<GroupedRows>

  /**
   * Orders rows by columns, the first one first; equal ones stay in their order, missing values come last.
   *
   * @param list - which rows; null: all
   * @param order - gets their numbers
   */
  sortTableRows(
    columns: readonly TableCells[],
    descending: readonly boolean[],
    rows: number,
    list: Int32Array | null,
    order: Int32Array,
    threads: number,
  ): Promise<void>

  /**
   * Summarises columns for each group.
   *
   * @param order - rows of the groups, ascending within each; or start and stop of each range
   * @param starts - as in {@link GroupedRows}
   * @returns of shape (columns, groups); `squares` are summed distances from the mean, squared; `leastRow` and `mostRow` are the first rows
   *   of the least and the greatest value, or -1
   */
  summariseGroups(
    columns: readonly TableCells[],
    rows: number,
    order: Int32Array,
    starts: Float64Array,
    isRanges: boolean,
    hasSquares: boolean,
    hasExtremes: boolean,
    threads: number,
  ): Promise<{
    readonly count: Float64Array
    readonly sum: Float64Array
    readonly squares: Float64Array
    readonly leastRow: Int32Array
    readonly mostRow: Int32Array
  }>

  /**
   * Finds what lies around the quartiles, and counts distinct values.
   *
   * @returns values at ranks floor((count - 1) q / 4) and the next, for q = 1, 2, 3: shape (columns, 3, 2), NaN without values; and
   *   distinct values, -1 for more than 10,000
   */
  tableQuartiles(
    columns: readonly TableCells[],
    rows: number,
    threads: number,
  ): Promise<{ readonly values: Float64Array; readonly distinct: Float64Array }>

  /**
   * Finds the row of the right with the same key for each row of the left. Equal numbers of different dtypes are equal; a missing value
   * equals nothing.
   *
   * @param codes - for categories: the code of the right for each code of the left, or -1; null for numbers
   * @param out - gets row numbers of the right, or -1
   * @returns two rows of the right with one key, or -1 and -1; `out` holds nothing then
   */
  matchTableRows(
    left: readonly TableCells[],
    leftRows: number,
    right: readonly TableCells[],
    rightRows: number,
    codes: readonly (Int32Array | null)[],
    out: Int32Array,
    threads: number,
  ): Promise<{ readonly first: number; readonly second: number }>

  /** Copies rows of columns, with their bitmaps. */
  takeTableRows(
    columns: readonly (TableCells & {
      readonly out: KernelMatrix
      readonly outValidity: Uint8Array | null
    })[],
    rows: number,
    chosen: KernelRows,
    threads: number,
  ): Promise<void>
}
