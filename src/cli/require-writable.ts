/** Checks before the work that its file can be written. */

import { accessSync, constants } from 'node:fs'
import { dirname } from 'node:path'
import { reasonOf, UsageError } from './failure.ts'
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
  const folder = dirname(path)
  try {
    accessSync(folder, constants.W_OK)
  } catch (cause) {
    throw new UsageError(`Can't write to the folder '${folder}': ${reasonOf(cause)}.`, { cause })
  }
}
