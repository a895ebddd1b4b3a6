/** Types of Arrow's columns, as a schema declares them. */

import { damagedArrow, type FlatTable, unsupportedArrow } from './flat-buffer.ts'

/** Parts of a second. */
export type TimeUnit = 's' | 'ms' | 'us' | 'ns'

/** The type of a column. */
export type ArrowType =
  | { readonly kind: 'int'; readonly bits: 8 | 16 | 32 | 64; readonly signed: boolean }
  | { readonly kind: 'float'; readonly bits: 16 | 32 | 64 }
  | { readonly kind: 'bool' | 'null' | 'textView' }
  /** Bytes of an offset. */
  | { readonly kind: 'text'; readonly width: 4 | 8 }
  | { readonly kind: 'date'; readonly unit: 'day' | 'ms' }
  | { readonly kind: 'time'; readonly unit: TimeUnit; readonly bits: 32 | 64 }
  | { readonly kind: 'timestamp'; readonly unit: TimeUnit; readonly zone: string }
  | { readonly kind: 'duration'; readonly unit: TimeUnit }
  | { readonly kind: 'decimal'; readonly bits: number; readonly scale: number }
  /** No column here; its buffers are skipped. */
  | { readonly kind: 'other'; readonly name: string }

/** Buffers of a column's own that lie in a batch, without those of its children. */
export interface BufferCount {
  readonly own: number
  /** Whether a batch says how many more there are. */
  readonly isVariadic?: true
}

/** A column as a schema declares it. */
export interface ArrowField {
  readonly name: string
  readonly type: ArrowType
  readonly buffers: BufferCount
  readonly children: readonly ArrowField[]
  /** Where values are codes: the dictionary, and the codes' type. The type above is that of the texts. */
  readonly dictionary?: ArrowDictionary
}

/** A dictionary that codes stand for. */
export interface ArrowDictionary {
  readonly id: bigint
  readonly codes: ArrowType & { readonly kind: 'int' }
  readonly isOrdered: boolean
}

const timeUnits = ['s', 'ms', 'us', 'ns'] as const

/** Names and buffers of types that have no column here, by number. */
const others: Readonly<Record<number, readonly [string, BufferCount]>> = {
  4: ['binary', { own: 3 }],
  11: ['interval', { own: 2 }],
  12: ['list', { own: 2 }],
  13: ['struct', { own: 1 }],
  15: ['fixed-size binary', { own: 2 }],
  16: ['fixed-size list', { own: 1 }],
  17: ['map', { own: 2 }],
  19: ['large binary', { own: 3 }],
  21: ['large list', { own: 2 }],
  22: ['run-end encoded', { own: 0 }],
  23: ['binary view', { own: 2, isVariadic: true }],
  25: ['list view', { own: 3 }],
  26: ['large list view', { own: 3 }],
}

/**
 * Reads the columns that a schema declares.
 *
 * @param path - what errors call the file
 * @throws OneCopyError `ERR_FORMAT`
 */
export function readFields(path: string, schema: FlatTable): ArrowField[] {
  if (schema.int16(0, 0) !== 0)
    throw unsupportedArrow(path, {
      expected: 'little-endian values',
      got: 'big-endian ones',
      way: 'Write it on a little-endian machine, such as x64 or arm64.',
    })
  return schema.tables(1).map((field) => readField(path, field))
}

function readField(path: string, field: FlatTable): ArrowField {
  const name = field.text(0)
  const children = field.tables(5).map((child) => readField(path, child))
  const { type, buffers } = readType(path, field)
  const encoding = field.table(4)
  if (encoding === undefined) return { name, type, buffers, children }
  const codes = encoding.has(1) ? readInt(path, encoding.table(1)!) : int32
  const dictionary = { id: encoding.int64(0), codes, isOrdered: encoding.int8(2, 0) !== 0 }
  return { name, type, buffers, children, dictionary }
}

const int32 = { kind: 'int', bits: 32, signed: true } as const

function readType(path: string, field: FlatTable): { type: ArrowType; buffers: BufferCount } {
  const number = field.int8(2, 0)
  const other = others[number]
  if (other !== undefined) return { type: { kind: 'other', name: other[0] }, buffers: other[1] }
  const table = field.table(3)
  if (number === 14) {
    const buffers = { own: table?.int16(0, 0) === 1 ? 2 : 1 }
    return { type: { kind: 'other', name: 'union' }, buffers }
  }
  if (table === undefined) throw damagedArrow(path, `a type of column '${field.text(0)}'`, 'none')
  const type = typeOf(path, number, table)
  if (type === undefined)
    throw damagedArrow(path, `a type of column '${field.text(0)}' from 1 to 26`, `${number}`)
  return { type, buffers: bufferCounts[type.kind] }
}

/** Buffers of each kind of type. */
export const bufferCounts: Readonly<Record<ArrowType['kind'], BufferCount>> = {
  int: { own: 2 },
  float: { own: 2 },
  bool: { own: 2 },
  null: { own: 0 },
  text: { own: 3 },
  textView: { own: 2, isVariadic: true },
  date: { own: 2 },
  time: { own: 2 },
  timestamp: { own: 2 },
  duration: { own: 2 },
  decimal: { own: 2 },
  other: { own: 0 },
}

function typeOf(path: string, number: number, table: FlatTable): ArrowType | undefined {
  const unit = (otherwise: number) => {
    const place = table.int16(0, otherwise)
    const found = timeUnits[place]
    if (found !== undefined) return found
    throw damagedArrow(path, 'a unit of time from 0 to 3', `${place}`)
  }
  switch (number) {
    case 1:
      return { kind: 'null' }
    case 2:
      return readInt(path, table)
    case 3:
      return {
        kind: 'float',
        bits: oneOf(path, table.int16(0, 0), [16, 32, 64] as const, 'floats'),
      }
    case 5:
      return { kind: 'text', width: 4 }
    case 6:
      return { kind: 'bool' }
    case 7:
      return { kind: 'decimal', bits: table.int32(2, 128), scale: table.int32(1, 0) }
    case 8:
      return { kind: 'date', unit: table.int16(0, 1) === 0 ? 'day' : 'ms' }
    case 9: {
      const bits = table.int32(1, 32)
      if (bits !== 32 && bits !== 64) throw damagedArrow(path, 'times of 32 or 64 bits', `${bits}`)
      return { kind: 'time', unit: unit(1), bits }
    }
    case 10:
      return { kind: 'timestamp', unit: unit(0), zone: table.text(1) }
    case 18:
      return { kind: 'duration', unit: unit(1) }
    case 20:
      return { kind: 'text', width: 8 }
    case 24:
      return { kind: 'textView' }
    default:
      return undefined
  }
}

function readInt(path: string, table: FlatTable): ArrowType & { kind: 'int' } {
  const bits = table.int32(0, 0)
  if (bits !== 8 && bits !== 16 && bits !== 32 && bits !== 64)
    throw damagedArrow(path, 'whole numbers of 8, 16, 32 or 64 bits', `${bits}`)
  return { kind: 'int', bits, signed: table.int8(1, 0) !== 0 }
}

function oneOf<T>(path: string, place: number, list: readonly T[], what: string): T {
  const found = list[place]
  if (found !== undefined) return found
  throw damagedArrow(path, `a precision of ${what} from 0 to ${list.length - 1}`, `${place}`)
}

/** A type as people write it: `timestamp[ms, UTC]`. */
export function showType({ type, dictionary }: ArrowField): string {
  const name = showPlain(type)
  return dictionary === undefined ? name : `dictionary<${showPlain(dictionary.codes)}, ${name}>`
}

function showPlain(type: ArrowType): string {
  switch (type.kind) {
    case 'int':
      return `${type.signed ? '' : 'u'}int${type.bits}`
    case 'float':
      return `float${type.bits}`
    case 'text':
      return type.width === 4 ? 'utf8' : 'large utf8'
    case 'textView':
      return 'utf8 view'
    case 'date':
      return type.unit === 'day' ? 'date32' : 'date64'
    case 'time':
      return `time${type.bits}[${type.unit}]`
    case 'timestamp':
      return `timestamp[${type.unit}${type.zone === '' ? '' : `, ${type.zone}`}]`
    case 'duration':
      return `duration[${type.unit}]`
    case 'decimal':
      return `decimal${type.bits}(scale ${type.scale})`
    case 'other':
      return type.name
    default:
      return type.kind
  }
}
