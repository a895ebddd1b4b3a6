/** How bytes and times are written for people. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatBytes, formatChange, formatCount, formatTime } from '../src/format.ts'
import { plainName } from '../src/plain-name.ts'

test('sizes have three digits and units of 1000; what is unknown is n/a', () => {
  const written = [0, 999, 1000, 1234, 12_345, 999_499, 999_500, 1.0847e9, 4.3e9, 9.996e6, 5e15]
  assert.deepEqual(
    written.map((bytes) => formatBytes(bytes)),
    // prettier-ignore
    ['0 B', '999 B', '1.00 kB', '1.23 kB', '12.3 kB', '999 kB', '1.00 MB', '1.08 GB', '4.30 GB', '10.0 MB', '5.00 PB'],
  )
  assert.deepEqual([formatBytes(undefined), formatBytes(NaN)], ['n/a', 'n/a'])
})

test('changes have a sign', () => {
  assert.deepEqual(
    [120e6, -12e6, 0, undefined].map((bytes) => formatChange(bytes)),
    ['+120 MB', '\u221212.0 MB', '\u00b10 B', 'n/a'],
  )
})

test('times have the unit that people count in', () => {
  assert.deepEqual(
    [0, 4.24, 5, 9.96, 340, 999.4, 12_400, 99_949, 125_000, 120_000, 3_599_600, 3_780_000].map(
      formatTime,
    ),
    // prettier-ignore
    ['0 s', '4.2 ms', '5 ms', '10 ms', '340 ms', '999 ms', '12.4 s', '99.9 s', '2 min 5 s', '2 min', '1 h', '1 h 3 min'],
  )
  assert.deepEqual(
    [formatCount(1, 'sample'), formatCount(36_000, 'sample')],
    ['1 sample', '36,000 samples'],
  )
})

test('names lose control codes, marks of direction and halves of letters, and nothing else', () => {
  assert.equal(plainName('a\u001b[2J\u202eb\ud800c\u0000'), 'a\ufffd[2J\ufffdb\ufffdc\ufffd')
  const persian = '\u0645\u06cc\u200c\u062e'
  assert.equal(plainName(`${persian}👩\u200d🚀`), `${persian}👩\u200d🚀`)
  assert.equal(plainName('größe 日本語 😀 <&>'), 'größe 日本語 😀 <&>')
  assert.equal(plainName('abcdef', 4), 'abc\u2026')
})
