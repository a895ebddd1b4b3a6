/** Checks that the members of an archive tile its file. */

import { type ByteWindow, damaged, formatMark, most32, type ZipMember } from '../zip/internal.ts'
import { type Directory, type DirectoryEntry, readExtra } from './read-directory.ts'

/**
 * Compares the header of each member with the directory. The first member must begin at byte 0, each other one where the
 * one before it ends, and the directory where the last one ends: so no two share bytes, and all bytes belong to one.
 *
 * @throws OneCopyError `ERR_FORMAT`
 */
export function* readMembers(
  window: ByteWindow,
  { entries, start }: Directory,
): Generator<ZipMember, void, undefined> {
  const { path } = window.source
  let at = 0
  for (const entry of entries) {
    const { name: member, headerOffset, size, crc } = entry
    if (headerOffset !== at)
      throw damaged({
        path,
        member,
        field: 'the place',
        expected: `byte ${at}, where the member before it ends`,
        got: `byte ${headerOffset}`,
      })
    const dataOffset = readLocalHeader(window, entry, start)
    at = dataOffset + size
    if (at > start)
      throw damaged({
        path,
        member,
        field: 'the size',
        expected: `at most ${start - dataOffset} bytes, up to the directory`,
        got: size,
      })
    yield { name: member, size, crc, headerOffset, dataOffset }
  }
  if (at !== start)
    throw damaged({
      path,
      field: 'the directory',
      expected: `at byte ${at}, where the last member ends`,
      got: `byte ${start}`,
    })
}

/** Compares a local header with its entry; returns where the content begins. */
function readLocalHeader(window: ByteWindow, entry: DirectoryEntry, stop: number): number {
  const { path } = window.source
  const { name: member, headerOffset } = entry
  const refuse = (field: string, expected: string | number, got: string | number): Error =>
    damaged({ path, member, field, expected: `${expected}`, got })
  const out = (): Error =>
    refuse('the local header', 'before the directory', 'one that reaches into it')
  if (headerOffset + 30 > stop) throw out()
  let at = window.need(headerOffset, 30)
  if (window.view.getUint32(at, true) !== formatMark.localHeader)
    throw refuse('the local header', `at byte ${headerOffset}`, 'other bytes')
  const nameLength = window.view.getUint16(at + 26, true)
  const length = 30 + nameLength + window.view.getUint16(at + 28, true)
  if (headerOffset + length > stop) throw out()
  at = window.need(headerOffset, length)
  const { bytes, view } = window
  const same = (field: string, expected: number, got: number): void => {
    if (got !== expected) throw refuse(field, `${expected} as in the directory`, got)
  }
  same('the flags in the local header', entry.flags, view.getUint16(at + 6, true))
  same('the compression method in the local header', 0, view.getUint16(at + 8, true))
  same('the CRC in the local header', entry.crc, view.getUint32(at + 14, true))
  if (bytes.toString('latin1', at + 30, at + 30 + nameLength) !== entry.rawName)
    throw refuse('the name in the local header', 'as in the directory', 'another')
  const stored = view.getUint32(at + 18, true)
  const size = view.getUint32(at + 22, true)
  const isLong = stored === most32 && size === most32
  const extra = { at: at + 30 + nameLength, stop: at + length }
  const longs = readExtra(view, extra, {
    path,
    member,
    where: 'local header',
    longs: isLong ? 2 : 0,
  })
  same('the size in the local header', entry.size, isLong ? longs[0]! : size)
  same('the stored size in the local header', entry.size, isLong ? longs[1]! : stored)
  return headerOffset + length
}
