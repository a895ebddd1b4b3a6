/** The share of right labels. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { accuracy } from '../../../src/learn/index.ts'

test('counts right labels of every kind', () => {
  assert.equal(accuracy([1, 2, 3, 4], [1, 2, 0, 4]), 0.75)
  assert.equal(accuracy(['a', 'b'], ['a', 'a']), 0.5)
  assert.equal(accuracy([true, false, true], [true, false, true]), 1)
  assert.equal(accuracy(array([[1], [2]]), Float64Array.of(1, 2)), 1)
  assert.equal(accuracy(BigInt64Array.of(1n, 2n), BigInt64Array.of(1n, 3n)), 0.5)
  assert.equal(accuracy.greaterIsBetter, true)
})

test('takes rows, predictions of all rows or of just these, and weights', () => {
  const labels = ['a', 'b', 'c', 'd']
  const rows = [3, 1]
  assert.equal(accuracy(labels, ['x', 'b', 'x', 'x'], { rows }), 0.5)
  assert.equal(accuracy(labels, ['d', 'x'], { rows }), 0.5)
  const weights = [1, 3, 0, 0]
  assert.equal(accuracy(labels, ['a', 'x', 'c', 'd'], { weights }), 0.25)
  assert.equal(accuracy(labels, ['d', 'b'], { rows, weights: [0, 5, 0, 1] }), 1)
  const huge = [Number.MAX_VALUE, Number.MAX_VALUE, 0, 0]
  assert.equal(accuracy(labels, ['a', 'x', 'x', 'x'], { weights: huge }), 0.5)
})

test('refuses labels that can not be compared', () => {
  assert.throws(() => accuracy(['a', 'b'], [0, 1]), {
    name: 'TypeError',
    message:
      "Expected labels of one kind in `y` and `predicted`, got 'a' and 0 at row 0 (counted from 0).",
  })
  const mixed = ['1', 1] as unknown as string[]
  assert.throws(() => accuracy(mixed, mixed), {
    name: 'TypeError',
    message: "Expected labels of one kind, got '1' and, in `y` at row 1 (counted from 0), 1.",
  })
  assert.throws(() => accuracy([1, NaN], [1, 2]), {
    code: 'ERR_VALUE',
    message: 'Expected labels, got NaN in `y` at row 1 (counted from 0).',
  })
  assert.throws(() => accuracy([1, 2, 3], [1, 2]), {
    code: 'ERR_SHAPE',
    message: 'Expected a prediction for each of 3 rows of `y`, got 2.',
  })
  assert.throws(() => accuracy(['a', 'b', 'c'], ['a'], { rows: [0, 1] }), { code: 'ERR_SHAPE' })
  assert.throws(() => accuracy(array([[1, 2]]), [1]), { code: 'ERR_SHAPE' })
  assert.throws(() => accuracy([1, 2], [1, 2], { weights: [0, 0] }), { code: 'ERR_ROWS' })
  assert.throws(() => accuracy([], []), { code: 'ERR_ROWS' })
})
