/** The strict JSON parser against JSON.parse. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { JsonFault, parseStrictJson } from '../../../src/models/json/strict-json.ts'

test('it parses what JSON.stringify writes of whole numbers and texts, with any blanks', () => {
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, true, false),
      fc.maxSafeInteger(),
      fc.string({ unit: 'grapheme' }),
      fc.array(tie('tree')),
      fc.dictionary(fc.string({ unit: 'grapheme' }), tie('tree'), { noNullPrototype: false }),
    ),
  }))
  fc.assert(
    fc.property(tree, fc.constantFrom('', ' ', '\n\t'), (value, space) => {
      const text = JSON.stringify(value, null, space)
      assert.deepEqual(JSON.parse(JSON.stringify(parseStrictJson(text))), JSON.parse(text))
    }),
    { numRuns: 500, seed: 5 },
  )
})

for (const text of [
  '',
  ' ',
  '{',
  '[',
  '[1',
  '[1,',
  '[1,]',
  '{"a"',
  '{"a":',
  '{"a":1',
  '{"a":1,',
  '{"a":1,}',
  '{a:1}',
  "{'a':1}",
  '01',
  '+1',
  '.5',
  '1.',
  '1e',
  'NaN',
  'Infinity',
  '-',
  'tru',
  'nulll',
  '"',
  '"\\"',
  '"\\x"',
  '"\n"',
  '"\\u12"',
  '"\\ud800"',
  '1 2',
  '[1]]',
  '{"a":1,"a":2}',
  '{"a":1,"\\u0061":2}',
  '1e999',
  '1e0',
  '1.5',
  '9007199254740993',
  '\u00a01',
])
  test(`${JSON.stringify(text)} is refused`, () => {
    assert.throws(() => parseStrictJson(text), JsonFault)
  })

test('names of every object are its own', () => {
  const value = parseStrictJson('{"__proto__":1,"constructor":2}') as Record<string, unknown>
  assert.deepEqual(Object.keys(value), ['__proto__', 'constructor'])
  assert.equal(Object.getPrototypeOf(value), null)
})

test('a short text with very many lists and objects is refused', () => {
  assert.throws(() => parseStrictJson(`[${'{},'.repeat(500_000)}1]`), {
    message: 'more lists and objects than a text of 1500003 characters may have',
  })
  assert.throws(() => parseStrictJson(`[${'[],'.repeat(500_000)}1]`), JsonFault)
  const tensors = Array.from({ length: 50_000 }, (_, i) => `"${i}":{"a":[1],"b":[0,4],"c":"F32"}`)
  assert.equal(Object.keys(parseStrictJson(`{${tensors.join()}}`) as object).length, 50_000)
})
