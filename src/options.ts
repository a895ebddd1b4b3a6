/** Refuses misspelt options, which would be passed over in silence. */

import { show } from './errors.ts'
import { nearNames } from './nearest-names.ts'

/**
 * All options of a kind by name, in the order of the text. A new one that is missing here is an error
 * of the compiler, so that nobody forgets it.
 */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: unknown }

/**
 * Refuses options that nobody knows. Costs some tens of nanoseconds, so every public function that
 * takes options calls it.
 *
 * @param what - whose options, as the text begins: `Parallel`, `openArray`
 * @param options - what the user gave
 * @param known - all options
 * @throws TypeError for no object, or a name that is not in `known`
 */
export function requireKnown<Options extends object>(
  what: string,
  options: Options,
  known: OptionNames<Options>,
): void {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    const [first] = Object.keys(known)
    throw new TypeError(`Expected options such as { ${first}: … }, got ${show(options)}.`)
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) {
      throw new TypeError(explainUnknown(what, name, Object.keys(known)))
    }
  }
}

/** The text about an option that doesn't exist: what was perhaps meant, then all that there are. */
export function explainUnknown(what: string, wrong: string, names: readonly string[]): string {
  const [nearest] = nearNames(wrong, names)
  const guess = nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`
  const all = names.length === 0 ? 'It has none.' : `It has: ${names.join(', ')}.`
  return `${what} has no option \`${wrong}\`.${guess} ${all}`
}
