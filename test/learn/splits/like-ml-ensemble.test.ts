/** Blend, subset and temporal splits against the index tables of ML-Ensemble. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { countRows, type Rows, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  BlendSplit,
  ClusteredSubsets,
  type Fold,
  KFold,
  SubsetSplit,
  TemporalSplit,
} from '../../../src/learn/index.ts'
import { requireFolds } from '../../../src/learn/splits/require-folds.ts'

const numbersOf = (rows: Rows): number[] => [...toRowNumbers(rows)]
const range = (start: number, stop: number): Rows => ({ ranges: [[start, stop]] })

/** Expects folds of one range each. */
function expectRanges(
  folds: readonly Fold[],
  expected: readonly (readonly [readonly [number, number], readonly [number, number]])[],
): void {
  assert.deepEqual(
    folds.map(({ train, test }) => [train, test]),
    expected.map(([train, test]) => [range(...train), range(...test)]),
  )
}

describe('FoldIndex', () => {
  test('5 rows in 5 and in 3 folds', () => {
    const five = new KFold({ folds: 5 }).split(5)
    assert.deepEqual(
      five.map(({ train, test }) => [numbersOf(train), numbersOf(test)]),
      [
        [[1, 2, 3, 4], [0]],
        [[0, 2, 3, 4], [1]],
        [[0, 1, 3, 4], [2]],
        [[0, 1, 2, 4], [3]],
        [[0, 1, 2, 3], [4]],
      ],
    )
    const ranges = five.map(({ train }) => ('ranges' in train ? train.ranges : []))
    assert.deepEqual(ranges, [
      [[1, 5]],
      [
        [0, 1],
        [2, 5],
      ],
      [
        [0, 2],
        [3, 5],
      ],
      [
        [0, 3],
        [4, 5],
      ],
      [[0, 4]],
    ])
    const three = new KFold({ folds: 3 }).split(5)
    assert.deepEqual(
      three.map(({ test }) => numbersOf(test)),
      [[0, 1], [2, 3], [4]],
    )
    const sizes = new KFold({ folds: 3 }).split(10).map(({ test }) => countRows(test))
    assert.deepEqual(sizes, [4, 3, 3])
  })
})

test('FullIndex: a fold that tests the rows that it has learned from is refused', () => {
  const all = [0, 1, 2]
  assert.throws(() => requireFolds({ split: () => [{ train: all, test: all }] }, 3), {
    code: 'ERR_FOLDS',
    message: /row 0/,
  })
})

describe('BlendIndex', () => {
  const cases: [
    options: { testSize?: number; trainSize?: number },
    n: number,
    train: [number, number],
    test: [number, number],
  ][] = [
    [{ testSize: 0.4, trainSize: 0.5 }, 5, [0, 2], [2, 4]],
    [{ testSize: 0.45, trainSize: 0.55 }, 5, [0, 2], [2, 4]],
    [{}, 5, [0, 3], [3, 5]],
    [{}, 8, [0, 4], [4, 8]],
    [{ testSize: 3, trainSize: 4 }, 8, [0, 4], [4, 7]],
    [{ testSize: 0.25, trainSize: 0.45 }, 8, [0, 3], [3, 5]],
    [{ testSize: 3 }, 8, [0, 5], [5, 8]],
    [{ trainSize: 3 }, 8, [0, 3], [3, 8]],
  ]
  for (const [options, n, train, tested] of cases) {
    test(`${JSON.stringify(options)} of ${n} rows`, () => {
      const splitter = new BlendSplit(options)
      expectRanges(splitter.split(n), [[train, tested]])
      assert.deepEqual(splitter.refitRows(n), range(...train))
    })
  }

  test('refuses empty parts and too many rows', () => {
    const message = (train: number, tested: number, n: number): string =>
      `Expected BlendSplit to leave rows to train on and to test, of ${n}, got ${train} and ${tested}. Change \`testSize\` or \`trainSize\`.`
    const refused: [options: { testSize?: number; trainSize?: number }, n: number, text: string][] =
      [
        [{ testSize: 1 }, 1, message(0, 1, 1)],
        [{}, 1, message(1, 0, 1)],
        [{}, 0, message(0, 0, 0)],
        [{ testSize: 3, trainSize: 3 }, 5, message(3, 3, 5)],
        [{ testSize: 0.1 }, 5, message(5, 0, 5)],
        [{ testSize: 0.5, trainSize: 0.1 }, 5, message(0, 2, 5)],
        [{ testSize: 9 }, 5, message(0, 9, 5)],
      ]
    for (const [options, n, text] of refused) {
      assert.throws(() => new BlendSplit(options).split(n), { code: 'ERR_ROWS', message: text })
      assert.throws(() => new BlendSplit(options).refitRows(n), { code: 'ERR_ROWS' })
    }
    for (const testSize of [0, 1.5, -1, NaN, Infinity]) {
      assert.throws(() => new BlendSplit({ testSize }).split(10), {
        code: 'ERR_OPTION',
        message: `Expected \`testSize\` of BlendSplit to be a share in (0, 1) or a count >= 1, got ${testSize}.`,
      })
    }
    assert.throws(() => new BlendSplit({ trainSize: '3' as unknown as number }).split(10), {
      name: 'TypeError',
      message:
        "Expected `trainSize` of BlendSplit to be a share in (0, 1) or a count >= 1, got '3'.",
    })
  })
})

describe('SubsetIndex', () => {
  test('two partitions of two folds of 5 rows', () => {
    const folds = new SubsetSplit({ partitions: 2, folds: 2 }).split(5)
    assert.deepEqual(
      folds.map(({ partition, train, test }) => [partition, numbersOf(train), numbersOf(test)]),
      [
        [0, [2], [0, 1, 3]],
        [0, [0, 1], [2, 4]],
        [1, [4], [0, 1, 3]],
        [1, [3], [2, 4]],
      ],
    )
    const learnedBy = (partition: number): number[] =>
      folds
        .filter((fold) => fold.partition === partition)
        .flatMap(({ train }) => numbersOf(train))
        .toSorted((a, b) => a - b)
    assert.deepEqual(
      [learnedBy(0), learnedBy(1)],
      [
        [0, 1, 2],
        [3, 4],
      ],
    )
    assert.deepEqual(folds[0]!.test, {
      ranges: [
        [0, 2],
        [3, 4],
      ],
    })
    assert.deepEqual(new SubsetSplit().getParams(), {
      partitions: 2,
      folds: 2,
      shuffle: false,
      seed: 0,
    })
  })

  test('training rows are ranges without empty ones, wherever the fold stands', () => {
    const second = new SubsetSplit({ partitions: 3, folds: 3 }).split(24).slice(3, 6)
    assert.deepEqual(
      second.map(({ train }) => ('ranges' in train ? train.ranges : [])),
      [
        [[11, 16]],
        [
          [8, 11],
          [14, 16],
        ],
        [[8, 14]],
      ],
    )
  })

  test('one partition has the folds of KFold', () => {
    for (const shuffle of [false, true]) {
      const options = { folds: 4, shuffle, seed: 3 }
      const folds = new SubsetSplit({ ...options, partitions: 1 }).split(23)
      assert.deepEqual(
        folds.map(({ train, test }) => ({ train, test })),
        new KFold(options).split(23).map(({ train, test }) => ({ train, test })),
      )
      assert.ok(folds.every(({ partition }) => partition === 0))
    }
  })

  test('refuses what can not be split', () => {
    assert.throws(() => new SubsetSplit({ partitions: 2, folds: 3 }).split(5), {
      code: 'ERR_ROWS',
      message:
        'Expected at least 6 rows for 2 partitions of 3 folds, got 5. Use fewer partitions or folds.',
    })
    for (const options of [{ partitions: 0 }, { partitions: 1.5 }, { folds: 1 }, { folds: 2.5 }])
      assert.throws(() => new SubsetSplit(options).split(10), { code: 'ERR_OPTION' })
    assert.throws(() => new SubsetSplit().split(0), { code: 'ERR_ROWS' })
  })
})

describe('TemporalIndex', () => {
  test('one row a step by default', () => {
    expectRanges(new TemporalSplit().split(5), [
      [
        [0, 1],
        [1, 2],
      ],
      [
        [0, 2],
        [2, 3],
      ],
      [
        [0, 3],
        [3, 4],
      ],
      [
        [0, 4],
        [4, 5],
      ],
    ])
  })

  test('steps of 2, a burn-in of 10, a window of 3 and a lag of 2', () => {
    const splitter = new TemporalSplit({ stepSize: 2, burnIn: 10, window: 3, lag: 2 })
    expectRanges(splitter.split(20), [
      [
        [0, 8],
        [10, 12],
      ],
      [
        [7, 10],
        [12, 14],
      ],
      [
        [9, 12],
        [14, 16],
      ],
      [
        [11, 14],
        [16, 18],
      ],
      [
        [13, 16],
        [18, 20],
      ],
    ])
    assert.deepEqual(splitter.refitRows(20), range(17, 20))
    assert.deepEqual(new TemporalSplit().refitRows(20), range(0, 20))
    assert.deepEqual(new TemporalSplit({ window: 30 }).refitRows(20), range(0, 20))
  })

  test('the last step may be shorter', () => {
    expectRanges(new TemporalSplit({ stepSize: 3 }).split(8), [
      [
        [0, 3],
        [3, 6],
      ],
      [
        [0, 6],
        [6, 8],
      ],
    ])
  })

  test('refuses what leaves no rows', () => {
    const refused: [options: object, code: string, text?: string][] = [
      [
        { burnIn: 20 },
        'ERR_ROWS',
        'Expected more than 20 rows for `burnIn` of 20 of TemporalSplit, got 20.',
      ],
      [
        { stepSize: 20, burnIn: 2 },
        'ERR_ROWS',
        'Expected more than 20 rows for `stepSize` of 20 of TemporalSplit, got 20.',
      ],
      [
        { burnIn: 3, lag: 3 },
        'ERR_OPTION',
        'Expected `lag` of TemporalSplit to be less than `burnIn`, 3, so that the first fold has rows to train on, got 3.',
      ],
      [{ stepSize: 1.5 }, 'ERR_OPTION'],
      [{ stepSize: 0 }, 'ERR_OPTION'],
      [{ burnIn: 2.5 }, 'ERR_OPTION'],
      [{ burnIn: 0 }, 'ERR_OPTION'],
      [{ window: 0 }, 'ERR_OPTION'],
      [{ window: 1.5 }, 'ERR_OPTION'],
      [{ lag: -1 }, 'ERR_OPTION'],
      [{ lag: 0.5, burnIn: 3 }, 'ERR_OPTION'],
    ]
    for (const [options, code, message] of refused)
      assert.throws(() => new TemporalSplit(options).split(20), {
        code,
        ...(message && { message }),
      })
    assert.throws(() => new TemporalSplit().split(1), { code: 'ERR_ROWS' })
    assert.throws(() => new TemporalSplit().split(0), { code: 'ERR_ROWS' })
  })
})

describe('ClusteredSubsetIndex', () => {
  test('one cluster of 5 folds trains on all other folds', () => {
    // ML-Ensemble trains on 4 rows of 20 here.
    const folds = new ClusteredSubsets({ folds: 5 }).split(20, undefined, new Int32Array(20))
    for (const { train, test } of folds)
      assert.deepEqual([countRows(train), countRows(test)], [16, 4])
    assert.deepEqual(
      folds.map(({ train, test }) => ({ train, test })),
      new KFold({ folds: 5 }).split(20).map(({ train, test }) => ({ train, test })),
    )
  })
})
