/** Checks before the work starts that a file can be written. */

import { dirname } from 'node:path'
import { isOneCopyError } from '../../errors.ts'
import { PendingFile } from '../../pending-file.ts'
import { reasonOf, UsageError } from '../output/failure.ts'
import { statFile } from './stat-file.ts'

/**
 * Refuses a path at which no file can be made or replaced.
 *
 * @param option - as the user calls it
 * @throws UsageError
 */
export function requireWritable(path: string, option: string): void {
  if (statFile(path)?.isDirectory()) {
    throw new UsageError(`Expected ${option} to be a file, but '${path}' is a folder.`)
  }
  try {
    // Trying is the only sure way to know: root may write to /proc, and still can't make a file there.
    new PendingFile(path).close()
  } catch (cause) {
    const reason = reasonOf(isOneCopyError(cause) ? cause.cause : cause)
    throw new UsageError(`Can't write to the folder '${dirname(path)}': ${reason}.`, { cause })
  }
}
