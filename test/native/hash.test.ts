/** Digests of elements: known vectors, a naive oracle, and equal digests of equal elements. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { isOneCopyError } from '../../src/errors.ts'
import { native } from '../../src/native/index.ts'
import { randomRuns } from '../random-runs.ts'
import { naiveXxh3 } from './naive-xxh3.ts'

const level = native.simdLevel()

const hash = (bytes: Uint8Array): string => native.hashElementsNow(bytes, 0, [bytes.length], [1])
const pattern = (length: number): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 31 + length) * 7 + (i >> 8))

/** `XXH3_128bits` of libxxhash 0.8.1 (Debian 12), of `pattern(length)`. */
const vectors: readonly (readonly [length: number, digest: string])[] = [
  [0, '99aa06d3014798d86001c324468d497f'],
  [1, '495b62073ef70ca44c5cca45d0f4811f'],
  [2, '970f59293bd83dec7e84fa849fc2152e'],
  [3, '622fa48705478bc18945f5215d8aacd8'],
  [4, 'c3f1252855d88e645b1f60ecda867d21'],
  [7, '068dbe78af14ff47f3516bc9b035910f'],
  [8, '7c4e421897142b6ffaa1d922e311ac45'],
  [9, '31424235b0a6d7ee35f7e417c56ade2f'],
  [16, 'fc0fb600a09cf90113fd5f31817f4438'],
  [17, '772d966ec87e4ba6128db4941c6c5093'],
  [32, '865e103f6ce39e76cef4407a3a4299a4'],
  [33, 'abf67498dd832a6fa47967ff8240b776'],
  [64, '53a4dea98157e868a3d2b04e1318e77a'],
  [65, '5b7ce9ab3af4734ae612ec6a6a78cd52'],
  [96, '780576f0cf6af9506c7ded2db08a5d8c'],
  [97, 'f330474563a971a358a6e928da7ad222'],
  [128, '3586012015f4ffd59cdf6eab5985ae18'],
  [129, '484ed0c366522849245ada7b3c602dfc'],
  [160, 'c191cff0111cdbb5421c4f20f833c378'],
  [239, 'e95fc2693c08c9656f87da23bbd1b477'],
  [240, '375bb5e76d1e0728a11fcf99676e7e04'],
  [241, 'd2c38b72055e7b5f3227c54eb5939071'],
  [256, 'f4d8548d6fc894e830553e679434ca20'],
  [1023, 'd0ea7ab1cc40bd90aa7cb1ed25613455'],
  [1024, 'fe2a7b3a61eaede1364644c674c99e99'],
  [1025, '7353728883033072239feeef291f762c'],
  [4096, 'b840e377741134c441519f1c213ac263'],
  [65537, '5d0f7a4c92ff9541412402ba5474143d'],
  [1048576, 'e84f43141069651a2911671237836d75'],
]

test(`digests are those of xxHash (${level})`, () => {
  for (const [length, digest] of vectors)
    assert.equal(hash(pattern(length)), digest, `${length} bytes`)
})

test(`digests of every length up to 600 are those of the specification (${level})`, () => {
  for (let length = 0; length <= 600; length++) {
    const bytes = pattern(length)
    assert.equal(hash(bytes), naiveXxh3(bytes), `${length} bytes`)
  }
})

test(`bytes at any address have the digest of their values (${level})`, () => {
  const all = pattern(5000)
  for (const [start, length] of [
    [1, 1023],
    [3, 1024],
    [7, 1025],
    [13, 2048],
    [31, 4097],
  ] as const) {
    const bytes = all.subarray(start, start + length)
    assert.equal(hash(bytes), naiveXxh3(bytes))
    assert.equal(native.hashElementsNow(all, start, [length], [1]), naiveXxh3(bytes))
  }
})

/** More than a block: the digest of the digests of blocks. */
function naiveDigest(bytes: Uint8Array): string {
  const block = 2 ** 20
  if (bytes.length <= block) return naiveXxh3(bytes)
  const digests: string[] = []
  for (let at = 0; at < bytes.length; at += block) digests.push(hash(bytes.slice(at, at + block)))
  return naiveXxh3(Buffer.from(digests.join(''), 'hex'))
}

test(`the digest is the same for any number of threads, and that of the blocks (${level})`, async () => {
  const values = Float64Array.from({ length: 500_001 }, (_, i) => Math.sin(i))
  const expected = naiveDigest(new Uint8Array(values.buffer))
  for (const threads of [1, 2, 3, 8])
    assert.equal(await native.hashElements(values, 0, [500_001], [1], threads), expected)
  assert.equal(native.hashElementsNow(values, 0, [500_001], [1]), expected)
})

/** The elements of a view in C order. */
function gather(
  data: NodeJS.TypedArray,
  offset: number,
  shape: readonly number[],
  strides: readonly number[],
): Uint8Array {
  const places: number[] = []
  const visit = (axis: number, at: number): void => {
    if (axis === shape.length) places.push(at)
    else for (let i = 0; i < shape[axis]!; i++) visit(axis + 1, at + i * strides[axis]!)
  }
  visit(0, offset)
  const size = data.BYTES_PER_ELEMENT
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  return Uint8Array.from(places.flatMap((at) => [...bytes.subarray(at * size, (at + 1) * size)]))
}

test(`K8: elements with any strides have the digest of their copy in C order (${level})`, async () => {
  const makers = [Uint8Array, Int16Array, Float32Array, Float64Array, BigInt64Array]
  const axis = fc.record({
    count: fc.integer({ min: 0, max: 7 }),
    stride: fc.integer({ min: -5, max: 9 }),
  })
  const views = fc.record({
    axes: fc.array(axis, { maxLength: 4 }),
    maker: fc.integer({ min: 0, max: makers.length - 1 }),
    shift: fc.integer({ min: 0, max: 5 }),
  })
  await fc.assert(
    fc.asyncProperty(views, async ({ axes, maker, shift }) => {
      const shape = axes.map(({ count }) => count)
      const strides = axes.map(({ stride }) => stride)
      const reach = axes.map(({ count, stride }) => Math.max(0, count - 1) * stride)
      const low = reach.reduce((sum, one) => sum + Math.min(one, 0), 0)
      const high = reach.reduce((sum, one) => sum + Math.max(one, 0), 0)
      const offset = shift - low
      const data = new makers[maker]!(offset + high + 1)
      const bytes = new Uint8Array(data.buffer)
      for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 167) ^ (i >> 3)
      const expected = naiveXxh3(gather(data, offset, shape, strides))
      assert.equal(native.hashElementsNow(data, offset, shape, strides), expected)
      assert.equal(await native.hashElements(data, offset, shape, strides, 2), expected)
    }),
    { numRuns: randomRuns(300, 20_000), seed: 13 },
  )
})

test(`K8: large strided elements cross blocks without a gap (${level})`, async () => {
  const [rows, columns] = [700, 601]
  const data = Float64Array.from({ length: rows * columns }, (_, i) => i * 1.25)
  const transposed = new Float64Array(rows * columns)
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++) transposed[c * rows + r] = data[r * columns + c]!
  const plain = await native.hashElements(data, 0, [rows, columns], [columns, 1], 2)
  assert.equal(await native.hashElements(transposed, 0, [rows, columns], [1, rows], 2), plain)
  const backwards = data.toReversed()
  const last = data.length - 1
  assert.equal(
    await native.hashElements(backwards, last, [rows, columns], [-columns, -1], 3),
    plain,
  )
})

test('elements outside of the typed array are refused', () => {
  const data = new Float32Array(10)
  for (const [offset, shape, strides] of [
    [0, [11], [1]],
    [0, [2], [10]],
    [0, [2], [-1]],
    [5, [2, 3], [3, 1]],
    [0, [2 ** 52, 2 ** 52], [0, 0]],
    [0, [4], []],
  ] as const)
    assert.throws(
      () => native.hashElementsNow(data, offset, shape, strides),
      (error) => isOneCopyError(error) && error.code === 'ERR_SHAPE',
    )
  assert.throws(() => native.hashElementsNow([] as unknown as Uint8Array, 0, [0], [1]), TypeError)
})

test('a job that is stopped rejects', async () => {
  const data = new Float64Array(1000)
  const promise = native.hashElements(data, 0, [400, 400, 400, 400], [0, 0, 0, 1], 1)
  native.stopJob(native.startedJobs())
  await assert.rejects(promise, (error) => isOneCopyError(error) && error.code === 'ERR_SYSTEM')
})
