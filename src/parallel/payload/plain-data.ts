/** Recognizes plain data, which structured clone copies completely. */

import { isDate, isProxy } from 'node:util/types'
import { deserialize, serialize } from 'node:v8'
import { isNamespace, isPlainList, isSparse, namesOf } from '../../objects/internal.ts'
import { placeholderKey, type PackedPlaceholder } from './placeholders.ts'

/** From so many members on, a value is worth a message or bytes of its own. */
export const manyMembers = 200

/** How deep data may be; what is deeper is refused elsewhere. */
const maxDepth = 500

/**
 * Counts the members of lists and objects without classes of their own, in which only primitive values, dates and the
 * like stand.
 *
 * @returns undefined when anything else is in it, or when reading it throws
 */
export function countPlain(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  try {
    return new PlainData().count(value, 0)
  } catch {
    return undefined
  }
}

/** Whether a value is plain data, and much of it. */
export function isLargePlain(value: unknown): boolean {
  return (countPlain(value) ?? 0) >= manyMembers
}

/** Writes large plain data as bytes: structured clone copies these faster than a copy of the data. */
export function packPlain(value: unknown): PackedPlaceholder {
  return { [placeholderKey]: 'packed', bytes: serialize(value) }
}

/**
 * Reads what {@link packPlain} wrote.
 *
 * @throws Error when the bytes are none of its
 */
export function unpackPlain({ bytes }: PackedPlaceholder): unknown {
  return deserialize(bytes)
}

/** Lists that have more than their items, or few of them, are copied member by member. */
function hasOnlyItems(list: readonly unknown[]): boolean {
  return isPlainList(list) && !isSparse(list) && namesOf(list).length === 0
}

/** One look through a value. */
class PlainData {
  /** Those with others in them: only they can be in circles, or lead to one place by very many ways. */
  readonly #parents = new Set<object>()

  /** Counts members; undefined when one is not plain. */
  count(value: object, depth: number): number | undefined {
    if (isProxy(value)) return undefined
    if (Array.isArray(value))
      return hasOnlyItems(value) ? this.#countItems(value, depth) : undefined
    // The `arguments` of a function look like an object, but structured clone refuses them.
    if (Symbol.iterator in value) return undefined
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype === Object.prototype || prototype === null)
      return this.#countMembers(value as Readonly<Record<string, unknown>>, depth)
    return prototype === Date.prototype && isDate(value) ? 1 : undefined
  }

  /** By index: compiling an iterator into these loops takes V8 more time than a program's first lists do. */
  #countItems(value: readonly unknown[], depth: number): number | undefined {
    let count = value.length
    let isParent = false
    for (let i = 0; i < value.length; i++) {
      const item = value[i]
      if (typeof item === 'function' || typeof item === 'symbol') return undefined
      if (typeof item !== 'object' || item === null) continue
      if (!isParent && this.#isKnown(value)) return 0
      isParent = true
      const inner = depth < maxDepth ? this.count(item, depth + 1) : undefined
      if (inner === undefined) return undefined
      count += inner
    }
    return count
  }

  /** Without a list of the members: it would take most of the time. */
  #countMembers(value: Readonly<Record<string, unknown>>, depth: number): number | undefined {
    let count = 0
    let isParent = false
    for (const key in value) {
      const member = value[key]
      count++
      if (typeof member === 'function' || typeof member === 'symbol') return undefined
      if (typeof member !== 'object' || member === null) continue
      if (!isParent && this.#isKnown(value)) return 0
      isParent = true
      const inner = depth < maxDepth ? this.count(member, depth + 1) : undefined
      if (inner === undefined) return undefined
      count += inner
    }
    return count === 0 && isNamespace(value) ? undefined : count
  }

  #isKnown(parent: object): boolean {
    if (this.#parents.has(parent)) return true
    this.#parents.add(parent)
    return false
  }
}
