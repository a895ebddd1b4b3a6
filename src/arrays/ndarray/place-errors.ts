/** Refuses places in an array that other libraries would take. */

import { show } from '../../errors.ts'

/** The error for `set(index, value)`, the order of other libraries. */
export function valueAfterIndex(given: readonly unknown[], rest: readonly unknown[]): TypeError {
  const value = rest.length === 1 ? show(rest[0]) : 'value'
  return new TypeError(
    `Expected the value before its index, as in set(${value}, ${given.join(', ')}), got ${show(given)} as the value.`,
  )
}

/** Refuses the name of a column, and a list of several, which would select a range. */
export function requirePlace(place: unknown, axis: 'row' | 'column'): number {
  if (typeof place === 'number') return place
  const advice =
    axis === 'column' && typeof place === 'string'
      ? ' An array has no names; columns of a Table have.'
      : Array.isArray(place)
        ? ` For a range write ${axis === 'row' ? 'rows(start, stop)' : 'slice(null, [start, stop])'}.`
        : ''
  throw new TypeError(
    `Expected the number of one ${axis}, as in ${axis}(0), got ${show(place)}.${advice}`,
  )
}
