/** Parses UBJSON, the binary form of XGBoost's JSON. */

import { OneCopyError } from '../../errors.ts'

/** Deeper files are refused, since each level takes stack; XGBoost's have 10 levels. */
const mostDepth = 100

/**
 * Parses a model file of XGBoost's `.ubj`.
 *
 * @throws OneCopyError `ERR_FORMAT` with the byte where it is damaged
 * @see ubjson.org/type-reference, Draft 12
 */
export function parseUbjson(path: string, bytes: Buffer): unknown {
  return new UbjsonParser(path, bytes).all()
}

/** Bytes and reader of each type of numbers; they are big-endian. */
const numberTypes: Readonly<
  Record<string, readonly [number, (view: DataView, at: number) => number]>
> = {
  i: [1, (view, at) => view.getInt8(at)],
  U: [1, (view, at) => view.getUint8(at)],
  I: [2, (view, at) => view.getInt16(at)],
  l: [4, (view, at) => view.getInt32(at)],
  L: [8, (view, at) => Number(view.getBigInt64(at))],
  d: [4, (view, at) => view.getFloat32(at)],
  D: [8, (view, at) => view.getFloat64(at)],
}

const literals: Readonly<Record<string, unknown>> = { T: true, F: false, Z: null }

class UbjsonParser {
  readonly #path: string
  readonly #bytes: Buffer
  readonly #view: DataView
  #at = 0

  constructor(path: string, bytes: Buffer) {
    this.#path = path
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  }

  all(): unknown {
    const value = this.#value(this.#type(), 0)
    if (this.#at === this.#bytes.length) return value
    throw this.#refuse('the end of the file', `${this.#bytes.length - this.#at} more bytes`)
  }

  #value(type: string, depth: number): unknown {
    if (depth > mostDepth) throw this.#refuse(`at most ${mostDepth} levels`, 'more')
    if (type in numberTypes) return this.#number(type)
    if (Object.hasOwn(literals, type)) return literals[type]
    if (type === 'S') return this.#text()
    if (type === '[') return this.#list(depth)
    if (type === '{') return this.#object(depth)
    throw this.#refuse('the type of a value', `'${type}'`)
  }

  /** An object up to `}`; a name that comes twice is refused. */
  #object(depth: number): object {
    const object: Record<string, unknown> = Object.create(null) as Record<string, unknown>
    while (this.#peek() !== '}') {
      const name = this.#text()
      if (name in object) throw this.#refuse('each name once', `'${name.slice(0, 80)}' again`)
      object[name] = this.#value(this.#type(), depth + 1)
    }
    this.#at++
    return object
  }

  /** A list up to `]`, or of a number of values, which may all be of one type. */
  #list(depth: number): unknown[] {
    const type = this.#peek() === '$' ? (this.#at++, this.#type()) : undefined
    if (type !== undefined && this.#peek() !== '#') throw this.#refuse("'#'", `'${this.#peek()}'`)
    const list: unknown[] = []
    if (this.#peek() !== '#') {
      while (this.#peek() !== ']') list.push(this.#value(this.#type(), depth + 1))
      this.#at++
      return list
    }
    this.#at++
    const size = type === undefined ? 1 : (numberTypes[type]?.[0] ?? 0)
    if (size === 0) throw this.#refuse('a list of numbers', `one of '${type}'`)
    const count = this.#length(size)
    for (let i = 0; i < count; i++) list.push(this.#value(type ?? this.#type(), depth + 1))
    return list
  }

  #text(): string {
    const length = this.#length(1)
    this.#at += length
    return this.#bytes.toString('utf8', this.#at - length, this.#at)
  }

  /** How many values of at least so many bytes follow. */
  #length(size: number): number {
    const type = this.#type()
    if (!'iUIlL'.includes(type)) throw this.#refuse('a length', `'${type}'`)
    const length = this.#number(type)
    const left = Math.floor((this.#bytes.length - this.#at) / size)
    if (length >= 0 && length <= left) return length
    throw this.#refuse(`a length of at most ${left}`, `${length}`)
  }

  #number(type: string): number {
    const [size, read] = numberTypes[type]!
    if (this.#at + size > this.#bytes.length) throw this.#refuse('a number', 'the end of the file')
    this.#at += size
    return read(this.#view, this.#at - size)
  }

  #type(): string {
    const type = this.#peek()
    this.#at++
    return type
  }

  #peek(): string {
    const byte = this.#bytes[this.#at]
    if (byte !== undefined) return String.fromCharCode(byte)
    throw this.#refuse('a value', 'the end of the file')
  }

  #refuse(expected: string, found: string): OneCopyError {
    return new OneCopyError(
      'ERR_FORMAT',
      `Expected ${expected} at byte ${this.#at} of ${this.#path}, got ${found}. The file is damaged, or no model of XGBoost.`,
      { details: { path: this.#path, byte: this.#at } },
    )
  }
}
