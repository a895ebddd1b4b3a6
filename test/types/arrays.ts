/** What the compiler says about arrays: element types kept. */

import { array, type NDArray, shared } from '../../src/arrays/index.ts'

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
