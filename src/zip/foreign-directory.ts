/** Reads the directory of a zip archive from elsewhere. */

import { requireStart } from './archive-start.ts'
import { type ByteSource, ByteWindow } from './byte-source.ts'
import { type Damage, damaged } from './damage.ts'
import { readEnd } from './end-record.ts'
import { readLong } from './long-number.ts'
import { decodeName } from './member-name.ts'
import { most32, type ZipMember } from './zip-format.ts'
import { formatMark } from './zip-marks.ts'

/** A member of an archive from elsewhere. */
export interface PackedMember extends ZipMember {
  /** Whether its bytes are compressed by deflate; otherwise they are stored as they are. */
  readonly isDeflated: boolean
  /** Bytes that it takes in the file. */
  readonly packedSize: number
}

/**
 * Reads and checks the directory of an archive: its members stand one after the other from the first byte of the file
 * on, the directory follows, and nothing stands behind it, so that no byte has two meanings and none is hidden.
 *
 * @throws OneCopyError `ERR_FORMAT` for anything else, also for members that are encrypted or compressed by
 * another method than deflate
 * @see APPNOTE.TXT 6.3.10 of PKWARE
 */
export function readForeignDirectory(source: ByteSource): readonly PackedMember[] {
  const window = new ByteWindow(source, windowBytes)
  requireStart(window, 'a zip archive', [formatMark.end])
  const { count, start, stop } = readEnd(window)
  const entries = readEntries(window, { count, start, stop })
  // Neighbours in the file are read together.
  const sorted = entries.toSorted((a, b) => a.headerOffset - b.headerOffset)
  const dataOffsets = readLocalHeaders(window, sorted, start)
  return entries.map(({ name, size, crc, headerOffset, isDeflated, packedSize }) => {
    const dataOffset = dataOffsets.get(headerOffset)!
    return { name, size, crc, headerOffset, dataOffset, isDeflated, packedSize }
  })
}

/** Bytes that are read at once: records of small members follow each other. */
const windowBytes = 64 * 1024
const localBytes = 30
const centralBytes = 46

/** Names may be ASCII; bits 1 and 2 say how hard deflate has tried, bit 3 that sizes follow the bytes, bit 11 that names are UTF-8. */
const knownFlags = 0b1000_0000_1110
const sizesFollow = 0b1000

/** What the directory says of a member. */
interface Entry extends Omit<PackedMember, 'dataOffset'> {
  /** Bytes of the name, one character each. */
  readonly rawName: string
  readonly flags: number
  readonly method: number
}

function readEntries(
  window: ByteWindow,
  { count, start, stop }: { readonly count: number; readonly start: number; readonly stop: number },
): Entry[] {
  const names = new Set<string>()
  const entries: Entry[] = []
  let at = start
  while (entries.length < count) {
    const { entry, next } = readEntry(window, at, stop)
    if (names.has(entry.name))
      throw refuse(window, {
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
    throw refuse(window, {
      field: 'the directory',
      expected: `${stop - start} bytes long as the end record says`,
      got: at - start,
    })
  return entries
}

function readEntry(window: ByteWindow, from: number, stop: number): { entry: Entry; next: number } {
  const wrong = (expected: string, got: string): Error =>
    refuse(window, { field: `the directory entry at byte ${from}`, expected, got })
  if (from + centralBytes > stop) throw wrong('inside the directory', 'one that reaches out of it')
  let at = window.need(from, centralBytes)
  if (window.view.getUint32(at, true) !== formatMark.centralEntry)
    throw wrong('there', 'other bytes')
  const [nameLength, extraLength, commentLength] = [28, 30, 32].map((place) =>
    window.view.getUint16(at + place, true),
  ) as [number, number, number]
  const next = from + centralBytes + nameLength + extraLength + commentLength
  if (next > stop) throw wrong('inside the directory', 'one that reaches out of it')
  at = window.need(from, next - from)
  const { view, bytes } = window
  const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)]
  const rawName = bytes.toString('latin1', at + centralBytes, at + centralBytes + nameLength)
  const name = readName(window, rawName, flags)
  requireMethod(window, name, { flags, method })
  const extra = {
    at: at + centralBytes + nameLength,
    stop: at + centralBytes + nameLength + extraLength,
  }
  const sizes = readSizes(window, at, extra, name)
  if (method === 0 && sizes.packedSize !== sizes.size)
    throw refuse(window, {
      member: name,
      field: 'the stored size',
      expected: `the size, ${sizes.size} bytes`,
      got: sizes.packedSize,
    })
  const crc = view.getUint32(at + 16, true)
  return { entry: { name, rawName, flags, method, crc, isDeflated: method === 8, ...sizes }, next }
}

function readName(window: ByteWindow, raw: string, flags: number): string {
  const name = decodeName(raw, flags)
  if (name !== undefined && name !== '' && !/\p{Cc}/u.test(name)) return name
  throw refuse(window, {
    field: 'the name of each member',
    expected: 'a text in ASCII, or marked as UTF-8',
    got: JSON.stringify(raw.slice(0, 80)),
  })
}

function requireMethod(
  window: ByteWindow,
  member: string,
  { flags, method }: { readonly flags: number; readonly method: number },
): void {
  if ((flags & ~knownFlags) !== 0)
    throw refuse(window, {
      member,
      field: 'the flags',
      expected: 'those of a plain member',
      got: `0x${flags.toString(16)}`,
      advice: 'It is encrypted or patched.',
    })
  if (method !== 0 && method !== 8)
    throw refuse(window, {
      member,
      field: 'the compression method',
      expected: '0 (stored) or 8 (deflated)',
      got: method,
    })
}

/** Sizes and place of a member, from the zip64 field where the record has no room for them. */
function readSizes(
  window: ByteWindow,
  at: number,
  extra: ExtraRange,
  member: string,
): Pick<Entry, 'size' | 'packedSize' | 'headerOffset'> {
  const { view } = window
  const short = [24, 20, 42].map((place) => view.getUint32(at + place, true))
  const wanted = short.filter((value) => value === most32).length
  const longs = wanted === 0 ? [] : readLongs(window, extra, { member, wanted })
  const [size, packedSize, headerOffset] = short.map((value) =>
    value === most32 ? longs.shift()! : value,
  ) as [number, number, number]
  return { size, packedSize, headerOffset }
}

/** Where the extra fields of a record stand in the window. */
interface ExtraRange {
  readonly at: number
  readonly stop: number
}

/** The first 64-bit numbers of a record; other fields are passed over. */
function readLongs(
  window: ByteWindow,
  { at: from, stop }: ExtraRange,
  { member, wanted }: { readonly member: string; readonly wanted: number },
): number[] {
  const { view } = window
  for (let at = from; at + 4 <= stop;) {
    const [id, length] = [view.getUint16(at, true), view.getUint16(at + 2, true)]
    const next = at + 4 + length
    if (id === formatMark.longs && next <= stop && length >= 8 * wanted) {
      const longs = Array.from({ length: wanted }, (_, i) => readLong(view, at + 4 + 8 * i))
      if (!longs.some(Number.isNaN)) return longs
      break
    }
    at = next
  }
  throw refuse(window, {
    member,
    field: 'the zip64 field',
    expected: `${wanted} numbers below 2^53`,
    got: 'none or others',
  })
}

/**
 * Compares the header of each member with the directory, and refuses members that overlap, and bytes that belong to none of them.
 *
 * @param sorted - by their places
 * @param directoryStart - where the last one ends
 * @returns first byte of the content, by place
 */
function readLocalHeaders(
  window: ByteWindow,
  sorted: readonly Entry[],
  directoryStart: number,
): Map<number, number> {
  const offsets = new Map<number, number>()
  let at = 0
  let before: Entry | undefined
  for (const entry of sorted) {
    at = requireNext(window, before, at, entry.headerOffset)
    const dataOffset = readLocalHeader(window, entry, directoryStart)
    at = dataOffset + entry.packedSize
    if (at > directoryStart)
      throw refuse(window, {
        member: entry.name,
        field: 'the stored size',
        expected: `at most ${directoryStart - dataOffset} bytes, up to the directory`,
        got: entry.packedSize,
      })
    offsets.set(entry.headerOffset, dataOffset)
    before = entry
  }
  requireNext(window, before, at, directoryStart)
  return offsets
}

/** Refuses bytes between a member that ends at byte `at` and what follows, other than its sizes. */
function requireNext(
  window: ByteWindow,
  before: Entry | undefined,
  at: number,
  next: number,
): number {
  if (next === at) return next
  const gap = next - at
  if (
    before !== undefined &&
    (before.flags & sizesFollow) !== 0 &&
    isDescriptor(window, before, at, gap)
  )
    return next
  throw refuse(window, {
    ...(before !== undefined && { member: before.name }),
    field: before === undefined ? 'the first record' : 'the record behind the bytes',
    expected: `at byte ${at}`,
    got: `byte ${next}`,
  })
}

/** Whether the bytes behind a member are its CRC and sizes, with or without a mark, in 32 or 64 bits. */
function isDescriptor(window: ByteWindow, entry: Entry, from: number, length: number): boolean {
  if (![12, 16, 20, 24].includes(length)) return false
  const isMarked = length === 16 || length === 24
  const isLong = length >= 20
  let at = window.need(from, length)
  const { view } = window
  if (isMarked && view.getUint32(at, true) !== formatMark.descriptor) return false
  if (isMarked) at += 4
  const read = (place: number): number =>
    isLong ? readLong(view, at + 4 + 2 * place) : view.getUint32(at + 4 + place, true)
  return (
    view.getUint32(at, true) === entry.crc && read(0) === entry.packedSize && read(4) === entry.size
  )
}

/** Compares a local header with its entry; returns where the content begins. */
function readLocalHeader(window: ByteWindow, entry: Entry, stop: number): number {
  const { headerOffset, name: member, flags } = entry
  const wrong = (field: string, expected: string | number, got: string | number): Error =>
    refuse(window, { member, field: `${field} in the local header`, expected: `${expected}`, got })
  const out = (): Error =>
    refuse(window, {
      member,
      field: 'the local header',
      expected: `one before the directory, at byte ${headerOffset}`,
      got: 'other bytes',
    })
  if (headerOffset + localBytes > stop) throw out()
  let at = window.need(headerOffset, localBytes)
  if (window.view.getUint32(at, true) !== formatMark.localHeader) throw out()
  const nameLength = window.view.getUint16(at + 26, true)
  const length = localBytes + nameLength + window.view.getUint16(at + 28, true)
  if (headerOffset + length > stop) throw out()
  at = window.need(headerOffset, length)
  const { bytes, view } = window
  const same = (field: string, expected: number, got: number, mayMiss = false): void => {
    if (got !== expected && !(mayMiss && got === 0))
      throw wrong(field, `${expected} as in the directory`, got)
  }
  same('the flags', flags, view.getUint16(at + 6, true))
  same('the compression method', entry.method, view.getUint16(at + 8, true))
  if (bytes.toString('latin1', at + localBytes, at + localBytes + nameLength) !== entry.rawName)
    throw wrong('the name', 'as in the directory', 'another')
  const later = (flags & sizesFollow) !== 0
  const short = [22, 18].map((place) => view.getUint32(at + place, true))
  const wanted = short.filter((value) => value === most32).length
  const extra = { at: at + localBytes + nameLength, stop: at + length }
  const longs = wanted === 0 ? [] : readLongs(window, extra, { member, wanted })
  const [size, packedSize] = short.map((value) => (value === most32 ? longs.shift()! : value)) as [
    number,
    number,
  ]
  same('the CRC', entry.crc, view.getUint32(at + 14, true), later)
  same('the size', entry.size, size, later)
  same('the stored size', entry.packedSize, packedSize, later)
  return headerOffset + length
}

/** The error for a part of the file. */
function refuse({ source }: ByteWindow, damage: Omit<Damage, 'path'>): Error {
  return damaged({ path: source.path, ...damage })
}
