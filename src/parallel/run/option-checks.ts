/** Checks of options that several files have in common. */

import { OneCopyError, show } from '../../errors.ts'

/**
 * A whole number of at least `least`, or Infinity; undefined when it is not given.
 *
 * @throws TypeError for no number; OneCopyError `ERR_OPTION` for one out of its range
 */
export function optionalCount(
  name: string,
  value: number | undefined,
  least: number,
): number | undefined {
  if (value === undefined) return undefined
  if (typeof value !== 'number' || Number.isNaN(value)) {
    throw new TypeError(`Expected \`${name}\` to be a number, got ${show(value)}.`)
  }
  if (value >= least && (Number.isInteger(value) || value === Infinity)) return value
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`${name}\` to be a whole number of at least ${least}, got ${value}.`,
    { details: { [name]: value } },
  )
}
