/** Writes tables as Arrow files, whole or not at all. */

import { fileURLToPath } from 'node:url'
import { type DType, type NDArray } from '../../arrays/index.ts'
import { elementBytes, openPendingFile, requirePath, withPages } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { writeWhole } from '../../pending-file.ts'
import type { CategoryColumn } from '../columns/category-column.ts'
import type { Column } from '../columns/columns.ts'
import type { DateColumn } from '../columns/date-column.ts'
import type { TextColumn } from '../columns/text-column.ts'
import { Table } from '../table/table.ts'
import { type OutBuffer, type OutColumn, type OutType, writeArrowFile } from './arrow-layout.ts'

/** Options of {@link writeArrow}. */
export interface WriteArrowOptions {
  /** Stops the writing and leaves nothing behind. */
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes a table as an uncompressed Arrow file (Feather V2) of one batch, with every buffer at a multiple of 64 bytes: `openArrow`, and other
 * libraries that map files, use it in place. Rows without a value are null. The file appears whole or not at all; beside the table it takes a few MB
 * of memory.
 *
 * Numbers keep their dtype, categories become a dictionary of texts, dates and timestamps keep their unit and zone.
 *
 * @param path - where the file appears; an existing one is replaced, and processes that have it open keep the old one
 * @throws OneCopyError `ERR_FILE` when it can't be written; `ERR_VALUE` for days beyond 32 bits; `ERR_DETACHED` when the table is disposed of
 *   meanwhile; the signal's reason
 *
 * @example
 * ```ts
 * await writeArrow('diamonds.arrow', await readCsv('diamonds.csv'))
 * ```
 */
export async function writeArrow(
  path: string | URL,
  table: Table,
  options: WriteArrowOptions = {},
): Promise<void> {
  const plain = path instanceof URL ? fileURLToPath(path) : path
  requirePath(plain)
  requireKnown('writeArrow', options, optionNames)
  if (!((table as unknown) instanceof Table))
    throw new TypeError(
      `Expected \`table\` to be a Table, as in writeArrow(path, table), got ${show(table)}.`,
    )
  const { signal } = options
  signal?.throwIfAborted()
  const { rows, columns } = table
  const arrays = columns.flatMap((column) => column.arrays)
  await withPages(arrays, async () => {
    const out = columns.map((column) => outColumn(column, rows, signal))
    await writeWhole(openPendingFile(plain), (file) => writeArrowFile(file, rows, out))
  })
}

const optionNames: OptionNames<WriteArrowOptions> = { signal: true }

/** Bytes that are made at a time. */
const blockBytes = 1 << 20

function outColumn(column: Column, rows: number, signal: AbortSignal | undefined): OutColumn {
  const nulls = column.missing
  const validity = nulls === 0 ? nothing : validityBits(column, rows, signal)
  const make = (type: OutType, ...buffers: OutBuffer[]): OutColumn => ({
    name: column.name,
    type,
    values: { rows, nulls, buffers: [validity, ...buffers] },
  })
  const { name } = column
  switch (column.kind) {
    case 'number':
      return make(numberType(column.values.dtype), plainBuffer(column.values, name, signal))
    case 'category': {
      const codes = numberType(column.values.dtype)
      const texts = textBuffers(column.categories)
      return {
        ...make(utf8, codeBuffer(column, rows, signal)),
        dictionary: {
          codes,
          texts: { rows: column.categories.length, nulls: 0, buffers: [nothing, ...texts] },
        },
      }
    }
    case 'boolean':
      return make({ number: 6, fields: {} }, booleanBits(column.values, signal))
    case 'text':
      return make(
        column.offsets.dtype === 'int32' ? utf8 : { number: 20, fields: {} },
        ...columnTexts(column, signal),
      )
    default:
      return make(dateType(column), dateBuffer(column, signal))
  }
}

const nothing: OutBuffer = { bytes: 0, pieces: () => [] }
const utf8: OutType = { number: 5, fields: {} }

function numberType(dtype: DType): OutType {
  const bits = Number(/\d+$/.exec(dtype)![0])
  if (dtype.startsWith('float'))
    return { number: 3, fields: { 0: { bits: 16, value: bits === 64 ? 2 : 1 } } }
  const signed = dtype.startsWith('u') ? 0 : 1
  return { number: 2, fields: { 0: { bits: 32, value: bits }, 1: { bits: 8, value: signed } } }
}

const timeUnits: readonly string[] = ['s', 'ms', 'us', 'ns']

function dateType({ unit, zone }: DateColumn): OutType {
  if (unit === 'day') return { number: 8, fields: { 0: { bits: 16, value: 0 } } }
  const fields = { 0: { bits: 16, value: timeUnits.indexOf(unit) } } as const
  return { number: 10, fields: zone === undefined ? fields : { ...fields, 1: { text: zone } } }
}

/** Elements as they are. */
function plainBuffer(values: NDArray, name: string, signal: AbortSignal | undefined): OutBuffer {
  return {
    bytes: values.nbytes,
    pieces: function* () {
      for (const piece of elementBytes(values, `column '${name}'`)) {
        signal?.throwIfAborted()
        yield piece
      }
    },
  }
}

/** One bit for each row, in blocks. */
function bitBuffer(
  rows: number,
  isOne: (row: number) => boolean,
  signal: AbortSignal | undefined,
): OutBuffer {
  const bytes = Math.ceil(rows / 8)
  return {
    bytes,
    pieces: function* () {
      for (let at = 0; at < bytes; at += blockBytes) {
        signal?.throwIfAborted()
        const block = new Uint8Array(Math.min(blockBytes, bytes - at))
        const end = Math.min(rows, 8 * (at + block.length))
        for (let row = 8 * at; row < end; row++)
          if (isOne(row)) block[(row >>> 3) - at]! |= 1 << (row & 7)
        yield block
      }
    },
  }
}

function validityBits(column: Column, rows: number, signal: AbortSignal | undefined): OutBuffer {
  const isMissing = column.missingTest()
  return bitBuffer(rows, (row) => !isMissing(row), signal)
}

function booleanBits(values: NDArray<'bool'>, signal: AbortSignal | undefined): OutBuffer {
  const { data, offset, strides, size } = values
  return bitBuffer(size, (row) => data[offset + row * strides[0]!] !== 0, signal)
}

/** Elements that are made one by one, in blocks. */
function madeBuffer<
  T extends
    Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | Uint32Array | BigInt64Array,
>(
  Maker: new (length: number) => T,
  rows: number,
  valueAt: (row: number) => T[number],
  signal: AbortSignal | undefined,
): OutBuffer {
  const size = new Maker(1).BYTES_PER_ELEMENT
  return {
    bytes: rows * size,
    pieces: function* () {
      for (let at = 0; at < rows; at += blockBytes / size) {
        signal?.throwIfAborted()
        const block = new Maker(Math.min(blockBytes / size, rows - at))
        for (let i = 0; i < block.length; i++) block[i] = valueAt(at + i)
        yield new Uint8Array(block.buffer)
      }
    },
  }
}

/** Codes, 0 where there is no value: other programs look codes up without asking whether there is one. */
function codeBuffer(
  column: CategoryColumn,
  rows: number,
  signal: AbortSignal | undefined,
): OutBuffer {
  const { values } = column
  if (column.missing === 0) return plainBuffer(values, column.name, signal)
  const isMissing = column.missingTest()
  const { data, offset, strides } = values
  const makers = {
    int8: Int8Array,
    uint8: Uint8Array,
    int16: Int16Array,
    uint16: Uint16Array,
    int32: Int32Array,
    uint32: Uint32Array,
  }
  const code = (row: number): number =>
    isMissing(row) ? 0 : (data[offset + row * strides[0]!] as number)
  return madeBuffer<Int32Array>(makers[values.dtype] as typeof Int32Array, rows, code, signal)
}

function dateBuffer(column: DateColumn, signal: AbortSignal | undefined): OutBuffer {
  const { values, unit, name } = column
  const { data, offset, strides, size, dtype } = values
  if ((dtype === 'int32') === (unit === 'day')) return plainBuffer(values, name, signal)
  const isMissing = column.missingTest()
  const countAt = (row: number): number | bigint =>
    isMissing(row) ? 0 : data[offset + row * strides[0]!]!
  if (unit !== 'day') return madeBuffer(BigInt64Array, size, (row) => BigInt(countAt(row)), signal)
  const day = (row: number): number => {
    const count = Number(countAt(row))
    if (count === (count | 0)) return count
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected days of 32 bits, as Arrow's dates have, in column '${name}', got ${count} in row ${row} (counted from 0). ` +
        'Leave the column out, or make numbers of it: table.withColumn(column.toNumbers()).',
      { details: { column: name, row } },
    )
  }
  return madeBuffer(Int32Array, size, day, signal)
}

/** Offsets and bytes of a list of texts. */
function textBuffers(texts: readonly string[]): [OutBuffer, OutBuffer] {
  const encoder = new TextEncoder()
  const pieces = texts.map((text) => encoder.encode(text))
  const offsets = new Int32Array(texts.length + 1)
  for (const [i, { length }] of pieces.entries()) offsets[i + 1] = offsets[i]! + length
  return [
    { bytes: offsets.byteLength, pieces: () => [new Uint8Array(offsets.buffer)] },
    { bytes: offsets.at(-1)!, pieces: () => pieces },
  ]
}

/** Offsets, which begin with 0 in a file, and bytes of a column of texts. */
function columnTexts(column: TextColumn, signal: AbortSignal | undefined): [OutBuffer, OutBuffer] {
  const { offsets, bytes, name } = column
  const rows = offsets.size - 1
  const [first, last] = [offsets.get(0), offsets.get(rows)]
  const own = bytes.rows(Number(first), Number(last))
  const texts = plainBuffer(own, name, signal)
  if (Number(first) === 0) return [plainBuffer(offsets, name, signal), texts]
  const { data, offset, strides } = offsets
  const at = (row: number): number | bigint => data[offset + row * strides[0]!]!
  const moved =
    offsets.dtype === 'int32'
      ? madeBuffer(Int32Array, rows + 1, (row) => Number(at(row)) - Number(first), signal)
      : madeBuffer(BigInt64Array, rows + 1, (row) => BigInt(at(row)) - BigInt(first), signal)
  return [moved, texts]
}
