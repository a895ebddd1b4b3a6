/** Codes of labels: no object is made for a row. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { allRows, rowNumbers } from '../../../src/arrays/internal.ts'
import { encodeLabels } from '../../../src/learn/inputs/labels.ts'
import { LogisticRegression } from '../../../src/learn/index.ts'

test('codes follow the order of labels, also of many classes that come in another order', () => {
  const n = 600
  const labels = Float64Array.from({ length: n }, (_, i) => ((i * 37) % 23) - 11.5)
  const numbers = Int32Array.from({ length: n / 2 }, (_, i) => (i * 7) % n)
  for (const rows of [allRows(n), rowNumbers(numbers)]) {
    const { classes, codes, weights } = encodeLabels(labels, n, rows, null)
    assert.deepEqual(
      [...classes],
      [...Array(23).keys()].map((k) => k - 11.5),
    )
    const listed = 'numbers' in rows ? [...rows.numbers] : [...labels.keys()]
    for (const row of listed) assert.equal(classes[codes[row]!], labels[row])
    const counts = Array<number>(23).fill(0)
    for (const row of listed) counts[labels[row]! + 11.5]!++
    assert.deepEqual([...weights], counts)
  }
})

test('zeros of both signs are one class, and codes are written to given memory', () => {
  const codes = new Uint16Array(4)
  const found = encodeLabels(Float64Array.of(0, 1, -0, 1), 4, allRows(4), null, codes)
  assert.equal(found.codes, codes)
  assert.deepEqual([...codes], [0, 1, 0, 1])
})

test('numbers that change from row to row make no garbage', () => {
  const module = JSON.stringify(join(import.meta.dirname, '../../../src/learn/inputs/labels.ts'))
  const program = `
    import { encodeLabels } from ${module}
    const n = 1_000_000
    const labels = Float64Array.from({ length: n }, (_, i) => (i * i) % 3 === 0 ? 0.5 : 1.5)
    const encode = () => encodeLabels(labels, n, { ranges: [[0, n]] }, null)
    for (let i = 0; i < 3; i++) encode()
    console.log('warm')
    for (let i = 0; i < 3; i++) encode()
  `
  const flags = ['--trace-gc', '--max-semi-space-size=1', '--input-type=module', '-e', program]
  const output = execFileSync(process.execPath, flags, { encoding: 'utf8' })
  const collections = output.slice(output.indexOf('warm')).match(/Scavenge/g) ?? []
  // An object for each change would take 16 bytes: 32 MB in all.
  assert.ok(collections.length < 4, output)
})

test('measured numbers are refused as classes, and a few fractions are not', async () => {
  const n = 40
  const X = Array.from({ length: n }, (_, i) => [i])
  const prices = Float64Array.from({ length: n }, (_, i) => i * 1.37 + 0.1)
  await assert.rejects(new LogisticRegression().fit(X, prices), {
    code: 'ERR_VALUE',
    message:
      'Expected labels of classes in `y`, got 40 different numbers in 40 rows, such as 0.1. Learn numbers by a regressor, or pass them as texts if they are classes.',
  })
  const marks = Float64Array.from({ length: n }, (_, i) => 1 + (i % 8) / 2)
  const texts = Array.from(prices, String)
  for (const labels of [marks, texts])
    assert.equal(
      encodeLabels(labels, n, allRows(n), null).classes.length,
      new Set<unknown>(labels).size,
    )
  const long = Float64Array.from({ length: 4000 }, (_, i) => (i % 33) / 2)
  assert.throws(() => encodeLabels(long, 4000, allRows(4000), null), { code: 'ERR_VALUE' })
})
