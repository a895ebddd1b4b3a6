/** Decodes a value from JSON and arrays, and trusts neither. */

import { NDArray } from '../../arrays/index.ts'
import { show } from '../../errors.ts'
import {
  createErrorOf,
  decodeBigInt,
  decodeBytes,
  decodeDate,
  decodeNumber,
  decodeRegExp,
} from './decode-builtins.ts'
import { decodeState, requireTrusted } from './decode-instances.ts'
import { defineMember, setHidden, setMember } from '../values/members.ts'
import { stepToValue } from '../values/places.ts'
import { ReferredObjects } from './referred-objects.ts'
import { maxDepth, tagKey } from '../trees/tree.ts'
import { malformed, TreeNode } from '../trees/tree-node.ts'
import { keyStep, memberStep, type Step, ValuePath } from '../values/value-path.ts'

/** Options of {@link decode}. */
export interface DecodeOptions {
  /**
   * Whether instances of the class of this name may be made. Default: of every class that is registered. It is asked before anything is made, so
   * a tree with a class that isn't trusted has no effect.
   */
  readonly isTrusted?: (type: string) => boolean
  /** What errors call the value; default: `value`. */
  readonly called?: string
}

/**
 * Makes the value that {@link encode} wrote. The tree may come from anybody: only functions of registered classes that are trusted run,
 * never code that it names.
 *
 * @param tree - JSON, as `encode` returned it or `JSON.parse` read it
 * @param arrays - the arrays that the tree names by number; the value uses their memory, except that an ArrayBuffer gets
 * memory of its own where an array is no whole buffer
 * @throws OneCopyError `ERR_FORMAT` for what `encode` can't have written, and for a state that a class refuses; `ERR_UNTRUSTED` for a class that
 * isn't registered or isn't trusted. Both name the place
 */
export function decode(
  { tree, arrays }: { readonly tree: unknown; readonly arrays: readonly NDArray[] },
  { isTrusted, called = 'value' }: DecodeOptions = {},
): unknown {
  requireTrusted(tree, isTrusted)
  return new Decoder(arrays, called).decode(tree)
}

/** One pass over a tree. */
class Decoder {
  readonly #arrays: readonly NDArray[]
  readonly #path: ValuePath
  readonly #referred: ReferredObjects
  /** Arrays that stand in the value already; a second NDArray of the same memory is another object. */
  readonly #used = new Set<number>()
  #depth = 0

  constructor(arrays: readonly NDArray[], called: string) {
    this.#arrays = arrays
    this.#path = new ValuePath(called)
    this.#referred = new ReferredObjects()
  }

  decode(tree: unknown): unknown {
    if (tree === null || typeof tree === 'string' || typeof tree === 'boolean') return tree
    if (typeof tree === 'number' && Number.isFinite(tree)) return tree
    if (typeof tree !== 'object') throw malformed(this.#path, 'JSON', show(tree))
    if (this.#depth === maxDepth)
      throw malformed(this.#path, `at most ${maxDepth} levels deep`, 'more')
    this.#depth++
    const value = this.#decodeObject(tree)
    this.#depth--
    return value
  }

  #decodeObject(tree: object): unknown {
    if (Array.isArray(tree)) return this.#fillItems([], tree)
    const prototype: unknown = Object.getPrototypeOf(tree)
    if (prototype !== Object.prototype && prototype !== null)
      throw malformed(this.#path, 'JSON', show(tree))
    if (Object.hasOwn(tree, tagKey)) return this.#decodeNode(new TreeNode(tree, this.#path))
    return this.#fillMembers({}, Object.entries(tree))
  }

  #decodeNode(node: TreeNode): unknown {
    switch (node.tag) {
      case 'undefined':
        return node.requireMembers([])
      case 'number':
        return decodeNumber(node)
      case 'bigint':
        return decodeBigInt(node)
      case 'ref':
        node.requireMembers(['to'])
        return this.#referred.find(node)
      default:
        return this.#decodeShared(node)
    }
  }

  /** A node of an object, which may have a number by which others refer to it. */
  #decodeShared(node: TreeNode): object {
    switch (node.tag) {
      case 'date':
        return this.#referred.add(node, decodeDate(node))
      case 'regexp':
        return this.#referred.add(node, decodeRegExp(node))
      case 'ndarray':
        node.requireMembers(['array'], ['id'])
        return this.#referred.add(node, this.#takeArray(node))
      case 'bytes':
        node.requireMembers(['kind', 'array'], ['id'])
        return this.#referred.add(node, decodeBytes(node, this.#arrayOf(node)))
      case 'list':
        return this.#decodeList(node)
      case 'object':
        return this.#decodeMembers(node)
      case 'map':
        return this.#decodeMap(node)
      case 'set':
        return this.#decodeSet(node)
      case 'error':
        return this.#decodeError(node)
      case 'instance':
        return this.#decodeInstance(node)
      default:
        throw node.refuse('a node with a known tag', show(node.tag))
    }
  }

  #arrayOf(node: TreeNode): NDArray {
    const array: unknown = this.#arrays[node.integer('array', 0, this.#arrays.length)]
    if (array instanceof NDArray) return array
    throw node.refuse('a node of an array', show(array))
  }

  #takeArray(node: TreeNode): NDArray {
    const array = this.#arrayOf(node)
    const number = node.get('array') as number
    if (this.#used.has(number)) return array.slice()
    this.#used.add(number)
    return array
  }

  #at(step: Step, tree: unknown): unknown {
    this.#path.push(step)
    const value = this.decode(tree)
    this.#path.pop()
    return value
  }

  #fillItems(list: unknown[], items: readonly unknown[]): unknown[] {
    for (let i = 0; i < items.length; i++) {
      const item = items[i]
      if (isHole(item)) list.length = i + 1
      else list.push(this.#at(i, item))
    }
    return list
  }

  #fillMembers(object: object, entries: readonly (readonly [string, unknown])[]): object {
    for (const [key, member] of entries) setMember(object, key, this.#at(key, member))
    return object
  }

  #decodeList(node: TreeNode): object {
    node.requireMembers(['items'], ['entries', 'id'])
    const names = node.has('entries') ? node.entries('entries') : []
    const wrong = names.find(([key]) => key === 'length' || isIndex(key))
    if (wrong !== undefined) throw node.refuse('a list with names', show(wrong[0]))
    return this.#referred.fill(node, [], (list) => {
      this.#fillItems(list, node.list('items'))
      this.#fillMembers(list, names)
    })
  }

  #decodeMembers(node: TreeNode): object {
    node.requireMembers(['entries'], ['prototype', 'id'])
    if ((node.get('prototype') ?? null) !== null)
      throw node.refuse('an object without a prototype', 'one with another')
    const object = node.has('prototype') ? (Object.create(null) as object) : {}
    return this.#referred.fill(node, object, () => {
      this.#fillMembers(object, node.entries('entries'))
    })
  }

  #decodeMap(node: TreeNode): object {
    node.requireMembers(['entries'], ['id'])
    const pairs = node.pairs('entries')
    return this.#referred.fill(node, new Map<unknown, unknown>(), (map) => {
      for (const [key, member] of pairs) {
        const read = this.#at(keyStep, key)
        map.set(read, this.#at({ text: stepToValue(read) }, member))
      }
      if (map.size !== pairs.length) throw node.refuse('a map of different keys', 'one key twice')
    })
  }

  #decodeSet(node: TreeNode): object {
    node.requireMembers(['members'], ['id'])
    const members = node.list('members')
    return this.#referred.fill(node, new Set<unknown>(), (set) => {
      for (const member of members) set.add(this.#at(memberStep, member))
      if (set.size !== members.length)
        throw node.refuse('a set of different members', 'one member twice')
    })
  }

  #decodeError(node: TreeNode): object {
    return this.#referred.fill(node, createErrorOf(node), (error) => {
      for (const [key, member] of node.entries('entries'))
        defineMember(error, key, this.#at(key, member), true)
      if (node.has('cause')) setHidden(error, 'cause', this.#at('cause', node.get('cause')))
      if (node.has('errors') !== error instanceof AggregateError)
        throw node.refuse('an AggregateError with `errors`', 'another')
      if (node.has('errors')) setHidden(error, 'errors', this.#at('errors', node.get('errors')))
    })
  }

  #decodeInstance(node: TreeNode): object {
    node.requireMembers(['type', 'version', 'state'], ['id'])
    return this.#referred.fillInstance(node, () =>
      decodeState(node, () => this.decode(node.get('state')), this.#path),
    )
  }
}

function isHole(item: unknown): boolean {
  return (
    typeof item === 'object' &&
    item !== null &&
    Object.hasOwn(item, tagKey) &&
    (item as Record<string, unknown>)[tagKey] === 'hole' &&
    Object.keys(item).length === 1
  )
}

function isIndex(key: string): boolean {
  return String(Number(key) >>> 0) === key && key !== '4294967295'
}
