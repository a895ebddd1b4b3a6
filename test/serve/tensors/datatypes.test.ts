/** Numbers of JSON are rounded to the type of their tensor, as bytes are. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numberType } from '../../../src/serve/tensors/datatypes.ts'
import { readJsonData } from '../../../src/serve/tensors/read-json-data.ts'

/** Numbers of a type that is rounded. */
const roundOf = (name: string) => numberType(name)!.round!

test('FP16 has the nearest of its numbers, and of two the even one', () => {
  const { read } = numberType('FP16')!
  const round = roundOf('FP16')
  const view = new DataView(new ArrayBuffer(2))
  const half = (bits: number): number => {
    view.setUint16(0, bits, true)
    return read(view, 0)
  }
  const largest = 0x7bff
  for (let bits = 0; bits < largest; bits++) {
    const [low, high] = [half(bits), half(bits + 1)]
    const middle = (low + high) / 2
    const even = bits % 2 === 0 ? low : high
    const [below, above] = [middle - (high - low) * 1e-9, middle + (high - low) * 1e-9]
    assert.deepEqual([low, below, middle, above].map(round), [low, low, even, high])
    assert.deepEqual([-below, -middle, -above].map(round), [-low, -even, -high])
  }
  assert.deepEqual([65_504, 65_519.99].map(round), [65_504, 65_504])
  assert.deepEqual([65_520, -1e300].map(round), [Infinity, -Infinity])
  assert.deepEqual([NaN, -0].map(round), [NaN, -0])
})

test('JSON of FP32 and FP16 gives the numbers of these types, and refuses what they lack', () => {
  const read = (datatype: string, data: unknown): unknown =>
    readJsonData(data, { name: 'X', datatype, shape: [2] }, 2)
  assert.deepEqual(read('FP64', [0.1, 1e300]), [0.1, 1e300])
  assert.deepEqual(read('FP32', [0.1, null]), Float64Array.of(Math.fround(0.1), NaN))
  assert.deepEqual(read('FP16', [0.1, 2049]), Float64Array.of(0.0999755859375, 2048))
  assert.throws(() => read('FP32', [0, 1e300]), /Expected values of type FP32 .* got 1e\+?300 at/)
  assert.throws(() => read('FP16', [0, 65_520]), /Expected values of type FP16 .* got 65520 at/)
})
