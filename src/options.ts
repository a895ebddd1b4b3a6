/** Checks options: refuses unknown names and wrong values. */

import { OneCopyError, show } from './errors.ts'
import { nearNames } from './nearest-names.ts'
import { numberAdvice, type NumberUnit } from './number-units.ts'

/**
 * All options of a kind by name, in the order of the text. A new one that is missing here is an error
 * of the compiler, so that nobody forgets it.
 */
export type OptionNames<Options> = { readonly [Name in keyof Options]-?: unknown }

/**
 * How the value of an option is checked: by a test and what it should be, as the error text says it; by a function
 * that throws; or elsewhere (`true`).
 */
export type OptionCheck =
  | readonly [is: (value: unknown) => boolean, what: string]
  | ((name: string, value: unknown) => void)
  | true

/** All options of a kind, and how each is checked. */
export type OptionTypes<Options> = { readonly [Name in keyof Options]-?: OptionCheck }

/**
 * What an unknown name may be: a clause that ends the sentence `… has no option \`x\`;`. One about an option that
 * stands `elsewhere` is followed by no list of those that stand here.
 */
export type Hint = (name: string) => string | { readonly elsewhere: string } | undefined

/**
 * Refuses options that nobody knows. Costs some tens of nanoseconds, so every public function that
 * takes options calls it.
 *
 * @param what - whose options, as the text begins: `Parallel`, `openArray`
 * @param options - what the user gave
 * @param known - all options
 * @param hint - says more about names that another library or another function has
 * @throws TypeError for no object, or a name that is not in `known`
 */
export function requireKnown<Options extends object>(
  what: string,
  options: Options,
  known: OptionNames<Options>,
  hint?: Hint,
): void {
  // A typed array would otherwise be taken for options named 0, 1, …, and other arrays for no options at all.
  if (typeof options !== 'object' || options === null || Symbol.iterator in options) {
    const names = Object.keys(known)
    const first = names.includes('weights') ? 'weights' : names[0]
    if (first === undefined) throw new TypeError(`${what} takes no options, got ${show(options)}.`)
    throw new TypeError(`Expected options such as { ${first}: … }, got ${show(options)}.`)
  }
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(known, name)) {
      const names = Object.keys(known).filter((one) => !isInternal(known[one as keyof Options]))
      throw new TypeError(explainUnknown(what, name, names, hint))
    }
  }
}

/**
 * Refuses options that nobody knows, and values that their checks refuse; `undefined` counts as not given.
 *
 * @param what - as for {@link requireKnown}, like `hint`
 * @param options - what the user gave
 * @param types - all options, and how each is checked
 * @throws TypeError for a wrong name or type; OneCopyError `ERR_OPTION` for a number out of its range
 */
export function requireOptions<Options extends object>(
  what: string,
  options: Options,
  types: OptionTypes<Options>,
  hint?: Hint,
): void {
  requireKnown(what, options, types, hint)
  for (const name of Object.keys(options) as (keyof Options & string)[]) {
    const value: unknown = options[name]
    const check: OptionCheck = types[name]
    if (value === undefined || check === true) continue
    if (typeof check === 'function') check(name, value)
    else if (!check[0](value))
      throw new TypeError(`Expected \`${name}\` to be ${check[1]}, got ${show(value)}.`)
  }
}

/** The text about an option that doesn't exist: what was perhaps meant, then all that there are. */
export function explainUnknown(
  what: string,
  wrong: string,
  names: readonly string[],
  hint?: Hint,
): string {
  const clause = hint?.(wrong)
  if (names.length === 0) {
    const advice = typeof clause === 'object' ? clause.elsewhere : clause
    return `${what} takes no options, got \`${wrong}\`${advice === undefined ? '' : `; ${advice}`}.`
  }
  const all = `It has: ${names.join(', ')}.`
  if (typeof clause === 'object') return `${what} has no option \`${wrong}\`; ${clause.elsewhere}.`
  if (clause !== undefined) return `${what} has no option \`${wrong}\`; ${clause}. ${all}`
  const [nearest] = nearNames(wrong, names)
  const guess = nearest === undefined ? '' : ` Did you mean \`${nearest}\`?`
  return `${what} has no option \`${wrong}\`.${guess} ${all}`
}

export function isString(value: unknown): boolean {
  return typeof value === 'string'
}

export function isStringList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(isString)
}

const internals = new WeakSet()

/** An option for tests, which no list of options shows. */
export function internal<Check extends OptionCheck & object>(check: Check): Check {
  internals.add(check)
  return check
}

function isInternal(check: unknown): boolean {
  return typeof check === 'object' && check !== null && internals.has(check)
}

/** An option that is true or false. */
export const boolean: OptionCheck = [(value) => typeof value === 'boolean', 'true or false']

/** An option that is a string. */
export const string: OptionCheck = [isString, 'a string']

/** An option that is a function. */
export const callback: OptionCheck = [(value) => typeof value === 'function', 'a function']

/** An option that is an AbortSignal. */
export const signal: OptionCheck = [(value) => value instanceof AbortSignal, 'an AbortSignal']

/** An option that is one of these texts. */
export function oneOf(...choices: readonly string[]): (name: string, value: unknown) => void {
  return (name, value) => void requireChoice(`\`${name}\``, value, choices)
}

/**
 * Returns `value` when it is one of these texts.
 *
 * @param what - what the error calls it: `` `backend` ``, `` `loss` of GradientBoostingRegressor ``
 * @param advice - what the error says last, with a blank before it
 * @throws as {@link refuseChoice}
 */
export function requireChoice<Choice extends string>(
  what: string,
  value: unknown,
  choices: readonly Choice[],
  advice = '',
): Choice {
  if (choices.includes(value as Choice)) return value as Choice
  const quoted = choices.map((choice) => `'${choice}'`)
  throw refuseChoice(what, value, `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`, advice)
}

/** The error for a value that is none of those `expected`: `ERR_OPTION` for a text, TypeError for another type. */
export function refuseChoice(
  what: string,
  value: unknown,
  expected: string,
  advice = '',
): TypeError | OneCopyError {
  const text = `Expected ${what} to be ${expected}, got ${show(value)}.${advice}`
  return typeof value === 'string'
    ? new OneCopyError('ERR_OPTION', text, { details: { value } })
    : new TypeError(text)
}

/** An option that is a whole number in a range; without a greatest one it may be Infinity. */
export function wholeNumber(
  least: number,
  most?: number,
  unit?: NumberUnit,
): (name: string, value: unknown) => void {
  return (name, value) => {
    const number = requireNumber(name, value, unit)
    if (number < least || (!Number.isInteger(number) && number !== Infinity))
      throw outOfRange(name, number, `a whole number of at least ${least}`)
    if (most !== undefined && number > most) throw outOfRange(name, number, `at most ${most}`)
  }
}

/** An option that is a number of bytes, or Infinity. */
export function byteCount(least: number): (name: string, value: unknown) => void {
  return wholeNumber(least, undefined, 'bytes')
}

/** An option that is a number of milliseconds, or Infinity. */
export function milliseconds(least: number): (name: string, value: unknown) => void {
  return wholeNumber(least, undefined, 'milliseconds')
}

/**
 * Returns `value` when it is a number.
 *
 * @param unit - of the number
 * @throws TypeError for another type, and for NaN
 */
export function requireNumber(name: string, value: unknown, unit?: NumberUnit): number {
  if (typeof value === 'number' && !Number.isNaN(value)) return value
  const [of, advice] = unit === undefined ? ['', ''] : [` of ${unit}`, numberAdvice(value, unit)]
  throw new TypeError(`Expected \`${name}\` to be a number${of}, got ${show(value)}.${advice}`)
}

function outOfRange(name: string, value: number, what: string): OneCopyError {
  return new OneCopyError('ERR_OPTION', `Expected \`${name}\` to be ${what}, got ${value}.`, {
    details: { [name]: value },
  })
}
