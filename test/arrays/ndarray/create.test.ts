/** Arrays from values. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  arange,
  array,
  createArray,
  dtypes,
  itemSize,
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

test('a number that an integer dtype can not hold is refused', () => {
  const bytes = zeros([2], 'int8')
  const wrong: [call: () => unknown, text: string][] = [
    [
      () => array([300, -1], { dtype: 'uint8' }),
      'Expected a whole number from 0 to 255 for uint8, got 300 at [0]. Choose a dtype that holds it, such as float64.',
    ],
    [
      () =>
        array(
          [
            [1, 2],
            [3, 1.7],
          ],
          { dtype: 'uint8' },
        ),
      'Expected a whole number from 0 to 255 for uint8, got 1.7 at [1, 1]. Round it first, or choose a dtype that holds it, such as float64.',
    ],
    [
      () => array(Number.NaN, { dtype: 'int32' }),
      'Expected a whole number from -2147483648 to 2147483647 for int32, got NaN. Choose a dtype that holds it, such as float64.',
    ],
    [
      () => array([-1n], { dtype: 'uint64' }),
      'Expected a whole number from 0 to 18446744073709551615 for uint64, got -1n at [0]. Choose a dtype that holds it, such as float64.',
    ],
    [
      () => bytes.set(200, 0),
      'Expected a whole number from -128 to 127 for int8, got 200. Choose a dtype that holds it, such as float64.',
    ],
    [
      () => bytes.set(0.5, 0),
      'Expected a whole number from -128 to 127 for int8, got 0.5. Round it first, or choose a dtype that holds it, such as float64.',
    ],
  ]
  for (const [call, text] of wrong) assert.throws(call, { code: 'ERR_DTYPE', message: text })
  assert.deepEqual(bytes.toArray(), [0, 0], 'nothing was written')
  for (const dtype of dtypes) {
    if (dtype === 'bool' || dtype.startsWith('float')) continue
    const bits = BigInt(itemSize(dtype) * 8)
    const low = dtype.startsWith('u') ? 0n : -(2n ** (bits - 1n))
    const ends = [low, low + 2n ** bits - 1n]
    const form = (end: bigint): number | bigint => (bits === 64n ? end : Number(end))
    assert.deepEqual(array(ends.map(form), { dtype }).toArray(), ends.map(form))
    for (const beyond of [ends[0]! - 1n, ends[1]! + 1n])
      assert.throws(() => array([form(beyond)], { dtype }), { code: 'ERR_DTYPE' }, dtype)
  }
  assert.deepEqual(array([1e300, 0.1], { dtype: 'float32' }).toArray(), [
    Infinity,
    Math.fround(0.1),
  ])
})

test('lengths that are no list, and a range without an end, are refused', () => {
  const calls: [call: () => unknown, text: string][] = [
    [
      () => zeros(3 as never, 4 as never),
      'Expected the shape as one list, as in zeros([3, 4]), got 3 and 4 as arguments of their own.',
    ],
    [
      () => shared(3 as never, 4 as never),
      'Expected the shape as one list, as in shared([3, 4]), got 3 and 4 as arguments of their own.',
    ],
    [
      () => arange(5, undefined as never),
      'Expected `start` and `stop`, as in arange(0, 5), got only 5.',
    ],
    [() => arange(0, '5' as never), "Expected `stop` to be a number, got '5'."],
    [
      () => arange(0, 5, 'int32' as never),
      "Expected options, as in arange(0, 5, { dtype: 'int32' }), got 'int32'.",
    ],
    [() => arange(0, 5, 2 as never), 'Expected options, as in arange(0, 5, { step: 2 }), got 2.'],
    [
      () => createArray('x.npy', [2, 3] as never),
      "Expected the form of the array, as in createArray(path, { dtype: 'float64', shape: [2, 3] }), got an array of length 2.",
    ],
    [
      () => createArray('x.npy', 'float32' as never),
      "Expected the form of the array, as in createArray(path, { dtype: 'float32', shape: [2, 3] }), got 'float32'.",
    ],
  ]
  for (const [call, message] of calls) assert.throws(call, { name: 'TypeError', message })
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
