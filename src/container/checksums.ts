/** Compares members with their checksums. */

import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { damaged } from './damage.ts'
import type { ContainerContents } from './read-container.ts'
import type { ZipMember } from './zip-format.ts'

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
    if (crc === member.crc) continue
    throw damaged({
      path,
      member: member.name,
      field: 'the CRC-32',
      expected: `${member.crc} as its header says`,
      got: crc,
      advice: 'Its content was changed after it was written.',
    })
  }
}

function* piecesOf({ dataOffset, size }: ZipMember, bytes: Uint8Array): Generator<Uint8Array> {
  const stop = dataOffset + size
  for (let at = dataOffset; at < stop; at += pieceBytes)
    yield bytes.subarray(at, Math.min(stop, at + pieceBytes))
}
