/** What all functions with options check about them. */

import { OneCopyError, show } from '../errors.ts'
import { suggestNames } from './nearest-names.ts'

/** For each option a test of its type, and what it should be. */
export type OptionTypes<Options> = {
  readonly [Name in keyof Options]-?: readonly [is: (value: unknown) => boolean, what: string]
}

/**
 * Refuses options of a wrong type, and those that don't exist: a mistyped one would be passed over.
 *
 * @param options - what the user gave; undefined counts as not given
 * @param types - all options
 * @throws TypeError for a wrong type; OneCopyError `ERR_OPTION` for an option that doesn't exist
 */
export function requireOptions<Options>(options: unknown, types: OptionTypes<Options>): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const [first] = Object.keys(types)
    throw new TypeError(`Expected options such as { ${first}: … }, got ${show(options)}.`)
  }
  const table: Readonly<Record<string, readonly [is: (value: unknown) => boolean, what: string]>> =
    types
  for (const [name, value] of Object.entries(options)) {
    if (!Object.hasOwn(table, name)) {
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected the name of an option, got ${show(name)}. ${suggestNames(name, Object.keys(types))}`,
      )
    }
    const [is, what] = table[name]!
    if (value !== undefined && !is(value))
      throw new TypeError(`Expected \`${name}\` to be ${what}, got ${show(value)}.`)
  }
}

export function isString(value: unknown): boolean {
  return typeof value === 'string'
}

export function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString)
}
