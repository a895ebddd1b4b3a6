/** Finds the parameters that results don't depend on, by their names. */

import { OneCopyError } from '../errors.ts'
import { type ParameterName, readParameters } from '../parallel/internal.ts'

/** Where in the arguments something is ignored: the number of an argument, then names of members. */
export type IgnoredPlace = readonly [argument: number, ...members: string[]]

/**
 * Finds what names of `ignore` stand for: a parameter, a member of one as `options.log`, or a name in a parameter that takes an object
 * apart.
 *
 * @throws OneCopyError `ERR_OPTION` for a name that the function doesn't have
 */
export function findIgnored(fn: object, names: readonly string[]): readonly IgnoredPlace[] {
  if (names.length === 0) return []
  const parameters = readParameters(fn)
  return names.map((name) => {
    const [first = '', ...members] = name.split('.')
    const found = parameters.find((parameter) => parameter.name === first)
    if (found === undefined || members.includes('')) throw refuse(name, parameters)
    return [...found.place, ...members] as const
  })
}

function refuse(name: string, parameters: readonly ParameterName[]): OneCopyError {
  const known = parameters.map((parameter) => `'${parameter.name}'`).join(', ')
  return new OneCopyError(
    'ERR_OPTION',
    `Expected \`ignore\` to name parameters of the function${known === '' ? ', which has none' : ` (${known})`}, or members of them such as 'options.log', got '${name}'.`,
    { details: { name } },
  )
}

/** Arguments without what is ignored. Nothing is changed: what has an ignored member is copied without it. */
export function withoutIgnored(
  args: readonly unknown[],
  places: readonly IgnoredPlace[],
): readonly unknown[] {
  if (places.length === 0) return args
  const left = [...args]
  for (const [argument, ...members] of places)
    if (argument < left.length) left[argument] = without(left[argument], members)
  // What follows the last argument that counts makes no difference, whether it is given or not.
  const ignored = new Set(
    places.flatMap(([argument, ...members]) => (members.length === 0 ? [argument] : [])),
  )
  while (left.length > 0 && ignored.has(left.length - 1)) left.pop()
  return left
}

function without(value: unknown, [first, ...rest]: readonly string[]): unknown {
  if (first === undefined) return undefined
  if (typeof value !== 'object' || value === null) return value
  if (Object.getPrototypeOf(value) !== Object.prototype || !Object.hasOwn(value, first))
    return value
  const { [first]: member, ...others } = value as Readonly<Record<string, unknown>>
  return rest.length === 0 ? others : { ...others, [first]: without(member, rest) }
}
