/** Decodes a received value. */

import { isMap, isSet } from 'node:util/types'
import { decodeArray, decodeTypedArray } from './encode-arrays.ts'
import { decodeError } from './encode-errors.ts'
import { type ClassLookup, createInstance, loadInstance } from './decode-instances.ts'
import { defineMember, isSparse, keysOf, namesOf, setMember } from '../../objects/internal.ts'
import { isPlaceholder, type Placeholder, placeholderKey } from './placeholders.ts'
import { unpackPlain } from './plain-data.ts'

/**
 * Replaces the placeholders in a received value, in place.
 *
 * @param value - what came from `encode` through a message; owned by the receiver from now on
 * @param functions - gives the function of a number; only for values with functions in them
 * @param classes - gives the class of a number; only for values with instances in them
 * @returns the value with arrays, errors and buffers as they were
 * @throws OneCopyError `ERR_UNSENDABLE` when an instance can't be made
 */
export function decode(
  value: unknown,
  functions?: (id: number) => unknown,
  classes?: ClassLookup,
): unknown {
  return new Decoder(functions, classes).decode(value)
}

/** Decodes several values in which the same objects may stand. */
export class Decoder {
  readonly #functions: ((id: number) => unknown) | undefined
  readonly #classes: ClassLookup

  constructor(functions?: (id: number) => unknown, classes: ClassLookup = noClasses) {
    this.#functions = functions
    this.#classes = classes
  }

  /** What placeholders became, and containers already visited: a value that occurs twice stays one. */
  readonly #done = new Map<object, unknown>()
  /** Those of them that were left in the middle, since a function in them is not there yet. */
  readonly #open = new Set<object>()

  /** When `functions` throws, the same value can be decoded again later; what is in place already stays. */
  decode(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    const done = this.#done.get(value)
    if (done !== undefined && !this.#open.delete(value)) return done
    try {
      if (isPlaceholder(value)) return this.#decodePlaceholder(value, done)
      this.#done.set(value, value)
      return this.#decodeContainer(value)
    } catch (error) {
      this.#open.add(value)
      throw error
    }
  }

  #decodeContainer(value: object): object {
    if (Array.isArray(value)) this.#decodeList(value)
    else if (isMap(value)) this.#decodeMap(value)
    else if (isSet(value)) this.#decodeSet(value)
    else if (isPlain(value)) this.#decodeMembers(value)
    return value
  }

  #decodeList(list: unknown[]): void {
    if (isSparse(list)) this.#decodeItems(list, keysOf(list).indices.map(Number))
    else this.#decodeItems(list, list.keys())
    for (const name of namesOf(list)) {
      const member = (list as unknown as Record<string, unknown>)[name]
      setMember(list, name, this.decode(member))
    }
  }

  /** Holes stay: nothing is written in their place. */
  #decodeItems(list: unknown[], indices: Iterable<number>): void {
    for (const i of indices) {
      const item = list[i]
      const decoded = this.decode(item)
      if (decoded !== item) list[i] = decoded
    }
  }

  /** @param before - what was made of it when it was left in the middle */
  #decodePlaceholder(placeholder: Placeholder, before: unknown): unknown {
    switch (placeholder[placeholderKey]) {
      case 'error': {
        const { error, fill } = decodeError(placeholder)
        this.#done.set(placeholder, error)
        fill((member) => this.decode(member))
        return error
      }
      case 'object': {
        const object = (before as object | undefined) ?? {}
        this.#done.set(placeholder, object)
        for (const [key, member] of placeholder.entries) setMember(object, key, this.decode(member))
        return object
      }
      case 'packed':
        return unpackPlain(placeholder)
      case 'function':
        return this.#functions?.(placeholder.id)
      case 'instance': {
        const instance =
          (before as object | undefined) ?? createInstance(this.#classes(placeholder.of))
        this.#done.set(placeholder, instance)
        for (const [key, member] of Object.entries(placeholder.fields))
          defineMember(instance, key, this.decode(member), true)
        return instance
      }
      case 'saved': {
        const { of, version, state } = placeholder
        const instance = loadInstance(this.#classes(of), this.decode(state), version)
        this.#done.set(placeholder, instance)
        return instance
      }
      case 'classes':
        return this.decode(placeholder.value)
      default: {
        const array =
          placeholder[placeholderKey] === 'array' || placeholder[placeholderKey] === 'private'
            ? decodeArray(placeholder)
            : decodeTypedArray(placeholder)
        this.#done.set(placeholder, array)
        return array
      }
    }
  }

  #decodeMembers(value: object): void {
    for (const [key, member] of Object.entries(value)) {
      const decoded = this.decode(member)
      if (decoded !== member) setMember(value, key, decoded)
    }
  }

  /** Written anew from the first to the last entry, so that the order stays. */
  #decodeMap(value: Map<unknown, unknown>): void {
    const entries = [...value].map(([key, member]) => [this.decode(key), this.decode(member)])
    value.clear()
    for (const [key, member] of entries) value.set(key, member)
  }

  #decodeSet(value: Set<unknown>): void {
    const members = [...value].map((member) => this.decode(member))
    value.clear()
    for (const member of members) value.add(member)
  }
}

/** Of any context: Jest gives test files another one than Node's own functions, such as `structuredClone`. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype !== null && Object.getPrototypeOf(prototype) === null
}

const noClasses: ClassLookup = () => undefined
