/** Opens .npy files of numbers, of texts and of records of numbers. */

import type { NDArray } from '../../arrays/index.ts'
import { type MappedPart, openNpyPart } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'

/** Texts of a .npy file, in C order. */
export class TextArray {
  readonly shape: readonly number[]
  readonly texts: readonly string[]

  constructor(shape: readonly number[], texts: readonly string[]) {
    this.shape = shape
    this.texts = texts
  }
}

/** Records of numbers, as trees of scikit-learn are stored. */
export class RecordArray {
  readonly length: number
  readonly #columns: ReadonlyMap<string, Float64Array>

  constructor(length: number, columns: ReadonlyMap<string, Float64Array>) {
    this.length = length
    this.#columns = columns
  }

  /** The numbers of a field, one for each record; undefined when there is no such field. */
  column(name: string): Float64Array | undefined {
    return this.#columns.get(name)
  }
}

/** A .npy file that is part of a mapping. */
export type NpyPart = MappedPart

/** Longest header that is read. */
const mostHeaderBytes = 10_000

/**
 * Opens a .npy file.
 *
 * @param name - what error texts call it
 * @returns numbers where they lie or converted as by `openNpz`; copies of texts and records
 * @throws OneCopyError `ERR_FORMAT` when it is damaged, `ERR_DTYPE` for other elements
 */
export function openNpyKind(part: NpyPart, name: string): NDArray | TextArray | RecordArray {
  const { mapping, start, bytes } = part
  const head = new Uint8Array(mapping.buffer, start, Math.min(bytes, mostHeaderBytes + 12)).slice()
  const text = Buffer.from(head).toString('latin1')
  const found = isVersion1(head) ? headerPattern.exec(text.slice(10)) : null
  if (found?.groups === undefined) return openNpyPart(part, name)
  const { groups: header } = found
  const headerBytes = 10 + found[0].length
  const shape = header['shape']!.match(/\d+/g)?.map(Number) ?? []
  const count = shape.reduce((all, one) => all * one, 1)
  const view = new DataView(mapping.buffer, start + headerBytes, Math.max(0, bytes - headerBytes))
  const { texts, fields } = header
  const field = texts === undefined ? readFields(fields!, name) : undefined
  const size = field === undefined ? 4 * Number(texts) : field.size
  const isWhole = headerBytes === 10 + head[8]! + 256 * head[9]! && shape.length <= 32
  if (!isWhole || !Number.isSafeInteger(count * size) || count * size !== view.byteLength) {
    throw new OneCopyError(
      'ERR_FORMAT',
      `Expected ${headerBytes + count * size} bytes as the header of ${name} says, got ${bytes}.`,
      { details: { name } },
    )
  }
  if (field === undefined) return new TextArray(shape, readTexts(view, count, size, name))
  return new RecordArray(count, readRecords(view, count, field))
}

/** Whether a file begins as version 1 of the format does. */
function isVersion1(head: Uint8Array): boolean {
  return [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0].every((byte, i) => head[i] === byte)
}

/** Headers of texts and of records behind their length, as NumPy writes them. */
const headerPattern =
  /^\{'descr': (?:'<U(?<texts>\d{1,6})'|\[(?<fields>\([^\]]*\))\]), 'fortran_order': False, 'shape': \((?<shape>(?:\d{1,15}, )*(?:\d{1,15},?)?)\), \} *\n/

/** One field of a record. */
interface Field {
  readonly name: string
  readonly type: string
  readonly offset: number
}

/** Bytes of each type that trees have, and padding. */
const widths: Readonly<Record<string, number>> = {
  '<i8': 8,
  '<i4': 4,
  '<u4': 4,
  '|u1': 1,
  '|i1': 1,
  '|b1': 1,
  '<f8': 8,
  '<f4': 4,
}

function readFields(text: string, name: string): { fields: Field[]; size: number } {
  const fields: Field[] = []
  let size = 0
  for (const one of text.split(/(?<=\)), /)) {
    const [, field, type] = /^\('(\w*)', '([^']{1,8})'\)$/.exec(one) ?? []
    const padding = /^\|V(\d{1,3})$/.exec(type ?? '')?.[1]
    const width = padding === undefined ? widths[type ?? ''] : Number(padding)
    if (
      field === undefined ||
      width === undefined ||
      fields.some((other) => other.name === field)
    ) {
      throw new OneCopyError(
        'ERR_DTYPE',
        `Expected records of numbers in ${name}, got the field ${one.slice(0, 60)}.`,
        { details: { name } },
      )
    }
    if (padding === undefined) fields.push({ name: field, type: type!, offset: size })
    size += width
  }
  return { fields, size }
}

function readRecords(
  view: DataView,
  count: number,
  { fields, size }: { readonly fields: readonly Field[]; readonly size: number },
): Map<string, Float64Array> {
  return new Map(
    fields.map(({ name, type, offset }) => {
      const read = readers[type]!
      const values = new Float64Array(count)
      for (let i = 0, at = offset; i < count; i++, at += size) values[i] = read(view, at)
      return [name, values]
    }),
  )
}

const readers: Readonly<Record<string, (view: DataView, at: number) => number>> = {
  '<i8': (view, at) => Number(view.getBigInt64(at, true)),
  '<i4': (view, at) => view.getInt32(at, true),
  '<u4': (view, at) => view.getUint32(at, true),
  '|u1': (view, at) => view.getUint8(at),
  '|i1': (view, at) => view.getInt8(at),
  '|b1': (view, at) => view.getUint8(at),
  '<f8': (view, at) => view.getFloat64(at, true),
  '<f4': (view, at) => view.getFloat32(at, true),
}

/** Texts of UTF-32, filled up with zeros. */
function readTexts(view: DataView, count: number, size: number, name: string): string[] {
  return Array.from({ length: count }, (_, i) => {
    const points: number[] = []
    for (let at = i * size; at < (i + 1) * size; at += 4) points.push(view.getUint32(at, true))
    while (points.at(-1) === 0) points.pop()
    const wrong = points.find((point) => point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
    if (wrong === undefined) return points.map((point) => String.fromCodePoint(point)).join('')
    throw new OneCopyError('ERR_FORMAT', `Expected texts in ${name}, got the character ${wrong}.`, {
      details: { name },
    })
  })
}
