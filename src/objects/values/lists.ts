/** Reads what lists have beside their items: holes, names, a class. */

import { inspect } from 'node:util'

/** Names of a longer list are looked for without a list of all its indices. */
const fewItems = 32

/** Looks into a list to tell whether most of it is missing. */
const sparseFrom = 10_000
const looks = 64

const onlyNames = {
  maxArrayLength: 0,
  maxStringLength: 0,
  depth: 0,
  customInspect: false,
  breakLength: Infinity,
} as const

/** Whether a list is of the language's own class, of any context, and of none that extends it. */
export function isPlainList(list: readonly unknown[]): boolean {
  const prototype: unknown = Object.getPrototypeOf(list)
  // Of another context: an `Array.prototype` is a list itself, and the prototype of a class is none.
  return prototype === Array.prototype || Array.isArray(prototype)
}

/** Own, enumerable members that are no items, such as `index` and `groups` of a match. */
export function namesOf(list: readonly unknown[]): readonly string[] {
  const { length } = list
  if (length > fewItems) return hasNames(list) ? keysOf(list).names : none
  const keys = Object.keys(list)
  const last = keys.at(-1)
  return last === undefined || last === String(length - 1) ? none : keys.filter(isName)
}

/** Whether so few items of a long list exist that it is read by `keysOf`, not from one index to the next. */
export function isSparse(list: readonly unknown[]): boolean {
  const { length } = list
  if (length < sparseFrom) return false
  let missing = 0
  for (let i = 0; i < looks; i++) if (!(Math.floor((i * length) / looks) in list)) missing++
  return missing > looks / 2
}

/** The indices of the items that exist, and the names. */
export function keysOf(list: readonly unknown[]): { indices: string[]; names: string[] } {
  const keys = Object.keys(list)
  // Indices come first.
  const count = keys.findLastIndex((key) => !isName(key)) + 1
  return { indices: keys.slice(0, count), names: keys.slice(count) }
}

const none: readonly never[] = []

/** What Node prints of a list without its items ends with its names; to list the keys would take far longer. */
function hasNames(list: readonly unknown[]): boolean {
  return !/^\[ \.\.\. \d+ more items? \]$/.test(inspect(list, onlyNames))
}

function isName(key: string): boolean {
  return String(Number(key) >>> 0) !== key || key === '4294967295'
}
