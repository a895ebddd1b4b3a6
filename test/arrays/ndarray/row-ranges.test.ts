/** Row subsets against sets of numbers. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  countRows,
  rowRanges,
  type Rows,
  splitRows,
  toRowNumbers,
} from '../../../src/arrays/index.ts'
import {
  allRows,
  complement,
  kernelRows,
  requireRows,
  rowNumbers,
  rowRange,
} from '../../../src/arrays/internal.ts'
import { refusal } from '../refusal.ts'

const n = 40

/** Rows of both forms with the numbers that they stand for. */
const someRows: fc.Arbitrary<{ rows: Rows; numbers: number[] }> = fc.oneof(
  fc.uniqueArray(fc.nat(n), { maxLength: 10 }).map((edges) => {
    const sorted = edges.sort((a, b) => a - b).slice(0, edges.length - (edges.length % 2))
    const list: [number, number][] = []
    for (let i = 0; i < sorted.length; i += 2) list.push([sorted[i]!, sorted[i + 1]!])
    const numbers = list.flatMap(([a, b]) => Array.from({ length: b - a }, (_, i) => a + i))
    return { rows: rowRanges(list.toReversed()), numbers }
  }),
  fc
    .array(fc.nat(n - 1), { maxLength: 30 })
    .map((numbers) => ({ rows: rowNumbers(Int32Array.from(numbers)), numbers })),
)

test('count, numbers, complement and split agree with plain lists', () => {
  fc.assert(
    fc.property(someRows, fc.integer({ min: 1, max: 12 }), ({ rows, numbers }, parts) => {
      assert.equal(countRows(rows), numbers.length)
      assert.deepEqual([...toRowNumbers(rows)], numbers)
      assert.deepEqual([...toRowNumbers(requireRows(rows, n))], numbers)
      const rest = Array.from({ length: n }, (_, i) => i).filter((i) => !numbers.includes(i))
      assert.deepEqual([...toRowNumbers(complement(rows, n))], rest)
      const split = splitRows(rows, parts)
      assert.equal(split.length, parts)
      assert.deepEqual(
        split.flatMap((part) => [...toRowNumbers(part)]),
        numbers,
      )
      const counts = split.map(countRows)
      assert.ok(Math.max(...counts) - Math.min(...counts) <= 1)
    }),
    { seed: 7 },
  )
})

test('ranges are sorted, joined and emptied of nothing', () => {
  assert.deepEqual(
    rowRanges([
      [4, 6],
      [2, 4],
      [8, 8],
      [0, 1],
    ]),
    {
      ranges: [
        [0, 1],
        [2, 6],
      ],
    },
  )
  assert.deepEqual(rowRange(3, 3), { ranges: [] })
  assert.deepEqual(allRows(5), { ranges: [[0, 5]] })
  assert.deepEqual(complement(rowRange(2, 4), 6), {
    ranges: [
      [0, 2],
      [4, 6],
    ],
  })
  assert.deepEqual(complement(allRows(6), 6), { ranges: [] })
})

test('numbers stay in the given order and are not copied', () => {
  const numbers = Int32Array.of(5, 1, 5)
  const rows = rowNumbers(numbers)
  assert.equal(toRowNumbers(rows), numbers)
  assert.equal(kernelRows(rows).numbers, numbers)
  assert.deepEqual(
    splitRows(rows, 2).map((part) => [...toRowNumbers(part)]),
    [[5, 1], [5]],
  )
})

test('kernels get ranges as start, stop, start, stop', () => {
  const rows = rowRanges([
    [0, 2],
    [5, 6],
  ])
  assert.deepEqual(kernelRows(rows), { ranges: Float64Array.of(0, 2, 5, 6) })
})

test('no rows given means all rows', () => {
  assert.deepEqual(requireRows(undefined, 3), allRows(3))
})

test('wrong rows are refused by name', () => {
  assert.throws(() => rowRange(-1, 2), refusal('ERR_INDEX', '[-1, 2)'))
  assert.throws(() => rowRange(3, 2), refusal('ERR_INDEX', '[3, 2)'))
  assert.throws(() => rowRange(0.5, 2), refusal('ERR_INDEX'))
  assert.throws(
    () =>
      rowRanges([
        [0, 3],
        [2, 4],
      ]),
    refusal('ERR_INDEX', '[0, 3) and [2, 4) overlap'),
  )
  assert.throws(() => requireRows(rowRange(0, 4), 3), refusal('ERR_INDEX', 'in [0, 3), got row 3'))
  assert.throws(
    () => requireRows({ numbers: Int32Array.of(0, -1) }, 3),
    refusal('ERR_INDEX', 'row -1'),
  )
  assert.throws(() => requireRows({ numbers: Int32Array.of(3) }, 3), refusal('ERR_INDEX', 'row 3'))
  assert.throws(() => rowNumbers([1] as never), TypeError)
  assert.throws(() => splitRows(allRows(3), 0), refusal('ERR_INDEX', '1 or more parts'))
  assert.throws(() => toRowNumbers(rowRange(2 ** 31, 2 ** 31 + 1)), refusal('ERR_INDEX', '32-bit'))
})
