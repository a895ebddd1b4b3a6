/** Opens files that have no name in their folder. */

import { constants, openSync } from 'node:fs'

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
export function openNameless(folder: string, permissions: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    return openSync(folder, temporaryFile | constants.O_RDWR, permissions)
  } catch {
    return undefined
  }
}
