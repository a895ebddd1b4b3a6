/** Reads the names of members. */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * A name as every other program reads it: ASCII, or UTF-8 that is marked as such.
 *
 * @param raw - its bytes, one character each
 * @param flags - of the directory entry
 * @returns undefined when it is neither
 */
export function decodeName(raw: string, flags: number): string | undefined {
  if (/^[\x20-\x7e]*$/.test(raw)) return raw
  if ((flags & 0x800) === 0) return undefined
  try {
    return utf8.decode(Buffer.from(raw, 'latin1'))
  } catch {
    return undefined
  }
}
