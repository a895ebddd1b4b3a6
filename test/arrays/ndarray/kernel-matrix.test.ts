/** The form that native kernels take. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { arange } from '../../../src/arrays/index.ts'
import { kernelMatrix, requireMatrix, requireVector } from '../../../src/arrays/internal.ts'
import { refusal } from '../refusal.ts'

test('a view becomes a matrix over the same buffer', () => {
  const X = arange(0, 24).reshape(4, 6)
  const { data, ...layout } = kernelMatrix(X.slice([1, 4, 2], [null, null, -1]))
  assert.equal(data, X.data)
  assert.deepEqual(layout, {
    dtype: 'float64',
    offset: 11,
    rows: 2,
    columns: 6,
    rowStride: 12,
    columnStride: -1,
  })
})

test('one axis becomes a column', () => {
  const { rows, columns, rowStride } = kernelMatrix(arange(0, 6).reshape(3, 2).column(1))
  assert.deepEqual([rows, columns, rowStride], [3, 1, 2])
})

test('other numbers of axes are refused under the given name', () => {
  const cube = arange(0, 8).reshape(2, 2, 2)
  assert.throws(() => kernelMatrix(cube), refusal('ERR_SHAPE', 'shape [2, 2, 2]'))
  assert.throws(
    () => requireMatrix(arange(0, 3), '`X`'),
    refusal('ERR_SHAPE', '`X` to have shape (n, d)'),
  )
  assert.throws(() => requireVector(cube, '`y`'), refusal('ERR_SHAPE', '`y` to have shape (n)'))
  assert.deepEqual(requireMatrix(arange(0, 6).reshape(2, 3)), [2, 3])
  assert.equal(requireVector(arange(0, 6)), 6)
})
