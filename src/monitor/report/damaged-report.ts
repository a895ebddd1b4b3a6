/** The error for a report file that is damaged. */

import { OneCopyError } from '../../errors.ts'
import { plainName } from '../../plain-name.ts'

/**
 * Makes the error; what it quotes from the file can't harm a terminal.
 *
 * @param details - the path of the file, and where in it the fault is
 */
export function damaged(
  text: string,
  details: { readonly path: string; readonly line?: number; readonly where?: string },
  cause?: unknown,
): OneCopyError {
  return new OneCopyError('ERR_FORMAT', plainName(text, 2000), {
    ...(cause === undefined ? {} : { cause }),
    details,
  })
}

/** The last moment that a date can have, in milliseconds since 1970. */
export const maxDateMs = 8.64e15
