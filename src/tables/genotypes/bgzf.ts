/** Blocks of BGZF for small files, such as indexes. */

import { constants, crc32, deflateRawSync } from 'node:zlib'

/** Bytes of text in a block. */
const blockText = 65280

/** A gzip header with the extra field `BC`, which holds the block's length less one. */
const blockHead = [31, 139, 8, 4, 0, 0, 0, 0, 0, 255, 6, 0, 66, 67, 2, 0]

/** The empty block at the end of each file. */
export const bgzfEnd: Uint8Array = Buffer.from(
  '1f8b08040000000000ff0600424302001b0003000000000000000000',
  'hex',
)

/** A file of these bytes, in blocks, with its end. */
export function compressBgzf(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += blockText)
    blocks.push(makeBlock(bytes.subarray(at, at + blockText)))
  return Buffer.concat([...blocks, bgzfEnd])
}

function makeBlock(text: Uint8Array): Uint8Array {
  const packed = deflateRawSync(text, { level: constants.Z_DEFAULT_COMPRESSION })
  const block = Buffer.alloc(18 + packed.length + 8)
  block.set(blockHead)
  block.writeUInt16LE(block.length - 1, 16)
  block.set(packed, 18)
  block.writeUInt32LE(crc32(text), 18 + packed.length)
  block.writeUInt32LE(text.length, 22 + packed.length)
  return block
}
