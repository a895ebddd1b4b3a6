/** Arrow files that other libraries write, for tests. */

import { writeFileSync } from 'node:fs'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import * as flechette from '@uwdata/flechette'

/** A frame of bytes that repeat every 8 bytes; of others one that is longer than they are. */
function encodeLz4(bytes: Uint8Array): Uint8Array {
  const repeats = bytes.length > 64 && bytes.every((byte, i) => i < 8 || byte === bytes[i - 8])
  if (!repeats) return new Uint8Array(2 * bytes.length + 16)
  const tail = 5
  const match = bytes.length - 8 - tail
  const more = match - 4 - 15
  const block = [
    (8 << 4) | 15,
    ...bytes.subarray(0, 8),
    8,
    0,
    ...Array<number>(Math.floor(more / 255)).fill(255),
    more % 255,
    tail << 4,
    ...bytes.subarray(bytes.length - tail),
  ]
  const length = new Uint8Array(Uint32Array.of(block.length).buffer)
  return Uint8Array.of(4, 34, 77, 24, 96, 64, 130, ...length, ...block, 0, 0, 0, 0)
}

const { LZ4_FRAME, ZSTD } = flechette.CompressionType
flechette.setCompressionCodec(LZ4_FRAME, {
  encode: encodeLz4,
  decode: () => {
    throw new Error('only written here')
  },
})
flechette.setCompressionCodec(ZSTD, {
  encode: (bytes) => zstdCompressSync(bytes),
  decode: (bytes) => zstdDecompressSync(bytes),
})

/** How a file is written. */
export interface ArrowForm {
  readonly format: 'file' | 'stream'
  readonly codec?: 'LZ4' | 'ZSTD' | undefined
}

/** All forms. */
export const forms: readonly ArrowForm[] = (['file', 'stream'] as const).flatMap((format) =>
  ([undefined, 'LZ4', 'ZSTD'] as const).map((codec) => ({ format, codec })),
)

/** The bytes of a table of flechette. */
export function arrowBytes(
  table: flechette.Table,
  { format, codec }: ArrowForm = { format: 'file' },
): Uint8Array {
  const number = codec === 'LZ4' ? LZ4_FRAME : codec === 'ZSTD' ? ZSTD : undefined
  const bytes = flechette.tableToIPC(table, {
    format,
    ...(number === undefined ? {} : { codec: number }),
  })
  return bytes as Uint8Array
}

/** Writes a table of flechette. Returns the path. */
export function writeWith(path: string, table: flechette.Table, form?: ArrowForm): string {
  writeFileSync(path, arrowBytes(table, form))
  return path
}

/** Which texts there are, one bit each. */
function validityOf(values: readonly unknown[]): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8))
  for (const [i, value] of values.entries()) if (value !== null) bits[i >> 3]! |= 1 << (i & 7)
  return bits
}

/** A batch of a type that flechette reads and writes, but makes of no list. */
function batchOf(type: flechette.DataType, values: readonly unknown[], buffers: object) {
  const Batch = flechette.batchType(type, {}) as unknown as new (
    given: object,
  ) => flechette.Batch<unknown> & {
    setDictionary: (column: flechette.Column<unknown>) => flechette.Batch<unknown>
  }
  const nullCount = values.filter((value) => value === null).length
  const validity = validityOf(values)
  return new Batch({ length: values.length, nullCount, type, validity, ...buffers })
}

/** A column of views: 16 bytes a text, and the bytes of longer ones in a buffer of their own. */
export function viewColumn(texts: readonly (string | null)[]): flechette.Column<unknown> {
  const values = new Uint8Array(16 * texts.length)
  const view = new DataView(values.buffer)
  const data: number[] = []
  for (const [i, text] of texts.entries()) {
    const bytes = new TextEncoder().encode(text ?? '')
    view.setInt32(16 * i, bytes.length, true)
    values.set(bytes.subarray(0, bytes.length <= 12 ? 12 : 4), 16 * i + 4)
    if (bytes.length <= 12) continue
    view.setInt32(16 * i + 12, data.length, true)
    data.push(...bytes)
  }
  const buffers = { values, data: [Uint8Array.from(data)] }
  return new flechette.Column([batchOf(flechette.utf8View(), texts, buffers)])
}

/** A column of codes of 64 bits, in whose dictionary a text may stand twice, or be null. */
export function wideCodeColumn(
  texts: readonly (string | null)[],
  dictionary: readonly (string | null)[],
): flechette.Column<unknown> {
  const text = flechette.utf8()
  const type = flechette.dictionary(text, flechette.int64(), false)
  const values = BigInt64Array.from(texts, (text, i) => {
    // Of equal texts each in its turn.
    const places = [...dictionary.keys()].filter((place) => dictionary[place] === text)
    return BigInt(places[i % places.length] ?? -7)
  })
  const column = flechette.columnFromArray([...dictionary], text)
  return new flechette.Column([batchOf(type, texts, { values }).setDictionary(column)])
}
