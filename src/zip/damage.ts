/** Errors about files that are no sound containers. */

import { OneCopyError } from '../errors.ts'

/** What a part of a file must be, and what it is. */
export interface Damage {
  readonly path: string
  /** Name of the member that it is about; left out for the file as a whole. */
  readonly member?: string
  /** Which part, as in `the size`. */
  readonly field: string
  readonly expected: string
  readonly got: string | number
  /** What to do; default: says that the file is damaged. */
  readonly advice?: string
}

/** An `ERR_FORMAT` that names the file, the member and the field. */
export function damaged(damage: Damage): OneCopyError {
  const { path, member, field, expected, got } = damage
  const { advice = 'The file is damaged, or another program wrote it.' } = damage
  const of = member === undefined ? path : `member '${member}' of ${path}`
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected ${field} of ${of} to be ${expected}, got ${got}. ${advice}`,
    { details: { path, ...(member !== undefined && { member }), field, expected, got } },
  )
}
