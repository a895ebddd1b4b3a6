/** What `encode` writes, `decode` makes again, through JSON. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, dtypes, NDArray } from '../../../src/arrays/index.ts'
import { OneCopyError } from '../../../src/errors.ts'
import { registerClass } from '../../../src/objects/index.ts'
import { decode, encode } from '../../../src/objects/internal.ts'
import { assertSame } from './same-value.ts'

/** A value as a file gives it back: through the text of its tree. */
function roundTrip(value: unknown): unknown {
  const { tree, arrays } = encode(value)
  return decode({ tree: JSON.parse(JSON.stringify(tree)), arrays })
}

class Box {
  content: unknown
  constructor(content: unknown) {
    this.content = content
  }
}

registerClass(Box, {
  name: 'test.Box',
  version: 1,
  save: ({ content }) => ({ content }),
  load: ({ content }: { content: unknown }) => new Box(content),
})

const proto = JSON.parse('{"__proto__":{"polluted":1},"constructor":2,"toString":3}') as unknown
const match = /(?<letter>b)(x)?/.exec('abc')
const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16])
const buffer = bytes.buffer

class Failure extends RangeError {
  override readonly name = 'Failure'
  readonly code = 7
}

function withoutItems(list: unknown[], ...indices: readonly number[]): unknown[] {
  for (const index of indices) Reflect.deleteProperty(list, index)
  return list
}

const values: Readonly<Record<string, unknown>> = {
  'undefined and null': [undefined, null],
  'odd numbers': [NaN, Infinity, -Infinity, -0, 0, 5e-324, Number.MAX_VALUE, 2 ** 53 + 2, 0.1],
  bigints: [0n, -1n, 2n ** 53n + 1n, -(2n ** 300n)],
  texts: ['', '\u0000', '\ud800', '\udfff\ud800', '$', '__proto__', '\u2028', 'é'],
  'a list with holes and names': Object.assign(withoutItems([1, 2, undefined, 3, 4], 1, 3), {
    name: 'a',
    '-1': 2,
  }),
  'a list that ends in holes': Object.assign([1], { length: 40 }),
  'a match of a pattern': match,
  'keys that look like ours': { $: 'ref', to: 1, nested: { $: undefined } },
  'keys that objects have': proto,
  'keys that are numbers': { 2: 'b', 1: 'a', '-1': 'c', '01': 'd' },
  'no prototype': Object.assign(Object.create(null) as object, { a: 1, $: 2 }),
  maps: new Map<unknown, unknown>([
    [NaN, 1],
    [{}, { a: 1 }],
    ['a', new Map([[1, 2]])],
  ]),
  sets: new Set([NaN, 'a', {}, [1], new Set([1])]),
  dates: [new Date(0), new Date(NaN), new Date(8.64e15), new Date(-8.64e15), new Date(-1)],
  patterns: [/a/, /[/]\n\u{1F600}/gimsuy, Object.assign(/a/g, { lastIndex: 3 }), new RegExp('')],
  'built-in errors': [
    new Error('a'),
    new TypeError('b', { cause: new SyntaxError('c') }),
    new AggregateError([new EvalError('d'), 5], 'e'),
    new DOMException('f', 'AbortError'),
    Object.assign(new URIError('g'), { path: '/x', list: [1, NaN] }),
    new Error('h', { cause: undefined }),
  ],
  'an error of onecopy': new OneCopyError('ERR_SHAPE', 'a', { details: { rows: [1] }, cause: 5 }),
  'an error of an assertion': new assert.AssertionError({ actual: 1, expected: 2, operator: 'is' }),
  'typed arrays': [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ].map((Class) => new Class(bytes.slice().buffer)),
  'parts of a buffer': [
    bytes.subarray(3, 7),
    new Int16Array(buffer, 2, 3),
    new DataView(buffer, 1, 5),
  ],
  'a buffer that does not divide by eight': new Float64Array(new ArrayBuffer(24 + 5), 8, 2),
  'a Node buffer': [Buffer.from('abc'), Buffer.alloc(0)],
  'array buffers': [bytes.slice().buffer, new ArrayBuffer(0)],
  'empty things': [[], {}, new Map(), new Set(), new Float64Array(0), ''],
  instances: { a: new Box(new Box([1])), b: new Box(undefined) },
}

for (const [name, value] of Object.entries(values))
  test(`${name} come back`, () => assertSame(roundTrip(value), value))

test('16-bit floats come back', { skip: !('Float16Array' in globalThis) }, () => {
  const { Float16Array: Class } = globalThis as unknown as Record<string, Uint16ArrayConstructor>
  const value = [new Class!([1, 2, 3]), new Class!(bytes.slice().buffer, 2, 4)]
  assertSame(roundTrip(value), value)
})

test('an error of a class that extends a built-in one becomes that, under its name', () => {
  const failure = new Failure('too far')
  const read = roundTrip(failure) as Failure
  assert.equal(Object.getPrototypeOf(read), RangeError.prototype)
  assert.equal(`${read.name} ${read.message} ${read.code}`, 'Failure too far 7')
  assert.equal(read.stack, failure.stack)
})

test('arrays of every dtype come back with their memory', () => {
  for (const dtype of dtypes) {
    const value = array(dtype.endsWith('64') && dtype !== 'float64' ? [[1n], [0n]] : [[1], [0]], {
      dtype,
    })
    const { tree, arrays } = encode({ value })
    assert.equal(arrays[0], value)
    assertSame(decode({ tree, arrays }), { value })
  }
})

test('views come back with their strides, where the arrays have them', () => {
  const X = array([
    [1, 2, 3],
    [4, 5, 6],
  ])
  const views: NDArray[] = [
    X.transpose(),
    X.reversed(0),
    X.reversed(1),
    X.column(1),
    X.rows(1),
    X.slice(null, [null, null, 2]),
    X.row(0).broadcastTo([4, 3]),
    X.slice(0, 0),
    X.rows(0, 0),
  ]
  const { tree, arrays } = encode(views)
  assert.equal(arrays.length, views.length)
  const read = decode({ tree: JSON.parse(JSON.stringify(tree)), arrays }) as NDArray[]
  assertSame(read, views)
  for (const [i, view] of views.entries()) {
    assert.equal(read[i]!.buffer, X.buffer)
    assert.deepEqual(read[i]!.strides, view.strides)
  }
})

test('the same elements of the same memory are one array, however often they occur', () => {
  const X = array([
    [1, 2],
    [3, 4],
  ])
  const value = {
    X,
    again: X,
    view: X.rows(),
    data: X.data,
    part: X.row(1),
    other: X.data.subarray(2),
  }
  const { tree, arrays, places } = encode(value)
  assert.deepEqual(places, ['X', 'data', 'part'])
  assert.equal(arrays.length, 3)
  const read = decode({ tree, arrays }) as typeof value
  assertSame(read, value)
  assert.equal(read.again, read.X)
  assert.notEqual(read.view, read.X)
  read.data[2] = 30
  assert.equal(read.X.get(1, 0), 30)
  assert.equal(read.other[0], 30)
})

test('equal arrays in other memory, of other dtypes or forms are arrays of their own', () => {
  const data = new Uint8Array(4)
  const value = [
    data,
    new Int8Array(data.buffer),
    data.slice(),
    new NDArray([2, 2], 'uint8', data),
    new NDArray([4], 'bool', data),
  ]
  assert.equal(encode(value).arrays.length, 5)
})

test('places name where arrays are found', () => {
  const value = {
    'a b': [new Box({ x: new Float64Array(1) })],
    m: new Map([['k', new Int8Array(1)]]),
  }
  assert.deepEqual(encode(value).places, ["['a b'][0].content.x", "m.get('k')"])
  assert.deepEqual(encode(new Float64Array(1)).places, [''])
})

test('circles through every kind of container come back', () => {
  const list: unknown[] = []
  const object: Record<string, unknown> = { list, $: 1 }
  const map = new Map<unknown, unknown>([[object, list]])
  const set = new Set<unknown>([map])
  const error = new Error('a', { cause: set }) as Error & { own?: unknown }
  error.own = error
  const group = new AggregateError([error, list], 'b')
  set.add(set).add(group)
  map.set(map, map)
  list.push(list, object, map, set, error, group)
  assertSame(roundTrip(list), list)
  assertSame(roundTrip(error), error)
  assertSame(roundTrip(map), map)
})

test('a shared instance stays one, and is saved once', () => {
  const shared = new Box([1])
  const value = { a: shared, b: new Box(shared), list: [shared, shared] }
  const { tree } = encode(value)
  assert.equal(JSON.stringify(tree).split('"test.Box"').length - 1, 2)
  assertSame(roundTrip(value), value)
})

test('a circle inside the state of an instance comes back', () => {
  const circle: unknown[] = []
  circle.push(circle)
  const value = [new Box(circle), circle]
  assertSame(roundTrip(value), value)
})

test('references into what encloses an instance come back when it is complete', () => {
  const done = [1]
  const value = { done, box: new Box({ done }) }
  assertSame(roundTrip(value), value)
})

test('what is as deep as allowed comes back', () => {
  let value: unknown = null
  for (let i = 0; i < 500; i++)
    value = i % 3 === 0 ? new Map([['k', value]]) : i % 3 === 1 ? [value] : { $: value }
  assertSame(roundTrip(value), value)
})

/** Values of all kinds, in which the same objects stand at several places, also inside themselves. */
const graphs = fc
  .tuple(
    fc.array(
      fc.anything({
        withBigInt: true,
        withBoxedValues: false,
        withDate: true,
        withMap: true,
        withNullPrototype: true,
        withObjectString: true,
        withSet: true,
        withSparseArray: true,
        withTypedArray: true,
        withUnicodeString: true,
        maxDepth: 4,
      }),
      { minLength: 1, maxLength: 6 },
    ),
    fc.array(fc.tuple(fc.nat(), fc.nat(), fc.string()), { maxLength: 8 }),
  )
  .map(([parts, links]) => {
    const objects = objectsIn(parts)
    for (const [from, to, key] of links) {
      const holder = objects[from % objects.length]!
      const member = objects[to % objects.length]!
      if (holder instanceof Map) holder.set(member, member)
      else if (holder instanceof Set) holder.add(member)
      else if (Array.isArray(holder)) holder.push(member)
      else if (Object.isExtensible(holder) && isPlain(holder))
        Object.defineProperty(holder, key, {
          value: member,
          enumerable: true,
          configurable: true,
          writable: true,
        })
    }
    return parts
  })

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || prototype === Object.prototype
}

function objectsIn(root: object): object[] {
  const found = new Set<object>([root])
  for (const one of found) {
    const inside: unknown[] =
      one instanceof Map
        ? [...one].flat()
        : one instanceof Set
          ? [...one]
          : ArrayBuffer.isView(one)
            ? []
            : Object.values(one)
    for (const member of inside)
      if (typeof member === 'object' && member !== null) found.add(member)
  }
  return [...found]
}

test('any value of plain parts comes back, with what is shared and in circles', () => {
  fc.assert(
    fc.property(graphs, (value) => {
      assertSame(roundTrip(value), value)
      assertSame(decode(encode(value)), value)
    }),
    { seed: 12, numRuns: 1000 },
  )
})

test('a value is written the same way each time, and as what came back is', () => {
  fc.assert(
    fc.property(graphs, (value) => {
      const text = JSON.stringify(encode(value).tree)
      assert.equal(JSON.stringify(encode(value).tree), text)
      assert.equal(JSON.stringify(encode(roundTrip(value)).tree), text)
    }),
    { seed: 12, numRuns: 300 },
  )
})
