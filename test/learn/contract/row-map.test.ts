/** Rows that transformers map: a block may be larger than the first. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { zeros } from '../../../src/arrays/index.ts'
import { StandardScaler } from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

test('a short range of rows before a long one is transformed alike for every kind of `out`', async () => {
  const n = 500
  const { X } = randomProblem(n, 3)
  const rows = {
    ranges: [
      [0, 2],
      [5, n],
    ],
  } as const
  const scaler = await new StandardScaler().fit(X)
  const wanted = zeros([n, 3], 'float64')
  await scaler.transform(X, { rows, out: wanted })
  const single = zeros([n, 3], 'float32')
  await scaler.transform(X, { rows, out: single })
  assert.deepEqual(single.toTypedArray(), Float32Array.from(wanted.toTypedArray()))
  const reversed = zeros([n, 3], 'float64').reversed(0)
  await scaler.transform(X, { rows, out: reversed })
  assert.deepEqual(reversed.toArray(), wanted.toArray())
})
