/** Numbers of score tables. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatDigits } from '../../../src/learn/selection/score-summary.ts'

test('digits are significant ones, without an exponent where a number is large', () => {
  const shown = [131.4, 12, 0.007, 1e-7, -123_456, Number.NaN, Infinity]
  assert.deepEqual(
    shown.map((value) => formatDigits(value, 2)),
    ['130', '12', '0.0070', '1.0e-7', '-120000', 'NaN', 'Infinity'],
  )
})
