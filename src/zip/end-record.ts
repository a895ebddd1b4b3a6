/** Reads the end of a zip archive. */

import type { ByteSource, ByteWindow } from './byte-source.ts'
import { damaged } from './damage.ts'
import { readLong } from './long-number.ts'
import { most32 } from './zip-format.ts'
import { formatMark } from './zip-marks.ts'

/** The most members of a file. */
export const mostMembers = 2 ** 20

/** Where the directory of an archive lies, and how many members it has. */
export interface DirectoryPlace {
  readonly count: number
  readonly start: number
  readonly stop: number
}

/**
 * Reads the end record, which must be the last 22 bytes; 64-bit values stand right before it. The directory must end where these
 * begin, so that nothing can hide behind it.
 *
 * @param window - over a file of at least 22 bytes
 * @throws OneCopyError `ERR_FORMAT`
 */
export function readEnd(window: ByteWindow): DirectoryPlace {
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
): (DirectoryPlace & { readonly length: number }) | undefined {
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
