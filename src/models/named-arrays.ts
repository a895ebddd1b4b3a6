/** Arrays that a file of another format holds by name. */

import type { NDArray } from '../arrays/index.ts'
import { requireArray } from '../arrays/internal.ts'
import { OneCopyError, show } from '../errors.ts'
import { suggestNames } from '../nearest-names.ts'

/**
 * Where the memory of an opened array is: `mapped`, in the file itself, read when it is used and shared by all processes
 * that have it open; `copied`, in scratch memory of this process, because its bytes in the file are compressed, not
 * aligned, or of another type.
 */
export type ArrayStorage = 'mapped' | 'copied'

/** The arrays of a file. */
export interface NamedArrays {
  /** Each array by its name, in the order of the file; a record without a prototype. */
  readonly arrays: Readonly<Record<string, NDArray>>
  /** For each array whether it is mapped or was copied. */
  readonly storage: Readonly<Record<string, ArrayStorage>>
}

/** Which arrays of a file to open. */
export interface ArrayChoice {
  /** Names of the arrays to open; default: all. */
  readonly names?: readonly string[]
}

/** Collects opened arrays. */
export class ArrayCollector implements NamedArrays {
  // Names come from files, so that `__proto__` must be a name like others.
  readonly arrays: Record<string, NDArray> = Object.create(null) as Record<string, NDArray>
  readonly storage: Record<string, ArrayStorage> = Object.create(null) as Record<
    string,
    ArrayStorage
  >

  add(name: string, array: NDArray): void {
    this.arrays[name] = array
    this.storage[name] = array.mapping?.kind === 'file' ? 'mapped' : 'copied'
  }
}

/**
 * The chosen ones of what a file has.
 *
 * @throws OneCopyError `ERR_INDEX` for a name that the file doesn't have; TypeError when `chosen` is no list of texts
 */
export function chooseNames<Item>(
  items: ReadonlyMap<string, Item>,
  chosen: readonly string[] | undefined,
  path: string,
): ReadonlyMap<string, Item> {
  if (chosen === undefined) return items
  if (!Array.isArray(chosen)) {
    throw new TypeError(`Expected \`names\` to be a list of names of arrays, got ${show(chosen)}.`)
  }
  return new Map(
    chosen.map((name: unknown) => {
      if (typeof name !== 'string')
        throw new TypeError(`Expected names of arrays in \`names\`, got ${show(name)}.`)
      const item = items.get(name)
      if (item !== undefined) return [name, item] as const
      throw new OneCopyError(
        'ERR_INDEX',
        `${path} has no array ${show(name)}. ${suggestNames(name, [...items.keys()])}`,
        { details: { path, name } },
      )
    }),
  )
}

/**
 * The arrays to save, by name.
 *
 * @param what - the function that was called
 * @throws TypeError when `arrays` is no record or map of NDArrays; OneCopyError `ERR_OPTION` for a name that is empty, not
 *   well-formed Unicode, or has control characters
 */
export function requireArrays(
  what: string,
  arrays: Readonly<Record<string, NDArray>> | ReadonlyMap<string, NDArray>,
): [name: string, array: NDArray][] {
  const given: unknown = arrays
  if (typeof given !== 'object' || given === null || Array.isArray(given) || 'dtype' in given) {
    throw new TypeError(
      `Expected arrays by name, as in ${what}(path, { X, y }), got ${show(given)}.`,
    )
  }
  const entries = given instanceof Map ? [...given.entries()] : Object.entries(given)
  return entries.map(([name, array]: [unknown, unknown]) => {
    if (typeof name !== 'string')
      throw new TypeError(`Expected names of arrays to be texts, got ${show(name)}.`)
    if (name !== '' && name.isWellFormed() && !/\p{Cc}/u.test(name))
      return [name, requireArray(array, show(name))]
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected names of arrays without control characters, got ${JSON.stringify(name)}.`,
      { details: { name } },
    )
  })
}
