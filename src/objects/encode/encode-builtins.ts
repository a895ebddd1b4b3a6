/** Encodes numbers, dates, regular expressions and errors. */

import { errorKind } from '../values/error-classes.ts'
import { tagKey, type Tree, type TreeObject } from '../trees/tree.ts'

/** A number that JSON has is itself. */
export function encodeNumber(value: number): Tree {
  if (Number.isFinite(value) && !Object.is(value, -0)) return value
  return { [tagKey]: 'number', value: value === 0 ? '-0' : String(value) }
}

export function encodeDate(date: Date): TreeObject {
  const isValid = !Number.isNaN(date.getTime())
  return { [tagKey]: 'date', value: isValid ? date.toISOString() : null }
}

export function encodeRegExp(pattern: RegExp): TreeObject {
  const { source, flags, lastIndex } = pattern
  const node: TreeObject = { [tagKey]: 'regexp', source, flags }
  if (Number.isInteger(lastIndex) && lastIndex > 0) node['lastIndex'] = lastIndex
  return node
}

/** The node of an error without members that may hold objects, and the names of its own fields. */
export function encodeError(error: Error): { node: TreeObject; fields: readonly string[] } {
  const node = {
    [tagKey]: 'error',
    kind: errorKind(error),
    name: asText(error.name),
    message: asText(error.message),
    stack: typeof error.stack === 'string' ? error.stack : null,
  }
  return { node, fields: Object.keys(error).filter((name) => !knownFields.has(name)) }
}

const knownFields = new Set(['name', 'message', 'stack', 'cause', 'errors'])

/** Users may assign any value to the fields of an error. */
function asText(value: unknown): string {
  try {
    return String(value)
  } catch {
    return ''
  }
}
