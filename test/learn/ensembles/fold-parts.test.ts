/** Parts of held-out rows grow with the speed of the calls that predict them. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toRowNumbers } from '../../../src/arrays/index.ts'
import type { Fold } from '../../../src/learn/index.ts'
import { countUnits, TimedParts } from '../../../src/learn/ensembles/calls/fold-parts.ts'

const sizes = { unitRows: 10, mostUnits: 8 }

function foldsOf(...counts: number[]): Fold[] {
  let start = 0
  return counts.map((count) => {
    const test = { ranges: [[start, start + count]] } as const
    start += count
    return { train: { ranges: [] }, test }
  })
}

/** The units of each part, when calls take so many seconds for a row. */
function unitsOf(folds: readonly Fold[], secondsPerRow: number): number[] {
  const parts = new TimedParts(folds, [...folds.keys()], sizes)
  return Array.from(parts, ({ rows }) => parts.ended(secondsPerRow * toRowNumbers(rows).length))
}

describe('parts of held-out rows', () => {
  test('hold every row once, in the order of the folds', () => {
    const folds = foldsOf(95, 0, 7, 200)
    const parts = new TimedParts(folds, [0, 1, 2, 3], sizes)
    const rows: number[] = []
    for (const part of parts) {
      const numbers = toRowNumbers(part.rows)
      const [[start, stop]] = (folds[part.fold]!.test as { ranges: [[number, number]] }).ranges
      assert.ok(
        numbers.every((row) => row >= start && row < stop),
        `fold ${part.fold}`,
      )
      rows.push(...numbers)
      parts.ended(1e-3)
    }
    assert.deepEqual(rows, [...Array(302).keys()])
    assert.deepEqual(new Set(parts.made.map(({ fold }) => fold)), new Set([0, 2, 3]))
  })

  test('grow to the most when calls are quick, across folds, and stay small when they are slow', () => {
    assert.deepEqual(unitsOf(foldsOf(200, 100), 1e-6), [1, 8, 8, 3, 8, 2])
    assert.deepEqual(unitsOf(foldsOf(35), 1), [1, 1, 1, 1])
    assert.deepEqual(unitsOf(foldsOf(35), 0), [1, 3])
  })

  test('have as many units as are counted before', () => {
    for (const speed of [0, 1e-3, 1e-2, 1]) {
      const folds = foldsOf(95, 0, 7, 200)
      const units = unitsOf(folds, speed).reduce((sum, one) => sum + one, 0)
      assert.equal(units, countUnits(folds, sizes), `${speed} s a row`)
    }
    assert.equal(countUnits(foldsOf(95, 40), sizes, [1]), 4)
  })
})
