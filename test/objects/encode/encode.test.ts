/** What can't be saved is refused by its place, with what to do. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError, OneCopyError } from '../../../src/errors.ts'
import { registerClass } from '../../../src/objects/index.ts'
import { encode } from '../../../src/objects/internal.ts'

class Model {
  weights = [1, 2]
}

class Rows extends Array<number> {
  isRows = true
}

class Node {
  next: unknown
  save: (() => unknown) | undefined
}

registerClass(Node, {
  name: 'test.Node',
  version: 1,
  save: ({ next, save }) => (save === undefined ? { next } : (save() as { next: unknown })),
  load: ({ next }: { next: unknown }) => Object.assign(new Node(), { next }),
})

function nodeOf(next: unknown): Node {
  return Object.assign(new Node(), { next })
}

function refusal(value: unknown): OneCopyError {
  try {
    encode(value, { called: 'model' })
  } catch (error) {
    assert.ok(isOneCopyError(error), String(error))
    assert.equal(error.code, 'ERR_UNSAVABLE')
    return error
  }
  return assert.fail('it was not refused')
}

function* generate(): Generator<number> {
  yield 1
}

const circle = new Node()
circle.next = [{ circle }]
const itself = new Node()
itself.save = () => itself
const list: unknown[] = []
list.push(nodeOf({ list }))
const transferred = new Float64Array(4)
structuredClone(0, { transfer: [transferred.buffer] })
const thrown = new Error('no network')
const start = 'Expected `model` to be data that can be saved, got '

const refused: Readonly<Record<string, readonly [value: unknown, message: string]>> = {
  'a function': [
    { steps: [{ fn: Math.max }] },
    `${start}function max at \`model.steps[0].fn\`: a function is not data. Leave it out, or name it by a text and look it up where it is used.`,
  ],
  'a class': [
    Model,
    `${start}function Model: a function is not data. Leave it out, or name it by a text and look it up where it is used.`,
  ],
  'a symbol': [
    [Symbol('a')],
    `${start}Symbol(a) at \`model[0]\`: a symbol is not data. Use a text.`,
  ],
  'a member named by a symbol': [
    { a: { [Symbol('b')]: 1 } },
    `${start}an object of class Object at \`model.a\`: its member Symbol(b) would be lost, because files have no symbols. Name the member by a text.`,
  ],
  'a promise': [
    new Map([['k', Promise.resolve(1)]]),
    `${start}an object of class Promise at \`model.get('k')\`: a promise is not data. Await it, and use its value.`,
  ],
  'an instance of a class that is not registered': [
    { steps: { last: new Model() } },
    `${start}an object of class Model at \`model.steps.last\`: class Model is not registered. Call this in the module that exports it, ` +
      "with a name of your own: registerClass(Model, { name: 'acme.Model', version: 1, module: import.meta.url, " +
      'save: (one) => ({ … }), load: (state) => new Model(…) })',
  ],
  'a list of a class': [
    new Rows(1, 2).slice(0, 1),
    `${start}an array of length 1: its class would be lost. class Rows is not registered. Call this in the module that exports it, ` +
      "with a name of your own: registerClass(Rows, { name: 'acme.Rows', version: 1, module: import.meta.url, " +
      'save: (one) => ({ … }), load: (state) => new Rows(…) })',
  ],
  'an object without a named class': [
    [
      new (class {
        x = 1
      })(),
    ],
    `${start}an object of class null at \`model[0]\`: its class has no name, so that files could not name it. Use a plain object.`,
  ],
  'a map of a class': [
    new (class Index extends Map {})(),
    `${start}an object of class Index: class Index is not registered. Call this in the module that exports it, with a name of your own: ` +
      "registerClass(Index, { name: 'acme.Index', version: 1, module: import.meta.url, save: (one) => ({ … }), load: (state) => new Index(…) })",
  ],
  'a weak map': [
    [new WeakMap()],
    `${start}an object of class WeakMap at \`model[0]\`: what a weak collection holds can't be listed. Use a Map or a Set.`,
  ],
  'a generator': [
    { rows: generate() },
    `${start}an object of class Generator at \`model.rows\`: what it gives is not there yet. Use a list of its values, \`[...iterator]\`.`,
  ],
  'an iterator of a map': [
    new Map().keys(),
    `${start}an object of class Iterator: what it gives is not there yet. Use a list of its values, \`[...iterator]\`.`,
  ],
  'a global object': [
    { m: Math },
    `${start}the object Math at \`model.m\`: it holds functions, not data.`,
  ],
  'a URL': [
    new Set([new URL('http://a/')]),
    `${start}an object of class URL at \`model<member>\`: its class is not known to files. Use its \`href\`.`,
  ],
  'a boxed number': [
    [Object(1)],
    `${start}an object of class Number at \`model[0]\`: it is an object around a value. Use its \`valueOf()\`.`,
  ],
  'shared memory itself': [
    [new SharedArrayBuffer(8)],
    `${start}an object of class SharedArrayBuffer at \`model[0]\`: only its views can be saved. Use \`new Uint8Array(buffer)\`.`,
  ],
  'a list with few items': [
    { a: Object.assign([], { 999_999: 1 }) },
    `${start}an array of length 1000000 at \`model.a\`: most of its items are missing. Use a Map from indices to items.`,
  ],
  'memory that was transferred': [
    [transferred],
    `${start}an object of class Float64Array at \`model[0]\`: its memory is gone, because it was transferred or freed.`,
  ],
  'a proxy that throws': [
    {
      a: new Proxy(
        {},
        {
          ownKeys: () => {
            throw thrown
          },
        },
      ),
    },
    'Expected `model` to be data that can be saved, but reading `model.a` threw an error: no network',
  ],
  'a getter that throws': [
    {
      a: [
        {
          get b() {
            throw thrown
          },
        },
      ],
    },
    'Expected `model` to be data that can be saved, but reading `model.a[0].b` threw an error: no network',
  ],
  'an instance in its own state': [
    { a: circle },
    `${start}an object of class Node at \`model.a.next[0].circle\`: it contains the instance that is being saved, which must be complete ` +
      'before it can be part of itself. Leave one of the two out of what `save` returns.',
  ],
  'what an instance is part of, in its state': [
    { list },
    `${start}an array of length 1 at \`model.list[0].next.list\`: it contains the instance that is being saved, which must be complete ` +
      'before it can be part of itself. Leave one of the two out of what `save` returns.',
  ],
  'an instance whose save throws': [
    {
      a: Object.assign(new Node(), {
        save: () => {
          throw thrown
        },
      }),
    },
    "Expected `model.a` to be saved by the `save` of class Node, registered as 'test.Node', which threw an error: no network",
  ],
  'an instance whose save returns itself': [
    { a: itself },
    `${start}an object of class Node at \`model.a\`: it contains the instance that is being saved, which must be complete ` +
      'before it can be part of itself. Leave one of the two out of what `save` returns.',
  ],
}

for (const [what, [value, message]] of Object.entries(refused))
  test(`refuses ${what}`, () => {
    const error = refusal(value)
    assert.equal(error.message, message)
    if (message.includes('threw')) assert.equal(error.cause, thrown)
  })

test('refuses what is too deep, without running out of stack', () => {
  let value: unknown = 1
  for (let i = 0; i < 100_000; i++) value = { next: value }
  assert.match(refusal(value).message, /: it lies more than 500 levels deep\. Use a flat structure/)
  for (let i = 0; i < 100_000; i++) value = nodeOf([value])
  assert.match(refusal(value).message, /: it lies more than 500 levels deep\. Use a flat structure/)
})

test('refuses instances that are reached in more ways than can ever be gone', () => {
  let value: unknown = new Node()
  for (let i = 0; i < 40; i++) value = nodeOf([value, value])
  assert.match(
    refusal(value).message,
    /: more than 1000000 instances of classes are reached from here/,
  )
})

test('an error of onecopy that `save` throws stays as it is', () => {
  const error = new OneCopyError('ERR_NOT_FITTED', 'fit it')
  const node = Object.assign(new Node(), {
    save: () => {
      throw error
    },
  })
  assert.throws(
    () => encode([node]),
    (one) => one === error,
  )
})

test('an array of a class that extends NDArray is refused', () => {
  class Matrix extends NDArray {}
  const { dtype, shape, data } = array([1, 2])
  assert.match(
    refusal({ X: new Matrix(shape, dtype, data) }).message,
    /class Matrix is not registered/,
  )
})

test('a freed array is refused', () => {
  const X = array([1])
  structuredClone(0, { transfer: [X.buffer as ArrayBuffer] })
  assert.match(refusal({ X }).message, /at `model.X`: its memory is gone/)
})
