/** Registers results that print as tables, so that they can be saved. */

import { OneCopyError, show } from '../../errors.ts'
import { type ClassOf } from '../../objects/index.ts'
import { registerOwnClass } from '../../objects/internal.ts'

/** What prints as text of its own. */
interface Printed {
  toString(): string
}

/**
 * Registers a class whose instances are the values of some fields.
 *
 * @param Class - has a `toString()` that reads all that matters, by which a state from a file is checked
 * @param name - its name in files; never change it
 * @param module - `import.meta.url` of the module that exports it; undefined in bundles of CommonJS
 * @param fields - names of all its fields
 */
export function registerResult<T extends Printed>(
  Class: ClassOf<T>,
  name: string,
  module: string | undefined,
  fields: readonly (keyof T & string)[],
): void {
  registerOwnClass<T, Record<string, unknown>>(Class, {
    name,
    version: 1,
    module,
    save: (result) => Object.fromEntries(fields.map((field) => [field, result[field]])),
    load: (state) => {
      requireFields(Class, state, fields)
      const result = Object.assign(Object.create(Class.prototype) as T, state)
      // Throws where a value is none of those that it shows.
      result.toString()
      return result
    },
  })
}

function requireFields(
  Class: { readonly name: string },
  state: unknown,
  fields: readonly string[],
): void {
  const names = typeof state === 'object' && state !== null ? Object.keys(state) : undefined
  if (names?.length === fields.length && fields.every((field) => names.includes(field))) return
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected ${fields.join(', ')} of ${Class.name}, got ${names === undefined ? show(state) : `[${names.join(', ')}]`}.`,
  )
}
