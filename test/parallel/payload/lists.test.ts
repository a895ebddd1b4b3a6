/** Lists travel with their holes and names, and lists of a class are refused. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import { delayed } from '../../../src/parallel/index.ts'
import { decode } from '../../../src/parallel/payload/decode.ts'
import { encode, encodeUnchanged } from '../../../src/parallel/payload/encode.ts'
import { same } from '../../fixtures/tasks/plain.ts'
import { everyBackend, onBackends } from '../backends.ts'

const rules = { shareFromBytes: null, sameProcess: true }
const called = (): string => 'the value'

/** The value as a worker gets it, by each of the ways that values go. */
function send(value: unknown): unknown[] {
  return [encode, encodeUnchanged].map((way) => {
    const { value: sent, hasPlaceholders } = way(value, rules, called)
    const received: unknown = structuredClone(sent)
    return hasPlaceholders ? decode(received) : received
  })
}

type Named = unknown[] & Record<string, unknown>

/** A list without the items at `holes`, and with more members. */
function makeList(items: unknown[], holes: readonly number[], names: object): Named {
  const list = [...items]
  for (const hole of holes) Reflect.deleteProperty(list, hole)
  return Object.assign(list, names) as unknown as Named
}

test('lists with holes and names, in lists and objects, arrive as they were', () => {
  const leaf = fc.oneof(
    fc.integer(),
    fc.constantFrom(undefined, null, NaN, -0),
    fc.string(),
    fc.constant(array([1, 2, 3])),
  )
  const name = fc.string().filter((text) => text !== 'length' && text !== '__proto__')
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .tuple(
          fc.oneof(
            fc.array(tie('tree'), { maxLength: 6 }),
            fc.array(leaf, { minLength: 30, maxLength: 250 }),
          ),
          fc.array(fc.nat(40), { maxLength: 3 }),
          fc.dictionary(name, tie('tree'), { maxKeys: 2, noNullPrototype: true }),
        )
        .map(([items, holes, names]) => makeList(items, holes, names)),
      fc.dictionary(name, tie('tree'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  const seed = 20_261_129
  fc.assert(
    fc.property(tree, (value) => {
      for (const received of send(value)) assert.deepEqual(received, value)
    }),
    { seed, numRuns: 300 },
  )
})

test('a sparse list goes by its items, however long it is', () => {
  const list: unknown[] = []
  list.length = 2 ** 32 - 1
  list[7] = { x: 1 }
  list[4e9] = array([1, 2])
  Object.assign(list, { note: 'sparse' })
  for (const received of send([list]) as [Named][]) {
    const [sent] = received
    assert.equal(sent.length, list.length)
    assert.deepEqual(Object.keys(sent), ['7', '4000000000', 'note'])
    assert.deepEqual(sent[7], { x: 1 })
    assert.ok(sent[4e9] instanceof NDArray)
    assert.equal(sent['note'], 'sparse')
  }
})

class Stack extends Array<number> {}
class Day extends Date {}
class Pattern extends RegExp {}
class Signal extends Float64Array {}

test('lists and other values of a class of their own are refused, by their place', () => {
  const values = [
    Stack.of(1, 2),
    new Day(0),
    new Pattern('x'),
    new Signal(2),
    Object.setPrototypeOf([1], null),
  ]
  for (const value of values as unknown[]) {
    for (const root of [{ deep: [value] }, { deep: [value], rows: Array(300).fill(1) }]) {
      for (const way of [encode, encodeUnchanged]) {
        assert.throws(
          () => way(root, rules, called),
          (error) =>
            isOneCopyError(error) &&
            error.code === 'ERR_UNSENDABLE' &&
            error.details['place'] === '.deep[0]' &&
            /its class would be lost/.test(error.message),
        )
      }
    }
  }
  const named = Object.assign([1], { last: Stack.of(1) })
  assert.throws(() => encode({ named }, rules, called), /at `\.named\.last`/)
})

onBackends(everyBackend, 'a match keeps its index, input and groups on every way', async (make) => {
  const match = /(?<year>\d+)-/.exec('in 2026-11')!
  const captured = delayed(() => match)
  const find = (text: string): unknown => /(?<year>\d+)-/.exec(text)
  const results = await make
    .shared()
    .run([
      delayed(same)(match as never),
      captured(),
      delayed(find)('in 2026-11'),
      delayed(same)([array([1]), match] as never),
    ])
  // Its groups have no prototype, which structured clone does not keep.
  const expected: unknown = structuredClone(match)
  assert.deepEqual((results as unknown[]).slice(0, 3), [expected, expected, expected])
  assert.deepEqual((results[3] as unknown[])[1], expected)
})
