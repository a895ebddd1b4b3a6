/** Wrong arguments of kernels are refused before any memory is read. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isOneCopyError } from '../../src/errors.ts'
import { native, type KernelMatrix, type KernelRows } from '../../src/native/index.ts'
import { makeMatrix, numbers, ranges } from './matrices.ts'

const x: KernelMatrix = {
  data: new Float64Array(20),
  dtype: 'float64',
  offset: 0,
  rows: 5,
  columns: 4,
  rowStride: 4,
  columnStride: 1,
}
const shift = new Float64Array(4)

function moments(matrix: KernelMatrix, rows: KernelRows = ranges(0, 1)): Promise<unknown> {
  return native.moments(matrix, null, null, [rows], shift, 1)
}

function assertRefused(call: () => unknown, code: string, text?: string): void {
  assert.throws(call, (error: unknown) => {
    assert.ok(isOneCopyError(error), String(error))
    assert.equal(error.code, code)
    if (text !== undefined) assert.equal(error.message, text)
    return true
  })
}

test('a matrix that leaves its buffer at either end is refused', () => {
  for (const wrong of [
    { rows: 6 },
    { columns: 5 },
    { offset: 1 },
    { rowStride: 5 },
    { rowStride: -1 },
    { offset: 15, rowStride: -4, columnStride: -1 },
    { columnStride: 3 },
    { rows: 2 ** 53 - 1, rowStride: 2 ** 53 - 1 },
    { rowStride: -(2 ** 53 - 1) },
    { offset: 2 ** 53 - 1 },
    { rows: 2 ** 52, rowStride: 2 ** 12 },
  ]) {
    assertRefused(() => moments({ ...x, ...wrong }), 'ERR_SHAPE')
  }
  assertRefused(
    () => moments({ ...x, rows: 6 }),
    'ERR_SHAPE',
    'Expected `x` to lie in its buffer of 20 elements, got 6 x 4 elements from 0 at strides 4 and 1.',
  )
})

test('the last element may be the last of the buffer, whichever way the strides go', async () => {
  await moments({ ...x, offset: 19, rowStride: -4, columnStride: -1 }, ranges(0, 5))
  await moments({ ...x, offset: 3, columnStride: -1 }, ranges(0, 5))
  await moments({ ...x, offset: 19, rowStride: 0, columnStride: 0, rows: 1000 }, ranges(0, 1000))
})

test('a matrix without elements may start anywhere', async () => {
  await moments({ ...x, rows: 0, offset: 1e15 }, ranges())
})

test('numbers that are not whole or not in range are refused', () => {
  assertRefused(() => moments({ ...x, rows: 1.5 }), 'ERR_INDEX')
  assertRefused(() => moments({ ...x, rows: -1 }), 'ERR_INDEX')
  assertRefused(() => moments({ ...x, offset: NaN }), 'ERR_INDEX')
  assertRefused(() => native.moments(x, null, null, [], shift, 0), 'ERR_INDEX')
})

test('a dtype that kernels do not read, or with the wrong typed array, is refused', () => {
  assertRefused(
    () => moments({ ...x, dtype: 'complex128' }),
    'ERR_DTYPE',
    'Expected `x` to hold bool, an integer, float32 or float64, got complex128. Convert it first.',
  )
  assertRefused(
    () => moments({ ...x, dtype: 'float32' }),
    'ERR_DTYPE',
    'Expected `x.data` to be the typed array of float32.',
  )
})

test('members of a wrong type are a TypeError', () => {
  const wrong = (value: unknown): KernelMatrix => value as KernelMatrix
  assert.throws(() => moments(wrong(null)), TypeError)
  assert.throws(() => moments(wrong({ ...x, data: [1, 2] })), TypeError)
  assert.throws(() => moments(wrong({ ...x, rows: '5' })), TypeError)
  assert.throws(() => moments(x, {}), TypeError)
  assert.throws(() => moments(x, { ...ranges(0, 1), ...numbers(1) }), TypeError)
  assert.throws(() => moments(x, { numbers: Float64Array.of(1) as never }), TypeError)
})

test('rows outside the matrix are refused by name', () => {
  assertRefused(
    () => moments(x, numbers(0, 5)),
    'ERR_INDEX',
    'Row 5 is outside the matrix, which has 5 rows.',
  )
  assertRefused(() => moments(x, numbers(-1)), 'ERR_INDEX')
  assertRefused(() => moments(x, numbers(2 ** 31 - 1)), 'ERR_INDEX')
  for (const bounds of [[0, 6], [3, 2], [-1, 2], [0.5, 2], [0, NaN], [1e300, 2e300], [1]])
    assertRefused(() => moments(x, ranges(...bounds)), 'ERR_INDEX')
  assertRefused(
    () => moments(x, ranges(0, 6)),
    'ERR_INDEX',
    'Expected row ranges 0 <= start <= stop <= 5, got [0, 6).',
  )
})

test('row numbers that change while the job runs never lead outside the matrix', async () => {
  const n = 400_000
  const matrix = makeMatrix(n, 8, () => 1)
  const list = new Int32Array(new SharedArrayBuffer(4 * n)).map((_, i) => i)
  const running = native.moments(matrix, null, null, [{ numbers: list }], new Float64Array(8), 1)
  list.fill(2 ** 31 - 1)
  await running.catch((error: unknown) => {
    assert.ok(isOneCopyError(error))
    assert.equal(error.code, 'ERR_INDEX')
  })
})

test('vectors of the wrong length are refused', () => {
  assertRefused(
    () => native.moments(x, null, null, [], new Float64Array(3), 1),
    'ERR_SHAPE',
    'Expected `shift` to have 4 values, got 3.',
  )
  assertRefused(() => native.moments(x, null, new Float64Array(4), [], shift, 1), 'ERR_SHAPE')
  assertRefused(
    () => native.moments(x, { ...x, rows: 4 }, null, [], new Float64Array(8), 1),
    'ERR_SHAPE',
    'Expected `y` to have 5 rows like `x`, got 4.',
  )
})

test('weights that are negative or not finite reject', async () => {
  for (const weight of [-1, NaN, Infinity, -Infinity]) {
    const weights = Float64Array.of(1, 1, weight, 1, 1)
    await assert.rejects(native.moments(x, null, weights, [ranges(0, 5)], shift, 2), {
      code: 'ERR_VALUE',
    })
  }
})

test('predictions go nowhere but to columns and rows of a float matrix', () => {
  const predict = (out: KernelMatrix, column: number): Promise<void> =>
    native.affinePredict(x, ranges(0, 5), shift, Float64Array.of(0), out, Int32Array.of(column), 1)
  const out = makeMatrix(5, 2, () => 0)
  assertRefused(
    () => predict(out, 2),
    'ERR_INDEX',
    'Column 2 is outside `out`, which has 2 columns.',
  )
  assertRefused(() => predict(out, -1), 'ERR_INDEX')
  assertRefused(() => predict({ ...out, rows: 4 }, 0), 'ERR_SHAPE')
  assertRefused(
    () =>
      predict(
        makeMatrix(5, 2, () => 0, { dtype: 'int32' }),
        0,
      ),
    'ERR_DTYPE',
  )
  assertRefused(
    () => native.affinePredict(x, ranges(), shift, Float64Array.of(0, 0), out, Int32Array.of(0), 1),
    'ERR_SHAPE',
  )
})

test('coefficients of the wrong length are refused', () => {
  assertRefused(
    () =>
      native.leastSquaresGradient(
        x,
        makeMatrix(5, 1, () => 0),
        null,
        [ranges(0, 5)],
        new Float64Array(5),
        new Float64Array(5),
        new Float64Array(4),
        1,
      ),
    'ERR_SHAPE',
    'Expected `coefficients` to have 5 values, got 4.',
  )
})

test('a wait without sleep ends when the word is another, or after its time', () => {
  const words = Int32Array.of(5, -7)
  assert.equal(native.spinWhile(words, 1, 5, 1000), true)
  assert.equal(native.spinWhile(words, 1, -7, 10), false)
  assert.equal(native.spinWhile(words, 0, 5, 0), false)
  assert.equal(native.spinWhile(new Int32Array(new SharedArrayBuffer(4)), 0, 1, 0), true)
  for (const [index, seen, micros] of [
    [2, 0, 0],
    [-1, 0, 0],
    [0.5, 0, 0],
    [0, 2 ** 31, 0],
    [0, 0, 1001],
    [0, 0, -1],
  ] as const)
    assertRefused(() => native.spinWhile(words, index, seen, micros), 'ERR_INDEX')
  assertRefused(() => native.spinWhile(new Int32Array(0), 0, 0, 0), 'ERR_INDEX')
})
