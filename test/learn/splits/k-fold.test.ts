/** KFold: sizes, cover, seeds and refusals. */

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { countRows, toRowNumbers } from '../../../src/arrays/index.ts'
import { KFold } from '../../../src/learn/splits/k-fold.ts'

describe('KFold', () => {
  test('contiguous folds are ranges, the first n % K one row longer', () => {
    const folds = new KFold({ folds: 3 }).split(11)
    assert.deepEqual(
      folds.map(({ test, train }) => ({ test, train })),
      [
        { test: { ranges: [[0, 4]] }, train: { ranges: [[4, 11]] } },
        {
          test: { ranges: [[4, 8]] },
          train: {
            ranges: [
              [0, 4],
              [8, 11],
            ],
          },
        },
        { test: { ranges: [[8, 11]] }, train: { ranges: [[0, 8]] } },
      ],
    )
  })

  test('five contiguous folds are the default', () => {
    assert.deepEqual(new KFold().getParams(), { folds: 5, shuffle: false, seed: 0 })
    assert.equal(new KFold().split(5).length, 5)
  })

  test('every row is in exactly one test set, and in the training sets of all others', () => {
    const options = fc.record({
      folds: fc.integer({ min: 2, max: 20 }),
      extra: fc.integer({ min: 0, max: 200 }),
      shuffle: fc.boolean(),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    })
    fc.assert(
      fc.property(options, ({ folds, extra, shuffle, seed }) => {
        const n = folds + extra
        const made = new KFold({ folds, shuffle, seed }).split(n)
        const seen = made.flatMap(({ test }) => [...toRowNumbers(test)])
        assert.deepEqual(
          seen.toSorted((a, b) => a - b),
          Array.from({ length: n }, (_, row) => row),
        )
        for (const [k, { test, train }] of made.entries()) {
          assert.equal(countRows(test), Math.floor(n / folds) + (k < n % folds ? 1 : 0))
          const tested = new Set(toRowNumbers(test))
          const trained = [...toRowNumbers(train)]
          assert.equal(trained.length + tested.size, n)
          assert.ok(trained.every((row) => !tested.has(row)))
        }
      }),
      { seed: 4 },
    )
  })

  test('shuffled row numbers ascend', () => {
    for (const { test, train } of new KFold({ folds: 4, shuffle: true, seed: 9 }).split(1000)) {
      for (const rows of [test, train]) {
        const numbers = toRowNumbers(rows)
        assert.ok(numbers.every((row, i) => i === 0 || row > numbers[i - 1]!))
      }
    }
  })

  test('a seed gives the same folds in every version', () => {
    const small = new KFold({ folds: 3, shuffle: true, seed: 1 }).split(12)
    assert.deepEqual(
      small.map(({ test }) => [...toRowNumbers(test)]),
      [
        [5, 6, 9, 10],
        [0, 2, 8, 11],
        [1, 3, 4, 7],
      ],
    )
    const hash = createHash('sha256')
    for (const { test } of new KFold({ folds: 10, shuffle: true, seed: 42 }).split(100_000)) {
      hash.update(toRowNumbers(test))
    }
    assert.equal(
      hash.digest('hex'),
      '0e5c1bcb79f2c1d0d3b203f760eea57b4f89dc354be3bb627a5d44dd497e3210',
    )
  })

  test('neighbouring seeds agree on no more rows than chance', () => {
    const foldOf = (seed: number): Uint8Array => {
      const fold = new Uint8Array(10_000)
      const folds = new KFold({ folds: 5, shuffle: true, seed }).split(10_000)
      for (const [k, { test }] of folds.entries())
        for (const row of toRowNumbers(test)) fold[row] = k
      return fold
    }
    const first = foldOf(0)
    for (let seed = 1; seed < 20; seed++) {
      const same = foldOf(seed).reduce((count, k, row) => count + Number(k === first[row]), 0)
      assert.ok(Math.abs(same - 2000) < 200, `${same} of 10000 rows in the same fold`)
    }
  })

  test('a structured clone of a fold is whole', () => {
    const [fold] = new KFold({ shuffle: true }).split(7)
    assert.deepEqual(structuredClone(fold), { test: fold!.test, train: fold!.train })
  })

  test('what cannot be split is refused', () => {
    assert.throws(() => new KFold({ folds: 6 }).split(5), {
      code: 'ERR_ROWS',
      message: 'Expected at least 6 rows for 6 folds, got 5. Use fewer folds.',
    })
    assert.throws(() => new KFold({ folds: 1 }).split(5), {
      code: 'ERR_OPTION',
      message: 'Expected `folds` of KFold to be a whole number >= 2, got 1.',
    })
    assert.throws(() => new KFold({ folds: 2.5 }).split(5), { code: 'ERR_OPTION' })
    assert.throws(() => new KFold({ seed: -1 }).split(5), { code: 'ERR_OPTION' })
    assert.throws(() => new KFold({ seed: 2 ** 32 }).split(5), {
      message:
        'Expected `seed` of KFold to be a whole number >= 0 and <= 4294967295, got 4294967296.',
    })
    assert.throws(() => new KFold({ shuffle: true }).split(2 ** 31), { code: 'ERR_ROWS' })
    assert.throws(() => new KFold({ folds: '3' as unknown as number }).split(5), {
      name: 'TypeError',
      message: "Expected `folds` of KFold to be a whole number >= 2, got '3'.",
    })
    assert.throws(() => new KFold().split(-1), { name: 'TypeError' })
  })
})
