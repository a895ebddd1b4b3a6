/** Lays out and writes an Arrow file of columns' buffers. */

import type { PendingFile } from '../../pending-file.ts'
import { type FlatFields, writeFlatBuffer } from './flat-writer.ts'

/** Bytes that are written as a buffer. */
export interface OutBuffer {
  readonly bytes: number
  /** The bytes in pieces, each of which is valid until the next one is asked for. */
  readonly pieces: () => Iterable<Uint8Array>
}

/** Values of a column, or texts of a dictionary. */
export interface OutValues {
  readonly rows: number
  readonly nulls: number
  readonly buffers: readonly OutBuffer[]
}

/** A type: its number in the format, and the fields of its table. */
export interface OutType {
  readonly number: number
  readonly fields: FlatFields
}

/** A column as it is written. */
export interface OutColumn {
  readonly name: string
  readonly type: OutType
  readonly values: OutValues
  /** Of a column whose values are codes; its type is that of the texts. */
  readonly dictionary?: { readonly codes: OutType; readonly texts: OutValues }
}

/** The format's kinds of messages. */
const kinds = { schema: 1, dictionary: 2, batch: 3 } as const
/** Metadata of Arrow 1.0 and later. */
const version = { bits: 16, value: 4 } as const
const alignment = 64
const magic = new TextEncoder().encode('ARROW1')

interface Block {
  readonly start: number
  readonly metadata: number
  readonly body: number
}

/**
 * Writes a file of one batch, with every buffer at a multiple of 64 bytes, so that it can be mapped.
 *
 * @throws OneCopyError `ERR_FILE`; what the buffers throw
 * @see arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 */
export async function writeArrowFile(
  file: PendingFile,
  rows: number,
  columns: readonly OutColumn[],
): Promise<void> {
  const out = new MessageWriter(file)
  await out.bytes(magic)
  await out.align(8)
  const schema = schemaFields(columns)
  await out.message('schema', schema, [])
  const dictionaries: Block[] = []
  for (const [id, { dictionary }] of columns.entries()) {
    if (dictionary === undefined) continue
    const { texts } = dictionary
    const header = {
      0: { bits: 64, value: id },
      1: { table: batchFields(texts.rows, [texts]) },
    } as const
    dictionaries.push(await out.message('dictionary', header, texts.buffers))
  }
  const values = columns.map((column) => column.values)
  const buffers = values.flatMap((one) => one.buffers)
  const batch = await out.message('batch', batchFields(rows, values), buffers)
  await out.bytes(new Uint8Array([255, 255, 255, 255, 0, 0, 0, 0]))
  const footer = writeFlatBuffer({
    0: version,
    1: { table: schema },
    2: { structs: blockStructs(dictionaries), bytes: 24 },
    3: { structs: blockStructs([batch]), bytes: 24 },
  })
  await out.bytes(footer)
  await out.bytes(new Uint8Array(Int32Array.of(footer.length).buffer))
  await out.bytes(magic)
}

class MessageWriter {
  readonly #file: PendingFile
  #at = 0

  constructor(file: PendingFile) {
    this.#file = file
  }

  async bytes(bytes: Uint8Array): Promise<void> {
    await this.#file.write(bytes)
    this.#at += bytes.length
  }

  async align(to: number): Promise<void> {
    const rest = this.#at % to
    if (rest > 0) await this.bytes(new Uint8Array(to - rest))
  }

  async message(
    kind: keyof typeof kinds,
    header: FlatFields,
    buffers: readonly OutBuffer[],
  ): Promise<Block> {
    const start = this.#at
    const body = buffers.reduce((sum, { bytes }) => sum + padded(bytes), 0)
    const metadata = writeFlatBuffer({
      0: version,
      1: { bits: 8, value: kinds[kind] },
      2: { table: header },
      3: { bits: 64, value: body },
    })
    // The body begins at a multiple of 64.
    const room = padded(start + 8 + metadata.length) - start - 8
    await this.bytes(new Uint8Array(Int32Array.of(-1, room).buffer))
    await this.bytes(metadata)
    await this.bytes(new Uint8Array(room - metadata.length))
    for (const { pieces } of buffers) {
      for (const piece of pieces()) await this.bytes(piece)
      await this.align(alignment)
    }
    return { start, metadata: room + 8, body }
  }
}

function padded(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment
}

function schemaFields(columns: readonly OutColumn[]): FlatFields {
  return { 0: { bits: 16, value: 0 }, 1: { tables: columns.map(fieldOf) } }
}

function fieldOf({ name, type, dictionary }: OutColumn, id: number): FlatFields {
  const encoding = {
    0: { bits: 64, value: id },
    1: { table: dictionary?.codes.fields ?? {} },
  } as const
  return {
    0: { text: name },
    1: { bits: 8, value: 1 },
    2: { bits: 8, value: type.number },
    3: { table: type.fields },
    ...(dictionary === undefined ? {} : { 4: { table: encoding } }),
    5: { tables: [] },
  }
}

function batchFields(rows: number, values: readonly OutValues[]): FlatFields {
  const nodes = BigInt64Array.from(
    values.flatMap((one) => [one.rows, one.nulls]),
    BigInt,
  )
  const buffers: bigint[] = []
  let at = 0
  for (const { bytes } of values.flatMap((one) => one.buffers)) {
    buffers.push(BigInt(at), BigInt(bytes))
    at += padded(bytes)
  }
  return {
    0: { bits: 64, value: rows },
    1: { structs: new Uint8Array(nodes.buffer), bytes: 16 },
    2: { structs: new Uint8Array(BigInt64Array.from(buffers).buffer), bytes: 16 },
  }
}

function blockStructs(blocks: readonly Block[]): Uint8Array {
  const view = new DataView(new ArrayBuffer(24 * blocks.length))
  for (const [i, { start, metadata, body }] of blocks.entries()) {
    view.setBigInt64(24 * i, BigInt(start), true)
    view.setInt32(24 * i + 8, metadata, true)
    view.setBigInt64(24 * i + 16, BigInt(body), true)
  }
  return new Uint8Array(view.buffer)
}
