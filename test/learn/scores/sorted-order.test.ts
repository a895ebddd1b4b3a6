/** The order of numbers: that of a stable sort. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { sortedOrder } from '../../../src/learn/scores/sorted-order.ts'

function naiveOrder(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[a]! - values[b]! || a - b)
}

test('any numbers have the order of a stable sort', () => {
  const anyNumber = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(0, -0, 5e-324, -5e-324, 1e308, -1e308),
  )
  fc.assert(
    fc.property(fc.array(anyNumber, { maxLength: 60 }), (list) => {
      const values = Float64Array.from(list)
      assert.deepEqual(Array.from(sortedOrder(values)), naiveOrder(values))
    }),
    { seed: 5, numRuns: 500 },
  )
})

test('infinities lie at the ends', () => {
  const values = Float64Array.of(1, Infinity, -1, -Infinity, 0)
  assert.deepEqual([...sortedOrder(values)], [3, 2, 4, 0, 1])
})

test('many numbers, of all sizes and a few', () => {
  const spread = Float64Array.from({ length: 20_000 }, (_, i) => Math.sin(i * i) * 10 ** (i % 40))
  const few = Float64Array.from({ length: 20_000 }, (_, i) => ((i * 7919) % 11) / 10)
  for (const values of [spread, few, spread.subarray(3, 17_001), new Float64Array(5)])
    assert.deepEqual(Array.from(sortedOrder(values)), naiveOrder(values))
})

test('no number and one number', () => {
  assert.deepEqual([...sortedOrder(new Float64Array())], [])
  assert.deepEqual([...sortedOrder(Float64Array.of(3))], [0])
})
