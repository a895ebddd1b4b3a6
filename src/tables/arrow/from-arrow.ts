/** Copies tables of Arrow libraries to shared memory. */

import { OneCopyError, show } from '../../errors.ts'
import { Table } from '../table/table.ts'
import type { Dictionaries } from './arrow-dictionary.ts'
import { ArrowMemory } from './arrow-memory.ts'
import type { DictionaryBatch, Region } from './arrow-messages.ts'
import { type ArrowField, type ArrowType, bufferCounts, showType } from './arrow-type.ts'
import type { ColumnPart } from './column-parts.ts'
import { openColumn } from './open-column.ts'

/** A type as `apache-arrow` and `@uwdata/flechette` describe it. */
interface ForeignType {
  readonly typeId: number
  readonly bitWidth?: number
  readonly isSigned?: boolean
  readonly signed?: boolean
  readonly precision?: number
  readonly unit?: number
  readonly timezone?: string | null
  readonly scale?: number
  readonly dictionary?: ForeignType
  readonly indices?: ForeignType
}

/** Values of a batch: `Data` of apache-arrow, or `Batch` of flechette. */
interface ForeignBatch {
  readonly length: number
  readonly nullCount: number
  /** Of its first row in the bitmaps. */
  readonly offset?: number
  readonly nullBitmap?: Uint8Array
  readonly validity?: Uint8Array
  readonly values?: ArrayBufferView
  readonly valueOffsets?: ArrayBufferView
  readonly offsets?: ArrayBufferView
  readonly variadicBuffers?: readonly ArrayBufferView[]
  readonly data?: readonly ArrayBufferView[]
  readonly dictionary?: ForeignColumn
}

interface ForeignColumn {
  readonly data: readonly ForeignBatch[]
}

/** A table of `apache-arrow` or `@uwdata/flechette`. */
export interface ForeignTable {
  readonly numRows: number
  readonly schema: { readonly fields: readonly { readonly name: string; readonly type: unknown }[] }
  getChildAt(i: number): unknown
}

/**
 * Makes a table of one that `apache-arrow` or `@uwdata/flechette` has made or read. Its values are copied to shared memory once; from
 * then on workers use them without a copy. For a file use `openArrow`, which copies nothing.
 *
 * @param table - with columns that `openArrow` takes; not kept
 * @throws TypeError for anything else; OneCopyError `ERR_INDEX` for a column whose type has no column here, such as a list; `ERR_FORMAT` for values
 *   that contradict each other; `ERR_MEMORY`
 *
 * @example
 * ```ts
 * const table = fromArrow(tableFromArrays({ x: [1, 2, 3], name: ['a', 'b', 'c'] })) // of apache-arrow
 * ```
 */
export function fromArrow(table: ForeignTable): Table {
  const { numRows, schema } = requireForeign(table)
  const memory = new ArrowMemory('(a table given to fromArrow)', undefined)
  const columns = schema.fields.map(({ name, type }, i) => {
    const given = type as ForeignType
    const { data } = table.getChildAt(i) as ForeignColumn
    const field = fieldOf(name, given, BigInt(i))
    const parts = data.map((batch) => partOf(batch, field.type, field.dictionary !== undefined))
    const opened =
      field.type.kind === 'other'
        ? undefined
        : openColumn(memory, field, parts, dictionariesOf(field, data))
    if (opened === undefined) throw unsupported(field)
    // Everything is copied now: the table may change later.
    const { column } = opened
    void column.arrays
    return column
  })
  return new Table(columns, numRows)
}

function requireForeign(table: unknown): ForeignTable {
  const { schema, numRows, getChildAt } = (table ?? {}) as Partial<ForeignTable>
  if (
    Array.isArray(schema?.fields) &&
    typeof numRows === 'number' &&
    typeof getChildAt === 'function'
  )
    return table as ForeignTable
  throw new TypeError(
    `Expected a table of apache-arrow or @uwdata/flechette, as in fromArrow(tableFromArrays({ x: [1, 2] })), got ${show(table)}. For a file use openArrow().`,
  )
}

function unsupported(field: ArrowField): OneCopyError {
  return new OneCopyError(
    'ERR_INDEX',
    `Expected columns of numbers, texts, dates, booleans or dictionaries of texts, got ${showType(field)} in column '${field.name}'. Select the other columns first: fromArrow(table.select(names)).`,
    { details: { column: field.name } },
  )
}

function fieldOf(name: string, type: ForeignType, id: bigint): ArrowField {
  const { dictionary, indices } = type
  const own = typeOf(dictionary ?? type)
  const field = { name, type: own, buffers: bufferCounts[own.kind], children: [] }
  if (dictionary === undefined) return field
  const codes = typeOf(indices!) as ArrowType & { kind: 'int' }
  return { ...field, dictionary: { id, codes, isOrdered: false } }
}

const timeUnits = ['s', 'ms', 'us', 'ns'] as const

/** @see the numbers in arrow's Schema.fbs */
function typeOf(type: ForeignType): ArrowType {
  const { typeId, unit = 0, bitWidth = 0 } = type
  switch (typeId) {
    case 1:
      return { kind: 'null' }
    case 2:
      return { kind: 'int', bits: bitWidth as 8, signed: type.isSigned ?? type.signed ?? true }
    case 3:
      return { kind: 'float', bits: ([16, 32, 64] as const)[type.precision ?? 2]! }
    case 5:
      return { kind: 'text', width: 4 }
    case 6:
      return { kind: 'bool' }
    case 7:
      return { kind: 'decimal', bits: bitWidth, scale: type.scale ?? 0 }
    case 8:
      return { kind: 'date', unit: unit === 0 ? 'day' : 'ms' }
    case 9:
      return { kind: 'time', unit: timeUnits[unit]!, bits: bitWidth as 32 }
    case 10:
      return { kind: 'timestamp', unit: timeUnits[unit]!, zone: type.timezone ?? '' }
    case 18:
      return { kind: 'duration', unit: timeUnits[unit]! }
    case 20:
      return { kind: 'text', width: 8 }
    case 24:
      return { kind: 'textView' }
    default:
      return { kind: 'other', name: `Arrow's type ${typeId}` }
  }
}

function partOf(batch: ForeignBatch, type: ArrowType, isCoded: boolean): ColumnPart {
  const { length: rows, nullCount: nulls, values, offset = 0 } = batch
  const validity = bits(
    nulls === 0 ? undefined : (batch.nullBitmap ?? batch.validity),
    offset,
    rows,
  )
  const more = batch.variadicBuffers ?? batch.data ?? []
  const others =
    type.kind === 'null'
      ? []
      : isCoded
        ? [region(values)]
        : type.kind === 'bool'
          ? [bits(values as Uint8Array | undefined, offset, rows)]
          : type.kind === 'text'
            ? [region(batch.valueOffsets ?? batch.offsets), region(values)]
            : [region(values), ...(type.kind === 'textView' ? more.map(region) : [])]
  return { rows, nulls, buffers: [validity, ...others], codec: undefined }
}

function region(view: ArrayBufferView | undefined): Region {
  if (view === undefined) return { start: 0, bytes: 0, source: new Uint8Array() }
  const { buffer, byteOffset, byteLength } = view
  return { start: 0, bytes: byteLength, source: new Uint8Array(buffer, byteOffset, byteLength) }
}

/** Bits from an offset on, which the first row has. */
function bits(source: Uint8Array | undefined, offset: number, rows: number): Region {
  if (source === undefined || source.length === 0 || offset === 0) return region(source)
  const moved = new Uint8Array(Math.ceil(rows / 8))
  for (let row = 0; row < rows; row++) {
    const at = offset + row
    if (((source[at >> 3]! >> (at & 7)) & 1) === 1) moved[row >> 3]! |= 1 << (row & 7)
  }
  return region(moved)
}

/** The texts of each batch's dictionary; those of a batch that has another one replace those before. */
function dictionariesOf(
  { type, dictionary }: ArrowField,
  data: readonly ForeignBatch[],
): Dictionaries {
  const batches: DictionaryBatch[] = []
  if (dictionary === undefined) return { batches, form: 'stream' }
  let last: ForeignColumn | undefined
  for (const [after, { dictionary: texts }] of data.entries()) {
    if (texts === undefined || texts === last) continue
    last = texts
    for (const [i, batch] of texts.data.entries()) {
      const part = partOf(batch, type, false)
      const { rows, nulls, buffers } = part
      const variadic = [buffers.length - 2]
      const own = { rows, nodes: [{ rows, nulls }], buffers, variadic, codec: undefined }
      batches.push({ ...own, id: dictionary.id, isDelta: i > 0, after })
    }
  }
  return { batches, form: 'stream' }
}
