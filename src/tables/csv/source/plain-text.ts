/** Turns compressed bytes and other encodings into UTF-8, block by block. */

import { Readable } from 'node:stream'
import { TextDecoder } from 'node:util'
import { createGunzip, createZstdDecompress } from 'node:zlib'

/** Encodings that are read beside UTF-8. */
export type TextEncoding = 'utf-8' | 'latin1' | 'utf-16le' | 'utf-16be'

/** How bytes are packed, by their first ones. */
export type Packing = 'gzip' | 'zstd'

/** Bytes in blocks of any size. */
export type Blocks = AsyncIterable<Uint8Array>

/** Bytes of the beginning that tell what follows. */
const headBytes = 4

/** How bytes that begin like this are packed. */
export function packingOf(head: Uint8Array): Packing | undefined {
  const text = Buffer.from(head).toString('latin1')
  if (text.startsWith('\x1f\x8b')) return 'gzip'
  return text.startsWith('\x28\xb5\x2f\xfd') ? 'zstd' : undefined
}

/** The encoding of which bytes begin with the mark of byte order; UTF-8 needs none. */
export function markOf(head: Uint8Array): 'utf-16le' | 'utf-16be' | undefined {
  const text = Buffer.from(head).toString('latin1')
  if (text.startsWith('\xff\xfe')) return 'utf-16le'
  return text.startsWith('\xfe\xff') ? 'utf-16be' : undefined
}

/**
 * Bytes as UTF-8 text, unpacked.
 *
 * @param blocks - as they come
 * @param encoding - of the text; default: UTF-16 where it begins with a mark of byte order, else UTF-8
 * @throws Error for a damaged archive and for bytes that are no text in a UTF-16 encoding
 */
export async function* plainText(
  blocks: Blocks,
  encoding: TextEncoding | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const packed = await peek(blocks)
  const packing = packingOf(packed.head)
  const text = packing === undefined ? packed : await peek(unpack(packed.blocks, packing))
  const found = encoding ?? markOf(text.head) ?? 'utf-8'
  yield* found === 'utf-8' ? text.blocks : toUtf8(text.blocks, found)
}

/** Whether Node.js says that an archive of zstd is cut off; before version 24 it gives what there is, as if that were all. */
const noticesCutZstd = Number(process.versions.node.split('.')[0]) >= 24

async function* unpack(blocks: Blocks, packing: Packing): AsyncGenerator<Uint8Array, void> {
  if (packing === 'zstd' && !noticesCutZstd)
    throw new Error(
      `zstd needs Node.js 24 or newer, since version ${process.versions.node} does not notice an archive that is cut off; unpack it first, with zstd -d`,
    )
  const source = Readable.from(blocks, { objectMode: false })
  const unpacked = packing === 'gzip' ? createGunzip() : createZstdDecompress()
  source.on('error', (error) => unpacked.destroy(error))
  try {
    yield* source.pipe(unpacked) as AsyncIterable<Uint8Array>
  } finally {
    source.destroy()
    unpacked.destroy()
  }
}

async function* toUtf8(blocks: Blocks, encoding: TextEncoding): AsyncGenerator<Uint8Array, void> {
  if (encoding === 'latin1') {
    for await (const block of blocks) yield Buffer.from(Buffer.from(block).toString('latin1'))
    return
  }
  // It drops a mark of byte order.
  const decoder = new TextDecoder(encoding, { fatal: true })
  for await (const block of blocks) yield Buffer.from(decoder.decode(block, { stream: true }))
  yield Buffer.from(decoder.decode())
}

/** The first bytes, and all blocks once more. */
async function peek(blocks: Blocks): Promise<{ head: Uint8Array; blocks: Blocks }> {
  const iterator = blocks[Symbol.asyncIterator]()
  let head = Buffer.alloc(0)
  while (head.length < headBytes) {
    const { value, done } = await iterator.next()
    if (done === true) break
    head = Buffer.concat([head, value])
  }
  const all = async function* (): AsyncGenerator<Uint8Array, void> {
    try {
      if (head.length > 0) yield head
      for (;;) {
        const { value, done } = await iterator.next()
        if (done === true) return
        yield value
      }
    } finally {
      await iterator.return?.()
    }
  }
  return { head, blocks: all() }
}
