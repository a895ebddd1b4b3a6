/** Reads rows of a matrix in blocks of about a megabyte. */

import { countRows, type NDArray, type Rows, shared, toRowNumbers } from '../../arrays/index.ts'
import { TableColumns } from './table-columns.ts'
import { requireAttached, requireRows } from '../../arrays/internal.ts'

/** Some rows of a matrix as float64 values; valid until the next block is read. */
export interface RowBlock {
  /** Number of rows. */
  readonly count: number
  /**
   * Values in C order, shape (count, width), read when they are first asked for; may be the memory of the matrix itself,
   * so never written to. Throws `ERR_DETACHED` when that memory is gone.
   */
  readonly values: Float64Array
  /** Position of the first row among the rows that are read. */
  readonly position: number
  /** The row number of row `i` of the block. */
  readonly rowAt: (i: number) => number
}

/** Values of one block: 1 MB. */
const valuesPerBlock = 1 << 17

/** Values to process between two turns of the event loop: a few milliseconds of work. */
const valuesPerTurn = 1 << 20

/** More ranges than this are read as row numbers, so that blocks stay large. */
const mostRanges = 64

/** How a matrix is read in blocks. */
export interface BlockOptions {
  /** Columns to read, from the first up to, not including, the last; default: all. */
  readonly columns?: readonly [start: number, stop: number]
  /** Values that go with each row in the caller's scratch, which makes blocks smaller; default: the columns read. */
  readonly width?: number
  /** Most values of a block, with the caller's scratch; default: 131,072, a megabyte. */
  readonly values?: number
  /** A number that stands for a missing value and is read as NaN; default: none. */
  readonly missing?: number | undefined
}

/**
 * Reads rows of a matrix in their order. Rows of a C-contiguous float64 matrix are not copied; others, and those of a
 * table, are copied to one block of scratch that all blocks use.
 *
 * @param X - values, shape (n, d), any real dtype and strides; or columns of a table
 * @param rows - checked rows of `X`
 * @throws OneCopyError `ERR_DETACHED` when the memory of `X` or `rows` is moved away meanwhile
 */
export async function* readBlocks(
  X: NDArray | TableColumns,
  rows: Rows,
  options: BlockOptions = {},
): AsyncGenerator<RowBlock, void> {
  const [first, last] = options.columns ?? [0, X.shape[1]]
  const view = first === 0 && last === X.shape[1] ? X : columnRange(X, first, last)
  const columns = last - first
  const width = Math.max(columns, options.width ?? 0, 1)
  const size = Math.max(1, Math.floor((options.values ?? valuesPerBlock) / width))
  const scratch = new Scratch(columns, Math.min(size, countRows(rows)), options.missing)
  try {
    yield* readParts(X, view, { rows, size, width, scratch })
  } finally {
    scratch.free()
  }
}

async function* readParts(
  X: NDArray | TableColumns,
  view: NDArray | TableColumns,
  {
    rows,
    size,
    width,
    scratch,
  }: {
    readonly rows: Rows
    /** Rows of a block. */
    readonly size: number
    readonly width: number
    readonly scratch: Scratch
  },
): AsyncGenerator<RowBlock, void> {
  let position = 0
  let sinceTurn = 0
  for (const part of partsOf(rows, size)) {
    if (sinceTurn >= valuesPerTurn) {
      sinceTurn = 0
      await new Promise((resolve) => setImmediate(resolve))
    }
    requireMemory(X)
    const count = part.stop - part.start
    if ('numbers' in part) {
      requireRows({ numbers: part.all }, X.shape[0])
      const numbers = part.all.slice(part.start, part.stop)
      const read = (): Float64Array => scratch.copyNumbers(view, numbers)
      yield new LazyBlock(X, { count, position, rowAt: (i) => numbers[i]!, read })
    } else {
      const { start, stop } = part
      const read = (): Float64Array => scratch.readRange(view, start, stop)
      yield new LazyBlock(X, { count, position, rowAt: (i) => start + i, read })
    }
    // The reader may have waited for something while it used the values.
    requireMemory(X)
    position += part.stop - part.start
    sinceTurn += (part.stop - part.start) * width
  }
}

function columnRange(
  X: NDArray | TableColumns,
  first: number,
  last: number,
): NDArray | TableColumns {
  if (!(X instanceof TableColumns)) return X.slice(null, [first, last])
  return X.select(Array.from({ length: last - first }, (_, j) => first + j))
}

/** @throws OneCopyError `ERR_DETACHED` */
function requireMemory(X: NDArray | TableColumns): void {
  for (const values of X instanceof TableColumns ? X.arrays : [X]) requireAttached(values)
}

/** Where a block lies, and how its values are read. */
interface BlockPlace extends Omit<RowBlock, 'values'> {
  readonly read: () => Float64Array
}

/**
 * A block whose values are read in the turn in which they are used. Between the turn that yields a block and the one
 * that receives it, the memory of the matrix may be freed: it would read zeros.
 */
class LazyBlock implements RowBlock {
  readonly count: number
  readonly position: number
  readonly rowAt: (i: number) => number
  readonly #matrix: NDArray | TableColumns
  readonly #read: () => Float64Array
  #values: Float64Array | undefined

  constructor(matrix: NDArray | TableColumns, { count, position, rowAt, read }: BlockPlace) {
    this.count = count
    this.position = position
    this.rowAt = rowAt
    this.#matrix = matrix
    this.#read = read
  }

  get values(): Float64Array {
    if (this.#values !== undefined) return this.#values
    requireMemory(this.#matrix)
    return (this.#values = this.#read())
  }
}

type Part =
  | { readonly start: number; readonly stop: number }
  | {
      readonly numbers: true
      readonly all: Int32Array
      readonly start: number
      readonly stop: number
    }

function* partsOf(rows: Rows, size: number): Generator<Part, void> {
  if ('numbers' in rows || rows.ranges.length > mostRanges) {
    const all = toRowNumbers(rows)
    const count = all.length
    for (let start = 0; start < count; start += size)
      yield { numbers: true, all, start, stop: Math.min(start + size, count) }
    return
  }
  for (const [from, to] of rows.ranges)
    for (let start = from; start < to; start += size)
      yield { start, stop: Math.min(start + size, to) }
}

/** Memory of blocks of more bytes is freed when they have been read; smaller one is left to the garbage collector. */
const smallBytes = 2 ** 19

/** Memory for one block, made when it is first needed. */
class Scratch {
  readonly #columns: number
  readonly #rows: number
  readonly #missing: number | undefined
  #memory: Float64Array | undefined
  #room: NDArray | undefined

  constructor(columns: number, rows: number, missing = Number.NaN) {
    this.#columns = columns
    this.#rows = rows
    this.#missing = Number.isNaN(missing) ? undefined : missing
  }

  /** Rows of a range: the memory of the matrix itself where its layout allows it. */
  readRange(X: NDArray | TableColumns, start: number, stop: number): Float64Array {
    if (X instanceof TableColumns) return this.#copyColumns(X, stop - start, (i) => start + i)
    const { data, strides, offset } = X
    const [rowStride, columnStride] = strides as [number, number]
    const columns = this.#columns
    const first = offset + start * rowStride
    const length = (stop - start) * columns
    const isDense = rowStride === columns && (columnStride === 1 || columns === 1)
    const isPlain = isDense && data instanceof Float64Array && this.#missing === undefined
    if (isPlain) return data.subarray(first, first + length)
    const into = this.#take(length)
    if (isDense && !isLong(data)) into.set(data.subarray(first, first + length))
    else
      for (let i = 0; i < stop - start; i++)
        this.#copyRow(data, first + i * rowStride, columnStride, i)
    return this.#markMissing(into)
  }

  /** Rows by their numbers, copied. */
  copyNumbers(X: NDArray | TableColumns, numbers: Int32Array): Float64Array {
    if (X instanceof TableColumns) return this.#copyColumns(X, numbers.length, (i) => numbers[i]!)
    const { data, strides, offset } = X
    const [rowStride, columnStride] = strides as [number, number]
    const into = this.#take(numbers.length * this.#columns)
    for (let i = 0; i < numbers.length; i++)
      this.#copyRow(data, offset + numbers[i]! * rowStride, columnStride, i)
    return this.#markMissing(into)
  }

  #copyColumns(X: TableColumns, count: number, rowAt: (i: number) => number): Float64Array {
    const into = this.#take(count * this.#columns)
    X.fill(into, count, rowAt)
    return this.#markMissing(into)
  }

  #copyRow(data: NDArray['data'], first: number, stride: number, row: number): void {
    const at = row * this.#columns
    if (data instanceof Float64Array)
      copyFloats(data, first, stride, this.#memory!, at, this.#columns)
    else copyNumbers(data, first, stride, this.#memory!, at, this.#columns)
  }

  #markMissing(values: Float64Array): Float64Array {
    if (this.#missing === undefined) return values
    for (let i = 0; i < values.length; i++) if (values[i] === this.#missing) values[i] = Number.NaN
    return values
  }

  /** Frees the memory; blocks may not be used any more. */
  free(): void {
    this.#room?.[Symbol.dispose]()
  }

  #make(length: number): Float64Array {
    if (8 * length <= smallBytes) return new Float64Array(length)
    const room = shared([length], 'float64')
    this.#room = room
    return room.toTypedArray()
  }

  #take(length: number): Float64Array {
    this.#memory ??= this.#make(this.#rows * this.#columns)
    return this.#memory.subarray(0, length)
  }
}

// Two loops, so that the engine compiles the frequent one for one kind of array.

function copyFloats(
  from: Float64Array,
  source: number,
  stride: number,
  to: Float64Array,
  at: number,
  count: number,
): void {
  for (let j = 0; j < count; j++, source += stride) to[at + j] = from[source]!
}

function copyNumbers(
  from: NDArray['data'],
  source: number,
  stride: number,
  to: Float64Array,
  at: number,
  count: number,
): void {
  for (let j = 0; j < count; j++, source += stride) to[at + j] = Number(from[source])
}

function isLong(data: NDArray['data']): data is BigInt64Array | BigUint64Array {
  return data instanceof BigInt64Array || data instanceof BigUint64Array
}
