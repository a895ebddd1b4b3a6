/** Atomic operations: what they give, and that no worker's change is lost. */

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  array,
  atomicAdd,
  type AtomicDType,
  atomicMax,
  atomicMin,
  compareExchange,
  createArray,
  dtypes,
  type NDArray,
  openArray,
  shared,
} from '../../../src/arrays/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { addTwos, countUp, spread } from '../../fixtures/tasks/atomics.ts'
import { refusal } from '../refusal.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const atomic = dtypes.filter((dtype): dtype is AtomicDType => dtype !== 'bool')

for (const backend of ['threads', 'processes'] as const) {
  test(`${backend} lose no addition, of any dtype`, async (context) => {
    const parallel = new Parallel({ workers: 4, backend })
    context.after(() => parallel.close())
    for (const dtype of atomic) {
      const values = shared([3], dtype)
      await parallel.run(Array.from({ length: 8 }, () => delayed(countUp)(values, 1, 2000)))
      const wrapped = { int8: -128, uint8: 128 }[dtype as string] ?? 16_000
      assert.deepEqual(
        [0, 1, 2].map((i) => Number(values.get(i))),
        [0, wrapped, 0],
        dtype,
      )
    }
  })

  test(`${backend} find the least and the greatest`, async (context) => {
    const parallel = new Parallel({ workers: 4, backend })
    context.after(() => parallel.close())
    const bounds = shared([2], 'float32')
    bounds.data.set([Infinity, -Infinity])
    await parallel.run([0, 1, 2, 3].map((part) => delayed(spread)(bounds, part, 4, 10_000)))
    assert.deepEqual([...bounds.data], [0, 9999])
  })

  test(`${backend} build any operation on compare and exchange, in a file too`, async (context) => {
    const parallel = new Parallel({ workers: 4, backend })
    context.after(() => parallel.close())
    const path = join(temporaryFolder(context), 'sum.npy')
    const values = createArray(path, { dtype: 'float64', shape: [1] })
    await parallel.run([0, 1, 2, 3].map(() => delayed(addTwos)(values, 2000)))
    assert.deepEqual(openArray(path).toArray(), [16_000])
  })
}

test('each operation gives the element before, and does what one thread would', () => {
  for (const dtype of atomic) {
    const value = valuesOf(dtype)
    fc.assert(
      fc.property(value, value, value, fc.nat(5), (start, operand, expected, index) => {
        for (const name of Object.keys(operations) as (keyof typeof operations)[]) {
          const values = shared([2, 3], dtype)
          values.data.fill(start as never)
          const [i, j] = [Math.floor(index / 3), index % 3]
          const old =
            name === 'exchange'
              ? compareExchange(values, expected as never, operand as never, i, j)
              : operations[name](values, operand, i, j)
          assert.ok(Object.is(old, values.data[(index + 1) % 6]), `${name} of ${dtype}`)
          const oracle = new (values.data.constructor as Float64ArrayConstructor)(1)
          oracle[0] = oracles[name](start as number, operand as number, expected as number)
          assert.ok(
            Object.is(values.get(i, j), oracle[0]),
            `${name} of ${dtype}: ${[start, operand].join()}`,
          )
          assert.ok(values.data.every((x, k) => k === index || Object.is(x, start)))
        }
      }),
      { seed: 11, numRuns: 60 },
    )
  }
})

test('compareExchange takes any NaN for NaN, and 0 apart from -0', () => {
  const values = shared([1], 'float64')
  new BigUint64Array(values.buffer)[0] = 0x7ff8_0000_0000_0001n // a NaN of other bits
  assert.ok(Number.isNaN(compareExchange(values, NaN, -0, 0)))
  assert.equal(compareExchange(values, 0, 1, 0), -0)
  assert.ok(Object.is(values.get(0), -0))
  compareExchange(values, -0, 1, 0)
  assert.equal(values.get(0), 1)
})

test('memory that no other worker sees is refused', (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  createArray(path, { dtype: 'float64', shape: [1] })
  assert.throws(
    () => atomicAdd(array([1, 2]), 1, 0),
    refusal(
      'ERR_UNSENDABLE',
      "Expected an array to change atomically to lie in shared memory, got one in private memory, where other workers can't see what is written. " +
        "Create it with shared(shape, dtype), or open its file in mode 'r+'.",
    ),
  )
  assert.throws(
    () => atomicMin(openArray(path, { dtype: 'float64' }), 1, 0),
    refusal('ERR_UNSENDABLE', "got one in a copy-on-write mapping (mode 'c')"),
  )
})

test('an array that was disposed of is refused', () => {
  const counts = shared([2], 'int32')
  const view = counts.rows(1)
  counts[Symbol.dispose]()
  for (const array of [counts, view])
    for (const change of [atomicAdd, atomicMax, atomicMin])
      assert.throws(() => change(array, 1, 0), { code: 'ERR_DETACHED' })
  assert.throws(() => compareExchange(view, 0, 1, 0), { code: 'ERR_DETACHED' })
})

test('what an element can not hold is refused', () => {
  const bytes = shared([2], 'uint8')
  assert.equal(atomicAdd(bytes, -1, 0), 0)
  assert.equal(bytes.get(0), 255, 'a negative number subtracts')
  const wrong: [call: () => unknown, words: string][] = [
    [
      () => atomicMax(bytes, 256, 0),
      'Expected a whole number from 0 to 255 for uint8, got 256. Choose',
    ],
    [
      () => atomicMax(bytes, -1, 0),
      'Expected a whole number from 0 to 255 for uint8, got -1. Choose',
    ],
    [
      () => atomicAdd(bytes, 0.5, 0),
      'Expected a whole number from 0 to 255 for uint8, got 0.5. Round it first',
    ],
    [() => atomicAdd(shared([1], 'int64'), 2n ** 63n, 0), 'for int64, got 9223372036854775808n'],
    [
      () => atomicAdd(shared([1], 'bool') as unknown as NDArray<'uint8'>, 1, 0),
      'Expected an array of integers or floats, got bool. Use uint8 for flags that several workers set.',
    ],
  ]
  for (const [call, words] of wrong) assert.throws(call, refusal('ERR_DTYPE', words))
  assert.throws(() => atomicAdd(bytes, 1, 2), refusal('ERR_INDEX'))
  assert.throws(() => atomicAdd(bytes, 1), refusal('ERR_INDEX'))
  assert.throws(() => atomicAdd(bytes, 1n as unknown as number, 0), TypeError)
})

const operations = { add: atomicAdd, min: atomicMin, max: atomicMax, exchange: undefined as never }

/** The same in one thread, before the result is put into a typed array. */
const oracles: Record<keyof typeof operations, (a: number, b: number, expected: number) => number> =
  {
    add: (a, b) => a + b,
    min: (a, b) => (typeof a === 'bigint' ? (b < a ? b : a) : Math.min(a, b)),
    max: (a, b) => (typeof a === 'bigint' ? (b > a ? b : a) : Math.max(a, b)),
    exchange: (a, b, expected) => (Object.is(a, expected) ? b : a),
  }

/** Values of a dtype, those at its ends and equal ones often. */
function valuesOf(dtype: AtomicDType): fc.Arbitrary<number | bigint> {
  if (dtype === 'float64') return fc.oneof(fc.double(), fc.constantFrom(0, -0, NaN, Infinity, 1))
  if (dtype === 'float32') return fc.oneof(fc.float(), fc.constantFrom(0, -0, NaN, -Infinity, 1))
  const bits = Number(/\d+/.exec(dtype)![0])
  const [low, high] = dtype.startsWith('u')
    ? [0n, 2n ** BigInt(bits) - 1n]
    : [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n]
  const integers = fc.oneof(fc.bigInt(low, high), fc.constantFrom(low, high, 0n, 1n))
  return bits === 64 ? integers : integers.map(Number)
}
