/** The records of a zip archive as our writer makes them. */

import { formatMark } from './zip-marks.ts'

/** A member whose place and content are known. */
export interface ZipMember {
  readonly name: string
  /** Bytes of its content. */
  readonly size: number
  readonly crc: number
  /** First byte of its local header. */
  readonly headerOffset: number
  /** First byte of its content. */
  readonly dataOffset: number
}

/** Sizes and offsets from here on stand in 64-bit fields. */
export const most32 = 0xffff_ffff

/** Archives that were made on Unix, with files that all may read. */
const madeByUnix = 3 << 8
const regularFile = (0o100644 << 16) >>> 0

/** 1980-01-01, the first day of zip's calendar: the same content gives the same bytes. */
const firstDay = 0x21

/** Android's field for aligned members: id, length, the alignment as two bytes, zeros. */
const leastPadding = 6

/**
 * Finds the place of a member that begins at byte `at` of the file.
 *
 * @param alignment - its content begins at a multiple of this many bytes; 1 for any place
 */
export function placeMember(
  name: string,
  size: number,
  { at, alignment }: { readonly at: number; readonly alignment: number },
): ZipMember {
  const start = at + 30 + Buffer.byteLength(name) + (size >= most32 ? 20 : 0)
  let padding = (alignment - (start % alignment)) % alignment
  if (padding > 0 && padding < leastPadding) padding += alignment
  return { name, size, crc: 0, headerOffset: at, dataOffset: start + padding }
}

/** Where the CRC stands in a local header, and in an entry of the central directory. */
export const crcInLocalHeader = 14
export const crcInCentralEntry = 16

/** A number of 32 bits as it stands in the file. */
export function numberBytes(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}

/** The header before the content of a member. */
export function formatLocalHeader(
  { name, size, crc, headerOffset, dataOffset }: ZipMember,
  alignment: number,
): Buffer {
  const bytes = Buffer.alloc(dataOffset - headerOffset)
  const text = Buffer.from(name)
  const isLong = size >= most32
  bytes.writeUInt32LE(formatMark.localHeader, 0)
  bytes.writeUInt16LE(isLong ? 45 : 20, 4)
  bytes.writeUInt16LE(flagsOf(name), 6)
  bytes.writeUInt16LE(firstDay, 12)
  bytes.writeUInt32LE(crc, crcInLocalHeader)
  bytes.writeUInt32LE(Math.min(size, most32), 18)
  bytes.writeUInt32LE(Math.min(size, most32), 22)
  bytes.writeUInt16LE(text.length, 26)
  bytes.writeUInt16LE(bytes.length - 30 - text.length, 28)
  text.copy(bytes, 30)
  let at = 30 + text.length
  if (isLong) at = writeLongs(bytes, at, [size, size])
  if (at === bytes.length) return bytes
  bytes.writeUInt16LE(formatMark.alignment, at)
  bytes.writeUInt16LE(bytes.length - at - 4, at + 2)
  bytes.writeUInt16LE(alignment, at + 4)
  return bytes
}

/** The entry of a member in the directory at the end of the file. */
export function formatCentralEntry({ name, size, crc, headerOffset }: ZipMember): Buffer {
  const text = Buffer.from(name)
  const longs = [
    ...(size >= most32 ? [size, size] : []),
    ...(headerOffset >= most32 ? [headerOffset] : []),
  ]
  const extra = longs.length === 0 ? 0 : 4 + 8 * longs.length
  const bytes = Buffer.alloc(46 + text.length + extra)
  const version = extra > 0 ? 45 : 20
  bytes.writeUInt32LE(formatMark.centralEntry, 0)
  bytes.writeUInt16LE(madeByUnix | version, 4)
  bytes.writeUInt16LE(version, 6)
  bytes.writeUInt16LE(flagsOf(name), 8)
  bytes.writeUInt16LE(firstDay, 14)
  bytes.writeUInt32LE(crc, crcInCentralEntry)
  bytes.writeUInt32LE(Math.min(size, most32), 20)
  bytes.writeUInt32LE(Math.min(size, most32), 24)
  bytes.writeUInt16LE(text.length, 28)
  bytes.writeUInt16LE(extra, 30)
  bytes.writeUInt32LE(regularFile, 38)
  bytes.writeUInt32LE(Math.min(headerOffset, most32), 42)
  text.copy(bytes, 46)
  if (extra > 0) writeLongs(bytes, 46 + text.length, longs)
  return bytes
}

/** What ends the file, after a central directory of `length` bytes from byte `start` on. */
export function formatEnd(count: number, start: number, length: number): Buffer {
  const isLong = count >= 0xffff || start >= most32 || length >= most32
  const bytes = Buffer.alloc((isLong ? 76 : 0) + 22)
  if (isLong) {
    bytes.writeUInt32LE(formatMark.longEnd, 0)
    bytes.writeBigUInt64LE(44n, 4)
    bytes.writeUInt16LE(madeByUnix | 45, 12)
    bytes.writeUInt16LE(45, 14)
    bytes.writeBigUInt64LE(BigInt(count), 24)
    bytes.writeBigUInt64LE(BigInt(count), 32)
    bytes.writeBigUInt64LE(BigInt(length), 40)
    bytes.writeBigUInt64LE(BigInt(start), 48)
    bytes.writeUInt32LE(formatMark.longEndPlace, 56)
    bytes.writeBigUInt64LE(BigInt(start + length), 64)
    bytes.writeUInt32LE(1, 72)
  }
  const end = bytes.subarray(-22)
  end.writeUInt32LE(formatMark.end, 0)
  end.writeUInt16LE(Math.min(count, 0xffff), 8)
  end.writeUInt16LE(Math.min(count, 0xffff), 10)
  end.writeUInt32LE(Math.min(length, most32), 12)
  end.writeUInt32LE(isLong ? most32 : start, 16)
  return bytes
}

/** Names beyond ASCII are marked as UTF-8. */
function flagsOf(name: string): number {
  return Buffer.byteLength(name) === name.length ? 0 : 0x800
}

function writeLongs(bytes: Buffer, at: number, values: readonly number[]): number {
  bytes.writeUInt16LE(formatMark.longs, at)
  bytes.writeUInt16LE(8 * values.length, at + 2)
  for (const [i, value] of values.entries()) bytes.writeBigUInt64LE(BigInt(value), at + 4 + 8 * i)
  return at + 4 + 8 * values.length
}
