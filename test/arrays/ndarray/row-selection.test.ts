/** Every way to choose rows gives the same rows, or is refused by name. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  array,
  countRows,
  type RowSelection,
  splitRows,
  toRowNumbers,
} from '../../../src/arrays/index.ts'
import { complement, requireRows } from '../../../src/arrays/internal.ts'
import { refusal } from '../refusal.ts'

const mask = [true, false, false, true, true]

const same: Record<string, RowSelection> = {
  'a list': [0, 3, 4],
  'an Int32Array': Int32Array.of(0, 3, 4),
  'other integers': Uint16Array.of(0, 3, 4),
  'an NDArray': array([0, 3, 4], { dtype: 'int32' }),
  'an NDArray of 64-bit integers': array([0n, 3n, 4n]),
  'a mask': mask,
  'an NDArray of booleans': array(mask),
  'a view of booleans': array([...mask].reverse()).reversed(),
  numbers: { numbers: Int32Array.of(0, 3, 4) },
  ranges: {
    ranges: [
      [0, 1],
      [3, 5],
    ],
  },
}

for (const [name, selection] of Object.entries(same)) {
  test(`${name} chooses the rows 0, 3 and 4`, () => {
    assert.deepEqual([...toRowNumbers(selection)], [0, 3, 4])
    assert.deepEqual([...toRowNumbers(selection, 5)], [0, 3, 4])
    assert.deepEqual([...toRowNumbers(requireRows(selection, 5))], [0, 3, 4])
    assert.deepEqual([...toRowNumbers(complement(selection, 5))], [1, 2])
    assert.equal(countRows(selection), 3)
    assert.deepEqual(
      splitRows(selection, 2).map((part) => [...toRowNumbers(part)]),
      [[0, 3], [4]],
    )
  })
}

test('an Int32Array is used in place, also by an NDArray', () => {
  const numbers = Int32Array.of(2, 1)
  assert.equal(toRowNumbers(numbers), numbers)
  assert.equal(toRowNumbers(array(numbers)), numbers)
})

test('an empty list and an empty mask choose no rows', () => {
  assert.equal(countRows([]), 0)
  assert.equal(countRows(array([false, false])), 0)
})

test('what chooses no rows is refused, and says what would', () => {
  for (const wrong of ['0', 3, null, () => 1, {}, { ranges: [0, 2] }, { numbers: 3 }, new Set([1])])
    assert.throws(() => toRowNumbers(wrong as never), {
      name: 'TypeError',
      message: /^Expected `rows` to be row numbers, such as \[0, 2\] or an Int32Array, a mask/,
    })
  assert.throws(() => toRowNumbers(Uint8Array.of(0, 1) as never), {
    name: 'TypeError',
    message: /Int32Array\.from\(rows\) for row numbers, or array\(rows, \{ dtype: 'bool' \}\)/,
  })
  assert.throws(() => toRowNumbers(array(Uint8Array.of(0, 1))), TypeError)
  assert.throws(() => toRowNumbers(array([[1]])), refusal('ERR_SHAPE', 'shape (n), got (1, 1)'))
})

test('what is no row number is refused with its position', () => {
  for (const wrong of [0.5, Number.NaN, 2 ** 31])
    assert.throws(
      () => toRowNumbers([0, wrong]),
      refusal('ERR_INDEX', `got ${wrong} at position 1 of \`rows\``),
    )
  assert.throws(() => toRowNumbers([0, true] as never), /got true at position 1/)
  assert.throws(() => toRowNumbers([0, '1'] as never), TypeError)
  assert.throws(() => toRowNumbers([-1], 5), refusal('ERR_INDEX', 'in [0, 5), got row -1'))
  assert.throws(() => toRowNumbers([5], 5), refusal('ERR_INDEX', 'in [0, 5), got row 5'))
})

test('a mask has one boolean for every row', () => {
  assert.throws(
    () => requireRows(mask, 6),
    refusal('ERR_SHAPE', 'a mask with 6 values in `rows`, one for every row, got 5'),
  )
  assert.throws(() => requireRows([true, 0.5] as never, 2), /got 0.5 for row 1/)
})

test('row numbers whose memory was moved away are refused', () => {
  for (const numbers of [Int32Array.of(1, 2), Uint16Array.of(1, 2)]) {
    structuredClone(numbers.buffer, { transfer: [numbers.buffer] })
    assert.throws(
      () => requireRows(numbers, 3),
      refusal('ERR_DETACHED', 'memory of the row numbers'),
    )
  }
})

test('a range among row numbers is refused, and how ranges are written is said', () => {
  assert.throws(() => toRowNumbers([[0, 100]] as unknown as number[]), {
    name: 'TypeError',
    message:
      'Expected whole row numbers from 0 to 2147483647, got an array of length 2 at position 0 of `rows`. ' +
      'For rows 0 up to 100 write { ranges: [[0, 100]] }.',
  })
})
