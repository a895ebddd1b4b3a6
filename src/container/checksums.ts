/** Compares members with their checksums. */

import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { requireSameCrc, type ZipMember } from '../zip/internal.ts'
import type { ContainerContents } from './read-container.ts'

/** Bytes that are read before other work of the thread may run. */
const pieceBytes = 8 * 2 ** 20

/**
 * Reads all members and compares their CRC-32.
 *
 * @param container - what the file holds, and its bytes
 * @throws OneCopyError `ERR_FORMAT` naming the first member that was changed
 */
export async function requireChecksums({
  path,
  members,
  bytes,
}: Pick<ContainerContents, 'path' | 'members'> & { readonly bytes: Uint8Array }): Promise<void> {
  let since = 0
  for (const member of members) {
    let crc = 0
    for (const piece of piecesOf(member, bytes)) {
      crc = crc32(piece, crc)
      since += piece.length
      if (since < pieceBytes) continue
      since = 0
      await setImmediate()
    }
    requireSameCrc(member, crc, path)
  }
}

function* piecesOf({ dataOffset, size }: ZipMember, bytes: Uint8Array): Generator<Uint8Array> {
  const stop = dataOffset + size
  for (let at = dataOffset; at < stop; at += pieceBytes)
    yield bytes.subarray(at, Math.min(stop, at + pieceBytes))
}
