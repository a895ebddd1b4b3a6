/** Lists of texts as arrays, for files and messages. */

import { OneCopyError, show } from '../../errors.ts'
import { isStringList } from '../../options.ts'

/** Texts one after the other, as UTF-16, which keeps every text. */
export interface PackedTexts {
  readonly units: Uint16Array
  /** Where in `units` each text ends. */
  readonly ends: Uint32Array
}

/** A list is saved as it is up to so many texts, so that people can read it. */
const longestList = 256

/** Packed once, so that a list that is sent many times is one memory. */
const packed = new WeakMap<readonly string[], PackedTexts>()

/** A short list itself, or the texts of a long one in two arrays. */
export function saveTexts(texts: readonly string[]): readonly string[] | PackedTexts {
  if (texts.length <= longestList) return texts
  const known = packed.get(texts) ?? packTexts(texts)
  packed.set(texts, known)
  return known
}

/**
 * Reads what {@link saveTexts} returned.
 *
 * @param saved - from anywhere
 * @returns the list, or a function that makes it
 * @throws OneCopyError `ERR_FORMAT`
 */
export function loadTexts(saved: unknown): readonly string[] | (() => readonly string[]) {
  if (isStringList(saved)) return saved
  const { units, ends } = (saved ?? {}) as Partial<PackedTexts>
  if (!(units instanceof Uint16Array && ends instanceof Uint32Array))
    throw new OneCopyError('ERR_FORMAT', `Expected a list of texts, got ${show(saved)}.`)
  const last = ends.at(-1) ?? 0
  if (last !== units.length || ends.some((end, i) => i > 0 && end < ends[i - 1]!))
    throw new OneCopyError('ERR_FORMAT', 'Expected texts one after the other, got others.')
  return () => unpackTexts({ units, ends })
}

function packTexts(texts: readonly string[]): PackedTexts {
  const ends = new Uint32Array(texts.length)
  let end = 0
  for (const [i, text] of texts.entries()) ends[i] = end += text.length
  const units = new Uint16Array(end)
  const bytes = Buffer.from(units.buffer)
  for (const [i, text] of texts.entries())
    bytes.write(text, 2 * (ends[i]! - text.length), 'utf16le')
  return { units, ends }
}

function unpackTexts({ units, ends }: PackedTexts): readonly string[] {
  const bytes = Buffer.from(units.buffer as ArrayBuffer, units.byteOffset, units.byteLength)
  return Array.from(ends, (end, i) => bytes.toString('utf16le', 2 * (ends[i - 1] ?? 0), 2 * end))
}
