/** Values at positions of the sorted values: those of sorting. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { selectValue } from '../../../src/learn/scores/numbers/select-value.ts'

function requireSelected(values: Float64Array, k: number, partitions?: number): void {
  const sorted = values.toSorted()
  const own = values.slice()
  assert.equal(selectValue(own, k, partitions), sorted[k])
  assert.ok(own.every((value, i) => (i < k ? value <= own[k]! : value >= own[k]!)))
  assert.deepEqual(own.sort(), sorted)
}

test('any values and positions', () => {
  const value = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -2, max: 2 }))
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 40 }), fc.nat(39), (list, k) => {
      requireSelected(
        Float64Array.from(list, (one) => one + 0),
        k % list.length,
      )
    }),
    { seed: 14, numRuns: 500 },
  )
})

test('many values in orders that are bad for pivots', () => {
  const n = 20_000
  const shapes: readonly ((i: number) => number)[] = [
    (i) => i,
    (i) => -i,
    () => 1,
    (i) => Math.min(i, n - i),
    (i) => (i % 2 === 0 ? i : n - i),
    (i) => i % 7,
  ]
  for (const shape of shapes)
    for (const k of [0, 1, n >> 1, n - 1])
      requireSelected(
        Float64Array.from({ length: n }, (_, i) => shape(i)),
        k,
      )
})

test('after a number of partitions the rest is sorted', () => {
  const values = Float64Array.from({ length: 500 }, (_, i) => Math.sin(i * i))
  for (const partitions of [0, 1, 3])
    for (const k of [0, 250, 499]) requireSelected(values, k, partitions)
})
