/** Files whose elements must be converted. */

import assert from 'node:assert/strict'
import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { encodeReference, openForeignArray } from '../../../src/arrays/index.ts'
import { float16ToFloat32 } from '../../../src/arrays/layout/float16.ts'
import { refusal } from '../refusal.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const fixtures = join(import.meta.dirname, '../../fixtures/npy')
const open = (name: string) => openForeignArray(join(fixtures, `${name}.npy`))

test('float16 becomes float32 with the same values, in either byte order', () => {
  const expected = [
    0,
    -0,
    1,
    -2,
    65504,
    2 ** -24,
    2 ** -14,
    Infinity,
    -Infinity,
    NaN,
    0.333251953125,
  ]
  for (const name of ['foreign-half', 'foreign-half-big']) {
    const X = open(name).toNative()
    assert.equal(X.dtype, 'float32')
    assert.deepEqual(X.toArray(), expected)
  }
})

test('big-endian numbers get the byte order of the machine and keep the order of axes', () => {
  assert.equal(open('foreign-f8-big').descr, '>f8')
  assert.deepEqual(open('foreign-f8-big').toNative().toArray(), [
    [0, 1, 2],
    [3, 4, 5],
  ])
  const X = open('foreign-i4-big-fortran').toNative()
  assert.deepEqual([X.dtype, X.strides], ['int32', [1, 2]])
  assert.deepEqual(X.toArray(), [
    [0, 1, 2],
    [3, 4, 5],
  ])
  assert.deepEqual(open('foreign-i8-big').toNative().toArray(), [-1n, 2n ** 40n])
})

test('complex numbers get a last axis of real and imaginary part', () => {
  const expected = [
    [
      [1, 2],
      [3, -4],
      [0, 0],
    ],
    [
      [-0, -0.5],
      [5, 0],
      [0, 6],
    ],
  ]
  for (const name of ['foreign-c16', 'foreign-c16-big-fortran', 'foreign-c8']) {
    const X = open(name).toNative()
    assert.deepEqual(X.shape, [2, 3, 2])
    assert.deepEqual(X.toArray(), expected, name)
  }
  assert.deepEqual(open('foreign-c16-big-fortran').toNative().strides, [2, 4, 1])
})

test('files of native types are taken too', () => {
  assert.deepEqual(open('type-i8').toNative().get(0), -(2n ** 63n))
  assert.deepEqual(open('shape-2d-empty').toNative().shape, [0, 5])
  assert.throws(() => open('refused-text'), refusal('ERR_DTYPE'))
})

test('the result lies in scratch memory, the file stays as it is', (t) => {
  const path = join(temporaryFolder(t), 'a.npy')
  copyFileSync(join(fixtures, 'foreign-f8-big.npy'), path)
  const X = openForeignArray(path).toNative()
  X.set(9, 0, 0)
  assert.equal(X.mapping?.kind, 'scratch')
  assert.ok(encodeReference(X))
  assert.equal(openForeignArray(path).toNative().get(0, 0), 0)
})

test('all 65536 halves agree with the definition', () => {
  for (let bits = 0; bits < 65536; bits++) {
    const value = float16ToFloat32(bits)
    assert.equal(Math.fround(value), value)
    // The halves are ordered like their bits, on either side of 0.
    const next = float16ToFloat32(bits + 1)
    if ((bits & 0x7fff) < 0x7c00) assert.ok(bits < 0x8000 ? next > value : next < value)
  }
})
