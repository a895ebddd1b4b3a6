/** What all functions with options check about them. */

import { show } from '../errors.ts'
import { requireKnown } from '../options.ts'

/** For each option a test of its type, and what it should be. */
export type OptionTypes<Options> = {
  readonly [Name in keyof Options]-?: readonly [is: (value: unknown) => boolean, what: string]
}

/**
 * Refuses options of a wrong type, and those that don't exist: a mistyped one would be passed over.
 *
 * @param what - whose options, as a text about them begins
 * @param options - what the user gave; undefined counts as not given
 * @param types - all options
 * @throws TypeError
 */
export function requireOptions<Options extends object>(
  what: string,
  options: Options,
  types: OptionTypes<Options>,
): void {
  requireKnown(what, options, types)
  for (const name of Object.keys(options) as (keyof Options)[]) {
    const value: unknown = options[name]
    const [is, expected] = types[name]
    if (value !== undefined && !is(value))
      throw new TypeError(`Expected \`${String(name)}\` to be ${expected}, got ${show(value)}.`)
  }
}

export function isString(value: unknown): boolean {
  return typeof value === 'string'
}

export function isBoolean(value: unknown): boolean {
  return typeof value === 'boolean'
}

export function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString)
}
