/** Bytes that are copied to scratch memory arrive in that array, and in no other. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, shared, zeros } from '../../../src/arrays/index.ts'
import { writeBytes } from '../../../src/tables/columns/scratch-bytes.ts'

const bytes = new Uint8Array(Float64Array.of(7, 8).buffer)

test('small arrays, which share a file, keep to their own part of it', () => {
  const arrays = Array.from({ length: 5 }, () => shared([4]))
  writeBytes(arrays[2]!, 8, bytes)
  for (const [i, one] of arrays.entries())
    assert.deepEqual(one.toArray(), i === 2 ? [0, 7, 8, 0] : [0, 0, 0, 0])
})

test('a large array and private memory are written to in the same way', () => {
  const large = shared([100_000])
  writeBytes(large, 8 * 99_998, bytes)
  assert.deepEqual(large.slice([99_997]).toArray(), [0, 7, 8])
  const own = zeros([3])
  writeBytes(own, 0, bytes)
  assert.deepEqual(own.toArray(), array([7, 8, 0]).toArray())
})
