/** Decodes numbers, bigints, dates, regular expressions, errors and views of bytes. */

import type { NDArray } from '../../arrays/index.ts'
import { show } from '../../errors.ts'
import { type Bytes, bytesOfArray } from '../trees/array-table.ts'
import { createError, isErrorKind } from '../values/error-classes.ts'
import { setHidden } from '../values/members.ts'
import { type ByteKind, byteKinds } from '../trees/tree.ts'
import type { TreeNode } from '../trees/tree-node.ts'

/** A number that JSON hasn't. */
export function decodeNumber(node: TreeNode): number {
  node.requireMembers(['value'])
  const text = node.text('value')
  if (oddNumbers.includes(text)) return Number(text)
  throw node.refuse(`a node whose \`value\` is ${oddNumbers.join(' or ')}`, show(text))
}

const oddNumbers = ['NaN', 'Infinity', '-Infinity', '-0']

export function decodeBigInt(node: TreeNode): bigint {
  node.requireMembers(['value'])
  const text = node.text('value')
  const wrong = node.refuse.bind(node, 'a node whose `value` has the digits of a bigint')
  if (!/^(0|-?[1-9]\d*)$/.test(text)) throw wrong(show(text))
  try {
    return BigInt(text)
  } catch {
    throw wrong(`more than a bigint can have, ${text.length}`)
  }
}

export function decodeDate(node: TreeNode): Date {
  node.requireMembers(['value'], ['id'])
  const text = node.textOrNull('value')
  if (text === null) return new Date(NaN)
  const date = new Date(text)
  if (!Number.isNaN(date.getTime()) && date.toISOString() === text) return date
  throw node.refuse('a node whose `value` is a date as toISOString() writes it', show(text))
}

export function decodeRegExp(node: TreeNode): RegExp {
  node.requireMembers(['source', 'flags'], ['lastIndex', 'id'])
  const [source, flags] = [node.text('source'), node.text('flags')]
  const hasIndex = node.has('lastIndex')
  const lastIndex = hasIndex ? node.integer('lastIndex', 1, Number.MAX_SAFE_INTEGER) : 0
  try {
    const pattern = new RegExp(source, flags)
    pattern.lastIndex = lastIndex
    return pattern
  } catch (error) {
    throw node.refuse('a regular expression', `none: ${(error as Error).message}`)
  }
}

/** The error of a node, without its members that may hold objects. */
export function createErrorOf(node: TreeNode): Error {
  node.requireMembers(['kind', 'name', 'message', 'stack', 'entries'], ['cause', 'errors', 'id'])
  const [kind, name, message] = [node.text('kind'), node.text('name'), node.text('message')]
  if (!isErrorKind(kind)) throw node.refuse('an error of a known class', show(kind))
  const code = node.entries('entries').find(([key]) => key === 'code')?.[1]
  const error = createError({ kind, name, message, fields: { code } })
  if (error.name !== name) setHidden(error, 'name', name)
  const stack = node.textOrNull('stack')
  setHidden(error, 'stack', stack ?? undefined)
  return error
}

/** The view of bytes of a node over the memory of `array`. */
export function decodeBytes(node: TreeNode, array: NDArray): Bytes {
  const kind = node.text('kind')
  if (!Object.hasOwn(byteKinds, kind)) throw node.refuse('a known kind of bytes', show(kind))
  const dtype = byteKinds[kind as ByteKind]
  if (array.ndim !== 1 || array.dtype !== dtype || !array.isContiguous)
    throw node.refuse(
      `${kind} over an array of ${dtype} with one axis and no gaps`,
      `one over an array of ${array.dtype} with the shape [${array.shape.join(', ')}]`,
    )
  if (!(kind in globalThis))
    throw node.refuse(`a ${kind}, which this version of Node.js has`, 'one without it')
  return bytesOfArray(array, kind as ByteKind)
}
