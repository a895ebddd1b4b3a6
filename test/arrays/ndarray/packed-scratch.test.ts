/** Small arrays that share segments of scratch memory. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PackedScratch } from '../../../src/arrays/internal.ts'

test('many small arrays share few segments, are zeros, and do not overlap', () => {
  const scratch = new PackedScratch()
  const dtypes = ['float64', 'int8', 'uint16', 'bool'] as const
  const arrays = Array.from({ length: 20_000 }, (_, i) =>
    scratch.array([i % 40], dtypes[i % dtypes.length]!),
  )
  for (const [i, one] of arrays.entries()) {
    assert.ok(one.toTypedArray().every((value) => value === 0))
    one.toTypedArray().fill(i % 100)
  }
  for (const [i, one] of arrays.entries())
    assert.ok(one.toTypedArray().every((value) => value === i % 100))
  assert.ok(new Set(arrays.map(({ mapping }) => mapping!.id)).size < 20)
})

test('large arrays have segments of their own, which they free', () => {
  const scratch = new PackedScratch()
  const small = scratch.array([8], 'int32')
  const large = scratch.array([100_000], 'float64')
  assert.notEqual(small.mapping, large.mapping)
  assert.equal(large.mapping!.byteLength, 800_000)
  small.set(5, 3)
  small[Symbol.dispose]()
  assert.equal(small.get(3), 5)
  large[Symbol.dispose]()
  assert.throws(() => large.get(0), { code: 'ERR_DETACHED' })
})

test('the number of segments has a bound for arrays of any size', () => {
  for (const bytes of [1, 63, 64, 5000, 17_000, 70_000]) {
    const scratch = new PackedScratch()
    const ids = new Set<number>()
    for (let i = 0; i < 1000; i++) ids.add(scratch.take(bytes).mapping.id)
    assert.ok(ids.size <= 40, `${ids.size} segments for 1000 times ${bytes} bytes`)
  }
  // What holds nothing needs nothing.
  assert.deepEqual(new PackedScratch().array([0, 3], 'float32').shape, [0, 3])
})
