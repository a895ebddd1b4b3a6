/** Compares values with all that `encode` keeps, shared objects included. */

import assert from 'node:assert/strict'
import { NDArray } from '../../../src/arrays/index.ts'

/** Fails unless two values are alike: classes, members and their order, what is shared and what is in circles. */
export function assertSame(actual: unknown, expected: unknown): void {
  const pairs = new Map<object, object>()
  const back = new Map<object, object>()
  const rest: [actual: unknown, expected: unknown, place: string][] = [[actual, expected, 'value']]
  for (let next = rest.pop(); next !== undefined; next = rest.pop()) {
    const [one, other, place] = next
    if (typeof one !== 'object' || one === null || typeof other !== 'object' || other === null) {
      assert.ok(Object.is(one, other), `${place}: ${String(one)} is not ${String(other)}`)
      continue
    }
    assert.equal(pairs.has(one), back.has(other), `${place}: shared in one of them only`)
    if (pairs.has(one)) {
      assert.equal(pairs.get(one), other, `${place}: another object`)
      continue
    }
    pairs.set(one, other)
    back.set(other, one)
    assert.equal(Object.getPrototypeOf(one), Object.getPrototypeOf(other), `${place}: its class`)
    const [left, right] = [partsOf(one), partsOf(other)]
    assert.deepEqual(
      left.map(([key]) => key),
      right.map(([key]) => key),
      place,
    )
    for (const [i, [key, part]] of left.entries())
      rest.push([part, right[i]![1], `${place}.${key}`])
  }
}

type Part = readonly [key: string, value: unknown]

/** All that makes an object what it is, in order. */
function partsOf(object: object): readonly Part[] {
  if (object instanceof NDArray)
    return [['data', JSON.stringify(object.toArray(), digits)], ...shapeOf(object)]
  if (object instanceof DataView)
    return bytes(new Uint8Array(object.buffer, object.byteOffset, object.byteLength))
  if (ArrayBuffer.isView(object)) return bytes(object)
  if (object instanceof ArrayBuffer) return bytes(new Uint8Array(object))
  const own = Object.keys(object).map((key): Part => [
    key,
    (object as Record<string, unknown>)[key],
  ])
  if (Array.isArray(object)) return [['length', object.length], ...own]
  if (object instanceof Map)
    return [
      ...own,
      ...[...object].flatMap(([key, value], i): Part[] => [
        [`key ${i}`, key],
        [`value ${i}`, value],
      ]),
    ]
  if (object instanceof Set)
    return [...own, ...[...object].map((value, i): Part => [`${i}`, value])]
  if (object instanceof Date) return [...own, ['time', object.getTime()]]
  if (object instanceof RegExp)
    return [
      ...own,
      ['source', object.source],
      ['flags', object.flags],
      ['lastIndex', object.lastIndex],
    ]
  if (object instanceof Error) return [...own, ...errorParts(object)]
  return own
}

function shapeOf({ dtype, shape }: NDArray): Part[] {
  return [
    ['dtype', dtype],
    ['shape', shape.join()],
  ]
}

function digits(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' || typeof value === 'number'
    ? Object.is(value, -0)
      ? '-0'
      : String(value)
    : value
}

function bytes({ buffer, byteOffset, byteLength }: ArrayBufferView): Part[] {
  return [['bytes', Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex')]]
}

function errorParts(error: Error): Part[] {
  const parts: Part[] = [
    ['name', error.name],
    ['message', error.message],
    ['stack', error.stack],
  ]
  if ('cause' in error) parts.push(['cause', error.cause])
  if (error instanceof AggregateError) parts.push(['errors', error.errors])
  return parts
}
