/** Views against the naive oracle, and the promises of NDArray one by one. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import * as fc from 'fast-check'
import {
  arange,
  array,
  atomicAdd,
  type AxisRange,
  NDArray,
  shared,
  zeros,
} from '../../../src/arrays/index.ts'
import { refusal } from '../refusal.ts'
import { type CellView, freshCells, isStrided, mapCells, pythonSlice } from '../view-oracle.ts'

/** The same view, made by the library and by the oracle. */
interface Pair {
  readonly array: NDArray<'float64'>
  readonly oracle: CellView
}

type Step = (pair: Pair) => Pair

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })

const sliceStep = fc
  .array(
    fc.record({
      index: fc.option(fc.integer({ min: -4, max: 3 })),
      start: fc.option(fc.integer({ min: -6, max: 6 })),
      stop: fc.option(fc.integer({ min: -6, max: 6 })),
      step: fc.integer({ min: -3, max: 3 }).filter((step) => step !== 0),
    }),
    { minLength: 4, maxLength: 4 },
  )
  .map((parts): Step => ({ array, oracle }) => {
    const taken = oracle.shape.map((length, axis) => {
      const { index, start, stop, step } = parts[axis % parts.length]!
      if (index !== null && index >= -length && index < length)
        return { range: index, from: [(index + length) % length], drops: true }
      return {
        range: [start, stop, step] as const,
        from: pythonSlice(length, start, stop, step),
        drops: false,
      }
    })
    const kept = taken.filter(({ drops }) => !drops)
    const old = (c: readonly number[]): number[] => {
      let next = 0
      return taken.map(({ from, drops }) => (drops ? from[0]! : from[c[next++]!]!))
    }
    return {
      array: array.slice(...taken.map(({ range }): AxisRange => range)),
      oracle: mapCells(
        oracle,
        kept.map(({ from }) => from.length),
        old,
      ),
    }
  })

const transposeStep = fc
  .array(fc.nat(), { minLength: 5, maxLength: 5 })
  .map((order): Step => ({ array, oracle }) => {
    const axes = oracle.shape.map((_, axis) => axis).sort((a, b) => order[a]! - order[b]! || a - b)
    const shape = axes.map((axis) => oracle.shape[axis]!)
    const old = (c: readonly number[]): number[] => axes.map((_, axis) => c[axes.indexOf(axis)]!)
    return { array: array.transpose(axes), oracle: mapCells(oracle, shape, old) }
  })

const reversedStep = fc.nat().map((number): Step => (pair) => {
  const { array, oracle } = pair
  if (oracle.shape.length === 0) return pair
  const axis = number % oracle.shape.length
  const last = oracle.shape[axis]! - 1
  const old = (c: readonly number[]): number[] => c.map((x, i) => (i === axis ? last - x : x))
  return { array: array.reversed(axis), oracle: mapCells(oracle, oracle.shape, old) }
})

const broadcastStep = fc.integer({ min: 0, max: 3 }).map((length): Step => ({ array, oracle }) => {
  const shape = [length, ...oracle.shape.map((own) => (own === 1 ? 2 : own))]
  const old = (c: readonly number[]): number[] =>
    c.slice(1).map((x, axis) => (oracle.shape[axis] === 1 ? 0 : x))
  return { array: array.broadcastTo(shape), oracle: mapCells(oracle, shape, old) }
})

const reshapeStep = fc.nat().map((number): Step => (pair) => {
  const { array, oracle } = pair
  const size = oracle.cells.length
  const divisors = [1, 2, 3, 4, 6].filter((n) => size % n === 0)
  const first = divisors[number % divisors.length]!
  const options = [[size], [first, size / first], [size / first, 1, first], [1, size]]
  const shape = options[number % options.length]!
  const wanted = { shape, cells: oracle.cells }
  if (isStrided(wanted)) return { array: array.reshape(...shape), oracle: wanted }
  assert.throws(() => array.reshape(...shape), refusal('ERR_SHAPE', 'without a copy'))
  return pair
})

const steps = fc.array(
  fc.oneof(sliceStep, transposeStep, reversedStep, broadcastStep, reshapeStep),
  { maxLength: 5 },
)

test('any chain of views shows the cells that the naive oracle shows', () => {
  fc.assert(
    fc.property(shapes, steps, (shape, chain) => {
      const size = shape.reduce((count, length) => count * length, 1)
      const base = arange(0, size).reshape(...shape)
      let pair: Pair = { array: base, oracle: freshCells(shape) }
      for (const step of chain) {
        if (pair.array.ndim > 5) break
        pair = step(pair)
        assert.deepEqual(pair.array.shape, pair.oracle.shape)
        assert.deepEqual([...pair.array.copy().data], pair.oracle.cells)
        assert.deepEqual([...pair.array.toTypedArray()], pair.oracle.cells)
        assert.deepEqual([pair.array.toArray()].flat(9), pair.oracle.cells)
        assert.equal(pair.array.buffer, base.buffer)
      }
    }),
    { numRuns: 1000, seed: 20 },
  )
})

test('a view of a view points at the same bytes', () => {
  const base = arange(0, 24).reshape(2, 3, 4)
  const view = base.slice(1).transpose().rows(null, null, -2).column(1)
  assert.deepEqual(view.toArray(), [19, 17])
  view.set(-1, 0)
  assert.equal(base.get(1, 1, 3), -1)
  assert.equal(base.data[19], -1)
})

test('copies of strided views keep every bit of every dtype', () => {
  for (const dtype of ['bool', 'int16', 'int32', 'uint64', 'float32', 'float64'] as const) {
    const base = zeros([70, 130], dtype)
    const bytes = new Uint8Array(base.buffer)
    for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 193 + (i >> 8)) & 255
    const twice = base.transpose().copy().transpose().copy()
    assert.deepEqual(new Uint8Array(twice.buffer), bytes, dtype)
  }
})

test('toTypedArray is the memory itself when elements have no gaps, else a copy', () => {
  const values = Float64Array.of(1, 2, 3, 4, 5, 6)
  const X = array(values, { shape: [3, 2] })
  assert.equal(X.toTypedArray(), values)
  assert.equal(X.row(1).toTypedArray().buffer, values.buffer)
  assert.deepEqual(X.rows(1).toTypedArray(), values.subarray(2))
  assert.notEqual(X.column(0).toTypedArray().buffer, values.buffer)
  assert.deepEqual(X.column(0).toTypedArray(), Float64Array.of(1, 3, 5))
})

test('nbytes, size, ndim and isContiguous describe the view, not its base', () => {
  const X = zeros([4, 6], 'int32')
  const view = X.slice([0, 4, 2], [0, 3])
  assert.deepEqual(
    [view.ndim, view.size, view.nbytes, view.isContiguous, view.strides, view.offset],
    [2, 6, 24, false, [12, 1], 0],
  )
  assert.ok(X.rows(1, 3).isContiguous)
  assert.ok(!X.transpose().isContiguous)
  assert.ok(X.slice([2, 3]).transpose().isContiguous, 'an axis of length 1 has no order')
  assert.ok(zeros([0, 5], 'int8').transpose().isContiguous)
})

test('get and set take one index an axis, negative ones from the end', () => {
  const X = array([
    [1, 2, 3],
    [4, 5, 6],
  ])
  assert.equal(X.get(-1, -1), 6)
  X.set(9, -2, 0)
  assert.deepEqual(X.row(0).toArray(), [9, 2, 3])
  assert.throws(
    () => X.get(2, 0),
    refusal('ERR_INDEX', 'from -2 to 1 on axis 0 of length 2, got 2'),
  )
  assert.throws(() => X.get(0.5, 0), refusal('ERR_INDEX', 'got 0.5'))
  assert.throws(() => X.get(0), refusal('ERR_INDEX', 'Expected 2 indices'))
  assert.throws(() => X.slice(0, 0, 0), refusal('ERR_INDEX', 'Expected 2 indices'))
  assert.throws(() => zeros([0], 'int8').get(0), refusal('ERR_INDEX', 'no index'))
  assert.throws(() => X.slice([0, 2, 0]), refusal('ERR_INDEX', 'step other than 0'))
  assert.throws(() => X.slice([0.5]), refusal('ERR_INDEX', 'whole number'))
})

test('values of the wrong kind are refused', () => {
  const big = zeros([1], 'int64')
  big.set(5n, 0)
  assert.equal(big.get(0), 5n)
  // @ts-expect-error a number is no bigint
  assert.throws(() => big.set(5, 0), TypeError)
  // @ts-expect-error a string is no number
  assert.throws(() => zeros([1], 'float32').set('5', 0), TypeError)
  const flags = zeros([2], 'bool')
  flags.set(true, 0)
  flags.set(7, 1)
  assert.deepEqual(flags.toArray(), [1, 1])
})

test('wrong shapes are refused with the shapes in the text', () => {
  const X = zeros([2, 3], 'float64')
  assert.throws(() => X.reshape(4), refusal('ERR_SHAPE', '6 elements like [2, 3], got [4]'))
  assert.throws(() => X.reshape(-1, -1), refusal('ERR_SHAPE'))
  assert.throws(() => zeros([0], 'int8').reshape(0, -1), refusal('ERR_SHAPE'))
  assert.throws(() => X.reshape(-6), refusal('ERR_SHAPE'))
  assert.deepEqual(X.reshape(3, -1).shape, [3, 2])
  assert.throws(() => X.transpose([0, 0]), refusal('ERR_SHAPE', 'each of 2 axes once'))
  assert.throws(() => X.transpose([0, 2]), refusal('ERR_SHAPE'))
  assert.throws(() => X.broadcastTo([3]), refusal('ERR_SHAPE', '[2, 3]'))
  assert.throws(() => X.broadcastTo([4, 3]), refusal('ERR_SHAPE', "can't be broadcast to [4, 3]"))
  assert.throws(() => X.reversed(2), refusal('ERR_SHAPE', 'axis of 2 axes'))
  assert.throws(() => zeros([-1], 'float64'), refusal('ERR_SHAPE'))
  assert.throws(
    () => zeros([2 ** 30, 2 ** 30], 'float64'),
    refusal('ERR_SHAPE', '2^50 elements or more'),
  )
  assert.throws(
    () => zeros([0, 2 ** 40, 2 ** 40], 'float64'),
    refusal('ERR_SHAPE', '2^50 elements or more'),
  )
  // 33 axes are one too many.
  assert.throws(() => X.broadcastTo([...Array<number>(31).fill(1), 2, 3]), refusal('ERR_SHAPE'))
})

test('a number is a shape of one axis, as in NumPy', () => {
  assert.deepEqual(zeros(3 as never, 'float64').toArray(), [0, 0, 0])
})

test('a layout that reaches outside its memory is refused', () => {
  const data = new Float64Array(6)
  const make = (strides: number[], offset = 0): NDArray =>
    new NDArray([2, 3], 'float64', data, { strides, offset })
  assert.equal(make([-3, -1], 5).get(1, 2), 0)
  assert.throws(() => make([-3, -1], 4), refusal('ERR_SHAPE', 'outside its memory of 6 elements'))
  assert.throws(() => make([4, 1]), refusal('ERR_SHAPE'))
  assert.throws(() => make([3, 0.5]), refusal('ERR_SHAPE'))
  assert.throws(() => make([3]), refusal('ERR_SHAPE'))
  assert.throws(() => new NDArray([6], 'float32', data as never), TypeError)
})

test('an array does not change when the lists that it was made of do', () => {
  const [shape, strides] = [
    [2, 3],
    [3, 1],
  ]
  const X = new NDArray(shape, 'float64', new Float64Array(6), { strides })
  shape[0] = 1000
  strides[0] = 1000
  assert.deepEqual(
    [X.shape, X.strides],
    [
      [2, 3],
      [3, 1],
    ],
  )
})

test('iteration goes along the first axis', () => {
  assert.deepEqual([...arange(0, 3)], [0, 1, 2])
  const rows = [...arange(0, 4).reshape(2, 2)] as NDArray[]
  assert.deepEqual(
    rows.map((row) => row.toArray()),
    [
      [0, 1],
      [2, 3],
    ],
  )
  assert.throws(() => [...arange(0, 1).reshape()], refusal('ERR_SHAPE'))
})

test('text shows dtype, shape and the ends of long axes below them', () => {
  assert.equal(String(arange(0, 3)), 'NDArray float64 [3]\n[0. 1. 2.]')
  assert.equal(
    String(arange(0, 1001)),
    'NDArray float64 [1001]\n[   0.    1.    2. ...  998.  999. 1000.]',
  )
  assert.equal(inspect(array([[true], [false]])), 'NDArray bool [2, 1]\n[[ True]\n [False]]')
})

test('an array without axes holds one element', () => {
  const scalar = array(5)
  assert.deepEqual([scalar.shape, scalar.size, scalar.get(), scalar.toArray()], [[], 1, 5, 5])
  assert.deepEqual(scalar.broadcastTo([2]).toArray(), [5, 5])
})

test('an array whose buffer shrank or was moved away is refused by all that reads or writes it', () => {
  const shrink = (): NDArray => {
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 })
    const X = array(new Float64Array(buffer))
    buffer.resize(16)
    return X
  }
  const move = (): NDArray => {
    const X = array(new Float64Array(8))
    structuredClone(X.buffer, { transfer: [X.buffer as ArrayBuffer] })
    return X
  }
  const uses: Record<string, (X: NDArray) => unknown> = {
    get: (X) => X.get(7),
    set: (X) => X.set(1, 7),
    copy: (X) => X.copy(),
    toArray: (X) => X.toArray(),
    toTypedArray: (X) => X.toTypedArray(),
    slice: (X) => X.slice([2, 8]),
    reshape: (X) => X.reshape(2, 4),
    transpose: (X) => X.transpose(),
    iterate: (X) => [...X],
    broadcastTo: (X) => X.broadcastTo([2, 8]),
  }
  assert.equal(inspect(move()), 'NDArray float64 [8] (memory gone)')
  for (const [make, left] of [
    [shrink, 2],
    [move, 0],
  ] as const) {
    for (const [name, use] of Object.entries(uses)) {
      assert.throws(
        () => use(make()),
        refusal('ERR_DETACHED', `float64 of shape [8], has only ${left} elements left`),
        name,
      )
    }
  }
})

test('dispose does nothing on private memory', () => {
  const X = arange(0, 3)
  X[Symbol.dispose]()
  assert.deepEqual(X.toArray(), [0, 1, 2])
})

test('an axis that is too long for a list is refused', () => {
  assert.throws(
    () =>
      zeros([1], 'uint8')
        .broadcastTo([2 ** 33])
        .toArray(),
    refusal('ERR_SHAPE', 'at most 4294967295 elements for nested lists, got shape [8589934592]'),
  )
})

test("NumPy's other spellings, and shapes of other things, are refused by name", () => {
  const X = zeros([2, 3])
  const calls: readonly [call: () => unknown, text: string][] = [
    [
      () => X.reshape([3, 2] as never),
      'Expected one argument for each axis, as in reshape(3, 2), got an array of length 2.',
    ],
    [
      () => X.transpose(1 as never),
      'Expected the axes as one list, as in transpose([1, 0]), got 1.',
    ],
    [
      () => X.slice({ step: -1 } as never),
      'Expected an index, a range like [start, stop, step], or null for each axis, got an object of class Object.',
    ],
    [() => zeros(['3'] as never), "Expected a shape of numbers like [3, 4], got '3' in it."],
    [() => zeros([3n] as never), 'Expected a shape of numbers like [3, 4], got 3n in it.'],
    // oxlint-disable-next-line no-sparse-arrays
    [() => zeros([, 3] as never), 'Expected a shape of numbers like [3, 4], got undefined in it.'],
    [
      () => X.get([0, 1] as never),
      'Expected each index as an argument of its own, as in get(0, 1), got an array of length 2.',
    ],
    [
      () => X.row(0).get([2] as never),
      'Expected each index as an argument of its own, as in get(2), got an array of length 1.',
    ],
    [
      () => X.set(7, [0, 1] as never),
      'Expected each index as an argument of its own, as in set(value, 0, 1), got an array of length 2.',
    ],
    [
      () => X.set([0, 1] as never, 7),
      'Expected the value before its index, as in set(7, 0, 1), got an array of length 2 as the value.',
    ],
    [
      () => atomicAdd(shared([2, 3]), 1, [0, 1] as never),
      'Expected each index as an argument of its own, as in atomicAdd(array, value, 0, 1), got an array of length 2.',
    ],
    [
      () => X.column('a' as never),
      "Expected the number of one column, as in column(0), got 'a'. An array has no names; columns of a Table have.",
    ],
    [
      () => X.column([0, 1] as never),
      'Expected the number of one column, as in column(0), got an array of length 2. For a range write slice(null, [start, stop]).',
    ],
    [
      () => X.row([0, 1] as never),
      'Expected the number of one row, as in row(0), got an array of length 2. For a range write rows(start, stop).',
    ],
    [
      () => X.row(undefined as never),
      'Expected the number of one row, as in row(0), got undefined.',
    ],
  ]
  for (const [call, message] of calls) assert.throws(call, { name: 'TypeError', message })
})

test('what is no shape and no dtype is refused with the call that is right', () => {
  const X = zeros([2, 3], 'float32')
  const values = ' To make an array of values write array(values).'
  const calls: readonly [call: () => unknown, text: string][] = [
    [
      () => shared([[1, 2]] as never),
      `Expected a shape like [3, 4], got an array of length 1 that holds lists.${values}`,
    ],
    [
      () => zeros(new Float64Array(3) as never),
      `Expected a shape like [3, 4], got an object of class Float64Array.${values}`,
    ],
    [
      () => shared(X as never),
      "Expected a shape and a dtype as arguments, as in shared([2, 3], 'float32'), got an object of class NDArray.",
    ],
    [
      () => zeros({ shape: [4], dtype: 'int8' } as never),
      "Expected a shape and a dtype as arguments, as in zeros([4], 'int8'), got an object of class Object.",
    ],
    [
      () => shared([2, 3], { scratch: '/tmp' } as never),
      "Expected the dtype as a text, as in shared([2, 3], 'float64', { scratch: … }), got an object of class Object.",
    ],
    [
      () => array([1, 2], 'float32' as never),
      "Expected options, as in array(values, { dtype: 'float32' }), got 'float32'.",
    ],
    [
      () => array('float32' as never, [1, 2] as never),
      "Expected the values first, as in array(values, { dtype: 'float32' }), got 'float32'.",
    ],
    [
      () => array([1, 2, 3, 4], [2, 2] as never),
      'Expected options, as in array(values, { shape: [2, 2] }), got an array of length 2.',
    ],
    [
      () => array(1, 2 as never),
      'Expected the values as one list, as in array([1, 2]), got 1 and 2 as arguments of their own.',
    ],
  ]
  for (const [call, message] of calls) assert.throws(call, { name: 'TypeError', message })
})
