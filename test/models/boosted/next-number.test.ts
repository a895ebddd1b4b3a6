/** Bounds of float64 values that are rounded to float32 before they are compared. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { lastRoundedAtMost, numberBelow } from '../../../src/models/boosted/next-number.ts'

const threshold = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.float({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(
    0,
    -0,
    2 ** -149,
    -(2 ** -149),
    2 ** -150,
    1,
    2 ** 128 - 2 ** 104,
    2 ** 128,
    -(2 ** 128),
  ),
)

test('a bound divides values as the threshold divides them once they are float32', () => {
  fc.assert(
    fc.property(threshold, fc.double({ noNaN: true }), (limit, value) => {
      const bound = lastRoundedAtMost(limit)
      const above = -numberBelow(-bound)
      for (const x of [value, limit, Math.fround(limit), bound, numberBelow(bound), above]) {
        // Values that no float32 holds are refused where rows are rounded.
        if (!Number.isFinite(x) || !Number.isFinite(Math.fround(x))) continue
        assert.equal(x <= bound, Math.fround(x) <= limit, `${x} at ${limit}`)
      }
    }),
    { numRuns: 2000, seed: 3 },
  )
})
