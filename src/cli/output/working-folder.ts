/** Handles a working folder that was deleted. */

import { isAbsolute } from 'node:path'
import { UsageError } from './failure.ts'

/**
 * Moves to the root when the working folder is gone: threads can't start in a folder that isn't there.
 *
 * @param paths - all that the command was given
 * @throws UsageError when one of them is relative, and so nowhere
 */
export function leaveDeletedFolder(paths: readonly string[]): void {
  if (isThere()) return
  const relative = paths.find((path) => !isAbsolute(path))
  if (relative !== undefined) {
    throw new UsageError(
      `The working folder was deleted, so there is no '${relative}'. Give absolute paths, or change to another folder.`,
    )
  }
  process.chdir('/')
}

function isThere(): boolean {
  try {
    process.cwd()
    return true
  } catch {
    return false
  }
}
