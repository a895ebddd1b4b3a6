/** Finds the schema, dictionaries and batches of an Arrow file. */

import { OneCopyError } from '../../errors.ts'
import { type ArrowField, readFields } from './arrow-type.ts'
import { damagedArrow, FlatTable, unsupportedArrow } from './flat-buffer.ts'

/** A part of the file, in bytes. */
export interface Region {
  readonly start: number
  readonly bytes: number
  /** Bytes that lie in private memory, in place of a file. */
  readonly source?: Uint8Array
}

/** How each buffer of a batch is compressed. */
export type Codec = 'lz4' | 'zstd'

/** Rows of all columns, or texts of a dictionary. */
export interface ArrowBatch {
  readonly rows: number
  /** Of each column and its children, parents first. */
  readonly nodes: readonly { readonly rows: number; readonly nulls: number }[]
  /** In the order of the columns. */
  readonly buffers: readonly Region[]
  /** For each column of views how many buffers it has more. */
  readonly variadic: readonly number[]
  readonly codec: Codec | undefined
}

/** Texts of a dictionary. */
export interface DictionaryBatch extends ArrowBatch {
  readonly id: bigint
  /** Whether the texts come after those before; else they replace them. */
  readonly isDelta: boolean
  /** So many batches of rows come before it. */
  readonly after: number
}

/** What an Arrow file holds. */
export interface ArrowParts {
  readonly fields: readonly ArrowField[]
  readonly dictionaries: readonly DictionaryBatch[]
  readonly batches: readonly ArrowBatch[]
  /** Whether the file can be read from its end; else it is a stream. */
  readonly form: 'file' | 'stream'
}

interface Message {
  readonly kind: 'schema' | 'dictionary' | 'batch'
  readonly header: FlatTable
  readonly body: Region
}

const magic = 'ARROW1'
/** The magic at the start and two bytes of padding; at the end the length of the footer and the magic. */
const startBytes = 8
const endBytes = 10
const messageKinds: Readonly<Record<number, Message['kind']>> = {
  1: 'schema',
  2: 'dictionary',
  3: 'batch',
}

/**
 * Reads the metadata of a file in Arrow's file form (Feather V2) or stream form. Each region lies inside its batch's part of
 * the file, and each batch inside the file.
 *
 * @param path - what errors call the file
 * @param bytes - the whole file
 * @throws OneCopyError `ERR_FORMAT` for another format, or with the byte where the file is damaged
 * @see arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 */
export function readArrowParts(path: string, bytes: Uint8Array): ArrowParts {
  if (latin1(bytes, 0, magic.length) === magic) return readFile(path, bytes)
  if (bytes.length >= 8 && bytes.subarray(0, 4).every((byte) => byte === 255))
    return readStream(path, bytes)
  throw notArrow(path, bytes)
}

function notArrow(path: string, bytes: Uint8Array): OneCopyError {
  const start = latin1(bytes, 0, 4)
  const found =
    start === 'PAR1'
      ? 'a Parquet file. Read it with readParquet()'
      : start === 'FEA1'
        ? 'a Feather file of version 1, which Arrow has given up. Write it anew as version 2'
        : bytes.length === 0
          ? 'an empty file'
          : 'another format. For CSV use readCsv()'
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected ${path} to be an Arrow file (Feather V2) or stream, got ${found}.`,
    { details: { path } },
  )
}

function readFile(path: string, bytes: Uint8Array): ArrowParts {
  const end = bytes.length - endBytes
  if (end < startBytes || latin1(bytes, bytes.length - magic.length, magic.length) !== magic)
    throw damagedArrow(path, `'${magic}' as the last bytes`, 'something else')
  const length = viewOf(bytes).getInt32(end, true)
  const footerStart = end - length
  if (length < 4 || footerStart < startBytes)
    throw damagedArrow(path, `a footer inside the file's ${bytes.length} bytes`, `${length} bytes`)
  const footer = FlatTable.root(path, bytes.subarray(footerStart, end), footerStart)
  requireVersion(path, footer)
  const schema = footer.table(1)
  if (schema === undefined) throw damagedArrow(path, 'a schema in the footer', 'none')
  // Blocks that share bytes would make metadata without end of a small file.
  let bytesLeft = footerStart
  const read = (list: number, kind: Message['kind']) => {
    const blocks = footer.structs(list, 24, [0, 16])
    return blocks.map(([start, bodyBytes], i) => {
      const metadata = footer.structInt32(list, 24, i, 8)
      bytesLeft -= metadata + bodyBytes!
      if (bytesLeft < 0) throw damagedArrow(path, 'batches that do not overlap', 'others')
      const message = readBlock(path, bytes.subarray(0, footerStart), {
        start: start!,
        metadata,
        bodyBytes: bodyBytes!,
      })
      if (message.kind === kind) return { message, start: start! }
      throw damagedArrow(path, `a ${kind} at byte ${start}`, `a ${message.kind}`)
    })
  }
  const batches = read(3, 'batch')
  const dictionaries = read(2, 'dictionary').toSorted((a, b) => a.start - b.start)
  return {
    form: 'file',
    fields: readFields(path, schema),
    batches: batches.map(({ message }) => readBatch(path, message.header, message.body)),
    // All dictionaries of a file hold for all of its batches: they can only grow.
    dictionaries: dictionaries.map(({ message }) => readDictionary(path, message, 0)),
  }
}

/** Reads a message that the footer names. */
function readBlock(
  path: string,
  bytes: Uint8Array,
  block: { readonly start: number; readonly metadata: number; readonly bodyBytes: number },
): Message {
  const { start, metadata, bodyBytes } = block
  const isInside = start >= startBytes && metadata >= 8 && start + metadata <= bytes.length
  if (!isInside || bodyBytes < 0 || start + metadata + bodyBytes > bytes.length) {
    throw damagedArrow(
      path,
      `a batch inside the ${bytes.length} bytes before the footer`,
      `${metadata} and ${bodyBytes} bytes from byte ${start}`,
    )
  }
  const message = readMessage(path, bytes.subarray(0, start + metadata + bodyBytes), start)
  if (message === undefined) throw damagedArrow(path, `a batch at byte ${start}`, 'an end mark')
  return { ...message, body: { start: start + metadata, bytes: bodyBytes } }
}

function readStream(path: string, bytes: Uint8Array): ArrowParts {
  let fields: ArrowField[] | undefined
  const dictionaries: DictionaryBatch[] = []
  const batches: ArrowBatch[] = []
  for (let at = 0; at < bytes.length;) {
    const message = readMessage(path, bytes, at)
    if (message === undefined) break
    const { kind, header, body } = message
    at = body.start + body.bytes
    if (kind === 'schema') fields ??= readFields(path, header)
    else if (fields === undefined) throw damagedArrow(path, 'a schema first', `a ${kind}`)
    else if (kind === 'batch') batches.push(readBatch(path, header, body))
    else dictionaries.push(readDictionary(path, message, batches.length))
  }
  if (fields === undefined) throw damagedArrow(path, 'a schema', 'none')
  return { form: 'stream', fields, dictionaries, batches }
}

/** Reads the message at a place; undefined for the mark that ends a stream. */
function readMessage(path: string, bytes: Uint8Array, start: number): Message | undefined {
  const view = viewOf(bytes)
  const left = bytes.length - start
  if (left < 4) throw damagedArrow(path, `a message at byte ${start}`, `${left} bytes`)
  // Until version 0.15 of Arrow a message began with its length.
  const isMarked = view.getInt32(start, true) === -1
  const prefix = isMarked ? 8 : 4
  if (left < prefix) throw damagedArrow(path, `a message at byte ${start}`, `${left} bytes`)
  const length = view.getInt32(start + prefix - 4, true)
  if (length === 0) return undefined
  const at = start + prefix
  if (length < 0 || at + length > bytes.length)
    throw damagedArrow(path, `metadata inside the file at byte ${start}`, `${length} bytes of it`)
  const table = FlatTable.root(path, bytes.subarray(at, at + length), at)
  requireVersion(path, table)
  const body = { start: at + length, bytes: table.size(3) }
  const number = table.int8(1, 0)
  const kind = messageKinds[number]
  const header = table.table(2)
  if (kind === undefined || header === undefined)
    throw damagedArrow(path, `a schema or batch at byte ${start}`, `a message of kind ${number}`)
  if (body.bytes < 0 || body.start + body.bytes > bytes.length)
    throw damagedArrow(path, `a body inside the file at byte ${body.start}`, `${body.bytes} bytes`)
  return { kind, header, body }
}

/** Versions before 4 (Arrow 0.8, 2017) have other lists of buffers. */
function requireVersion(path: string, table: FlatTable): void {
  const version = table.int16(0, 0)
  if (version === 3 || version === 4) return
  throw unsupportedArrow(path, {
    expected: 'metadata of version 4 or 5',
    got: `version ${version + 1}`,
    way: 'Write it with Arrow 0.8 or later. If it was, it is damaged.',
  })
}

function readDictionary(path: string, { header, body }: Message, after: number): DictionaryBatch {
  const data = header.table(1)
  if (data === undefined) throw damagedArrow(path, 'texts of a dictionary', 'none')
  const isDelta = header.int8(2, 0) !== 0
  return { ...readBatch(path, data, body), id: header.int64(0), isDelta, after }
}

function readBatch(path: string, header: FlatTable, body: Region): ArrowBatch {
  const rows = header.size(0)
  if (rows < 0) throw damagedArrow(path, 'a number of rows', `${rows}`)
  const nodes = header.structs(1, 16, [0, 8]).map(([length, nulls]) => {
    if (length! >= 0 && nulls! <= length!) return { rows: length!, nulls: nulls! }
    throw damagedArrow(path, 'at most as many nulls as rows', `${nulls} of ${length}`)
  })
  const buffers = header.structs(2, 16, [0, 8]).map(([start, bytes]) => {
    if (start! >= 0 && bytes! >= 0 && start! + bytes! <= body.bytes)
      return { start: body.start + start!, bytes: bytes! }
    throw damagedArrow(
      path,
      `buffers inside the ${body.bytes} bytes of the batch at byte ${body.start}`,
      `${bytes} bytes from its byte ${start}`,
    )
  })
  const variadic = header.structs(4, 8, [0]).map(([count]) => count!)
  const codec = readCodec(path, header.table(3))
  const total = buffers.reduce((sum, { bytes }) => sum + bytes, 0)
  // Each of them becomes a copy.
  if (codec !== undefined && total > body.bytes)
    throw damagedArrow(
      path,
      `buffers side by side in the ${body.bytes} bytes of the batch at byte ${body.start}`,
      `${total} bytes of them`,
    )
  return { rows, nodes, buffers, variadic, codec }
}

function readCodec(path: string, compression: FlatTable | undefined): Codec | undefined {
  if (compression === undefined) return undefined
  const codec = (['lz4', 'zstd'] as const)[compression.int8(0, 0)]
  if (codec !== undefined && compression.int8(1, 0) === 0) return codec
  throw unsupportedArrow(path, {
    expected: 'buffers compressed by LZ4 or ZSTD',
    got: 'another compression',
    way: 'Write it with one of them, or uncompressed.',
  })
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength)
}

function latin1(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length))
}
