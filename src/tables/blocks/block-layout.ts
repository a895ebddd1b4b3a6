/** The layout of rows in a block and columns in a table. */

import type { NDArray } from '../../arrays/index.ts'

/** Types of values on their way to a table: numbers, or codes. */
export type BlockType = 'float64' | 'int64' | 'int8' | 'int16' | 'int32'

/** Memory of a column: numbers, or codes of the shortest type that holds them. */
export type ColumnMemory = Float64Array | BigInt64Array | Int32Array | Int16Array | Int8Array

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
  /** Whether the 8 bytes are an integer. */
  readonly isWide?: boolean
}

/** What stands for no value in a column of integers of 64 bits, until it has a bitmap. */
export const noInteger = -(2n ** 63n)

/** Rows to be logged. */
export interface Block {
  readonly rows: number
  readonly layout: BlockLayout
  /** All columns one behind the other without a gap, if they lie so. */
  readonly packed: Uint8Array | undefined
  /** The values of a column, `rows` of them. */
  values(column: number): ColumnMemory
}

/** What memory of a column holds: its values, or the offsets of its texts; their bytes; which rows have a value. */
export type ColumnPart = 'values' | 'bytes' | 'validity'

/** Where a finished column lies. */
export interface ColumnPlace {
  /** An array of shape (rows), or of shape (columns, rows or more) with several of them. */
  readonly memory: NDArray<BlockType | 'uint8'>
  /** Which of the several it is. */
  readonly row?: number
  /** Index of its first value in `memory.data`. */
  readonly start: number
}

/** Makes memory of one dtype for columns of the file, each of `rows` values. */
export type ColumnMaker = (
  dtype: BlockType | 'uint8',
  columns: readonly number[],
  rows: number,
  part?: ColumnPart,
) => readonly ColumnPlace[]
