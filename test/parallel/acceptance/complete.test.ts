/** Each of the cases that joblib's tests and users give is a test. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { test } from 'node:test'

const tests = resolve(import.meta.dirname, '../..')

/**
 * The number of the last case. What they are stands in the names of the tests. Those of A3, A11, A14 and A40 say
 * what takes the place of joblib's read-only maps, structured types, temporary folders and compressed
 * files, which there are none of.
 */
const last = 43

test(`the names of tests have every number from A1 to A${last}`, () => {
  const found = new Set<number>()
  for (const name of readdirSync(tests, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.test.ts')) continue
    const text = readFileSync(join(tests, name), 'utf8')
    // Numbers stand at the start of a name, one or more: `'A4, A5: …'`.
    for (const [numbers] of text.matchAll(/(?<=['`])A\d+(?:, A\d+)*(?=: )/g))
      for (const number of numbers.split(', ')) found.add(Number(number.slice(1)))
  }
  const missing = Array.from({ length: last }, (_, i) => i + 1).filter((i) => !found.has(i))
  assert.deepEqual(missing, [])
})
