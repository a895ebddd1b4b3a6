/** Sets of rows as bits against sets of numbers. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { rowNumbers, rowRange } from '../../../src/arrays/internal.ts'
import { RowBits } from '../../../src/learn/row-parts/row-bits.ts'

const n = 70
const range = fc
  .tuple(fc.nat(n), fc.nat(n))
  .map(([a, b]): readonly number[] =>
    Array.from({ length: Math.abs(a - b) }, (_, i) => Math.min(a, b) + i),
  )
const numbers = fc
  .uniqueArray(fc.nat(n - 1), { maxLength: 20 })
  .map((rows): readonly number[] => rows.toSorted((a, b) => a - b))

test('rows that are added as ranges or numbers are those of a set', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(range, numbers), { maxLength: 6 }), (lists) => {
      const bits = new RowBits(n)
      const set = new Set<number>()
      for (const rows of lists) {
        const known = rows.filter((row) => set.has(row)).length
        for (const row of rows) set.add(row)
        const isRange = rows.every((row, i) => row === rows[0]! + i)
        const given = isRange
          ? rowRange(rows[0] ?? 0, (rows[0] ?? 0) + rows.length)
          : rowNumbers(Int32Array.from(rows))
        assert.equal(bits.add(given), known)
        assert.equal(bits.count, set.size)
      }
      for (let row = 0; row < n; row++) assert.equal(bits.has(row), set.has(row), `row ${row}`)
    }),
    { numRuns: 2_000 },
  )
})
