/** Where texts stop being JSON. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { findJsonFault } from '../../../src/cli/ensemble-file/json-fault.ts'

test('the first fault is told with its line, its column, and what was expected', () => {
  const cases: readonly (readonly [text: string, place: string, expected: string, got: string])[] =
    [
      ['', '1:1', 'a value', 'the end of the file'],
      ['{"a": 1,}', '1:9', 'a name in double quotes', '}'],
      ["{'a': 1}", '1:2', 'a name in double quotes', "'"],
      ['{a: 1}', '1:2', 'a name in double quotes', 'a'],
      ['{"a" 1}', '1:6', "':'", '1'],
      ['[1 2]', '1:4', "',' or ']'", '2'],
      ['{"a": 1\n "b": 2}', '2:2', "',' or '}'", '"b"'],
      ['{\n  "a": [1,\n  tru]\n}', '3:3', 'a value', 'tru'],
      ['[01]', '1:2', 'a value', '01'],
      ['[1.]', '1:2', 'a value', '1.'],
      ['["\\x"]', '1:2', 'a closing quote, and no line end in a text', '"\\x"'],
      ['["a\n"]', '1:2', 'a closing quote, and no line end in a text', '"a'],
      ['{} {}', '1:4', 'the end of the file', '{'],
      ['{"a": 1, "a": 2}', '1:10', 'each name once in an object', '"a"'],
      ['// a comment\n{}', '1:1', 'a value', '/'],
      [`${'['.repeat(300)}${']'.repeat(300)}`, '1:201', 'at most 200 levels', '['],
    ]
  for (const [text, place, expected, got] of cases) {
    const fault = findJsonFault(text)!
    assert.deepEqual(
      [`${fault.line}:${fault.column}`, fault.expected, fault.got],
      [place, expected, got],
      text,
    )
  }
})

test('it accepts what JSON.parse accepts, and nothing else', () => {
  const accepts = (text: string): boolean => {
    try {
      JSON.parse(text)
      return true
    } catch {
      return false
    }
  }
  fc.assert(
    fc.property(
      fc.json({ maxDepth: 4 }),
      fc.nat(),
      fc.string({ maxLength: 2 }),
      (json, at, piece) => {
        // Objects of fast-check have each name once, so that faults are those of JSON alone.
        assert.equal(findJsonFault(json), undefined)
        const place = at % (json.length + 1)
        const changed = json.slice(0, place) + piece + json.slice(place + (at % 3))
        const fault = findJsonFault(changed)
        if (fault?.expected === 'each name once in an object') return
        assert.equal(fault === undefined, accepts(changed), changed)
      },
    ),
    { seed: 11, numRuns: 2000 },
  )
})
