/** Checks the paths of files. */

import { OneCopyError, show } from '../../errors.ts'

/**
 * Refuses what is no path of a file.
 *
 * @throws TypeError for no string; OneCopyError `ERR_FILE` for a path with a NUL character, which no system takes
 */
export function requirePath(path: unknown): void {
  if (typeof path !== 'string') {
    const advice = path instanceof URL ? ' Pass fileURLToPath(url) of node:url.' : ''
    throw new TypeError(`Expected a path, got ${show(path)}.${advice}`)
  }
  if (!path.includes('\0')) return
  throw new OneCopyError(
    'ERR_FILE',
    `Expected a path without NUL characters, got ${JSON.stringify(path)}. A name that was read from binary data may have some at its end.`,
    { details: { path } },
  )
}
