/** Elementwise functions, conversion and joining against naive loops. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  add,
  arange,
  array,
  concatenate,
  divide,
  type DType,
  dtypes,
  multiply,
  NDArray,
  shared,
  subtract,
  where,
  zeros,
} from '../../../src/arrays/index.ts'
import { refusal } from '../refusal.ts'
import { coordinatesOf } from '../view-oracle.ts'
import { anyDType, anyView, listOf, ranges, viewsOf } from './arbitrary-views.ts'

type Scalar = number | bigint

const operations: Record<keyof typeof naive, (a: NDArray, b: NDArray) => NDArray> = {
  add,
  subtract,
  multiply,
  divide,
}
const naive: Record<
  'add' | 'subtract' | 'multiply' | 'divide',
  { numbers: (a: number, b: number) => number; bigints: (a: bigint, b: bigint) => bigint }
> = {
  add: { numbers: (a, b) => a + b, bigints: (a, b) => a + b },
  subtract: { numbers: (a, b) => a - b, bigints: (a, b) => a - b },
  multiply: { numbers: (a, b) => a * b, bigints: (a, b) => a * b },
  divide: { numbers: (a, b) => a / b, bigints: (a) => a },
}

/** What NumPy's `promote_types` gives; undefined where it is a float64 that rounds. */
const promotions = (() => {
  const rows: Partial<Record<DType, Partial<Record<DType, DType>>>> = {}
  const ints: DType[] = ['int8', 'int16', 'int32', 'int64']
  const uints: DType[] = ['uint8', 'uint16', 'uint32', 'uint64']
  for (const a of dtypes)
    for (const b of dtypes) {
      const [i, j] = [ints.indexOf(a), ints.indexOf(b)]
      const [u, v] = [uints.indexOf(a), uints.indexOf(b)]
      let found: DType | undefined
      if (a === b || b === 'bool') found = a
      else if (a === 'bool') found = b
      else if (i >= 0 && j >= 0) found = ints[Math.max(i, j)]
      else if (u >= 0 && v >= 0) found = uints[Math.max(u, v)]
      else if (i >= 0 && v >= 0) found = ints[Math.max(i, v + 1)]
      else if (u >= 0 && j >= 0) found = ints[Math.max(j, u + 1)]
      else if (a.includes('t64') && a !== 'float64') found = undefined
      else if (b.includes('t64') && b !== 'float64') found = undefined
      else
        found = [a, b].every((each) => each === 'float32' || /8|16/.test(each))
          ? 'float32'
          : 'float64'
      ;(rows[a] ??= {})[b] = found!
    }
  return rows as Record<DType, Record<DType, DType | undefined>>
})()

function attempt(work: () => unknown): unknown {
  try {
    return work()
  } catch (error) {
    return (error as { code?: string }).code ?? error
  }
}

/** Elements of `view` at the coordinates of a larger shape. */
function broadcastList(view: NDArray, shape: readonly number[]): Scalar[] {
  return coordinatesOf(shape).map((index) =>
    view.get(
      ...view.shape.map((length, axis) =>
        length === 1 ? 0 : index[axis + shape.length - view.ndim]!,
      ),
    ),
  )
}

function broadcastShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  const ndim = Math.max(a.length, b.length)
  const pairs = Array.from(
    { length: ndim },
    (_, i) => [a[a.length - ndim + i] ?? 1, b[b.length - ndim + i] ?? 1] as const,
  )
  return pairs.every(([x, y]) => x === y || x === 1 || y === 1)
    ? pairs.map(([x, y]) => (x === 1 ? y : x))
    : undefined
}

/** A number as a dtype keeps it; undefined when it can't. */
function hold(dtype: DType, value: Scalar): Scalar | undefined {
  const range = ranges[dtype]
  if (range === undefined) return dtype === 'float32' ? Math.fround(Number(value)) : Number(value)
  if (typeof value === 'number' && !Number.isInteger(value)) return undefined
  const whole = BigInt(value)
  if (whole < range[0] || whole > range[1]) return undefined
  return dtype.endsWith('64') ? whole : Number(value) + 0
}

/** Two views whose shapes often broadcast. */
const pairs = fc
  .record({
    a: anyDType,
    b: anyDType,
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
    ones: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    dropped: fc.nat(2),
  })
  .chain(({ a, b, shape, ones, dropped }) => {
    const other = shape.map((length, i) => (ones[i] ? 1 : length)).slice(dropped)
    return fc.tuple(
      viewsOf(a, { shapes: fc.constant(shape) }),
      viewsOf(b, { shapes: fc.constant(other) }),
    )
  })

test('each operation broadcasts, promotes as NumPy does and is exact or refused', () => {
  let done = 0
  fc.assert(
    fc.property(
      pairs,
      fc.constantFrom('add' as const, 'subtract' as const, 'multiply' as const, 'divide' as const),
      ([a, b], name) => {
        const shape = broadcastShape(a.shape, b.shape)
        const joined = promotions[a.dtype][b.dtype]
        const found = attempt(() => operations[name](a, b))
        if (joined === undefined || (joined === 'bool' && name !== 'divide'))
          return assert.equal(found, 'ERR_DTYPE')
        if (shape === undefined) return assert.equal(found, 'ERR_SHAPE')
        const [x, y] = [a, b].map((view) => broadcastList(view, shape))
        const isBig = joined.endsWith('64') && joined !== 'float64'
        let expected: (Scalar | undefined)[]
        let dtype = joined
        if (name === 'divide') {
          dtype = joined === 'float32' ? 'float32' : 'float64'
          const isExact = [...x!, ...y!].every(
            (value) =>
              typeof value === 'number' ||
              (BigInt(Number(value)) === value && Math.abs(Number(value)) < 2 ** 53),
          )
          if (isBig && !isExact) return assert.equal(found, 'ERR_DTYPE')
          expected = x!.map((value, i) => hold(dtype, Number(value) / Number(y![i])))
        } else if (isBig)
          expected = x!.map((value, i) =>
            hold(dtype, naive[name].bigints(BigInt(value), BigInt(y![i]!))),
          )
        else
          expected = x!.map((value, i) =>
            hold(dtype, naive[name].numbers(value as number, y![i] as number)),
          )
        if (expected.includes(undefined)) return assert.equal(found, 'ERR_DTYPE')
        assert.ok(found instanceof NDArray)
        assert.deepEqual([found.dtype, found.shape], [dtype, shape])
        assert.deepEqual(listOf(found), expected)
        done++
      },
    ),
    { seed: 11, numRuns: 3000 },
  )
  assert.ok(done > 500, String(done))
})

test('a scalar takes the dtype of the array beside it', () => {
  const bytes = array([1, 2], { dtype: 'uint8' })
  assert.deepEqual([add(bytes, 1).dtype, add(bytes, 1).toArray()], ['uint8', [2, 3]])
  assert.deepEqual(subtract(10, bytes).toArray(), [9, 8])
  assert.deepEqual(add(bytes, -1).toArray(), [0, 1])
  assert.deepEqual(multiply(array([0.1], { dtype: 'float32' }), 3).dtype, 'float32')
  assert.deepEqual(add(array([1n]), 1).toArray(), [2n])
  assert.deepEqual(add(array([1n], { dtype: 'uint64' }), 2n ** 64n - 2n).toArray(), [
    2n ** 64n - 1n,
  ])
  assert.deepEqual([divide(bytes, 2).dtype, divide(bytes, 2).toArray()], ['float64', [0.5, 1]])
  assert.deepEqual(divide(array([3n]), 2).toArray(), [1.5])
  assert.deepEqual(multiply(array([true, false]), array([2.5])).toArray(), [2.5, 0])
})

test('what an integer dtype can not hold is refused with its place', () => {
  const bytes = array(
    [
      [1, 2],
      [3, 250],
    ],
    { dtype: 'uint8' },
  )
  assert.throws(
    () => add(bytes, 10),
    refusal(
      'ERR_DTYPE',
      'Expected a whole number from 0 to 255 for uint8, got 260 at [1, 1] from add(). Convert the arrays first, for example with astype(), or give an `out` that holds the results.',
    ),
  )
  assert.deepEqual(add(bytes, 10, { out: zeros([2, 2], 'int16') }).toArray(), [
    [11, 12],
    [13, 260],
  ])
  assert.throws(
    () => add(bytes, 0.5),
    refusal('ERR_DTYPE', 'Expected a whole number below 2^53 beside uint8 in add(), got 0.5.'),
  )
  assert.throws(() => add(bytes, 1n), TypeError)
  assert.throws(() => add(array([1.5]), 1n), TypeError)
  assert.throws(() => add(array([1n]), 0.5), refusal('ERR_DTYPE', 'at most 64 bits beside int64'))
  assert.throws(
    () => add(array([1n]), array([0.5])),
    refusal(
      'ERR_DTYPE',
      'Expected dtypes that add() can join without rounding, got int64 and float64.',
    ),
  )
  assert.throws(
    () => add(array([true]), 1),
    refusal('ERR_DTYPE', 'Expected numbers for add(), got bool'),
  )
  assert.throws(
    () => add(array([2n ** 63n - 1n]), 1),
    refusal('ERR_DTYPE', 'got 9223372036854775808n at [0]'),
  )
  assert.throws(
    () => divide(array([2n ** 53n + 1n]), 1),
    refusal('ERR_DTYPE', '64-bit integers below 2^53'),
  )
  // 2^31 squared is no exact number in float64; it is in int64.
  const big = array([2 ** 31 - 1], { dtype: 'int32' })
  assert.deepEqual(multiply(big, big, { out: zeros([1], 'int64') }).toArray(), [
    BigInt(2 ** 31 - 1) ** 2n,
  ])
})

test('operands that are none are refused', () => {
  assert.throws(() => add(1, 2), {
    name: 'TypeError',
    message: 'Expected at least one NDArray for add(), got 1 and 2.',
  })
  assert.throws(() => add([1] as never, 2), TypeError)
  assert.throws(() => add(zeros([2]), zeros([3])), refusal('ERR_SHAPE', 'got [2] and [3].'))
  assert.throws(() => add(zeros([2]), 1, { into: zeros([2]) } as never), TypeError)
  assert.throws(() => where([true] as never, 1, 2), TypeError)
})

test('out takes the results in any layout, and is returned', () => {
  fc.assert(
    fc.property(anyView, fc.constantFrom('transpose', 'reversed', 'stepped'), (view, kind) => {
      if (view.ndim === 0 || view.dtype === 'bool') return
      const room = shared(view.shape.map((length) => 2 * length).toReversed(), view.dtype)
      const steps = view.shape.map(() => [null, null, kind === 'reversed' ? -2 : 2] as const)
      const out = (kind === 'transpose' ? room.transpose() : room.transpose()).slice(...steps)
      assert.equal(add(view, 0, { out }), out)
      const isZeroNegative = (value: Scalar): Scalar => (Object.is(value, -0) ? 0 : value)
      assert.deepEqual(listOf(out), listOf(view).map(isZeroNegative))
    }),
    { seed: 12, numRuns: 300 },
  )
})

test('an out that overlaps an input gets the results of the input as it was', () => {
  fc.assert(
    fc.property(
      fc.record({
        n: fc.integer({ min: 1, max: 12000 }),
        shift: fc.integer({ min: -3, max: 3 }),
        step: fc.constantFrom(1, -1, 2),
        outStep: fc.constantFrom(1, -1, 2),
      }),
      ({ n, shift, step, outStep }) => {
        const size = 2 * n + 8
        const whole = arange(0, size)
        const part = (from: number, by: number): NDArray<'float64'> => {
          const view = whole.slice([from, from + n * Math.abs(by), Math.abs(by)])
          return by < 0 ? view.reversed() : view
        }
        const input = part(4, step)
        const out = part(4 + shift, outStep)
        const expected = listOf(input).map((value) => (value as number) * 2)
        multiply(input, 2, { out })
        assert.deepEqual(listOf(out), expected)
      },
    ),
    { seed: 13, numRuns: 60 },
  )
  const X = arange(0, 9).reshape(3, 3)
  add(X, X.transpose(), { out: X })
  assert.deepEqual(X.toArray(), [
    [0, 4, 8],
    [4, 8, 12],
    [8, 12, 16],
  ])
  const Y = arange(0, 6).reshape(2, 3)
  subtract(Y, Y.row(1), { out: Y })
  assert.deepEqual(Y.toArray(), [
    [-3, -3, -3],
    [0, 0, 0],
  ])
})

test('an out of another shape or dtype, or with an element twice, is refused', () => {
  const X = zeros([2, 3])
  assert.throws(
    () => add(X, 1, { out: zeros([3]) }),
    refusal('ERR_SHAPE', 'Expected `out` of add() to have shape [2, 3], got [3].'),
  )
  assert.throws(
    () => add(X, 1, { out: zeros([2, 3], 'int32') }),
    refusal(
      'ERR_DTYPE',
      "Expected `out` of add() to have a dtype for float64, got int32. Convert the result with astype('int32', { rounding: 'nearest' }).",
    ),
  )
  const odd = array([16_777_217], { dtype: 'int32' })
  assert.throws(
    () => add(odd, 0, { out: zeros([1], 'float32') }),
    refusal(
      'ERR_DTYPE',
      "Expected `out` of add() to have a dtype for int32, got float32. Convert the result with astype('float32', { rounding: 'nearest' }).",
    ),
  )
  assert.equal(odd.astype('float32', { rounding: 'nearest' }).get(0), 16_777_216)
  assert.equal(add(odd, 0, { out: zeros([1]) }).get(0), 16_777_217)
  assert.throws(
    () => add(zeros([1], 'int64'), 1, { out: zeros([1]) }),
    refusal('ERR_DTYPE', 'got float64'),
  )
  assert.throws(
    () => add(X, 1, { out: zeros([3]).broadcastTo([2, 3]) }),
    refusal('ERR_SHAPE', 'an element of its own'),
  )
  assert.throws(() => add(X, 1, { out: 5 as never }), TypeError)
  const gone = shared([2, 3])
  gone[Symbol.dispose]()
  assert.throws(() => add(X, 1, { out: gone }), refusal('ERR_DETACHED'))
  assert.throws(() => add(X, gone), refusal('ERR_DETACHED'))
  assert.throws(() => concatenate([X, gone]), refusal('ERR_DETACHED'))
})

test('long arrays are computed block by block, to the last element', () => {
  const x = arange(0, 9001)
  assert.deepEqual(add(x, x.reversed()).toArray(), Array(9001).fill(9000))
  const counts = x.astype('int32')
  assert.deepEqual(subtract(counts, counts).max(), 0)
  assert.deepEqual(
    add(zeros([5000, 3]), arange(0, 3))
      .row(4999)
      .toArray(),
    [0, 1, 2],
  )
  assert.equal(add(x.astype('int64'), 1).get(9000), 9001n)
})

test('where chooses by any dtype, and joins dtypes', () => {
  fc.assert(
    fc.property(pairs, anyDType, fc.nat(), ([a, b], kind, seed) => {
      const shape = broadcastShape(a.shape, b.shape)
      const joined = promotions[a.dtype][b.dtype]
      if (shape === undefined) return
      const [condition] = fc.sample(viewsOf(kind, { shapes: fc.constant([...shape]) }), {
        seed,
        numRuns: 1,
      })
      if (condition!.shape.join() !== shape.join()) return
      const found = attempt(() => where(condition!, a, b))
      if (joined === undefined) return assert.equal(found, 'ERR_DTYPE')
      const [x, y] = [a, b].map((view) => broadcastList(view, shape))
      const form = (value: Scalar): Scalar => hold(joined, value)!
      assert.deepEqual(
        listOf(found as NDArray),
        listOf(condition!).map((value, i) => form(Number(value) === 0 ? y![i]! : x![i]!)),
      )
    }),
    { seed: 14, numRuns: 1000 },
  )
  const mask = array([true, false])
  assert.deepEqual(where(mask, 1, 0.5).toArray(), [1, 0.5])
  assert.deepEqual(where(mask, 1n, 2n).toArray(), [1n, 2n])
  assert.throws(
    () => where(mask, array([1], { dtype: 'uint8' }), 300),
    refusal('ERR_DTYPE', 'got 300 at [1] from where()'),
  )
})

test('arrays are joined along any axis', () => {
  const A = arange(0, 6).reshape(2, 3)
  assert.deepEqual(concatenate([A, A.slice([0, 1])]).shape, [3, 3])
  assert.deepEqual(concatenate([A, A.slice(null, [1, 2])], { axis: -1 }).toArray(), [
    [0, 1, 2, 1],
    [3, 4, 5, 4],
  ])
  assert.equal(concatenate([A.astype('int8'), A.astype('uint8')] as NDArray[]).dtype, 'int16')
  const out = shared([4, 3])
  assert.equal(concatenate([A.reversed(), A], { out }), out)
  assert.deepEqual(out.toArray(), [
    [3, 4, 5],
    [0, 1, 2],
    [0, 1, 2],
    [3, 4, 5],
  ])
  concatenate([out.slice([2]), out.slice([0, 2])], { out })
  assert.deepEqual(out.toArray(), [
    [0, 1, 2],
    [3, 4, 5],
    [3, 4, 5],
    [0, 1, 2],
  ])
  assert.throws(() => concatenate([]), refusal('ERR_SHAPE', 'got none'))
  assert.throws(() => concatenate(A as never), TypeError)
  assert.throws(
    () => concatenate([A, zeros([2, 2])]),
    refusal('ERR_SHAPE', 'differ in length only on axis 0, got shapes [2, 3] and [2, 2].'),
  )
  assert.throws(
    () => concatenate([zeros([]), zeros([])]),
    refusal('ERR_SHAPE', 'with an axis for concatenate(), got shape []. Use reshape(1) first.'),
  )
  assert.throws(() => concatenate([A, array([[1n, 2n, 3n]])] as NDArray[]), refusal('ERR_DTYPE'))
})

test('astype holds each value or refuses it, from every dtype to every dtype', () => {
  const text =
    "Choose a dtype that holds every value; `rounding: 'nearest'` or 'truncate' rounds fractions."
  fc.assert(
    fc.property(
      anyView,
      anyDType,
      fc.constantFrom(undefined, 'nearest', 'truncate'),
      (view, dtype, rounding) => {
        const found = attempt(() => view.astype(dtype, { rounding }))
        const expected = listOf(view).map((value) => convert(view.dtype, dtype, value, rounding))
        if (expected.includes(undefined)) return assert.equal(found, 'ERR_DTYPE')
        assert.ok(found instanceof NDArray)
        assert.deepEqual([found.dtype, found.shape], [dtype, view.shape])
        assert.deepEqual(listOf(found), expected)
      },
    ),
    { seed: 15, numRuns: 3000 },
  )
  assert.throws(
    () => array([1, 1.5]).astype('int8'),
    refusal(
      'ERR_DTYPE',
      `Expected a whole number from -128 to 127 for int8, got 1.5 at [1] from astype(). ${text}`,
    ),
  )
  assert.throws(
    () => array([NaN]).astype('int8', { rounding: 'nearest' }),
    refusal('ERR_DTYPE', 'got NaN'),
  )
  assert.throws(
    () => array([1e300]).astype('float32'),
    refusal('ERR_DTYPE', 'Expected a number that float32 holds, got 1e+300 at [0] from astype().'),
  )
  assert.throws(
    () => array([2n ** 53n + 1n]).astype('float64'),
    refusal('ERR_DTYPE', 'an integer that float64 holds exactly, got 9007199254740993n'),
  )
  assert.deepEqual(
    array([0.5, 1.5, 2.5, -0.5, -1.5]).astype('int8', { rounding: 'nearest' }).toArray(),
    [0, 2, 2, 0, -2],
  )
  assert.throws(() => zeros([1]).astype('int8', { rounding: 'up' as never }), refusal('ERR_OPTION'))
  assert.throws(() => zeros([1]).astype('half' as never), refusal('ERR_DTYPE'))
  assert.throws(() => array([2 ** 63]).astype('int64'), refusal('ERR_DTYPE'))
  const limit = 2 ** 128 - 2 ** 103
  assert.throws(() => array([-limit]).astype('float32'), refusal('ERR_DTYPE'))
  const below = limit - 2 ** 75
  assert.deepEqual(array([below, -Infinity]).astype('float32').toArray(), [
    Math.fround(below),
    -Infinity,
  ])
  assert.deepEqual(
    array([-(2 ** 63)])
      .astype('int64')
      .toArray(),
    [-(2n ** 63n)],
  )
})

/** What `astype` promises for one value; undefined where it refuses. */
function convert(
  from: DType,
  to: DType,
  value: Scalar,
  rounding: 'nearest' | 'truncate' | undefined,
): Scalar | undefined {
  if (from === to) return value
  if (to === 'bool') return Number.isNaN(value) ? undefined : Number(value) === 0 ? 0 : 1
  const isInteger = !from.startsWith('float')
  if (to.startsWith('float')) {
    const kept = hold(to, value) as number
    if (isInteger)
      return rounding === 'nearest' || BigInt(kept) === BigInt(value) ? kept : undefined
    return !Number.isFinite(kept) && Number.isFinite(value) ? undefined : kept
  }
  if (isInteger || rounding === undefined) return hold(to, value)
  const number = value as number
  const floor = Math.floor(number)
  const even = number - floor === 0.5 ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(number)
  return hold(to, rounding === 'truncate' ? Math.trunc(number) : even)
}
