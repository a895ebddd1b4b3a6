/** Memory for a few thousand rows, column by column. */

import {
  type BlockColumn,
  type BlockLayout,
  type ColumnMemory,
  groupColumns,
  noInteger,
} from './block-layout.ts'

/** How a column is read; the hot loop compares with these. */
export const skip = 0
/** Numbers; what the fast parser can't read goes the slow way. */
export const plainNumber = 1
/** Numbers some of which mean "missing", so that all go the slow way. */
export const checkedNumber = 2
/** Whole numbers of 64 bits, as some are too large for doubles. */
export const wideInteger = 3
/** Texts with codes up to 127, and a table for those of one byte. */
export const byteCategory = 4
/** Texts with codes up to 127. */
export const shortCategory = 5
/** Texts with codes up to 32,767. */
const middleCategory = 6
/** Texts with any codes. */
const wideCategory = 7

/** Bytes of a value, by kind. */
const widths = [0, 8, 8, 8, 1, 1, 2, 4] as const

/** Largest code, by kind. */
const largestCodes = [0, 0, 0, 0, 127, 127, 32_767, 2 ** 31 - 1] as const

/** Size of a block: few system calls, and no burden beside the result. */
const blockBytes = 1 << 20

/** Size up to which a block of a wide table has 16 rows, as fewer take longer. */
const largestBlock = 32 << 20

/** The columns that are read: group after group, in each the widest values first. */
function layOutColumns(kinds: Uint8Array): BlockLayout {
  const layout: BlockColumn[] = []
  for (let start = 0; start < kinds.length; start += groupColumns) {
    for (const width of [8, 4, 2, 1] as const) {
      const stop = Math.min(kinds.length, start + groupColumns)
      for (let column = start; column < stop; column++)
        if (widths[kinds[column]!] === width)
          layout.push(
            kinds[column] === wideInteger ? { column, width, isWide: true } : { column, width },
          )
    }
  }
  return layout
}

/** Lengths of runs of {@link byteCategory}; none goes beyond its group, as further columns lie elsewhere. */
function countRuns(kinds: Uint8Array): Uint16Array {
  const runs = new Uint16Array(kinds.length)
  for (let k = kinds.length - 1; k >= 0; k--) {
    if (kinds[k] !== byteCategory) continue
    const isLast = (k + 1) % groupColumns === 0
    runs[k] = 1 + (isLast ? 0 : (runs[k + 1] ?? 0))
  }
  return runs
}

/** The kind of category that has room for a code. */
export function categoryKind(code: number): number {
  return code <= 127 ? shortCategory : code <= 32_767 ? middleCategory : wideCategory
}

/**
 * Values of the rows just read. The columns lie one behind the other, so that a full block is copied
 * in one piece.
 */
export class RowBlock {
  /** Rows in the block. */
  rows = 0
  /** Rows that it has room for. */
  readonly capacity: number
  /** For each column of the file how it is read; a {@link skip} stands behind the last one. */
  readonly kinds: Uint8Array
  /** For each column with a table of one-byte texts, how many such columns stand side by side from it on. */
  readonly runs: Uint16Array
  /** Place of each column's first value in the memory of its type. */
  readonly bases: Int32Array
  readonly numbers: Float64Array
  /** The same memory as `numbers`. */
  readonly integers: BigInt64Array
  readonly shortCodes: Int8Array
  readonly layout: BlockLayout
  readonly bytes: Uint8Array
  readonly #middleCodes: Int16Array
  readonly #wideCodes: Int32Array

  /** @param kinds - for each column of the file how it is read */
  constructor(kinds: ArrayLike<number>) {
    this.kinds = Uint8Array.from({ length: kinds.length + 1 }, (_, k) => kinds[k] ?? skip)
    this.runs = countRuns(this.kinds)
    this.layout = layOutColumns(this.kinds)
    let rowBytes = 0
    for (const { width } of this.layout) rowBytes += width
    // Eight more than a multiple of 16, lest all columns of numbers fall on the same lines of the
    // cache.
    const fitting = (bytes: number): number => bytes / Math.max(1, rowBytes)
    const rows = Math.max(
      Math.min(16, fitting(largestBlock)),
      Math.min(32_768, fitting(blockBytes)),
    )
    this.capacity = (rows & ~15) + 8
    this.bases = new Int32Array(kinds.length)
    let place = 0
    for (const { column, width } of this.layout) {
      this.bases[column] = place / width
      place += width * this.capacity
    }
    this.bytes = new Uint8Array(place)
    this.numbers = new Float64Array(this.bytes.buffer)
    this.integers = new BigInt64Array(this.bytes.buffer)
    this.#wideCodes = new Int32Array(this.bytes.buffer)
    this.#middleCodes = new Int16Array(this.bytes.buffer)
    this.shortCodes = new Int8Array(this.bytes.buffer)
  }

  /** All columns, when the block is full. */
  get packed(): Uint8Array | undefined {
    return this.rows === this.capacity ? this.bytes : undefined
  }

  /** Stores a code in row `row`; false when the column has no room for one that large. */
  putCode(column: number, row: number, code: number): boolean {
    const kind = this.kinds[column]!
    if (code > largestCodes[kind]!) return false
    const place = this.bases[column]! + row
    if (kind === wideCategory) this.#wideCodes[place] = code
    else if (kind === middleCategory) this.#middleCodes[place] = code
    else this.shortCodes[place] = code
    return true
  }

  /** The values of a column that is read. */
  values(column: number): ColumnMemory {
    const base = this.bases[column]!
    const kind = this.kinds[column]!
    const end = base + this.rows
    if (kind === wideInteger) return this.integers.subarray(base, end)
    if (kind < byteCategory) return this.numbers.subarray(base, end)
    if (kind === wideCategory) return this.#wideCodes.subarray(base, end)
    if (kind === middleCategory) return this.#middleCodes.subarray(base, end)
    return this.shortCodes.subarray(base, end)
  }

  /** How many rows have no value in a column. */
  countMissing(column: number): number {
    const values = this.values(column)
    let count = 0
    if (values instanceof BigInt64Array) {
      for (const value of values) if (value === noInteger) count++
    } else {
      const isNumber = this.kinds[column]! < byteCategory
      for (const value of values) if (isNumber ? Number.isNaN(value) : value < 0) count++
    }
    return count
  }

  /** Whether a column of numbers holds anything but whole numbers and missing values. */
  hasFractions(column: number): boolean {
    const values = this.values(column)
    if (!(values instanceof Float64Array)) return false
    for (const value of values) if (!Number.isInteger(value) && !Number.isNaN(value)) return true
    return false
  }
}
