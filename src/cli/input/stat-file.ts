/** Checks that a command's input file exists. */

import { statSync } from 'node:fs'
import { reasonOf, UsageError } from '../output/failure.ts'

/**
 * What the file system knows of a file, or `undefined` when there is none.
 *
 * @throws UsageError when the system refuses to say
 */
export function statFile(file: string): ReturnType<typeof statSync> {
  try {
    return statSync(file, { throwIfNoEntry: false })
  } catch (cause) {
    throw new UsageError(`Can't open '${file}': ${reasonOf(cause)}.`, { cause })
  }
}

/**
 * Refuses a path at which there is no file.
 *
 * @throws UsageError
 */
export function requireFile(file: string): void {
  const found = statFile(file)
  if (found === undefined) throw new UsageError(`There is no file '${file}'.`)
  if (found.isDirectory()) throw new UsageError(`Expected a file, but '${file}' is a folder.`)
}
