/** Compares the bytes of a member with its CRC-32. */

import { crc32 } from 'node:zlib'
import { damaged } from './damage.ts'
import type { ZipMember } from './zip-format.ts'

/**
 * Refuses a member whose bytes have another CRC than its header says.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function requireCrc(member: ZipMember, bytes: Uint8Array, path: string): void {
  requireSameCrc(member, crc32(bytes), path)
}

/** {@link requireCrc} for a CRC that was computed. */
export function requireSameCrc({ name, crc }: ZipMember, found: number, path: string): void {
  if (found === crc) return
  throw damaged({
    path,
    member: name,
    field: 'the CRC-32',
    expected: `${crc} as its header says`,
    got: found,
    advice: 'Its content was changed after it was written.',
  })
}
