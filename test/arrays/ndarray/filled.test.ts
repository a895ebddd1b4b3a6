/** Arrays of zeros, ones, one value, and evenly spaced numbers. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { dtypes, full, linspace, ones, zeros } from '../../../src/arrays/index.ts'
import { refusal } from '../refusal.ts'

test('zeros, ones and full make every dtype, named in options or alone', () => {
  for (const dtype of dtypes) {
    const isBig = dtype === 'int64' || dtype === 'uint64'
    const [zero, one] = isBig ? [0n, 1n] : [0, 1]
    for (const given of [dtype, { dtype }] as const) {
      assert.deepEqual(
        [zeros([2], given).dtype, zeros([2], given).toArray()],
        [dtype, [zero, zero]],
      )
      assert.deepEqual([ones([2], given).dtype, ones([2], given).toArray()], [dtype, [one, one]])
      assert.deepEqual(full([1, 2], one as never, given).toArray(), [[one, one]])
    }
  }
  assert.deepEqual([ones([1]).dtype, zeros([1], {}).dtype], ['float64', 'float64'])
})

test('full takes its dtype from the value', () => {
  assert.deepEqual(
    [full([2], 7).dtype, full([2], 7n).dtype, full([2], true).dtype],
    ['float64', 'int64', 'bool'],
  )
  assert.deepEqual(full([0, 2], 1.5).toArray(), [])
  assert.deepEqual(full([], 1.5).toArray(), 1.5)
  assert.throws(() => full([2], 300, { dtype: 'uint8' }), refusal('ERR_DTYPE', 'got 300'))
  assert.throws(() => full([2], 1, { dtype: 'int64' } as never), TypeError)
  assert.throws(() => full([2], undefined as never), {
    name: 'TypeError',
    message: 'Expected a value after the shape, as in full([3, 4], 1), got undefined.',
  })
})

test('wrong shapes and options are refused', () => {
  assert.throws(() => ones([2], { type: 'int8' } as never), {
    name: 'TypeError',
    message: 'ones has no option `type`; onecopy calls it `dtype`. It has: dtype.',
  })
  assert.throws(() => ones('int8' as never, [2] as never), TypeError)
  assert.throws(() => ones([-1]), refusal('ERR_SHAPE'))
  assert.throws(() => ones([1], { dtype: 'float16' as never }), refusal('ERR_DTYPE'))
})

test('linspace has the bits of NumPy', () => {
  assert.deepEqual(linspace(0, 1, 5).toArray(), [0, 0.25, 0.5, 0.75, 1])
  // np.linspace(0, 1, 11).tolist()
  assert.deepEqual(
    linspace(0, 1, 11).toArray(),
    [
      0, 0.1, 0.2, 0.30000000000000004, 0.4, 0.5, 0.6000000000000001, 0.7000000000000001, 0.8, 0.9,
      1,
    ],
  )
  assert.deepEqual(linspace(0, 1, 4, { endpoint: false }).toArray(), [0, 0.25, 0.5, 0.75])
  assert.deepEqual([linspace(1, 2, 0).toArray(), linspace(1, 2, 1).toArray()], [[], [1]])
  assert.deepEqual(linspace(3, 1, 3, { dtype: 'int8' }).toArray(), [3, 2, 1])
  assert.deepEqual(linspace(1, 3, 3, { dtype: 'int64' }).toArray(), [1n, 2n, 3n])
})

test('a linspace without an answer is refused', () => {
  assert.throws(() => linspace(0, 1, 3, { dtype: 'int8' }), refusal('ERR_DTYPE', 'got 0.5'))
  assert.throws(() => linspace(0, 1, 3, { dtype: 'int64' }), refusal('ERR_DTYPE', 'got 0.5'))
  assert.throws(() => linspace(0, 1, 2.5), refusal('ERR_SHAPE', 'got 2.5 from 0 to 1'))
  assert.throws(() => linspace(0, Infinity, 3), refusal('ERR_SHAPE'))
  assert.throws(() => linspace(0, 1, undefined as never), TypeError)
  assert.throws(() => linspace(0, 1, 3, 'int8' as never), TypeError)
  assert.throws(() => linspace(0, 1, 3, { num: 3 } as never), TypeError)
})
