/** Unpacks members of a zip archive. */

import { createInflateRaw } from 'node:zlib'
import { OneCopyError } from '../../errors.ts'
import { damaged, type PackedMember, requireCrc } from '../../zip/internal.ts'

/** The most that one byte of deflate can stand for. */
const mostRatio = 1032

/** Bytes that are handed to zlib at a time. */
const pieceBytes = 1 << 20

/**
 * Refuses members that would take more memory than is allowed, before any of it is taken.
 *
 * @param members - those that are to be unpacked
 * @param most - bytes that all deflated ones together may take
 * @throws OneCopyError `ERR_FORMAT` for a size that deflate can't reach, `ERR_MEMORY` for too many bytes
 */
export function requireRoom(members: readonly PackedMember[], most: number, path: string): void {
  let total = 0
  for (const { name, isDeflated, size, packedSize } of members) {
    if (!isDeflated) continue
    const reach = mostRatio * (packedSize + 1)
    if (size > reach)
      throw damaged({
        path,
        member: name,
        field: 'the size',
        expected: `at most ${reach} bytes, which its ${packedSize} compressed ones can unpack to`,
        got: size,
      })
    total += size
  }
  if (total <= most) return
  throw new OneCopyError(
    'ERR_MEMORY',
    `Expected the compressed arrays of ${path} to unpack to at most ${most} bytes, got ${total}. ` +
      'If you trust the file, allow more with `maxUnpackedBytes`, or open some of its arrays with `names`.',
    { details: { path, expected: most, bytes: total } },
  )
}

/**
 * Unpacks a member and checks it.
 *
 * @param packed - its bytes in the file
 * @param target - room for exactly its unpacked bytes
 * @throws OneCopyError `ERR_FORMAT` when the bytes are damaged, too few or too many, or their CRC is another one
 */
export async function unpackMember(
  member: PackedMember,
  packed: Uint8Array,
  target: Uint8Array,
  path: string,
): Promise<void> {
  const refuse = (got: string): OneCopyError =>
    damaged({
      path,
      member: member.name,
      field: 'the unpacked content',
      expected: `${target.length} bytes as its header says`,
      got,
    })
  let done = 0
  const unpacking = createInflateRaw()
  const take = (piece: Buffer): void => {
    if (done + piece.length > target.length) {
      unpacking.destroy(new Error('more'))
      return
    }
    target.set(piece, done)
    done += piece.length
  }
  try {
    await new Promise<void>((resolve, reject) => {
      unpacking.on('data', take).once('end', resolve).once('error', reject)
      void feed(unpacking, packed)
    })
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : String(cause))
  }
  if (done < target.length) throw refuse(`${done}`)
  if (unpacking.bytesWritten < packed.length) throw refuse('bytes behind its compressed ones')
  requireCrc(member, target, path)
}

/** Hands bytes to zlib piece by piece, so that it never holds all that they unpack to. */
async function feed(
  unpacking: ReturnType<typeof createInflateRaw>,
  packed: Uint8Array,
): Promise<void> {
  for (let at = 0; at < packed.length && !unpacking.destroyed; at += pieceBytes) {
    // A copy: zlib reads on another thread, and must not meet bytes that others write to.
    const piece = packed.slice(at, at + pieceBytes)
    if (unpacking.write(piece)) continue
    await new Promise((resolve) => unpacking.once('drain', resolve).once('close', resolve))
  }
  if (!unpacking.destroyed) unpacking.end()
}
