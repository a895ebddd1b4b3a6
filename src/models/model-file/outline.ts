/** What a tree holds, for people, without making anything. */

import type { StoredArray } from '../../container/index.ts'
import { show } from '../../errors.ts'
import { tagKey } from '../../objects/internal.ts'
import type { JsonValue } from './model-schema.ts'

/**
 * A value as JSON for people. An instance is an object whose `class` is its name and version, an array a text such as
 * `float64 (100, 3)`; what JSON hasn't is a text.
 *
 * @param tree - of a file, from anybody; of malformed nodes their members are shown
 * @param arrays - of the file, in their order
 */
export function outlineTree(tree: unknown, arrays: readonly StoredArray[]): JsonValue {
  if (Array.isArray(tree)) return tree.map((item) => outlineTree(item, arrays))
  if (typeof tree !== 'object' || tree === null) return tree as JsonValue
  const node = tree as Readonly<Record<string, unknown>>
  return Object.hasOwn(node, tagKey)
    ? outlineNode(node, arrays)
    : outlineEntries(Object.entries(node), arrays)
}

function outlineNode(
  node: Readonly<Record<string, unknown>>,
  arrays: readonly StoredArray[],
): JsonValue {
  const inside = (value: unknown): JsonValue => outlineTree(value, arrays)
  switch (node[tagKey]) {
    case 'undefined':
    case 'hole':
      return node[tagKey]
    case 'number':
    case 'date':
      return inside(node['value'])
    case 'bigint':
      return `${textOf(node['value'])}n`
    case 'regexp':
      return `/${textOf(node['source'])}/${textOf(node['flags'])}`
    case 'ndarray':
    case 'bytes':
      return outlineArray(node, arrays)
    case 'ref':
      return 'again'
    case 'list':
      return inside(node['items'])
    case 'set':
      return inside(node['members'])
    case 'object':
      return outlineEntries(node['entries'], arrays)
    case 'map':
      return isPairs(node['entries']) && node['entries'].every(([key]) => typeof key === 'string')
        ? outlineEntries(node['entries'], arrays)
        : inside(node['entries'])
    case 'error':
      return `${textOf(node['name'])}: ${textOf(node['message'])}`
    case 'instance': {
      const state = inside(node['state'])
      const name = `${textOf(node['type'])} ${textOf(node['version'])}`
      return isObject(state) && !Object.hasOwn(state, 'class')
        ? { class: name, ...state }
        : { class: name, state }
    }
    default:
      return outlineEntries(Object.entries(node), arrays)
  }
}

function outlineArray(
  node: Readonly<Record<string, unknown>>,
  arrays: readonly StoredArray[],
): JsonValue {
  const array = typeof node['array'] === 'number' ? arrays[node['array']] : undefined
  if (array === undefined) return 'an array that is missing'
  const kind = typeof node['kind'] === 'string' ? node['kind'] : array.dtype
  return `${kind} (${array.shape.join(', ')})`
}

function outlineEntries(entries: unknown, arrays: readonly StoredArray[]): JsonValue {
  if (!isPairs(entries)) return outlineTree(entries, arrays)
  return Object.fromEntries(
    entries.map(([key, value]) => [textOf(key), outlineTree(value, arrays)]),
  )
}

function isPairs(value: unknown): value is [unknown, unknown][] {
  return Array.isArray(value) && value.every((one) => Array.isArray(one) && one.length === 2)
}

function isObject(value: JsonValue): value is Readonly<Record<string, JsonValue>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A text or number of a node as a text; anything else is no part of a sound one. */
function textOf(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? `${value}` : show(value)
}
