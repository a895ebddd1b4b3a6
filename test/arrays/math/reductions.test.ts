/** Sums, means, deviations and extremes against naive loops, in every layout. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { arange, array, NDArray, shared, zeros } from '../../../src/arrays/index.ts'
import { refusal } from '../refusal.ts'
import {
  anyDType,
  anyView,
  groupsOf,
  listOf,
  longVector,
  ranges,
  resultsOf,
  viewsOf,
} from './arbitrary-views.ts'

/** An axis of a view, or none. */
const axisOf = (view: NDArray, number: number): number | undefined =>
  view.ndim === 0 || number % (view.ndim + 1) === view.ndim ? undefined : number % (view.ndim + 1)

const optionsOf = (axis: number | undefined): { axis: number } =>
  (axis === undefined ? {} : { axis }) as { axis: number }

/** What a method gives, or the code of its error. */
function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return (error as { code?: string }).code
  }
}

/** The sum of numbers without an error of rounding but the last one, by Neumaier's way. */
function carefulSum(values: readonly number[]): number {
  let total = 0
  let lost = 0
  for (const value of values) {
    const next = total + value
    if (Number.isFinite(next))
      lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total
    total = next
  }
  return total + lost
}

function assertClose(got: number, expected: number, size: number, text = ''): void {
  if (Number.isNaN(expected) || !Number.isFinite(expected)) assert.equal(got, expected, text)
  else assert.ok(Math.abs(got - expected) <= 1e-13 * size, `${got} for ${expected} ${text}`)
}

test('a sum is the sum of the elements, of every dtype, layout and axis', () => {
  fc.assert(
    fc.property(anyView, fc.nat(), (view, number) => {
      const axis = axisOf(view, number)
      const groups = groupsOf(view, axis)
      const found = attempt(() => view.sum(optionsOf(axis)))
      if (!view.dtype.startsWith('float')) {
        const [low, high] = view.dtype.endsWith('64')
          ? ranges[view.dtype]!
          : [-(2n ** 53n) + 1n, 2n ** 53n - 1n]
        const sums = groups.map((group) =>
          group.reduce((sum: bigint, value) => sum + BigInt(value), 0n),
        )
        const isHeld = sums.every((sum) => sum >= low && sum <= high)
        if (!isHeld) return assert.equal(found, 'ERR_DTYPE')
        return assert.deepEqual(resultsOf(found).map(BigInt), sums)
      }
      for (const [i, value] of resultsOf(found).entries()) {
        const group = groups[i] as number[]
        const size = group.reduce((sum, each) => sum + Math.abs(each), 1)
        assertClose(value as number, carefulSum(group), Number.isFinite(size) ? size : 1)
      }
    }),
    { seed: 1, numRuns: 1000 },
  )
})

test('a mean and a standard deviation are those of the elements', () => {
  fc.assert(
    fc.property(anyView, fc.nat(), fc.nat(2), (view, number, ddof) => {
      const axis = axisOf(view, number)
      const groups = groupsOf(view, axis).map((group) => group.map(Number))
      const means = attempt(() => view.mean(optionsOf(axis)))
      const deviations = attempt(() => view.std({ ...optionsOf(axis), ddof }))
      const isEmpty = groups[0]?.length === 0
      if (isEmpty) return assert.deepEqual([means, deviations], ['ERR_SHAPE', 'ERR_SHAPE'])
      if (groups.length > 0 && groups[0]!.length <= ddof) assert.equal(deviations, 'ERR_SHAPE')
      const isBig = view.dtype.endsWith('64') && !view.dtype.startsWith('float')
      const isRefused = isBig && groups.flat().some((value) => !Number.isSafeInteger(value))
      if (deviations !== 'ERR_SHAPE') assert.equal(deviations === 'ERR_DTYPE', isRefused)
      for (const [i, group] of groups.entries()) {
        const mean = carefulSum(group) / group.length
        const size = Math.max(1, ...group.map(Math.abs).filter(Number.isFinite))
        assertClose(resultsOf(means)[i] as number, mean, size)
        if (group.length <= ddof || deviations === 'ERR_DTYPE') continue
        const squares = carefulSum(group.map((value) => (value - mean) ** 2))
        const deviation = Math.sqrt(squares / (group.length - ddof))
        assertClose(resultsOf(deviations)[i] as number, deviation, size * 1e2)
      }
    }),
    { seed: 2, numRuns: 1000 },
  )
})

test('min, max, argmin and argmax keep the dtype, propagate NaN and find the first', () => {
  fc.assert(
    fc.property(anyView, fc.nat(), (view, number) => {
      const axis = axisOf(view, number)
      const groups = groupsOf(view, axis)
      const found = (['min', 'max', 'argmin', 'argmax'] as const).map((name) =>
        attempt(() => view[name](optionsOf(axis))),
      )
      if (groups[0]?.length === 0) return assert.deepEqual(found, Array(4).fill('ERR_SHAPE'))
      for (const [i, group] of groups.entries()) {
        const nan = group.findIndex((value) => Number.isNaN(value))
        const places = [
          (a: number | bigint, b: number | bigint) => a < b,
          (a: number | bigint, b: number | bigint) => a > b,
        ].map((better) =>
          nan >= 0
            ? nan
            : group.reduce<number>((best, value, k) => (better(value, group[best]!) ? k : best), 0),
        )
        assert.deepEqual(
          found.map((result) => resultsOf(result)[i]),
          [...places.map((place) => group[place]), ...places],
        )
      }
      if (axis === undefined) return
      assert.deepEqual(
        found.map((result) => (result as NDArray).dtype),
        [view.dtype, view.dtype, 'int32', 'int32'],
      )
    }),
    { seed: 3, numRuns: 1000 },
  )
})

test('equal values give equal bits, whatever their layout', () => {
  const shapes = fc.constantFrom<number[][]>(
    [300, 7],
    [3, 5000],
    [5, 700, 3],
    [20000],
    [1, 9000],
    [9000, 1],
    [600, 600],
    [2, 3, 4],
  )
  fc.assert(
    fc.property(
      anyDType
        .filter((dtype) => !dtype.endsWith('64'))
        .chain((dtype) => viewsOf(dtype, { shapes })),
      (view) => {
        const other = view.transpose().copy().transpose()
        for (const axis of [undefined, ...view.shape.keys()])
          for (const name of ['sum', 'mean', 'std', 'min', 'argmax'] as const) {
            const [a, b] = [view, other].map((array) => attempt(() => array[name](optionsOf(axis))))
            assert.deepEqual(resultsOf(a), resultsOf(b), `${name} ${axis}`)
          }
      },
    ),
    { seed: 4, numRuns: 30 },
  )
})

test('keepDims keeps the joined axes with length 1', () => {
  const X = arange(0, 24).reshape(2, 3, 4)
  assert.deepEqual(X.sum({ axis: 1, keepDims: true }).shape, [2, 1, 4])
  assert.deepEqual(X.sum({ axis: -1 }).shape, [2, 3])
  assert.deepEqual(X.max({ keepDims: true }).toArray(), [[[23]]])
  assert.deepEqual(X.argmax({ keepDims: true }).dtype, 'int32')
  assert.equal(X.mean({ keepDims: false }), 11.5)
})

test('the error of a sum grows with the logarithm of the number of elements', () => {
  for (const n of [1, 7, 8, 9, 127, 128, 129, 4095, 4096, 4097, 8200, 100_001, 1_000_000]) {
    const x = longVector(n, (i) => 0.1 + (i % 7) * 1e-3)
    const expected = carefulSum([...x.toTypedArray()])
    for (const [layout, sum] of [
      ['whole', x.sum()],
      ['row', x.reshape(1, n).sum({ axis: 1 }).get(0)],
      ['column', x.reshape(n, 1).sum({ axis: 0 }).get(0)],
      ['columns', x.reshape(n, 1).broadcastTo([n, 3]).sum({ axis: 0 }).get(2)],
      ['backwards', x.reversed().sum()],
    ] as const)
      assert.ok(
        Math.abs(sum - expected) <= 16 * Number.EPSILON * expected,
        `${layout} ${n}: ${sum} ${expected}`,
      )
  }
})

test('sums of integers are exact, and refused where a number is not', () => {
  const most = 2 ** 32 - 1
  const many = zeros([1], 'uint32').fill(most).broadcastTo([2_097_152])
  assert.equal(many.sum(), most * 2_097_152)
  assert.equal(
    zeros([1], 'uint32').fill(most).broadcastTo([2_097_152, 2]).sum({ axis: 0 }).get(1),
    most * 2_097_152,
  )
  const beyond = zeros([1], 'uint32').fill(most).broadcastTo([2_097_153])
  assert.throws(
    () => beyond.sum(),
    refusal(
      'ERR_DTYPE',
      "Expected a sum below 2^53, got about 9007203547611136. Sum astype('int64')",
    ),
  )
  assert.ok(Math.abs(beyond.mean() / most - 1) <= 2 * Number.EPSILON)
  assert.throws(() => beyond.reshape(1, 2_097_153).sum({ axis: 1 }), refusal('ERR_DTYPE', 'at [0]'))
  // The parts leave the exact numbers, the sum does not.
  const halves = array([-(2 ** 31), 2 ** 31 - 1], { dtype: 'int32' })
    .reshape(2, 1)
    .broadcastTo([2, 4_200_000])
  assert.equal(halves.sum(), -4_200_000)
})

test('sums of 64-bit integers are bigints, refused beyond their range', () => {
  const x = array([2n ** 63n - 1n, -1n, 1n])
  assert.equal(x.sum(), 2n ** 63n - 1n)
  assert.equal(x.mean(), Number(2n ** 63n - 1n) / 3)
  assert.throws(
    () => array([2n ** 63n - 1n, 1n]).sum(),
    refusal(
      'ERR_DTYPE',
      "Expected a sum that int64 holds, got 9223372036854775808. Sum astype('float64', { rounding: 'nearest' })",
    ),
  )
  assert.throws(
    () => array([2n ** 64n - 1n, 1n], { dtype: 'uint64' }).sum(),
    refusal('ERR_DTYPE', 'uint64'),
  )
  assert.equal(array([1n, 2n], { dtype: 'uint64' }).sum({ axis: 0 }).dtype, 'uint64')
})

test('float32 is summed in float64', () => {
  const x = array(new Float32Array(100).fill(0.1))
  assert.equal(x.mean(), Math.fround(0.1))
  assert.equal(x.sum({ axis: 0 }).dtype, 'float64')
})

test('no elements have the sum 0; what has no answer is refused', () => {
  const none = zeros([0, 3])
  assert.equal(none.sum(), 0)
  assert.deepEqual(none.sum({ axis: 0 }).toArray(), [0, 0, 0])
  assert.deepEqual(none.sum({ axis: 1 }).toArray(), [])
  assert.deepEqual(none.min({ axis: 1 }).toArray(), [])
  assert.equal(zeros([0], 'int64').sum(), 0n)
  for (const name of ['mean', 'std', 'min', 'max', 'argmin', 'argmax'] as const) {
    const text = `Expected at least one element for ${name}(), got an axis or array of length 0.`
    assert.throws(() => none[name](), refusal('ERR_SHAPE', text))
    assert.throws(() => none[name]({ axis: 0 }), refusal('ERR_SHAPE', text))
  }
  assert.throws(
    () => array([2n ** 62n, 2n ** 62n + 2n]).std(),
    refusal(
      'ERR_DTYPE',
      `Expected 64-bit integers up to 2^53 in size for std(), got ${2n ** 62n}. Subtract a number near them first: subtract(array, array.min()).std().`,
    ),
  )
  assert.throws(
    () => array([1, 2]).std({ ddof: 2 }),
    refusal('ERR_SHAPE', 'Expected more than 2 elements for std() with `ddof` 2, got 2.'),
  )
})

test('-0 is kept by a sum of nothing else', () => {
  for (const n of [1, 8, 200, 5000]) {
    assert.ok(Object.is(zeros([n]).fill(-0).sum(), -0), String(n))
    assert.ok(Object.is(zeros([n, 2]).fill(-0).sum({ axis: 0 }).get(1), -0), String(n))
  }
})

test('wrong options are refused', () => {
  const X = zeros([2, 3])
  assert.throws(() => X.sum(0 as never), {
    name: 'TypeError',
    message: 'Expected options such as { axis: … }, got 0.',
  })
  assert.throws(
    () => X.sum({ axis: 2 }),
    refusal('ERR_SHAPE', 'Expected an axis of 2 axes, got 2.'),
  )
  assert.throws(() => X.sum({ axis: 0.5 }), refusal('ERR_SHAPE', 'got 0.5'))
  assert.throws(() => X.mean({ axis: '0' as never }), TypeError)
  assert.throws(() => X.max({ keepDims: 1 as never, axis: 0 }), TypeError)
  assert.throws(() => X.std({ ddof: -1 }), refusal('ERR_OPTION'))
  assert.throws(() => X.mean({ keepdims: true } as never), TypeError)
})

test('an array whose memory is gone is refused', () => {
  const X = shared([2, 3])
  const buffer = new Float64Array(4)
  const moved = array(buffer)
  structuredClone(buffer.buffer, { transfer: [buffer.buffer] })
  X[Symbol.dispose]()
  for (const gone of [X, moved]) {
    for (const name of ['sum', 'mean', 'std', 'min', 'max', 'argmin', 'argmax'] as const)
      assert.throws(() => gone[name](), refusal('ERR_DETACHED'), name)
    assert.throws(() => gone.astype('int8'), refusal('ERR_DETACHED'))
    assert.throws(() => gone.fill(1), refusal('ERR_DETACHED'))
  }
})

test('fill writes every element of a view, and no other', () => {
  fc.assert(
    fc.property(anyDType, fc.nat(), (dtype, seed) => {
      const [view] = fc.sample(viewsOf(dtype), { seed, numRuns: 1 })
      const whole = new NDArray([view!.data.length], dtype, view!.data)
      const before = listOf(whole)
      const value = dtype.endsWith('64') && !dtype.startsWith('float') ? 1n : 1
      assert.equal(view!.fill(value as never), view)
      const places = new Set(listOf(placesOf(view!)))
      assert.deepEqual(
        listOf(whole),
        before.map((old, i) => (places.has(i) ? value : old)),
      )
    }),
    { seed: 5, numRuns: 300 },
  )
  assert.throws(() => zeros([2], 'uint8').fill(300), refusal('ERR_DTYPE'))
  assert.throws(() => zeros([2], 'int64').fill(3 as never), TypeError)
  assert.deepEqual(zeros([2], 'bool').fill(true).toArray(), [1, 1])
})

/** The numbers of a view's elements in its memory. */
function placesOf({ shape, strides, offset, data }: NDArray): NDArray {
  const numbers = Float64Array.from({ length: data.length }, (_, i) => i)
  return new NDArray(shape, 'float64', numbers, { strides, offset })
}
