/** Opens the arrays of .skops files, whatever objects hold them. */

import { NDArray } from '../../arrays/index.ts'
import { ArrayCollector, type NamedArrays } from '../named-arrays.ts'
import { type OpenSkopsOptions, readSkops } from './read-skops.ts'
import { ObjectArray, SkopsArray, SkopsDict, SkopsObject, type SkopsValue } from './skops-values.ts'

/**
 * Opens all arrays of numbers in a .skops file: of dicts and lists of arrays, and those that objects of any class
 * have as attributes. Each has the name of its place, such as `X`, `coef_` or `steps[1][1].coef_`; an array that stands in several
 * places has that of the first, and a file that is one array calls it `array`. Arrays of texts, of records and of objects are left out.
 *
 * @param path - a .skops file of skops 0.1 to 0.14
 * @returns the arrays, mapped where they lie aligned, otherwise copied
 * @throws OneCopyError `ERR_FILE` when it can't be opened, `ERR_FORMAT` when it is damaged, `ERR_DTYPE` for arrays of other types,
 *   `ERR_MEMORY` when compressed members are larger than `maxUnpackedBytes`
 *
 * @example
 * ```ts
 * const { arrays } = await openSkopsArrays('model.skops')
 * console.log(Object.keys(arrays))
 * ```
 */
export async function openSkopsArrays(
  path: string,
  options: OpenSkopsOptions = {},
): Promise<NamedArrays> {
  const { value } = await readSkops('openSkopsArrays', path, options)
  return arraysOf(value)
}

/** The arrays of what a file holds. @throws as {@link openSkopsArrays} does */
export function arraysOf(value: SkopsValue): NamedArrays {
  const opened = new ArrayCollector()
  const seen = new Set<SkopsValue>()
  const add = (one: SkopsValue, place: string): void => {
    if (typeof one !== 'object' || one === null || seen.has(one)) return
    seen.add(one)
    if (one instanceof SkopsArray) {
      if (one.value instanceof NDArray) opened.add(place === '' ? 'array' : place, one.value)
      return
    }
    for (const [name, inner] of partsOf(one))
      add(inner, place === '' ? name.replace(/^\./, '') : place + name)
  }
  add(value, '')
  return { arrays: opened.arrays, storage: opened.storage }
}

/** What a value holds, with the ends of their places. */
function partsOf(
  value: Exclude<SkopsValue, string | number | boolean | null>,
): [string, SkopsValue][] {
  if (value instanceof SkopsObject) return [...named(value.attributes), ['.args', value.args]]
  if (value instanceof SkopsDict) return named(value.entries)
  if (value instanceof SkopsArray) return []
  const list = value instanceof ObjectArray ? value.values : value
  return list.map((one, i) => [`[${i}]`, one])
}

function named(entries: ReadonlyMap<string, SkopsValue>): [string, SkopsValue][] {
  return Array.from(entries, ([name, one]) => [`.${name}`, one])
}
