/** Arrays from values. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  arange,
  array,
  dtypes,
  NDArray,
  type Nested,
  shared,
  zeros,
} from '../../../src/arrays/index.ts'
import { refusal } from '../refusal.ts'

test('a typed array is wrapped without a copy, also a part of a larger buffer', () => {
  const values = Int32Array.of(1, 2, 3, 4)
  const whole = array(values)
  assert.equal(whole.data, values)
  assert.equal(whole.dtype, 'int32')
  const part = array(values.subarray(1, 3))
  assert.deepEqual([part.offset, part.toArray()], [1, [2, 3]])
  part.set(9, 0)
  assert.equal(values[1], 9)
  const odd = array(new Uint16Array(new ArrayBuffer(7), 2, 2))
  assert.deepEqual([odd.data.length, odd.offset, odd.size], [3, 1, 2])
})

test('nested lists become a copy of the right shape and dtype', () => {
  const X = array([
    [1, 2],
    [3, 4],
    [5, 6],
  ])
  assert.deepEqual([X.dtype, X.shape], ['float64', [3, 2]])
  assert.deepEqual(array([1n, 2n]).dtype, 'int64')
  assert.deepEqual(array([true]).dtype, 'bool')
  assert.deepEqual(array([1, 2], { dtype: 'uint8' }).data, Uint8Array.of(1, 2))
  assert.deepEqual(array([1, 2, 3, 4], { shape: [2, -1] }).shape, [2, 2])
  assert.deepEqual(array([[], []]).shape, [2, 0])
  assert.deepEqual(array([]).dtype, 'float64')
})

test('lists of unequal lengths are refused', () => {
  const wrong: Nested[] = [
    [[1, 2], [3]],
    [[1], 2],
    [1, [2]],
    [[], [1]],
    [[[1]], [2]],
  ]
  for (const values of wrong)
    assert.throws(() => array(values), refusal('ERR_SHAPE', 'equal lengths'))
})

test('values that are no numbers are refused', () => {
  assert.throws(() => array(['1'] as unknown as Nested), TypeError)
  assert.throws(() => array([1, 2n]), TypeError)
  assert.throws(() => array(new DataView(new ArrayBuffer(8)) as never), TypeError)
  assert.throws(() => array(new Uint8ClampedArray(1) as never), TypeError)
  assert.throws(
    () => array(Float32Array.of(1) as never, { dtype: 'float64' }),
    refusal('ERR_DTYPE', 'Float64Array.from'),
  )
  assert.throws(() => zeros([1], 'float16' as never), refusal('ERR_DTYPE', "got 'float16'"))
  assert.throws(() => zeros('x' as never, 'int8'), TypeError)
})

test('private memory that there is no room for is an error', () => {
  assert.throws(() => zeros([2 ** 45], 'float64'), refusal('ERR_MEMORY', 'use shared()'))
})

test('a Uint8Array can hold bools', () => {
  const flags = array(Uint8Array.of(1, 0), { dtype: 'bool' })
  assert.equal(flags.dtype, 'bool')
})

test('zeros are zeros of every dtype', () => {
  for (const dtype of dtypes) {
    const X = zeros([2, 3], dtype)
    assert.deepEqual([...X.data].map(Number), [0, 0, 0, 0, 0, 0])
    assert.equal(X.nbytes, X.buffer.byteLength)
  }
})

test('shape and dtype stand in the order of NumPy; the other order is refused with the right call', () => {
  for (const [call, text] of [
    [() => zeros('int8' as never, [2] as never), "zeros([3, 4], 'int8')"],
    [() => shared('int8' as never, [2] as never), "shared([3, 4], 'int8')"],
    [
      () => new NDArray('int8' as never, new Int8Array(2) as never, [2] as never),
      "new NDArray([3, 4], 'int8', data)",
    ],
  ] as const) {
    assert.throws(call, {
      name: 'TypeError',
      message: `Expected the shape before the dtype, as in ${text}, got 'int8'.`,
    })
  }
  assert.equal(zeros([3, 4], 'int8').dtype, 'int8')
  assert.equal(shared([3, 4], 'int8').dtype, 'int8')
  assert.equal(new NDArray([3, 4], 'int8', new Int8Array(12)).size, 12)
})

test('elements are float64 unless told otherwise', () => {
  assert.equal(zeros([3]).dtype, 'float64')
  assert.equal(shared([3]).dtype, 'float64')
})

test('arange counts like NumPy', () => {
  assert.deepEqual(arange(0, 1, { step: 0.25 }).toArray(), [0, 0.25, 0.5, 0.75])
  assert.deepEqual(arange(5, 0, { step: -2, dtype: 'int8' }).toArray(), [5, 3, 1])
  assert.deepEqual(arange(0, 2, { dtype: 'int64' }).toArray(), [0n, 1n])
  assert.deepEqual(arange(3, 3).toArray(), [])
  assert.throws(() => arange(0, 1, { step: 0 }), refusal('ERR_SHAPE', 'No finite range'))
  assert.deepEqual(arange(2 ** 53, 2 ** 53 + 4, { dtype: 'int64' }).toArray(), [
    2n ** 53n,
    2n ** 53n + 1n,
    2n ** 53n + 2n,
    2n ** 53n + 3n,
  ])
})

test('a range that its integer dtype would cut or wrap is refused', () => {
  for (const [start, stop, options, given] of [
    [0, 2, { step: 0.5, dtype: 'int64' }, '0.5'],
    [1.5, 2, { dtype: 'uint64' }, '1.5'],
    [0, 2, { step: 0.5, dtype: 'int8' }, '0.5'],
    [0, 129, { dtype: 'int8' }, '128'],
    [-1, 2, { dtype: 'uint16' }, '-1'],
    [2 ** 63, 2 ** 63 + 4096, { step: 2048, dtype: 'int64' }, '9223372036854776000'],
  ] as const) {
    assert.throws(() => arange(start, stop, options), {
      name: 'OneCopyError',
      code: 'ERR_DTYPE',
      message: `Expected numbers that ${options.dtype} holds, got ${given}. Choose another dtype for this range, such as float64.`,
    })
  }
  assert.deepEqual(arange(0, 128, { dtype: 'int8' }).get(-1), 127)
})

test('a list that contains itself, or is nested too deeply, is refused by its place', () => {
  const direct: unknown[] = []
  direct.push(direct)
  const outer: unknown[] = []
  outer.push([outer, 1])
  let deep: unknown = 1
  for (let i = 0; i < 100_000; i++) deep = [deep]
  const later: unknown[] = [[1]]
  later.push(later)
  for (const [values, message] of [
    [
      direct,
      'Expected nested lists of numbers, got a list that contains itself: `values[0]` is `values`.',
    ],
    [
      outer,
      'Expected nested lists of numbers, got a list that contains itself: `values[0][0]` is `values`.',
    ],
    [later, 'Expected lists of equal lengths [2, 1], got an array of length 2 on axis 1.'],
    [deep, `Expected lists nested at most 64 deep, got a list at \`values${'[0]'.repeat(64)}\`.`],
  ] as const)
    assert.throws(() => array(values as Nested), { code: 'ERR_SHAPE', message })
})
