/** Encodes a value as JSON and arrays. */

import { isDate, isMap, isNativeError, isProxy, isRegExp, isSet } from 'node:util/types'
import { NDArray } from '../../arrays/index.ts'
import { isAttached } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError, show } from '../../errors.ts'
import {
  arrayOfBytes,
  ArrayTable,
  byteKindOf,
  type Bytes,
  isTransferred,
} from '../trees/array-table.ts'
import { isOfBuiltin, isPlainObject } from '../values/builtin-classes.ts'
import { classOfInstance, type RegisteredClass } from '../class-registry.ts'
import { encodeDate, encodeError, encodeNumber, encodeRegExp } from './encode-builtins.ts'
import { explainUnsavable } from './explain-unsavable.ts'
import { isPlainList, isSparse, namesOf } from '../values/lists.ts'
import { isNamespace } from '../values/namespaces.ts'
import { stepToValue } from '../values/places.ts'
import { SharedNodes } from './shared-nodes.ts'
import {
  type EncodedTree,
  maxDepth,
  maxInstances,
  tagKey,
  type Tree,
  type TreeObject,
} from '../trees/tree.ts'
import { keyStep, memberStep, type Step, ValuePath } from '../values/value-path.ts'

/** A value as JSON and its arrays. */
export interface EncodedValue extends EncodedTree {
  /** Where in the value each array was first found: `steps.scale.mean_`, empty for the value itself. */
  readonly places: readonly string[]
}

/** Options of {@link encode}. */
export interface EncodeOptions {
  /** What errors call the value; default: `value`. */
  readonly called?: string
}

/**
 * Writes a value as JSON and a list of arrays; {@link decode} makes the same value of them.
 *
 * Kept are numbers of every kind, bigints, undefined, holes of lists, named members of lists, dates, regular expressions, maps, sets, errors
 * with their class, cause, own fields and stack, typed arrays of every kind, buffers, NDArrays, instances of registered classes, and what is
 * shared or in circles. Members that loops don't show are left out, like the classes of errors that extend one of the language's.
 * An ArrayBuffer that several views share becomes an array for each; views of the same elements share one array.
 *
 * @param value - read, not changed; its arrays are not copied, so they must not change before they are written
 * @throws OneCopyError `ERR_UNSAVABLE`, which names the place and what to do: functions, symbols, promises, weak collections, generators,
 * instances of other classes, an instance whose state leads back to itself, more than 500 levels
 */
export function encode(value: unknown, { called = 'value' }: EncodeOptions = {}): EncodedValue {
  const encoder = new Encoder(called)
  try {
    const tree = encoder.finish(encoder.encode(value))
    return { tree, arrays: encoder.table.arrays, places: encoder.table.places }
  } catch (error) {
    throw encoder.describe(error)
  }
}

/** One pass over a value. */
class Encoder {
  readonly table = new ArrayTable()
  readonly #path: ValuePath
  readonly #called: string
  readonly #shared = new SharedNodes()
  #depth = 0

  constructor(called: string) {
    this.#called = called
    this.#path = new ValuePath(called)
  }

  finish(tree: Tree): Tree {
    return this.#shared.wrap(tree)
  }

  /** The error for what was thrown while a member of the value was read. */
  describe(error: unknown): unknown {
    if (isOneCopyError(error)) return error
    const place = String(this.#path)
    return new OneCopyError(
      'ERR_UNSAVABLE',
      `Expected \`${this.#called}\` to be data that can be saved, but reading \`${place}\` threw an error: ` +
        (error instanceof Error ? error.message : show(error)),
      { cause: error, details: { place } },
    )
  }

  encode(value: unknown): Tree {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value
      case 'number':
        return encodeNumber(value)
      case 'bigint':
        return { [tagKey]: 'bigint', value: String(value) }
      case 'undefined':
        return { [tagKey]: 'undefined' }
      case 'object':
        return value === null ? null : this.#encodeKnown(value)
      default:
        throw this.#refuse(value)
    }
  }

  #encodeKnown(value: object): Tree {
    const before = this.#shared.refer(value)
    if (before === 'circle') throw this.#refuse(value, leadsBack)
    if (before === 'many') throw this.#refuse(value, tooMany)
    if (before !== undefined) return before
    if (this.#depth === maxDepth) throw this.#refuse(value, tooDeep)
    this.#depth++
    const tree = this.#encodeObject(value)
    this.#depth--
    return tree
  }

  #encodeObject(value: object): Tree {
    if (isPlainObject(value)) return this.#encodeMembers(value as Record<string, unknown>)
    const registered = classOfInstance(value)
    if (registered !== undefined) return this.#encodeInstance(value, registered)
    if (Array.isArray(value)) return this.#encodeList(value)
    if (value instanceof NDArray) return this.#encodeArray(value)
    const kind = byteKindOf(value)
    if (kind !== undefined) {
      if (isTransferred(value as Bytes)) throw this.#refuse(value, gone)
      const array = arrayOfBytes(value as Bytes, kind)
      return this.#encodeMemory(value, array, { [tagKey]: 'bytes', kind })
    }
    if (isProxy(value)) throw this.#refuse(value)
    if (isNativeError(value) || value instanceof Error) return this.#encodeError(value)
    if (!isOfBuiltin(value)) throw this.#refuse(value)
    if (isMap(value)) return this.#encodeMap(value)
    if (isSet(value)) return this.#encodeSet(value)
    if (isDate(value)) return this.#shared.add(value, encodeDate(value))
    if (isRegExp(value)) return this.#shared.add(value, encodeRegExp(value))
    throw this.#refuse(value)
  }

  #encodeArray(array: NDArray): Tree {
    if (Object.getPrototypeOf(array) !== NDArray.prototype) throw this.#refuse(array)
    return this.#encodeMemory(array, array, { [tagKey]: 'ndarray' })
  }

  #encodeMemory(value: object, array: NDArray, node: TreeObject): Tree {
    if (!isAttached(array)) throw this.#refuse(value, gone)
    node['array'] = this.table.add(array, () => this.#path.inside)
    return this.#shared.add(value, node)
  }

  #encodeMembers(value: Record<string, unknown>): Tree {
    const keys = Object.keys(value)
    const isBare = Object.getPrototypeOf(value) === null
    if (keys.length === 0 && isNamespace(value)) throw this.#refuse(value)
    const symbol = Object.getOwnPropertySymbols(value).find((one) => isShown(value, one))
    if (symbol !== undefined) throw this.#refuse(value, lostSymbol(symbol))
    if (isBare || keys.includes(tagKey) || keys.includes('__proto__')) {
      const entries: Tree[] = []
      const node: TreeObject = { [tagKey]: 'object', ...(isBare && { prototype: null }), entries }
      return this.#shared.fill(value, node, () => this.#fillEntries(value, keys, entries))
    }
    const node: TreeObject = {}
    return this.#shared.fill(value, node, () => {
      for (const key of keys) node[key] = this.#member(value, key)
    })
  }

  #fillEntries(value: Record<string, unknown>, keys: readonly string[], entries: Tree[]): void {
    for (const key of keys) entries.push([key, this.#member(value, key)])
  }

  #member(value: Record<string, unknown>, key: string): Tree {
    this.#path.push(key)
    const tree = this.encode(value[key])
    this.#path.pop()
    return tree
  }

  #at(step: Step, value: unknown): Tree {
    this.#path.push(step)
    const tree = this.encode(value)
    this.#path.pop()
    return tree
  }

  #encodeList(list: readonly unknown[]): Tree {
    if (!isPlainList(list) || isSparse(list)) throw this.#refuse(list)
    const items: Tree[] = []
    const names = namesOf(list)
    if (names.length === 0)
      return this.#shared.fill(list, items, () => this.#fillItems(list, items))
    const entries: Tree[] = []
    const node = { [tagKey]: 'list', items, entries }
    return this.#shared.fill(list, node, () => {
      this.#fillItems(list, items)
      this.#fillEntries(list as unknown as Record<string, unknown>, names, entries)
    })
  }

  #fillItems(list: readonly unknown[], items: Tree[]): void {
    for (let i = 0; i < list.length; i++) {
      this.#path.push(i)
      const item = list[i]
      const isHole = item === undefined && !(i in list)
      items.push(isHole ? { [tagKey]: 'hole' } : this.encode(item))
      this.#path.pop()
    }
  }

  #encodeMap(map: ReadonlyMap<unknown, unknown>): Tree {
    const entries: Tree[] = []
    return this.#shared.fill(map, { [tagKey]: 'map', entries }, () => {
      for (const [key, member] of map)
        entries.push([this.#at(keyStep, key), this.#at({ text: stepToValue(key) }, member)])
    })
  }

  #encodeSet(set: ReadonlySet<unknown>): Tree {
    const members: Tree[] = []
    return this.#shared.fill(set, { [tagKey]: 'set', members }, () => {
      for (const member of set) members.push(this.#at(memberStep, member))
    })
  }

  #encodeError(error: Error): Tree {
    const { node, fields } = encodeError(error)
    return this.#shared.fill(error, node, () => {
      const members = error as unknown as Record<string, unknown>
      const entries: Tree[] = []
      this.#fillEntries(members, fields, entries)
      node['entries'] = entries
      if ('cause' in error) node['cause'] = this.#member(members, 'cause')
      if (error instanceof AggregateError) node['errors'] = this.#member(members, 'errors')
    })
  }

  #encodeInstance(instance: object, registered: RegisteredClass): Tree {
    const { name, version } = registered
    const node: TreeObject = { [tagKey]: 'instance', type: name, version }
    return this.#shared.fillInstance(instance, node, () => {
      node['state'] = this.encode(this.#save(instance, registered))
    })
  }

  #save(instance: object, { name, save, Class }: RegisteredClass): unknown {
    try {
      return save(instance)
    } catch (error) {
      if (isOneCopyError(error)) throw error
      const place = String(this.#path)
      throw new OneCopyError(
        'ERR_UNSAVABLE',
        `Expected \`${place}\` to be saved by the \`save\` of class ${Class.name}, registered as '${name}', which threw an error: ` +
          (error instanceof Error ? error.message : show(error)),
        { cause: error, details: { place } },
      )
    }
  }

  #refuse(value: unknown, reason = explainUnsavable(value)): OneCopyError {
    const place = String(this.#path)
    const what = show(value)
    const where = place === this.#called ? '' : ` at \`${place}\``
    return new OneCopyError(
      'ERR_UNSAVABLE',
      `Expected \`${this.#called}\` to be data that can be saved, got ${what}${where}: ${reason}`,
      { details: { place, value: what } },
    )
  }
}

function isShown(value: object, key: symbol): boolean {
  return Object.prototype.propertyIsEnumerable.call(value, key)
}

function lostSymbol(symbol: symbol): string {
  return `its member ${String(symbol)} would be lost, because files have no symbols. Name the member by a text.`
}

const tooDeep = `it lies more than ${maxDepth} levels deep. Use a flat structure, such as a list of nodes that name each other by number.`
const tooMany = `more than ${maxInstances} instances of classes are reached from here, those counted again that are reached by several ways.`
const gone = 'its memory is gone, because it was transferred or freed.'
const leadsBack =
  'it contains the instance that is being saved, which must be complete before it can be part of itself. Leave one of the two out of what `save` returns.'
