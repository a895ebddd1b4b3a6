/** Parts of rows: what each fold learns from, as a whole or not at all. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { rowRanges, type Rows, toRowNumbers } from '../../../src/arrays/index.ts'
import { complement, rowNumbers, rowRange } from '../../../src/arrays/internal.ts'
import { uniteRows } from '../../../src/learn/row-parts/row-bits.ts'
import { TrainingParts } from '../../../src/learn/row-parts/training-parts.ts'
import { KFold } from '../../../src/learn/index.ts'

interface SplitRows {
  readonly test: Rows
  readonly train: Rows
}

/** Rows of random folds, as ranges where they follow each other. */
const folds = (n: number): fc.Arbitrary<SplitRows[]> =>
  fc.array(
    fc
      .tuple(
        fc.array(fc.constantFrom('train', 'test', 'none'), { minLength: n, maxLength: n }),
        fc.boolean(),
        fc.boolean(),
      )
      .map(([sides, isOthers, asRanges]) => {
        const rows = (side: string): Rows => {
          const numbers = Int32Array.from([...sides.keys()].filter((row) => sides[row] === side))
          return asRanges
            ? rowRanges(Array.from(numbers, (row) => [row, row + 1] as const))
            : rowNumbers(numbers)
        }
        const held = rows('test')
        return { test: held, train: isOthers ? complement(held, n) : rows('train') }
      }),
    { minLength: 1, maxLength: 6 },
  )

const listed = (parts: TrainingParts, runs: readonly (readonly [number, number])[]): number[] =>
  runs
    .flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))
    .flatMap((part) => [...toRowNumbers(parts.rows[part]!)])
    .toSorted((a, b) => a - b)

test('the parts of a fold are the rows that it learns from, and the others', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }).chain((n) => fc.tuple(fc.constant(n), folds(n))),
      ([n, splits]) => {
        const parts = TrainingParts.find(splits, n)!
        const every = parts.rows.flatMap((rows) => [...toRowNumbers(rows)])
        assert.deepEqual(
          every.toSorted((a, b) => a - b),
          [...Array(n).keys()],
        )
        for (const [k, { train }] of splits.entries()) {
          const learned = [...toRowNumbers(train)]
          assert.deepEqual(listed(parts, parts.learnedBy(k)), learned)
          const left = [...toRowNumbers(complement(train, n))]
          assert.deepEqual(listed(parts, parts.passedOverBy(k)), left)
        }
        const some = uniteRows(
          splits.map(({ train }) => train),
          n,
        )
        assert.deepEqual(listed(parts, [[0, parts.learned]]), [...toRowNumbers(some)])
        const signature = (row: number): string =>
          splits.map(({ train }) => toRowNumbers(train).includes(row)).join()
        assert.equal(new Set([...Array(n).keys()].map(signature)).size, parts.rows.length)
        const labels = parts.partOf.toTypedArray()
        for (const [part, rows] of parts.rows.entries())
          for (const row of toRowNumbers(rows)) assert.equal(labels[row], part)
        parts[Symbol.dispose]()
      },
    ),
    { seed: 20261130, numRuns: 300 },
  )
})

describe('K folds have K parts', () => {
  for (const shuffle of [false, true])
    test(`which are ${shuffle ? 'the lists' : 'the ranges'} of what they hold out`, () => {
      const splits = new KFold({ folds: 5, shuffle }).split(103)
      const parts = TrainingParts.find(splits, 103)!
      assert.equal(parts.areHeldOutOnce, true)
      for (const [k, { test: held }] of splits.entries()) {
        const [[from, to]] = parts.passedOverBy(k) as [[number, number]]
        assert.equal(to - from, 1)
        assert.deepEqual(parts.rows[from], held)
        if (shuffle) assert.equal(parts.rows[from], held)
      }
    })

  test('unless a row is held out twice, or learned from by no fold', () => {
    const all = new KFold({ folds: 3 }).split(30)
    assert.equal(TrainingParts.find([...all, all[0]!], 30)!.areHeldOutOnce, false)
    assert.equal(TrainingParts.find(all.slice(1), 30)!.areHeldOutOnce, false)
    const growing = [1, 2].map((k) => ({
      test: rowRange(10 * k, 10 * k + 10),
      train: rowRange(0, 10 * k),
    }))
    assert.equal(TrainingParts.find(growing, 30)!.areHeldOutOnce, false)
  })
})

test('steps of time have a part each, and their folds runs from the first on', () => {
  const splits = Array.from({ length: 50 }, (_, k) => ({
    test: rowRange(k + 1, k + 2),
    train: rowRange(0, k + 1),
  }))
  const parts = TrainingParts.find(splits, 60)!
  assert.deepEqual(parts.learnedBy(7), [[0, 8]])
  assert.equal(parts.rows.length, 51)
  assert.equal(parts.learned, 50)
})

test('too many parts are not listed', () => {
  const random = (row: number, k: number): boolean => ((row * 2654435761) >>> (k + 8)) % 2 === 0
  const splits = Array.from({ length: 10 }, (_, k) => {
    const train = rowNumbers(
      Int32Array.from([...Array(2000).keys()].filter((row) => random(row, k))),
    )
    return { train, test: complement(train, 2000) }
  })
  assert.equal(TrainingParts.find(splits.slice(0, 5), 2000)?.rows.length, 32)
  assert.equal(TrainingParts.find(splits, 2000), undefined)
})

test('rows of several lists are united as ranges, or as numbers', () => {
  assert.deepEqual(uniteRows([rowRange(5, 9), rowRange(0, 2), rowRange(7, 12)], 20), {
    ranges: [
      [0, 2],
      [5, 12],
    ],
  })
  assert.deepEqual(uniteRows([rowNumbers(Int32Array.of(3, 9)), rowRange(1, 3)], 20), {
    numbers: Int32Array.of(1, 2, 3, 9),
  })
  assert.deepEqual(uniteRows([rowNumbers(Int32Array.of(3, 4)), rowRange(1, 4)], 20), {
    ranges: [[1, 5]],
  })
})
