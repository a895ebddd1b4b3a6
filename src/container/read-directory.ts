/** Reads the directory at the end of a zip archive, strictly. */

import {
  type ByteWindow,
  damaged,
  formatMark,
  most32,
  readEnd,
  readLong,
  requireStart,
} from '../zip/internal.ts'
import { readName } from './member-name.ts'

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

/**
 * Reads what a file says about its members, without reading them. Only an uncompressed archive passes, whose last byte is
 * that of its end record: nothing can hide before, behind or between its records.
 *
 * @param window - over the file
 * @throws OneCopyError `ERR_FORMAT`
 */
export function readDirectory(window: ByteWindow): Directory {
  const { source } = window
  requireStart(window, 'an uncompressed zip archive')
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
