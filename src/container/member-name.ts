/** Checks the names of members. */

import { damaged, decodeName } from '../zip/internal.ts'

/** The most bytes of a name. */
const mostBytes = 1024

/** The member that says what the arrays are, always the first. */
export const schemaName = 'schema.json'

/** The member that signs all others, always the last. */
export const signatureName = 'signature.json'

/** The ending of arrays. */
export const arrayEnding = '.npy'

/**
 * Reads a name as every other program reads it: ASCII, or UTF-8 that is marked as such.
 *
 * @param raw - its bytes, one character each
 * @param flags - of the directory entry
 * @throws OneCopyError `ERR_FORMAT` also for names that would lead elsewhere when the archive is unpacked
 */
export function readName(raw: string, flags: number, path: string): string {
  const name = decodeName(raw, flags)
  const fault =
    name === undefined
      ? 'bytes that are no text in UTF-8, or not marked as such'
      : faultOf(name, raw.length)
  if (fault === undefined) return name!
  throw damaged({
    path,
    field: 'the name of each member',
    expected: 'a relative path such as "a/b.npy"',
    got: `${fault} in ${JSON.stringify(raw.slice(0, 80))}`,
  })
}

/** Why a name can't be that of a member; undefined when it can. */
export function nameFault(name: string): string | undefined {
  return faultOf(name, Buffer.byteLength(name))
}

function faultOf(name: string, bytes: number): string | undefined {
  if (bytes === 0 || bytes > mostBytes) return `${bytes} bytes, expected 1 to ${mostBytes},`
  if (plainName.test(name)) return undefined
  if (!name.isWellFormed()) return 'half a character'
  // oxlint-disable-next-line no-control-regex
  if (/[\0-\x1f\x7f\\:]/.test(name)) return 'a control character, backslash or colon'
  if (name.split('/').some((part) => part === '' || part === '.' || part === '..'))
    return 'an empty part, "." or ".."'
  return undefined
}

/** Most names; the rest is looked at part by part. */
const plainName = /^\w[\w.-]*(\/\w[\w.-]*)*$/
