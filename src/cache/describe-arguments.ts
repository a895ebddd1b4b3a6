/** Says for people what a function was called with, without its data. */

import { NDArray } from '../arrays/index.ts'
import { show } from '../errors.ts'

const mostArguments = 10
const mostMembers = 8

/** Types, shapes, and numbers and booleans themselves; of texts only their lengths, since they may be secrets. */
export function describeArguments(args: readonly unknown[]): string[] {
  return args.slice(0, mostArguments).map((value) => describe(value, true))
}

function describe(value: unknown, isOuter: boolean): string {
  if (typeof value === 'string') return `text of ${value.length}`
  if (typeof value !== 'object' || value === null) return show(value)
  if (value instanceof NDArray) return `${value.dtype} (${value.shape.join(', ')})`
  if (ArrayBuffer.isView(value)) return `${value.constructor.name} of ${value.byteLength} bytes`
  if (Array.isArray(value)) return `list of ${value.length}`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null)
    return show(value).replace(/^an object of class /, '')
  const entries = Object.entries(value)
  if (!isOuter || entries.length > mostMembers) return `object of ${entries.length}`
  return `{ ${entries.map(([name, member]) => `${name}: ${describe(member, false)}`).join(', ')} }`
}
