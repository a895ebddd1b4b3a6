/** Arrow streams and files that are made message by message, for tests. */

import { type FlatFields, writeFlatBuffer } from '../../../src/tables/arrow/flat-writer.ts'

/** Metadata of Arrow 1.0 and later. */
const version = { bits: 16, value: 4 } as const
const kinds = { schema: 1, batch: 3 } as const

/** A number's type: its number in the format, and its table. */
export const int32: FlatFields = {
  2: { bits: 8, value: 2 },
  3: { table: { 0: { bits: 32, value: 32 }, 1: { bits: 8, value: 1 } } },
}
export const bool: FlatFields = { 2: { bits: 8, value: 6 }, 3: { table: {} } }
export const text: FlatFields = { 2: { bits: 8, value: 5 }, 3: { table: {} } }

/** A column of a schema. */
export function field(name: string, type: FlatFields): FlatFields {
  return { 0: { text: name }, 1: { bits: 8, value: 1 }, ...type, 5: { tables: [] } }
}

/** A schema; `endianness` 1 says big-endian. */
export function schema(fields: readonly FlatFields[], endianness = 0): FlatFields {
  return { 0: { bits: 16, value: endianness }, 1: { tables: fields } }
}

/** A batch: of each column the rows and nulls, of each buffer where it begins in the body and its bytes. */
export function batch(
  rows: number,
  nodes: readonly (readonly [rows: number, nulls: number])[],
  buffers: readonly (readonly [start: number, bytes: number])[],
  more: FlatFields = {},
): FlatFields {
  return {
    0: { bits: 64, value: rows },
    1: { structs: pairs(nodes), bytes: 16 },
    2: { structs: pairs(buffers), bytes: 16 },
    ...more,
  }
}

/** Says how the buffers of a batch are compressed: 0 for LZ4, 1 for ZSTD. */
export function compressed(codec: number): FlatFields {
  return { 3: { table: { 0: { bits: 8, value: codec } } } }
}

function pairs(list: readonly (readonly [number, number])[]): Uint8Array {
  return new Uint8Array(BigInt64Array.from(list.flat(), BigInt).buffer)
}

/** A message; its body has a multiple of 8 bytes. */
export function message(
  kind: keyof typeof kinds,
  header: FlatFields,
  body: Uint8Array = new Uint8Array(),
): Buffer {
  const metadata = writeFlatBuffer({
    0: version,
    1: { bits: 8, value: kinds[kind] },
    2: { table: header },
    3: { bits: 64, value: body.length },
  })
  return Buffer.concat([new Uint8Array(Int32Array.of(-1, metadata.length).buffer), metadata, body])
}

/** A file of one message, which its footer names `times` times. */
export function repeatingFile(fields: FlatFields, one: Buffer, times: number): Buffer {
  const block = new DataView(new ArrayBuffer(24))
  const metadata = 8 + one.readInt32LE(4)
  block.setBigInt64(0, 8n, true)
  block.setInt32(8, metadata, true)
  block.setBigInt64(16, BigInt(one.length - metadata), true)
  const blocks = Buffer.concat(Array.from({ length: times }, () => new Uint8Array(block.buffer)))
  const footer = writeFlatBuffer({
    0: version,
    1: { table: fields },
    3: { structs: blocks, bytes: 24 },
  })
  const length = new Uint8Array(Int32Array.of(footer.length).buffer)
  return Buffer.concat([Buffer.from('ARROW1\0\0'), one, footer, length, Buffer.from('ARROW1')])
}
