/** What the compiler says about arrays: element types kept. */

import {
  add,
  array,
  concatenate,
  divide,
  full,
  type NDArray,
  shared,
  zeros,
} from '../../src/arrays/index.ts'

/** Compiles only when both types are the same. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
function expectSame<A, B>(_same: Same<A, B>): void {}

// A typed array says what its elements are.
const floats = array(new Float64Array(3))
expectSame<typeof floats, NDArray<'float64'>>(true)
const bytes = array(new Uint8Array(6), { shape: [2, 3] })
expectSame<typeof bytes, NDArray<'uint8'>>(true)
const bits = array(new Uint8Array(6), { dtype: 'bool' })
expectSame<typeof bits, NDArray<'bool'>>(true)
const big = array(new BigInt64Array(1)).get(0)
expectSame<typeof big, bigint>(true)
const lists = array([
  [1, 2],
  [3, 4],
])
expectSame<typeof lists, NDArray<'float64'>>(true)
const X = shared([3], 'float32')
expectSame<(typeof X)['data'], Float32Array>(true)

// @ts-expect-error: floats are no 32-bit integers
array(new Float64Array(3), { dtype: 'int32' })

const unnamed = shared([3])
expectSame<typeof unnamed, NDArray<'float64'>>(true)
// @ts-expect-error: the shape comes first
shared('float32', [3])

// What is computed keeps its element type, too.
const integers = array(new Int32Array(6), { shape: [2, 3] })
const longs = array(new BigInt64Array(2))
const total = integers.sum()
expectSame<typeof total, number>(true)
const bigTotal = longs.sum()
expectSame<typeof bigTotal, bigint>(true)
const sums = integers.sum({ axis: 0 })
expectSame<typeof sums, NDArray<'float64'>>(true)
const kept = integers.max({ keepDims: true })
expectSame<typeof kept, NDArray<'int32'>>(true)
const places = longs.argmin({ axis: 0 })
expectSame<typeof places, NDArray<'int32'>>(true)
const converted = integers.astype('float32')
expectSame<typeof converted, NDArray<'float32'>>(true)
const sum = add(integers, 1)
expectSame<typeof sum, NDArray<'int32'>>(true)
const joined = add(integers, floats)
expectSame<typeof joined, NDArray>(true)
const quotient = divide(integers, integers)
expectSame<typeof quotient, NDArray<'float32' | 'float64'>>(true)
const into = add(integers, 1, { out: shared([2, 3]) })
expectSame<typeof into, NDArray<'float64'>>(true)
const zeroes = zeros([2], { dtype: 'uint8' })
expectSame<typeof zeroes, NDArray<'uint8'>>(true)
const zeroesToo = zeros([2], 'uint8')
expectSame<typeof zeroesToo, NDArray<'uint8'>>(true)
const flags = full([2], true)
expectSame<typeof flags, NDArray<'bool'>>(true)
const big64 = full([2], 1n, { dtype: 'uint64' })
expectSame<typeof big64, NDArray<'uint64'>>(true)
const pair = concatenate([floats, floats])
expectSame<typeof pair, NDArray<'float64'>>(true)
// @ts-expect-error: bigints for 64-bit integers
full([2], 1, { dtype: 'int64' })
// @ts-expect-error: an axis is an option
integers.sum(0)
