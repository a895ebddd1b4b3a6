/** Reads the members of a node of a tree, strictly. */

import { OneCopyError, show } from '../../errors.ts'
import { tagKey } from './tree.ts'
import type { ValuePath } from '../values/value-path.ts'

/** What is known of data that `encode` did not make. */
export const damaged = 'The data is damaged, or was not written by onecopy.'

/** The error for a tree that `encode` did not make. */
export function malformed(path: ValuePath, expected: string, found: string): OneCopyError {
  const place = String(path)
  return new OneCopyError(
    'ERR_FORMAT',
    `Expected \`${place}\` to be ${expected}, got ${found}. ${damaged}`,
    { details: { place } },
  )
}

/** An object of a tree that has a tag, with exactly the members that the tag has. */
export class TreeNode {
  readonly tag: unknown
  readonly #path: ValuePath
  readonly #members: Readonly<Record<string, unknown>>

  constructor(members: object, path: ValuePath) {
    this.#members = members as Record<string, unknown>
    this.#path = path
    this.tag = this.#members[tagKey]
  }

  /** Refuses members that are missing or that the tag hasn't; `id` is one of every node of an object. */
  requireMembers(needed: readonly string[], others: readonly string[] = []): void {
    const keys = Object.keys(this.#members)
    const hasAll = needed.every((name) => Object.hasOwn(this.#members, name))
    // Most nodes have no more than the tag and what they need.
    if (hasAll && keys.length === needed.length + 1) return
    const missing = needed.find((name) => !Object.hasOwn(this.#members, name))
    if (missing !== undefined) throw this.refuse(`a node with \`${missing}\``, 'one without it')
    const known = [tagKey, ...needed, ...others]
    const unknown = keys.find((key) => !known.includes(key))
    if (unknown !== undefined)
      throw this.refuse(`a node with ${known.join(', ')}`, `one with ${show(unknown)}`)
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#members, name)
  }

  get(name: string): unknown {
    return Object.hasOwn(this.#members, name) ? this.#members[name] : undefined
  }

  text(name: string): string {
    const value = this.get(name)
    if (typeof value === 'string') return value
    throw this.#refuseMember(name, 'a text')
  }

  textOrNull(name: string): string | null {
    return this.get(name) === null ? null : this.text(name)
  }

  /** A whole number from `least` up to, not including, `below`. */
  integer(name: string, least: number, below: number): number {
    const value = this.get(name)
    if (Number.isSafeInteger(value) && (value as number) >= least && (value as number) < below)
      return value as number
    throw this.#refuseMember(name, `a whole number from ${least} to ${below - 1}`)
  }

  list(name: string): readonly unknown[] {
    const value = this.get(name)
    if (Array.isArray(value)) return value as unknown[]
    throw this.#refuseMember(name, 'a list')
  }

  /** Pairs of key and value. */
  pairs(name: string): readonly (readonly [key: unknown, value: unknown])[] {
    const list = this.list(name)
    if (list.every((one) => Array.isArray(one) && one.length === 2))
      return list as (readonly [unknown, unknown])[]
    throw this.#refuseMember(name, 'a list of pairs')
  }

  /** Pairs of name and value; no name twice. */
  entries(name: string): readonly (readonly [key: string, value: unknown])[] {
    const pairs = this.pairs(name)
    const keys = new Set(pairs.map(([key]) => key))
    if (keys.size === pairs.length && pairs.every(([key]) => typeof key === 'string'))
      return pairs as (readonly [string, unknown])[]
    throw this.#refuseMember(name, 'a list of pairs with different names')
  }

  refuse(expected: string, found: string): OneCopyError {
    return malformed(this.#path, expected, found)
  }

  #refuseMember(name: string, expected: string): OneCopyError {
    return this.refuse(`a node whose \`${name}\` is ${expected}`, show(this.get(name)))
  }
}
