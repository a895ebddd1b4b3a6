/** Tells archives from other files by their first bytes. */

import type { ByteWindow } from './byte-source.ts'
import { damaged } from './damage.ts'
import { formatMark } from './zip-marks.ts'

/** Bytes of an archive without members. */
const endBytes = 22

/** What people take for an archive, by its first bytes. */
const otherFormats: readonly (readonly [start: readonly number[], text: string])[] = [
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], 'a .npy file. Open it with openArray()'],
  [[0x1f, 0x8b], 'a file that gzip compressed. Unpack it first'],
  [[0x80], 'a pickle. Loading one can run code from its author'],
  [[0x78], 'a file that joblib.dump compressed. Loading one can run code from its author'],
]

/**
 * Refuses a file that does not begin as an archive.
 *
 * @param what - for errors: `a zip archive`
 * @param others - marks that may stand at the start beside that of a member
 * @throws OneCopyError `ERR_FORMAT`, which says what the file is as far as it is known
 */
export function requireStart(
  window: ByteWindow,
  what: string,
  others: readonly number[] = [],
): void {
  const { path, size } = window.source
  const length = Math.min(8, size)
  const at = window.need(0, length)
  const mark = size < endBytes ? 0 : window.view.getUint32(at, true)
  if (mark === formatMark.localHeader || others.includes(mark)) return
  const start = window.bytes.subarray(at, at + length)
  const other = otherFormats.find(([bytes]) => bytes.every((byte, i) => start[i] === byte))
  throw damaged({
    path,
    field: 'the start',
    expected: `that of ${what}`,
    got: other === undefined ? (size === 0 ? 'an empty file' : 'other bytes') : other[1],
  })
}
