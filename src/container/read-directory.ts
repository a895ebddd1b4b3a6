/** Reads the directory at the end of a zip archive, strictly. */

import type { ByteSource, ByteWindow } from './byte-source.ts'
import { damaged } from './damage.ts'
import { readName } from './member-name.ts'
import { formatMark } from './zip-marks.ts'

/** What the directory says about a member. */
export interface DirectoryEntry {
  readonly name: string
  /** Bytes of the name as they stand in the file, one character each. */
  readonly rawName: string
  readonly flags: number
  readonly crc: number
  readonly size: number
  readonly headerOffset: number
  /** First byte of this entry. */
  readonly entryOffset: number
}

/** The members of an archive, and where its directory begins. */
export interface Directory {
  readonly entries: readonly DirectoryEntry[]
  /** First byte of the directory, at which the last member ends. */
  readonly start: number
}

/** The most members of a file. */
export const mostMembers = 2 ** 20

const most32 = 0xffff_ffff

/**
 * Reads what a file says about its members, without reading them. Only an uncompressed archive passes, whose last byte is
 * that of its end record: nothing can hide before, behind or between its records.
 *
 * @param window - over the file
 * @throws OneCopyError `ERR_FORMAT`
 */
export function readDirectory(window: ByteWindow): Directory {
  const { source } = window
  requireZip(window)
  const { count, start, stop } = readEnd(window)
  const names = new Set<string>()
  const entries: DirectoryEntry[] = []
  let at = start
  for (let i = 0; i < count; i++) {
    const { entry, next } = readEntry(window, at, stop)
    if (names.has(entry.name))
      throw damaged({
        path: source.path,
        member: entry.name,
        field: 'the name',
        expected: 'there once',
        got: 'it twice',
      })
    names.add(entry.name)
    entries.push(entry)
    at = next
  }
  if (at !== stop)
    throw damaged({
      path: source.path,
      field: 'the directory',
      expected: `${stop - start} bytes long as the end record says`,
      got: at - start,
    })
  return { entries, start }
}

/** What people take for a container, by its first bytes. */
const otherFormats: readonly (readonly [start: readonly number[], text: string])[] = [
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'a .npy file. Open it with openArray()'],
  [[0x1f, 0x8b], 'a file that gzip compressed. Unpack it first'],
  [[0x80], 'a pickle. Loading one can run code from its author'],
  [[0x78], 'a file that joblib.dump compressed. Loading one can run code from its author'],
]

function requireZip(window: ByteWindow): void {
  const { path, size } = window.source
  const length = Math.min(8, size)
  const at = window.need(0, length)
  if (size >= 22 && window.view.getUint32(at, true) === formatMark.localHeader) return
  const start = window.bytes.subarray(at, at + length)
  const other = otherFormats.find(([bytes]) => bytes.every((byte, i) => start[i] === byte))
  throw damaged({
    path,
    field: 'the start',
    expected: 'that of an uncompressed zip archive',
    got: other === undefined ? (size === 0 ? 'an empty file' : 'other bytes') : other[1],
  })
}

interface End {
  readonly count: number
  readonly start: number
  readonly stop: number
}

/** The end record, which must be the last 22 bytes; 64-bit values stand right before it. */
function readEnd(window: ByteWindow): End {
  const { source } = window
  const { size } = source
  const refuse = (field: string, expected: string, got: string | number): Error =>
    damaged({ path: source.path, field, expected, got })
  const at = window.need(size - 22, 22)
  const { view } = window
  if (view.getUint32(at, true) !== formatMark.end)
    throw damaged({
      path: source.path,
      field: 'the last 22 bytes',
      expected: 'the end record of a zip archive without a comment',
      got: 'other bytes',
      advice: 'The file was cut, has something appended, or is still being written.',
    })
  if (view.getUint16(at + 20, true) !== 0)
    throw refuse('the comment', 'empty', `${view.getUint16(at + 20, true)} bytes`)
  if (view.getUint32(at + 4, true) !== 0) throw refuse('the disk numbers', '0', 'others')
  const short = {
    count: view.getUint16(at + 8, true),
    length: view.getUint32(at + 12, true),
    start: view.getUint32(at + 16, true),
  }
  if (view.getUint16(at + 10, true) !== short.count)
    throw refuse('both numbers of members', `${short.count}`, view.getUint16(at + 10, true))
  const { count, length, start, stop } = readLongEnd(source, window, short) ?? {
    ...short,
    stop: size - 22,
  }
  if (count > mostMembers) throw refuse('the number of members', `at most ${mostMembers}`, count)
  if (start + length !== stop)
    throw refuse(
      'the directory',
      `at the end, at bytes ${stop - length} to ${stop}`,
      `byte ${start}`,
    )
  return { count, start, stop }
}

function readLongEnd(
  source: ByteSource,
  window: ByteWindow,
  short: { readonly count: number; readonly length: number; readonly start: number },
): (End & { readonly length: number }) | undefined {
  const place = source.size - 42
  const needed = short.count === 0xffff || short.length === most32 || short.start === most32
  const at = place < 0 ? -1 : window.need(place, 20)
  const isThere = at >= 0 && window.view.getUint32(at, true) === formatMark.longEndPlace
  if (!isThere && !needed) return undefined
  const refuse = (field: string, expected: string, got: string | number): Error =>
    damaged({ path: source.path, field, expected, got })
  const stop = place - 56
  if (!isThere || stop < 0) throw refuse('the zip64 end record', 'before the end record', 'none')
  if (readLong(window.view, at + 8) !== stop || window.view.getUint32(at + 4, true) !== 0)
    throw refuse('the place of the zip64 end record', `byte ${stop}`, 'another')
  const end = window.need(stop, 56)
  const { view } = window
  if (view.getUint32(end, true) !== formatMark.longEnd || readLong(view, end + 4) !== 44)
    throw refuse('the zip64 end record', '56 bytes long', 'other bytes')
  if (readLong(view, end + 16) !== 0) throw refuse('the disk numbers', '0', 'others')
  const count = readLong(view, end + 24)
  const length = readLong(view, end + 40)
  const start = readLong(view, end + 48)
  const agrees =
    readLong(view, end + 32) === count &&
    [count, 0xffff].includes(short.count) &&
    [length, most32].includes(short.length) &&
    [start, most32].includes(short.start)
  if (!agrees) throw refuse('the zip64 end record', 'like the end record', 'other numbers')
  return { count, length, start, stop }
}

/** A 64-bit number; NaN, which equals nothing, when it is no exact number here. */
export function readLong(view: DataView, at: number): number {
  const value = view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
  return Number.isSafeInteger(value) ? value : Number.NaN
}

function readEntry(
  window: ByteWindow,
  from: number,
  stop: number,
): { entry: DirectoryEntry; next: number } {
  const { path } = window.source
  const refuse = (expected: string, got: string | number): Error =>
    damaged({ path, field: `the directory entry at byte ${from}`, expected, got })
  if (from + 46 > stop) throw refuse('inside the directory', 'one that reaches out of it')
  let at = window.need(from, 46)
  if (window.view.getUint32(at, true) !== formatMark.centralEntry)
    throw refuse('there', 'other bytes')
  const nameLength = window.view.getUint16(at + 28, true)
  const extraLength = window.view.getUint16(at + 30, true)
  const length = 46 + nameLength + extraLength
  if (from + length > stop) throw refuse('inside the directory', 'one that reaches out of it')
  at = window.need(from, length)
  const { bytes, view } = window
  const flags = view.getUint16(at + 8, true)
  const rawName = bytes.toString('latin1', at + 46, at + 46 + nameLength)
  const name = readName(rawName, flags, path)
  const place = { path, member: name }
  requireStored(view, at, place)
  const extra = { at: at + 46 + nameLength, stop: at + length }
  const { size, headerOffset } = readPlace(view, at, extra, place)
  const entry = {
    name,
    rawName,
    flags,
    crc: view.getUint32(at + 16, true),
    size,
    headerOffset,
    entryOffset: from,
  }
  return { entry, next: from + length }
}

/** Refuses compression, encryption, comments, and anything but a regular file. */
function requireStored(
  view: DataView,
  at: number,
  place: { readonly path: string; readonly member: string },
): void {
  const flags = view.getUint16(at + 8, true)
  if ((flags & ~0x800) !== 0)
    throw damaged({
      ...place,
      field: 'the flags',
      expected: '0, or 2048 for a name in UTF-8',
      got: flags,
    })
  const method = view.getUint16(at + 10, true)
  if (method !== 0)
    throw damaged({
      ...place,
      field: 'the compression method',
      expected: '0 (stored)',
      got: method,
      advice: 'Only uncompressed members can be mapped.',
    })
  if (view.getUint16(at + 32, true) !== 0)
    throw damaged({ ...place, field: 'the comment', expected: 'empty', got: 'one' })
  if (view.getUint16(at + 34, true) !== 0)
    throw damaged({
      ...place,
      field: 'the disk number',
      expected: '0',
      got: view.getUint16(at + 34, true),
    })
  const kind = view.getUint16(at + 40, true) & 0o170000
  if ((kind !== 0 && kind !== 0o100000) || (view.getUint8(at + 38) & 0x10) !== 0)
    throw damaged({ ...place, field: 'the kind', expected: 'a regular file', got: 'another' })
}

/** Size and place of a member, from 64-bit fields where the short ones have no room. */
function readPlace(
  view: DataView,
  at: number,
  extra: { at: number; readonly stop: number },
  place: { readonly path: string; readonly member: string },
): { size: number; headerOffset: number } {
  const stored = view.getUint32(at + 20, true)
  const size = view.getUint32(at + 24, true)
  const headerOffset = view.getUint32(at + 42, true)
  // Nearly always; the rest is for large files, and for files that have something to hide.
  if (extra.at === extra.stop && size === stored && size !== most32 && headerOffset !== most32)
    return { size, headerOffset }
  const wanted = [size, stored, headerOffset].filter((value) => value === most32).length
  const longs = readExtra(view, extra, { ...place, where: 'directory', longs: wanted })
  const take = (value: number): number => (value === most32 ? longs.shift()! : value)
  const found = { size: take(size), stored: take(stored), headerOffset: take(headerOffset) }
  if (found.stored !== found.size || Number.isNaN(found.size))
    throw damaged({
      ...place,
      field: 'the stored size',
      expected: `the size, ${found.size} bytes`,
      got: found.stored,
    })
  return found
}

/**
 * Checks the extra fields of a header: 64-bit numbers as many as are needed, and zeros for alignment, each once.
 *
 * @returns the 64-bit numbers
 */
export function readExtra(
  view: DataView,
  { at: from, stop }: { readonly at: number; readonly stop: number },
  about: {
    readonly path: string
    readonly member: string
    readonly where: string
    readonly longs: number
  },
): number[] {
  const { path, member, where, longs: wanted } = about
  const refuse = (expected: string, got: string | number): Error =>
    damaged({ path, member, field: `the extra field in the ${where}`, expected, got })
  const longs: number[] = []
  let before = -1
  for (let at = from; at < stop;) {
    const id = at + 4 <= stop ? view.getUint16(at, true) : -1
    const length = at + 4 <= stop ? view.getUint16(at + 2, true) : 0
    const next = at + 4 + length
    if (id < 0 || next > stop) throw refuse('inside its header', 'one that reaches out of it')
    // In this order, and each once.
    if (id <= before)
      throw refuse('zip64 before an alignment, each once', `the id ${id} after ${before}`)
    before = id
    if (id === formatMark.longs) {
      if (length !== 8 * wanted) throw refuse(`${8 * wanted} bytes of 64-bit numbers`, length)
      for (let i = 0; i < wanted; i++) longs.push(readLong(view, at + 4 + 8 * i))
    } else if (id === formatMark.alignment) {
      if (length < 2) throw refuse('at least 2 bytes for the alignment', length)
      for (let i = at + 6; i < next; i++)
        if (view.getUint8(i) !== 0) throw refuse('zeros for the alignment', view.getUint8(i))
    } else throw refuse('zip64 or an alignment', `the id ${id}`)
    at = next
  }
  if (longs.length !== wanted) throw refuse(`${8 * wanted} bytes of 64-bit numbers`, 0)
  return longs
}
