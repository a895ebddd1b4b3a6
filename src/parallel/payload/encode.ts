/** Encodes a value so that structured clone loses nothing. */

import {
  isAnyArrayBuffer,
  isBoxedPrimitive,
  isDate,
  isMap,
  isNativeError,
  isRegExp,
  isSet,
  isTypedArray,
} from 'node:util/types'
import { NDArray } from '../../arrays/index.ts'
import { isOneCopyError } from '../../errors.ts'
import {
  classOfInstance,
  isNamespace,
  isOfBuiltin,
  isOfBuiltinArray,
  isPlainList,
  isPlainObject,
  isSparse,
  keysOf,
  namesOf,
  type RegisteredClass,
  setMember,
} from '../../objects/internal.ts'
import {
  type ArrayRules,
  type Cargo,
  cloneView,
  encodeBuffer,
  encodeNDArray,
  encodeTypedArray,
  sharedBufferReason,
} from './encode-arrays.ts'
import { encodeError } from './encode-errors.ts'
import { fieldsOf, refuseState, saveState } from './encode-instances.ts'
import { explainOwn, explainUnsendable } from './explain-unsendable.ts'
import { type Held, releaseAll } from './holds.ts'
import {
  type ClassesPlaceholder,
  type InstancePlaceholder,
  isPlaceholder,
  type Placeholder,
  placeholderKey,
  type SavedPlaceholder,
} from './placeholders.ts'
import { countPlain, isLargePlain, manyMembers, packPlain } from './plain-data.ts'
import { ClassList, type ClassNumbering, type DescribeClass } from './sent-class.ts'
import { describeUnreadable, describeUnsendable, Unsendable } from './unsendable.ts'

/** What goes into a message, and what must happen around it. */
export interface Encoded {
  /**
   * A copy: nothing in it is shared with what was encoded, except memory that is shared on purpose; or what was
   * encoded itself, by {@link encodeUnchanged}.
   */
  readonly value: unknown
  /** Whether there are placeholders in it, so that the receiver has to `decode`. */
  readonly hasPlaceholders: boolean
  /** Whether there are instances of classes in it, so that the receiver has to load these first. */
  readonly hasClasses?: boolean
  /** Whether it is so much that its receiver should read it alone: what waits makes garbage collection dear. */
  readonly isLarge?: boolean
  /** What `value` refers to: it must live until the receiver has opened it, and is to be released then. */
  readonly kept: readonly Held[]
}

/** Gives a function the number by which a placeholder in the value names it. */
export type FunctionEncoder = (fn: object) => number

/** What becomes of functions and of instances of classes. Those for which nothing is said are refused. */
export interface CodeRules {
  readonly functions?: FunctionEncoder | undefined
  /** Says by what the receiver finds a class. */
  readonly classes?: DescribeClass | undefined
}

const nothing: readonly never[] = []

/**
 * Levels that a value may have. Structured clone recurses, and what one thread can still write the other
 * may not be able to read, from some 1,600 levels on; placeholders take up to three levels of it for one of the value.
 */
const maxDepth = 500

/**
 * Copies `value`, with arrays replaced by references to memory that the receiver can open. What
 * structured clone would lose or refuse is refused here.
 *
 * @param value - any value; class-free objects, arrays, maps, sets, dates, errors, NDArrays, typed
 *   arrays and instances of classes may stand in it at any depth, also in circles
 * @param rules - what becomes of arrays in private memory
 * @param called - what an error's text calls the value, such as `the result`; only asked for when it is refused
 * @param code - what becomes of functions and instances
 * @throws OneCopyError `ERR_UNSENDABLE`, which names the place: `[0].model.predict`
 */
export function encode(
  value: unknown,
  rules: ArrayRules,
  called: () => string,
  code: CodeRules = {},
): Encoded {
  if (isPrimitive(value)) return asItIs(value)
  if (isLargePlain(value)) return { value: packPlain(value), hasPlaceholders: true, kept: nothing }
  const list = code.classes && new ClassList(code.classes)
  const encoder = new Encoder(rules, code.functions, list?.numberOf)
  try {
    return withClasses(encoder.finish(encoder.encode(value)), list)
  } catch (error) {
    encoder.drop()
    throw describeRefusal(value, error, called)
  }
}

/** {@link encode} for a value that nobody changes before it is sent: plain data goes as it is. */
export function encodeUnchanged(...[value, ...rest]: Parameters<typeof encode>): Encoded {
  const members = countPlain(value)
  if (members === undefined) return encode(value, ...rest)
  return { value, hasPlaceholders: false, kept: nothing, isLarge: members >= manyMembers }
}

/** Names the place of what can't be sent, or can't even be read. Our own errors stay as they are. */
function describeRefusal(value: unknown, error: unknown, called: () => string): unknown {
  if (error instanceof Unsendable) return describeUnsendable(value, error, called())
  return isOneCopyError(error) ? error : describeUnreadable(value, error, called())
}

/** Whether arguments are more than numbers, strings and the like, which go as they are. */
export function needsEncoding(args: readonly unknown[]): boolean {
  return !args.every(isPrimitive)
}

/** {@link encode} for what was thrown: never refuses, and leaves out what can't be sent. */
export function encodeThrown(thrown: unknown, rules: ArrayRules, classes?: DescribeClass): Encoded {
  if (isPrimitive(thrown)) return asItIs(thrown)
  const list = classes && new ClassList(classes)
  const encoder = new Encoder(rules, undefined, list?.numberOf)
  try {
    return withClasses(encoder.finish(encoder.encode(thrown)), list)
  } catch (error) {
    encoder.drop()
    return encodeThrown(
      new TypeError(`A task threw what can't be sent back`, { cause: error }),
      rules,
      classes,
    )
  }
}

/** The classes go before the value, whose receiver may have to load them. */
function withClasses(encoded: Encoded, list: ClassList | undefined): Encoded {
  if (list === undefined || list.classes.length === 0) return encoded
  const value: ClassesPlaceholder = {
    [placeholderKey]: 'classes',
    classes: list.classes,
    value: encoded.value,
  }
  return { ...encoded, value, hasClasses: true }
}

function asItIs(value: unknown): Encoded {
  return { value, hasPlaceholders: false, kept: nothing }
}

function isPrimitive(value: unknown): boolean {
  const type = typeof value
  return value === null || (type !== 'object' && type !== 'function' && type !== 'symbol')
}

/** One pass over a value, or over several in which the same objects may stand. */
export class Encoder {
  readonly #rules: ArrayRules
  readonly #functions: FunctionEncoder | undefined
  readonly #classes: ClassNumbering | undefined
  /** Objects that are being encoded, from the outermost to the innermost. */
  readonly #open: object[] = []
  /** Where among them the innermost registered instance stands; -1 outside of all. */
  #saving = -1
  readonly #cargo: Cargo = { kept: [] }
  /** Copies made so far: a value that occurs twice, or inside itself, stays one. */
  #copies = new Map<object, unknown>()
  #hasPlaceholders = false

  /**
   * @param functions - gives functions their numbers; without it they are refused
   * @param classes - gives classes of instances their numbers; without it instances are refused
   */
  constructor(rules: ArrayRules, functions?: FunctionEncoder, classes?: ClassNumbering) {
    this.#rules = rules
    this.#functions = functions
    this.#classes = classes
  }

  finish(value: unknown): Encoded {
    return { value, hasPlaceholders: this.#hasPlaceholders, kept: this.#cargo.kept }
  }

  /** Nothing will be sent. */
  drop(): void {
    releaseAll(this.#cargo.kept)
  }

  /** What stands for a function of that number. */
  makePlaceholder(id: number): Placeholder {
    this.#hasPlaceholders = true
    return { [placeholderKey]: 'function', id }
  }

  encode(value: unknown): unknown {
    if (isPrimitive(value)) return value
    if (typeof value === 'function' && this.#functions !== undefined)
      return this.makePlaceholder(this.#functions(value))
    if (typeof value !== 'object') throw new Unsendable(value, explainUnsendable(value))
    const object = value as object
    const copy = this.#copies.get(object)
    if (copy !== undefined) {
      if (this.#isAroundState(object)) throw new Unsendable(object, circular)
      return copy
    }
    if (this.#open.length === maxDepth) throw new Unsendable(object, tooDeep)
    this.#open.push(object)
    try {
      return this.#encodeObject(object)
    } finally {
      this.#open.pop()
    }
  }

  /** Whether `load` of a registered instance would get an object that is not complete yet: that instance, or one around it. */
  #isAroundState(object: object): boolean {
    if (this.#saving === -1) return false
    const at = this.#open.indexOf(object)
    return at !== -1 && at <= this.#saving
  }

  #encodeObject(value: object): unknown {
    if (Array.isArray(value))
      return isPlainList(value) ? this.#encodeList(value) : this.#encodeOfClass(value)
    if (isPlainObject(value)) return this.#encodeMembers(value)
    const registered = classOfInstance(value)
    if (registered !== undefined && !(value instanceof Error))
      return this.#encodeRegistered(value, registered)
    if (value instanceof NDArray)
      return this.#keep(value, encodeNDArray(value, this.#rules, this.#cargo))
    if (isTypedArray(value) && isOfBuiltinArray(value))
      return this.#keep(value, encodeTypedArray(value, this.#rules, this.#cargo))
    // Of a task in this thread it may be of another context, as Jest gives test files.
    if (isNativeError(value) || value instanceof Error) return this.#encodeError(value)
    if (isMap(value) && isOfBuiltin(value)) return this.#encodeMap(value)
    if (isSet(value) && isOfBuiltin(value)) return this.#encodeSet(value)
    if (isDate(value) && isOfBuiltin(value)) return this.#keep(value, new Date(value))
    if ((isRegExp(value) || isBoxedPrimitive(value)) && isOfBuiltin(value)) return value
    if (value instanceof DataView) return this.#keep(value, cloneView(value, this.#cargo))
    if (isAnyArrayBuffer(value)) return this.#keep(value, this.#encodeBuffer(value))
    return this.#encodeInstance(value)
  }

  #encodeOfClass(value: object): unknown {
    const registered = classOfInstance(value)
    return registered === undefined
      ? this.#encodeInstance(value)
      : this.#encodeRegistered(value, registered)
  }

  /** By what its class says makes it up. */
  #encodeRegistered(value: object, registered: RegisteredClass): unknown {
    if (this.#classes === undefined) throw new Unsendable(value, explainUnsendable(value))
    const placeholder: SavedPlaceholder = {
      [placeholderKey]: 'saved',
      of: this.#classes(value, registered),
      version: registered.version,
      state: undefined,
    }
    const state = saveState(value, registered)
    this.#keep(value, placeholder)
    const outer = this.#saving
    this.#saving = this.#open.length - 1
    try {
      placeholder.state = this.encode(state)
    } catch (error) {
      throw error instanceof Unsendable ? refuseState(value, registered, state, error) : error
    } finally {
      this.#saving = outer
    }
    return placeholder
  }

  /** By its fields. */
  #encodeInstance(value: object): unknown {
    const own = explainOwn(value)
    if (own !== undefined || this.#classes === undefined)
      throw new Unsendable(value, own ?? explainUnsendable(value))
    const of = this.#classes(value, undefined)
    const names = fieldsOf(value)
    const fields: Record<string, unknown> = {}
    const placeholder: InstancePlaceholder = { [placeholderKey]: 'instance', of, fields }
    this.#keep(value, placeholder)
    for (const name of names)
      setMember(fields, name, this.encode((value as Record<string, unknown>)[name]))
    return placeholder
  }

  #keep(value: object, copy: unknown): unknown {
    if (typeof copy === 'object' && copy !== null && isPlaceholder(copy))
      this.#hasPlaceholders = true
    this.#copies.set(value, copy)
    return copy
  }

  #encodeList(value: readonly unknown[]): unknown[] {
    const copy: unknown[] = []
    this.#copies.set(value, copy)
    if (isSparse(value)) {
      copy.length = value.length
      for (const index of keysOf(value).indices)
        copy[Number(index)] = this.encode(value[Number(index)])
    } else {
      for (let i = 0; i < value.length; i++) {
        const member = value[i]
        if (member !== undefined || i in value) copy[i] = this.encode(member)
        else copy.length = i + 1 // a hole stays one
      }
    }
    this.#encodeNames(value, copy)
    return copy
  }

  #encodeNames(list: readonly unknown[], copy: unknown[]): void {
    for (const name of namesOf(list))
      setMember(copy, name, this.encode((list as unknown as Record<string, unknown>)[name]))
  }

  #encodeMembers(value: object): unknown {
    if (isPlaceholder(value)) {
      const wrapped: Placeholder & { [placeholderKey]: 'object' } = {
        [placeholderKey]: 'object',
        entries: [],
      }
      this.#keep(value, wrapped)
      wrapped.entries = Object.entries(value).map(([key, member]) => [key, this.encode(member)])
      return wrapped
    }
    const keys = Object.keys(value)
    if (keys.length === 0 && isNamespace(value))
      throw new Unsendable(value, explainUnsendable(value))
    const copy: Record<string, unknown> = {}
    this.#copies.set(value, copy)
    for (const key of keys)
      setMember(copy, key, this.encode((value as Record<string, unknown>)[key]))
    return copy
  }

  #encodeMap(value: ReadonlyMap<unknown, unknown>): unknown {
    const copy = new Map<unknown, unknown>()
    this.#copies.set(value, copy)
    for (const [key, member] of value) copy.set(this.encode(key), this.encode(member))
    return copy
  }

  #encodeSet(value: ReadonlySet<unknown>): unknown {
    const copy = new Set<unknown>()
    this.#copies.set(value, copy)
    for (const member of value) copy.add(this.encode(member))
    return copy
  }

  #encodeError(error: Error): unknown {
    const { placeholder, fill } = encodeError(error)
    this.#keep(error, placeholder)
    fill((read) => this.attempt(read))
    return placeholder
  }

  /** {@link Encoder.encode}, or undefined for what can't be read or sent; nothing of that is kept. */
  attempt(read: () => unknown): { value: unknown } | undefined {
    const copies = new Map(this.#copies)
    const { kept } = this.#cargo
    const { length } = kept
    try {
      return { value: this.encode(read()) }
    } catch {
      this.#copies = copies
      releaseAll(kept.splice(length))
      delete this.#cargo.copies // one of them may be what was released
      return undefined
    }
  }

  #encodeBuffer(value: ArrayBufferLike): unknown {
    if (value instanceof ArrayBuffer) return encodeBuffer(value, this.#rules, this.#cargo)
    if (this.#rules.sameProcess) return value
    throw new Unsendable(value, sharedBufferReason)
  }
}

const circular =
  'it is in a circle through an instance of a registered class, which would have to exist before its `load` is called. Leave it out of what `save` returns.'
const tooDeep = `it lies more than ${maxDepth} levels deep. Send a flat structure, such as a list of nodes that name each other by number.`
