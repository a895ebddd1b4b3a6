/** Opens temporary files without a name; they vanish when they are closed. */

import { constants, openSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'

/** `O_TMPFILE` of Linux on every architecture that Node runs on; Node has no name for it. */
const temporaryFile = 0o20000000 | constants.O_DIRECTORY

/**
 * Opens a new file without a name, for reading and writing. The kernel frees it with its last
 * holder, even after SIGKILL.
 *
 * @param folder - any folder on the file system that is to hold its bytes
 * @param permissions - as of `open(2)`, before the umask
 * @returns a descriptor, which child processes do not inherit; undefined when the system, the file
 * system or the folder's permissions don't allow it
 */
export function openUnnamed(folder: string, permissions: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return openSync(folder, temporaryFile | constants.O_RDWR, permissions)
  } catch {
    return undefined
  }
}

/**
 * Opens a new file for reading and writing that has no name in its folder. Where the file system has no unnamed
 * files, it has a name for a few microseconds. Only this user may open it through its descriptor in /proc.
 *
 * @returns a descriptor, which child processes do not inherit
 * @throws the system's error
 */
export function openScratchFile(folder: string): number {
  const unnamed = openUnnamed(folder, 0o600)
  if (unnamed !== undefined) return unnamed
  // The name need not be secret: opening fails if the file exists.
  const number = Math.floor(Math.random() * 2 ** 52).toString(16)
  const path = join(folder, `.onecopy-${number.padStart(16, '0')}`)
  const file = openSync(path, 'wx+', 0o600)
  unlinkSync(path)
  return file
}
