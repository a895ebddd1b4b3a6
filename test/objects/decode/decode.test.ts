/** Trees from strangers are refused by their place, and run nothing. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../../src/errors.ts'
import { registerClass } from '../../../src/objects/index.ts'
import { decode, encode, treeTypes } from '../../../src/objects/internal.ts'

let loads = 0

class Cell {
  readonly x: unknown
  constructor(x: unknown) {
    this.x = x
  }
}

registerClass(Cell, {
  name: 'test.Cell',
  version: 3,
  save: ({ x }) => ({ x }),
  load: ({ x }: { x: unknown }) => {
    loads++
    if (x === 'bad') throw new RangeError('x is bad')
    if (x === 'other') return {} as Cell
    return new Cell(x)
  },
  migrate: (state, from) => {
    if (from === 1) return { x: state }
    return { x: (state as { y: unknown }).y }
  },
})

class Old {
  readonly isOld = true
}

registerClass(Old, { name: 'test.Old', version: 2, save: () => null, load: () => new Old() })

const arrays = [array([1, 2]), array([[1, 2]]), new NDArray([2], 'uint8', new Uint8Array(2))]

function refusal(tree: unknown, code = 'ERR_FORMAT'): OneCopyError {
  try {
    decode({ tree, arrays }, { called: 'model' })
  } catch (error) {
    assert.ok(isOneCopyError(error), String(error))
    assert.equal(error.code, code)
    return error
  }
  return assert.fail('it was not refused')
}

const damaged = ' The data is damaged, or was not written by onecopy.'
const cell = (state: unknown, more = {}): object => ({
  $: 'instance',
  type: 'test.Cell',
  version: 3,
  state,
  ...more,
})

const malformed: readonly (readonly [tree: unknown, message: string])[] = [
  [undefined, 'Expected `model` to be JSON, got undefined.'],
  [[NaN], 'Expected `model[0]` to be JSON, got NaN.'],
  [{ a: () => 1 }, 'Expected `model.a` to be JSON, got function a.'],
  [{ a: new Date() }, 'Expected `model.a` to be JSON, got an object of class Date.'],
  [{ $: 'eval' }, "Expected `model` to be a node with a known tag, got 'eval'."],
  [{ $: null }, 'Expected `model` to be a node with a known tag, got null.'],
  [{ $: 'toString' }, "Expected `model` to be a node with a known tag, got 'toString'."],
  [{ $: 'hole' }, "Expected `model` to be a node with a known tag, got 'hole'."],
  [[{ $: 'hole', x: 1 }], "Expected `model[0]` to be a node with a known tag, got 'hole'."],
  [{ $: 'undefined', x: 1 }, "Expected `model` to be a node with $, got one with 'x'."],
  [{ $: 'number' }, 'Expected `model` to be a node with `value`, got one without it.'],
  [
    { $: 'number', value: '5' },
    "Expected `model` to be a node whose `value` is NaN or Infinity or -Infinity or -0, got '5'.",
  ],
  [
    { $: 'bigint', value: '0x5' },
    "Expected `model` to be a node whose `value` has the digits of a bigint, got '0x5'.",
  ],
  [{ $: 'bigint', value: 5 }, 'Expected `model` to be a node whose `value` is a text, got 5.'],
  [
    { $: 'date', value: '2020' },
    "Expected `model` to be a node whose `value` is a date as toISOString() writes it, got '2020'.",
  ],
  [
    { $: 'date', value: 'now' },
    "Expected `model` to be a node whose `value` is a date as toISOString() writes it, got 'now'.",
  ],
  [
    { $: 'regexp', source: '(', flags: '' },
    'Expected `model` to be a regular expression, got none: Invalid regular expression: /(/: Unterminated group.',
  ],
  [
    { $: 'regexp', source: 'a', flags: '', lastIndex: -1 },
    'Expected `model` to be a node whose `lastIndex` is a whole number from 1 to 9007199254740990, got -1.',
  ],
  [
    { $: 'list', items: {} },
    'Expected `model` to be a node whose `items` is a list, got an object of class Object.',
  ],
  [
    { $: 'list', items: [], entries: [['length', 9]] },
    "Expected `model` to be a list with names, got 'length'.",
  ],
  [
    { $: 'list', items: [], entries: [['4294967290', 9]] },
    "Expected `model` to be a list with names, got '4294967290'.",
  ],
  [
    { $: 'object', entries: [[1, 2]] },
    'Expected `model` to be a node whose `entries` is a list of pairs with different names, got an array of length 1.',
  ],
  [
    { $: 'object', entries: [['a']] },
    'Expected `model` to be a node whose `entries` is a list of pairs, got an array of length 1.',
  ],
  [
    {
      $: 'object',
      entries: [
        ['a', 1],
        ['a', 2],
      ],
    },
    'Expected `model` to be a node whose `entries` is a list of pairs with different names, got an array of length 2.',
  ],
  [
    { $: 'object', entries: [], prototype: {} },
    'Expected `model` to be an object without a prototype, got one with another.',
  ],
  [
    {
      $: 'map',
      entries: [
        [1, 1],
        [1, 2],
      ],
    },
    'Expected `model` to be a map of different keys, got one key twice.',
  ],
  [
    { $: 'set', members: [1, 1] },
    'Expected `model` to be a set of different members, got one member twice.',
  ],
  [
    { $: 'error', kind: 'Object', name: '', message: '', stack: '', entries: [] },
    "Expected `model` to be an error of a known class, got 'Object'.",
  ],
  [
    { $: 'error', kind: 'constructor', name: '', message: '', stack: '', entries: [] },
    "Expected `model` to be an error of a known class, got 'constructor'.",
  ],
  [
    { $: 'error', kind: 'Error', name: '', message: '', stack: '', entries: [], errors: [] },
    'Expected `model` to be an AggregateError with `errors`, got another.',
  ],
  [
    { $: 'ndarray', array: 3 },
    'Expected `model` to be a node whose `array` is a whole number from 0 to 2, got 3.',
  ],
  [
    { $: 'ndarray', array: -1 },
    'Expected `model` to be a node whose `array` is a whole number from 0 to 2, got -1.',
  ],
  [
    { $: 'ndarray', array: 0.5 },
    'Expected `model` to be a node whose `array` is a whole number from 0 to 2, got 0.5.',
  ],
  [
    { $: 'ndarray', array: '0' },
    "Expected `model` to be a node whose `array` is a whole number from 0 to 2, got '0'.",
  ],
  [
    { $: 'bytes', kind: 'Float64Array', array: 1 },
    'Expected `model` to be Float64Array over an array of float64 with one axis and no gaps, got one over an array of float64 with the shape [1, 2].',
  ],
  [
    { $: 'bytes', kind: 'Float64Array', array: 2 },
    'Expected `model` to be Float64Array over an array of float64 with one axis and no gaps, got one over an array of uint8 with the shape [2].',
  ],
  [
    { $: 'bytes', kind: 'Function', array: 0 },
    "Expected `model` to be a known kind of bytes, got 'Function'.",
  ],
  [
    { $: 'bytes', kind: 'constructor', array: 0 },
    "Expected `model` to be a known kind of bytes, got 'constructor'.",
  ],
  [[{ $: 'ref', to: 1 }], 'Expected `model[0]` to be a reference to what stands before it, got 1.'],
  [
    { a: { $: 'ref', to: 1 }, b: { $: 'list', items: [], id: 1 } },
    'Expected `model.a` to be a reference to what stands before it, got 1.',
  ],
  [
    { $: 'ref', to: 0 },
    'Expected `model` to be a node whose `to` is a whole number from 1 to 9007199254740990, got 0.',
  ],
  [
    [
      { $: 'list', items: [], id: 1 },
      { $: 'set', members: [], id: 1 },
    ],
    'Expected `model[1]` to be a node with an id of its own, got 1 again.',
  ],
  [
    { $: 'list', items: [], id: 'a' },
    "Expected `model` to be a node whose `id` is a whole number from 1 to 9007199254740990, got 'a'.",
  ],
  [
    cell({ $: 'ref', to: 1 }, { id: 1 }),
    'Expected `model` to be a reference to what is complete, got one to what it is a part of.',
  ],
  [
    { $: 'list', id: 1, items: [cell({ x: { $: 'ref', to: 1 } })] },
    'Expected `model[0].x` to be a reference to what is complete, got one to what it is a part of.',
  ],
  [
    cell(1, { state: undefined, more: 1 }),
    "Expected `model` to be a node with $, type, version, state, id, got one with 'more'.",
  ],
  [
    cell({}, { version: 0 }),
    'Expected `model` to be a node whose `version` is a whole number from 1 to 9007199254740990, got 0.',
  ],
]

for (const [i, [tree, message]] of malformed.entries())
  test(`refuses malformed tree ${i}: ${message}`, () => {
    assert.equal(refusal(tree).message, message + damaged)
  })

test('refuses trees that are too deep, without running out of stack', () => {
  let tree: unknown = 1
  for (let i = 0; i < 100_000; i++) tree = [tree]
  assert.match(refusal(tree).message, /to be at most 500 levels deep, got more\./)
  for (let i = 0; i < 100_000; i++) tree = { $: 'map', entries: [[i, tree]] }
  assert.match(refusal(tree).message, /to be at most 500 levels deep, got more\./)
})

test('refuses few bytes that describe more instances than can ever be used', () => {
  let tree: unknown = cell({}, { id: 1 })
  for (let i = 2; i < 60; i++) tree = cell({ x: [tree, { $: 'ref', to: i - 1 }] }, { id: i })
  assert.match(refusal(tree).message, /to be one of at most 1000000 instances, got more\./)
})

test('no name in a tree changes what all objects have', () => {
  const entries = [
    ['__proto__', { polluted: 1 }],
    ['constructor', { prototype: { polluted: 1 } }],
  ]
  const trees = [
    JSON.parse('{"__proto__":{"polluted":1},"a":{"constructor":{"prototype":{"polluted":1}}}}'),
    { $: 'object', entries },
    { $: 'list', items: [], entries },
    { $: 'error', kind: 'Error', name: '__proto__', message: '', stack: null, entries },
    cell(JSON.parse('{"__proto__":{"polluted":1}}')),
  ] as unknown[]
  for (const tree of trees) {
    const value = decode({ tree, arrays })
    assert.equal((value as { polluted?: unknown }).polluted, undefined)
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
    assert.equal(([] as { polluted?: unknown }).polluted, undefined)
  }
  const [plain] = trees.map((tree) => decode({ tree, arrays }))
  assert.deepEqual(Object.keys(plain as object), ['__proto__', 'a'])
})

test('a class that is not registered is refused before anything is made', () => {
  loads = 0
  const unknown = { $: 'instance', type: 'acme.Gone', version: 1, state: null }
  const { message, details } = refusal([cell({}), unknown, { a: [unknown] }], 'ERR_UNTRUSTED')
  assert.equal(
    message,
    "The data has instances of 'acme.Gone', which no class in this program is registered as. " +
      'Import the module that calls registerClass with this name before you read the data.',
  )
  assert.deepEqual(details, { types: ['acme.Gone'] })
  assert.equal(loads, 0)
  assert.match(
    refusal({ ...unknown, type: 'onecopy.Gone' }, 'ERR_UNTRUSTED').message,
    /Import these classes from 'onecopy\/learn' or 'onecopy\/tables', or update onecopy\.$/,
  )
})

test('a class that is not trusted is refused before anything is made', () => {
  loads = 0
  const { tree } = encode([new Cell(new Old())])
  const asked: string[] = []
  const isTrusted = (type: string): boolean => {
    asked.push(type)
    return type === 'test.Old'
  }
  assert.throws(() => decode({ tree, arrays }, { isTrusted }), {
    code: 'ERR_UNTRUSTED',
    message:
      "The data has instances of 'test.Cell', which you have not said that you trust. Their code runs when they are read. " +
      "If you trust it with data from whoever wrote this, pass trusted: ['test.Cell'].",
    details: { types: ['test.Cell'] },
  })
  assert.deepEqual(asked, ['test.Cell', 'test.Old'])
  assert.equal(loads, 0)
  assert.ok(decode({ tree, arrays }, { isTrusted: () => true }))
})

test('the classes of a tree are listed, with their counts', () => {
  const { tree } = encode({ a: new Cell(new Old()), b: [new Old()], $: { type: 'no.Type' } })
  assert.deepEqual(treeTypes(tree), [
    { type: 'test.Cell', count: 1 },
    { type: 'test.Old', count: 2 },
  ])
  assert.deepEqual(treeTypes(null), [])
})

test('a state of an older version is migrated', () => {
  const read = (version: number, state: unknown): unknown =>
    (decode({ tree: [cell(state, { version })], arrays }) as [Cell])[0].x
  assert.equal(read(1, 5), 5)
  assert.equal(read(2, { y: 6 }), 6)
  assert.equal(read(3, { x: 7 }), 7)
})

test('a state of a version that nobody can read is refused', () => {
  assert.equal(
    refusal([cell({}, { version: 4 })]).message,
    'Expected `model[0]` to be test.Cell of version 3 or older, got version 4. A newer program wrote it. Update the package that registers this class.',
  )
  assert.equal(
    refusal([{ $: 'instance', type: 'test.Old', version: 1, state: null }]).message,
    'Expected `model[0]` to be test.Old of version 2, got version 1. ' +
      'Give registerClass a `migrate` that turns states of older versions into ones of this version.',
  )
})

test('what a class says of a state is said with its place', () => {
  const error = refusal({ a: [cell({ x: 'bad' })] })
  assert.equal(error.message, 'Expected `model.a[0]` to be the state of test.Cell: x is bad')
  assert.ok(error.cause instanceof RangeError)
  assert.equal(
    refusal(cell({ x: 'other' })).message,
    'Expected `model` to be the state of test.Cell: expected the `load` of test.Cell to return an instance of Cell, got an object of class Object.',
  )
})

test('an error of ours whose code is no text comes back, or is refused', () => {
  const node = (code: unknown): unknown => ({
    $: 'error',
    kind: 'OneCopyError',
    name: 'OneCopyError',
    message: 'm',
    stack: null,
    entries: [['code', code]],
  })
  for (const code of [1, null, { toString: 1 }, { $: 'undefined' }]) {
    const error = decode({ tree: node(code), arrays: [] })
    assert.ok(error instanceof Error)
    assert.equal(error.message, 'm')
  }
})
