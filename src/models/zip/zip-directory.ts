/** Reads the directory of a zip archive from elsewhere. */

import { fstatSync, readSync } from 'node:fs'
import { OneCopyError, show } from '../../errors.ts'

/** A member of an archive. */
export interface ZipMember {
  readonly name: string
  /** Whether its bytes are compressed by deflate; otherwise they are stored as they are. */
  readonly isDeflated: boolean
  /** First byte of it in the file. */
  readonly start: number
  /** Bytes that it takes in the file. */
  readonly packedBytes: number
  /** Bytes that it has when it is unpacked. */
  readonly bytes: number
  /** CRC-32 of these, as a whole number that is not negative. */
  readonly crc: number
}

/**
 * Reads and checks the directory of an archive: its members stand one after the other from the first byte of the file
 * on, the directory follows, and nothing stands behind it, so that no byte has two meanings and none is hidden.
 *
 * @param fd - an open file
 * @param path - what error texts call it
 * @throws OneCopyError `ERR_FORMAT` for anything else, also for members that are encrypted or compressed by
 * another method than deflate
 * @see APPNOTE.TXT 6.3.10 of PKWARE
 */
export function readDirectory(fd: number, path: string): readonly ZipMember[] {
  const window = { start: 0, bytes: new Uint8Array() }
  const file: ZipFile = { fd, path, bytes: fstatSync(fd).size, window }
  const end = readEnd(file)
  const entries = readEntries(file, end)
  requireTiles(file, entries, end.start)
  return entries.map(({ member }) => member)
}

interface ZipFile {
  readonly fd: number
  readonly path: string
  readonly bytes: number
  /** What was read last. */
  window: Window
}

/** Where the directory lies. */
interface DirectoryEnd {
  readonly start: number
  readonly stop: number
  readonly count: number
}

/** A member, and the parts of the file that its local header begins and that its bytes end. */
interface Entry {
  readonly member: ZipMember
  readonly headerStart: number
  /** Whether a record of sizes may follow its bytes. */
  readonly hasDescriptor: boolean
}

const endBytes = 22
const locatorBytes = 20
const wideEndBytes = 56
const localBytes = 30
const centralBytes = 46
/** Bytes that a record of sizes takes behind a member, at most. */
const descriptorBytes = 24
const mostMembers = 2 ** 20

function readEnd(file: ZipFile): DirectoryEnd {
  if (file.bytes < endBytes) throw refuse(file, `has ${file.bytes} bytes, too few for one`)
  const at = file.bytes - endBytes
  const end = readPart(file, at, endBytes)
  if (end.getUint32(0, true) !== 0x06054b50) {
    throw refuse(
      file,
      "doesn't end with the end record of one. It was truncated, is still being written, or has a comment or other bytes behind it",
    )
  }
  if (end.getUint16(20, true) !== 0) throw refuse(file, 'has a comment that it ends before')
  requireOneDisk(file, [end.getUint16(4, true), end.getUint16(6, true)])
  const count = end.getUint16(10, true)
  const bytes = end.getUint32(12, true)
  const start = end.getUint32(16, true)
  const isWide = count === 0xffff || bytes === 0xffffffff || start === 0xffffffff
  const wide = isWide && at >= locatorBytes ? readPart(file, at - locatorBytes, locatorBytes) : null
  const found: DirectoryEnd =
    wide?.getUint32(0, true) === 0x07064b50
      ? readWideEnd(file, wide, at - locatorBytes)
      : { start, stop: at, count }
  const size = found.stop - found.start
  const isInside = found.start >= 0 && size >= found.count * centralBytes
  if (!isInside || (!isWide && size !== bytes))
    throw refuse(
      file,
      `says a directory of ${bytes} bytes at byte ${start}, which doesn't lie there`,
    )
  if (found.count > mostMembers)
    throw refuse(file, `says ${found.count} members, at most ${mostMembers} are read`)
  return found
}

function readWideEnd(file: ZipFile, locator: DataView, stop: number): DirectoryEnd {
  const at = readNumber(file, locator, 8)
  if (at !== stop - wideEndBytes)
    throw refuse(file, `says an end record at byte ${at}, which doesn't lie there`)
  const end = readPart(file, at, wideEndBytes)
  if (end.getUint32(0, true) !== 0x06064b50 || readNumber(file, end, 4) !== wideEndBytes - 12)
    throw refuse(file, 'has a damaged zip64 end record')
  requireOneDisk(file, [
    end.getUint32(16, true),
    end.getUint32(20, true),
    locator.getUint32(4, true),
  ])
  const [count, bytes, start] = [32, 40, 48].map((place) => readNumber(file, end, place)) as [
    number,
    number,
    number,
  ]
  if (start + bytes !== at)
    throw refuse(
      file,
      `says a directory of ${bytes} bytes at byte ${start}, which doesn't lie there`,
    )
  return { start, stop: at, count }
}

function requireOneDisk(file: ZipFile, disks: readonly number[]): void {
  if (disks.some((disk) => disk !== 0)) throw refuse(file, 'is one part of several')
}

function readEntries(file: ZipFile, { start, stop, count }: DirectoryEnd): Entry[] {
  const directory = readPart(file, start, stop - start)
  const names = new Set<string>()
  const entries: Entry[] = []
  let at = 0
  while (entries.length < count) {
    if (at + centralBytes > directory.byteLength || directory.getUint32(at, true) !== 0x02014b50)
      throw refuse(file, `has a damaged directory at member ${entries.length}`)
    const [nameBytes, extraBytes, commentBytes] = [28, 30, 32].map((place) =>
      directory.getUint16(at + place, true),
    ) as [number, number, number]
    const next = at + centralBytes + nameBytes + extraBytes + commentBytes
    if (next > directory.byteLength)
      throw refuse(file, `has a damaged directory at member ${entries.length}`)
    const entry = readEntry(
      file,
      new DataView(directory.buffer, directory.byteOffset + at, next - at),
    )
    if (names.has(entry.member.name))
      throw refuse(file, `has two members ${show(entry.member.name)}`)
    names.add(entry.member.name)
    entries.push(entry)
    at = next
  }
  if (at !== directory.byteLength)
    throw refuse(file, 'has bytes behind the directory of its members')
  return entries
}

function readEntry(file: ZipFile, record: DataView): Entry {
  const [flags, method] = [record.getUint16(8, true), record.getUint16(10, true)]
  const name = readName(file, record, flags)
  // Bits 1 and 2 say how hard deflate has tried, bit 3 that sizes follow the bytes, bit 11 that names are UTF-8.
  if ((flags & ~0b1000_0000_1110) !== 0)
    throw refuse(
      file,
      `has flags 0x${flags.toString(16)} at member ${show(name)}: it is encrypted or patched`,
    )
  if (method !== 0 && method !== 8) {
    throw refuse(
      file,
      `has the member ${show(name)} compressed by method ${method}; stored and deflated ones are read`,
    )
  }
  const sizes = readSizes(file, record, name)
  const { packed, bytes, headerStart } = sizes
  if (method === 0 && packed !== bytes)
    throw refuse(file, `says ${packed} and ${bytes} bytes for the stored member ${show(name)}`)
  const start = requireLocalHeader(file, record, headerStart, name)
  const member: ZipMember = {
    name,
    isDeflated: method === 8,
    start,
    packedBytes: packed,
    bytes,
    crc: record.getUint32(16, true),
  }
  return { member, headerStart, hasDescriptor: (flags & 8) !== 0 }
}

function readName(file: ZipFile, record: DataView, flags: number): string {
  const bytes = new Uint8Array(
    record.buffer,
    record.byteOffset + centralBytes,
    record.getUint16(28, true),
  )
  try {
    const isPlain = bytes.every((byte) => byte >= 0x20 && byte < 0x7f)
    if (!isPlain && (flags & 0x800) === 0) throw new TypeError()
    const name = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    if (name === '' || /\p{Cc}/u.test(name)) throw new TypeError()
    return name
  } catch {
    throw refuse(file, 'has a member whose name is not UTF-8 text')
  }
}

/** Sizes and place of a member, from the zip64 field where the record has no room for them. */
function readSizes(
  file: ZipFile,
  record: DataView,
  name: string,
): { packed: number; bytes: number; headerStart: number } {
  const extra = findExtra(file, record, name)
  let at = 0
  const [bytes, packed, headerStart] = [24, 20, 42].map((place) => {
    const value = record.getUint32(place, true)
    if (value !== 0xffffffff) return value
    if (extra === undefined || at + 8 > extra.byteLength)
      throw refuse(file, `has no zip64 field at member ${show(name)}`)
    at += 8
    return readNumber(file, extra, at - 8)
  }) as [number, number, number]
  return { packed, bytes, headerStart }
}

/** The zip64 field of a record of the directory. */
function findExtra(file: ZipFile, record: DataView, name: string): DataView | undefined {
  let at = centralBytes + record.getUint16(28, true)
  const stop = at + record.getUint16(30, true)
  while (at + 4 <= stop) {
    const [id, size] = [record.getUint16(at, true), record.getUint16(at + 2, true)]
    if (at + 4 + size > stop) break
    if (id === 1) return new DataView(record.buffer, record.byteOffset + at + 4, size)
    at += 4 + size
  }
  if (at > stop) throw refuse(file, `has a damaged field at member ${show(name)}`)
  return undefined
}

/** Returns where the bytes of a member begin. */
function requireLocalHeader(
  file: ZipFile,
  record: DataView,
  headerStart: number,
  name: string,
): number {
  if (headerStart + localBytes > file.bytes)
    throw refuse(file, `has the member ${show(name)} outside of it`)
  const local = readPart(file, headerStart, localBytes)
  const nameBytes = local.getUint16(26, true)
  const isSame =
    local.getUint32(0, true) === 0x04034b50 &&
    [6, 8].every((place) => local.getUint16(place, true) === record.getUint16(place + 2, true)) &&
    nameBytes === record.getUint16(28, true) &&
    ((record.getUint16(8, true) & 8) !== 0 ||
      [14, 18, 22].every((place) => agrees(local, record, place)))
  const start = headerStart + localBytes + nameBytes + local.getUint16(28, true)
  if (!isSame || start > file.bytes || !hasSameName(file, record, headerStart + localBytes))
    throw refuse(file, `has a header of the member ${show(name)} that the directory contradicts`)
  return start
}

/** Whether a CRC or a size is the same in both headers; sizes may stand in a zip64 field of the local one. */
function agrees(local: DataView, record: DataView, place: number): boolean {
  const value = local.getUint32(place, true)
  return value === record.getUint32(place + 2, true) || (place !== 14 && value === 0xffffffff)
}

function hasSameName(file: ZipFile, record: DataView, at: number): boolean {
  const length = record.getUint16(28, true)
  const local = readPart(file, at, length)
  for (let i = 0; i < length; i++)
    if (local.getUint8(i) !== record.getUint8(centralBytes + i)) return false
  return true
}

/** Refuses members that overlap, and bytes that belong to none of them. */
function requireTiles(file: ZipFile, entries: readonly Entry[], directoryStart: number): void {
  let stop = 0
  let room = 0
  for (const { member, headerStart, hasDescriptor } of entries.toSorted(
    (a, b) => a.headerStart - b.headerStart,
  )) {
    if (headerStart < stop || headerStart > stop + room) {
      throw refuse(
        file,
        `has the member ${show(member.name)} at byte ${headerStart}, expected at byte ${stop}, where the one before ends`,
      )
    }
    stop = member.start + member.packedBytes
    room = hasDescriptor ? descriptorBytes : 0
  }
  if (directoryStart < stop || directoryStart > stop + room)
    throw refuse(file, `has its directory at byte ${directoryStart}, expected at byte ${stop}`)
}

/** A number of 64 bits, which must be one of JavaScript's. */
function readNumber(file: ZipFile, view: DataView, at: number): number {
  const value = view.getBigUint64(at, true)
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) throw refuse(file, `says ${value} bytes`)
  return Number(value)
}

/** Bytes that are read at once: headers of small members follow each other. */
const windowBytes = 1 << 16

/** Bytes of a file from a place on. */
interface Window {
  readonly start: number
  readonly bytes: Uint8Array
}

/** Reads bytes that lie in the file; parts of it that were cut off meanwhile are zeros. The view is of a larger buffer. */
function readPart(file: ZipFile, start: number, bytes: number): DataView {
  const { window } = file
  const isIn = start >= window.start && start + bytes <= window.start + window.bytes.length
  if (!isIn) {
    const size = Math.max(bytes, Math.min(windowBytes, file.bytes - start))
    file.window = { start, bytes: readBytes(file.fd, start, size) }
  }
  const { window: now } = file
  return new DataView(now.bytes.buffer, start - now.start, bytes)
}

function readBytes(fd: number, start: number, bytes: number): Uint8Array {
  const part = new Uint8Array(bytes)
  for (let done = 0; done < bytes;) {
    const count = readSync(fd, part, done, bytes - done, start + done)
    if (count === 0) break
    done += count
  }
  return part
}

function refuse({ path }: ZipFile, what: string): OneCopyError {
  return new OneCopyError('ERR_FORMAT', `Expected a zip archive, ${path} ${what}.`, {
    details: { path },
  })
}
