/** Writes values as texts that are equal for equal values. */

import { createHash, hash } from 'node:crypto'
import { isDate, isMap, isNativeError, isProxy, isRegExp, isSet } from 'node:util/types'
import { NDArray } from '../arrays/index.ts'
import {
  classOfInstance,
  isOfBuiltin,
  isPlainList,
  isPlainObject,
  namesOf,
} from '../objects/internal.ts'
import { explainOwn, requireDataClass, Unsendable } from '../parallel/internal.ts'

/** What {@link CanonicalText} doesn't write itself. */
export interface CanonicalParts {
  /** Stands for the elements of an array: its digest. */
  readonly writeArray: (array: NDArray) => string
  /** Stands for the bytes of a typed array, buffer or view. */
  readonly writeBytes: (bytes: ArrayBufferView | ArrayBufferLike) => string
  /** Stands for a function or class. */
  readonly writeFunction: (fn: object) => string
}

/** Lists and objects whose text is longer stand in others by its digest, so that memory stays small. */
const mostText = 64 * 1024
/** As deep as values that are sent or saved may be. */
const mostDepth = 500
/** After so many objects, texts of shared ones are kept: ways that lead to one place may be more than any time allows. */
const freeObjects = 10_000

/**
 * Writes values. Equal values have equal texts: whatever the order of an object's keys, a map's or a set's entries, whether a part
 * stands in them once or several times, and in every process. Each text says its own length, so that no two values that differ
 * have one. 0 and -0 differ; NaN is NaN.
 *
 * @throws Unsendable for what is no data
 */
export class CanonicalText {
  readonly #parts: CanonicalParts
  /** The objects that the value stands in, and how deep each is. */
  readonly #above = new Map<object, number>()
  readonly #known = new Map<object, string>()
  #objects = 0
  /** The least depth of an object that what was written last refers to. */
  #refersTo = Infinity

  constructor(parts: CanonicalParts) {
    this.#parts = parts
  }

  write(value: unknown): string {
    switch (typeof value) {
      case 'string':
        return writeText(value)
      case 'number':
        return Object.is(value, -0) ? 'n-0;' : `n${value};`
      case 'boolean':
        return value ? 'T' : 'F'
      case 'undefined':
        return 'U'
      case 'bigint':
        return `i${value};`
      case 'symbol':
        throw new Unsendable(
          value,
          'a symbol has no value that another process knows. Pass a string.',
        )
      case 'function':
        return `f${frame(this.#parts.writeFunction(value))}`
      default:
        return value === null ? 'N' : this.#writeShared(value as object)
    }
  }

  #writeShared(value: object): string {
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const depth = this.#above.get(value)
    if (depth !== undefined) {
      this.#refersTo = Math.min(this.#refersTo, depth)
      return `^${this.#above.size - depth};`
    }
    if (this.#above.size === mostDepth)
      throw new Unsendable(value, `it lies more than ${mostDepth} levels deep.`)
    return this.#writeBelow(value)
  }

  #writeBelow(value: object): string {
    const depth = this.#above.size
    const before = this.#refersTo
    this.#refersTo = Infinity
    this.#above.set(value, depth)
    const text = shorten(this.#writeObject(value))
    this.#above.delete(value)
    // What refers to something above it has another text in another place.
    if (this.#refersTo >= depth && ++this.#objects > freeObjects) this.#known.set(value, text)
    this.#refersTo = Math.min(before, this.#refersTo >= depth ? Infinity : this.#refersTo)
    return text
  }

  #writeObject(value: object): string {
    if (isProxy(value))
      throw new Unsendable(value, 'what a proxy stands for can not be read. Pass a copy of it.')
    if (isPlainObject(value)) return this.#writePlain(value)
    if (Array.isArray(value)) return this.#writeList(value)
    if (value instanceof NDArray) return `a${this.#parts.writeArray(value)}`
    if (ArrayBuffer.isView(value) || isBuffer(value)) return this.#writeBytes(value)
    const registered = classOfInstance(value)
    if (registered !== undefined) {
      const { name, version, save } = registered
      return `c${writeText(name)}${version};${this.write(save(value))}`
    }
    if (isNativeError(value)) return this.#writeError(value)
    if (isOfBuiltin(value)) {
      if (isMap(value)) return this.#writeMap(value)
      if (isSet(value)) return `S${value.size};${this.#sort(value, (item) => this.write(item))}`
      if (isDate(value)) return `d${value.getTime()};`
      if (isRegExp(value)) return `r${writeText(value.source)}${value.flags};${value.lastIndex};`
    }
    return this.#writeInstance(value)
  }

  #writeBytes(value: ArrayBufferView | ArrayBufferLike): string {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value
    if (buffer instanceof ArrayBuffer && buffer.detached)
      throw new Unsendable(value, 'its memory is gone, because it was transferred. Pass a copy.')
    return `b${this.#parts.writeBytes(value)}`
  }

  #writePlain(value: object): string {
    const symbol = Object.getOwnPropertySymbols(value).find((one) =>
      Object.prototype.propertyIsEnumerable.call(value, one),
    )
    if (symbol !== undefined)
      throw new Unsendable(
        value,
        `its member ${String(symbol)} has no name that another process knows.`,
      )
    const own = Object.keys(value).length === 0 ? explainOwn(value) : undefined
    if (own !== undefined) throw new Unsendable(value, own)
    return `o${this.#writeMembers(value)}`
  }

  #writeMembers(value: object): string {
    const keys = Object.keys(value)
    if (keys.length > 1) keys.sort()
    const text = new LongText(`${keys.length};`)
    for (const key of keys)
      text.add(writeText(key) + this.write((value as Readonly<Record<string, unknown>>)[key]))
    return text.finish()
  }

  #writeList(list: readonly unknown[]): string {
    if (!isPlainList(list)) return this.#writeInstance(list)
    const names = namesOf(list)
    const text = new LongText(`l${list.length};${names.length};`)
    for (let i = 0; i < list.length; i++) {
      const item = list[i]
      text.add(item === undefined && !(i in list) ? 'H' : this.write(item))
    }
    for (const name of names.toSorted())
      text.add(writeText(name) + this.write((list as unknown as Record<string, unknown>)[name]))
    return text.finish()
  }

  #writeMap(map: ReadonlyMap<unknown, unknown>): string {
    return `M${map.size};${this.#sort(map, ([key, value]) => this.write(key) + this.write(value))}`
  }

  #sort<T>(items: Iterable<T>, write: (item: T) => string): string {
    const text = new LongText('')
    for (const one of Array.from(items, (item) => shorten(write(item))).sort()) text.add(frame(one))
    return text.finish()
  }

  /** Where it was made is no part of an error's value. */
  #writeError(error: Error): string {
    const fields = Object.keys(error).filter((name) => name !== 'stack')
    const members: Record<string, unknown> = { name: error.name, message: error.message }
    if ('cause' in error) members['cause'] = error.cause
    if (error instanceof AggregateError) members['errors'] = error.errors
    for (const name of fields) members[name] = (error as unknown as Record<string, unknown>)[name]
    return `e${this.#writeMembers(members)}`
  }

  #writeInstance(instance: object): string {
    const own = explainOwn(instance)
    if (own !== undefined) throw new Unsendable(instance, own)
    const Class = requireDataClass(instance)
    return `C${frame(this.#parts.writeFunction(Class))}${this.#writeMembers(instance)}`
  }
}

/** A text that begins with its length. */
function frame(text: string): string {
  return `${text.length}:${text}`
}

/** Single halves of pairs, which UTF-8 has no bytes for, are written as numbers. */
function writeText(text: string): string {
  if (text.isWellFormed()) return text.length > mostText ? `t${digest(text)}` : `s${frame(text)}`
  return `w${digest(Buffer.from(text, 'utf16le'))}`
}

function shorten(text: string): string {
  return text.length > mostText ? `h${digest(text)}` : text
}

function digest(data: string | Uint8Array): string {
  return hash('sha256', data, 'hex')
}

function isBuffer(value: object): value is ArrayBufferLike {
  return value instanceof ArrayBuffer || value instanceof SharedArrayBuffer
}

/** A text of many pieces: what is long is hashed as it comes. */
class LongText {
  #text: string
  #hash: ReturnType<typeof createHash> | undefined

  constructor(start: string) {
    this.#text = start
  }

  add(piece: string): void {
    this.#text += piece
    if (this.#text.length > mostText) this.#flush()
  }

  finish(): string {
    if (this.#hash === undefined) return this.#text
    this.#flush()
    return `h${this.#hash.digest('hex')}`
  }

  #flush(): void {
    this.#hash ??= createHash('sha256')
    this.#hash.update(this.#text)
    this.#text = ''
  }
}
