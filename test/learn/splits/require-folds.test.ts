/** What is checked of the folds of any splitter. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { array, type RowSelection, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  requireSplitter,
  type SplitRows,
  type Splitter,
  splitterFor,
} from '../../../src/learn/contract/splitter.ts'
import { KFold, type RowLabels } from '../../../src/learn/index.ts'
import { divideRows } from '../../../src/learn/splits/make-folds.ts'
import { requireFolds, requireRefitRows } from '../../../src/learn/splits/require-folds.ts'

class MySplit implements Splitter {
  readonly folds: unknown
  constructor(folds: unknown) {
    this.folds = folds
  }
  split(): Iterable<SplitRows> {
    return this.folds as Iterable<SplitRows>
  }
}

const numbersOf = (folds: readonly { train: RowSelection; test: RowSelection }[]): number[][][] =>
  folds.map(({ train, test }) => [[...toRowNumbers(train)], [...toRowNumbers(test)]])

describe('requireFolds', () => {
  test('takes numbers, masks, ranges and typed arrays, from a list or a generator', () => {
    const expected = [[0, 1, 3], [2]]
    const train: RowSelection[] = [
      [0, 1, 3],
      [true, true, false, true],
      Int32Array.of(0, 1, 3),
      Uint16Array.of(0, 1, 3),
      array([0n, 1n, 3n], { dtype: 'int64' }),
      array([true, true, false, true], { dtype: 'bool' }),
      { numbers: Int32Array.of(0, 1, 3) },
      {
        ranges: [
          [3, 4],
          [0, 2],
        ],
      },
    ]
    const tested: RowSelection[] = [[2], [false, false, true, false], { ranges: [[2, 3]] }]
    const folds = train.flatMap((one) => tested.map((test) => ({ train: one, test })))
    const splitter: Splitter = {
      *split() {
        yield* folds
      },
    }
    const all = folds.map(() => expected)
    assert.deepEqual(numbersOf(requireFolds(splitter, 4)), all)
    assert.deepEqual(numbersOf(requireFolds(new MySplit(folds), 4)), all)
    assert.deepEqual(numbersOf(requireFolds(new MySplit(new Set(folds)), 4)), all)
  })

  test('hands labels and groups on to the splitter', () => {
    const seen: unknown[] = []
    const splitter: Splitter = {
      split(n: number, y?: RowLabels, groups?: RowLabels) {
        seen.push(n, y, groups)
        return new KFold({ folds: 2 }).split(n)
      },
    }
    const y = ['a', 'b', 'a']
    const groups = Int32Array.of(1, 2, 2)
    requireFolds(splitter, 3, { y, groups })
    assert.deepEqual(seen, [3, y, groups])
    assert.equal(seen[2], groups)
  })

  test('does not read folds of our own again, but does for another number of rows', () => {
    const folds = new KFold({ folds: 3, shuffle: true }).split(9)
    assert.deepEqual(requireFolds({ split: () => folds }, 9), folds)
    assert.equal(requireFolds({ split: () => folds }, 9)[0], folds[0])
    assert.throws(() => requireFolds({ split: () => folds }, 8), {
      code: 'ERR_INDEX',
      message: /^In `t\w+` of fold \d of the splitter: Expected rows in \[0, 8\), got row 8\.$/,
    })
  })

  test('keeps the partition of folds', () => {
    const fold = (partition: number, train: number): SplitRows => {
      return { partition, train: [train], test: [2] }
    }
    const folds = requireFolds(new MySplit([fold(1, 0), fold(0, 1)]), 3)
    assert.deepEqual(
      folds.map(({ partition }) => partition),
      [1, 0],
    )
  })

  const fold = { train: [0, 1], test: [2] }
  const refused: [name: string, folds: unknown, expected: object][] = [
    ['no folds', [], foldsError('Expected at least one fold from MySplit, got none.')],
    [
      'a promise of folds',
      Promise.resolve([fold]),
      typeError(
        'Expected `split` of MySplit to return folds, such as [{ train, test }], got an object of class Promise. Did you forget `await`?',
      ),
    ],
    [
      'nothing',
      undefined,
      typeError(
        'Expected `split` of MySplit to return folds, such as [{ train, test }], got undefined.',
      ),
    ],
    [
      'an async generator',
      (async function* () {})(),
      typeError(
        'Expected `split` of MySplit to return folds, such as [{ train, test }], got an object of class AsyncGenerator. Use a generator that is not async.',
      ),
    ],
    [
      'pairs',
      [[[0], [1]]],
      typeError(
        'Expected fold 0 of MySplit to have `train` and `test`, got an array of length 2. Return { train, test } in place of [train, test].',
      ),
    ],
    [
      'no training rows',
      [fold, { test: [0] }],
      typeError(
        'Expected fold 1 of MySplit to have `train` and `test`, got an object of class Object.',
      ),
    ],
    [
      'undefined rows, which are all rows elsewhere',
      [{ train: undefined, test: [0] }],
      typeError(
        'Expected `train` of fold 0 of MySplit to be row numbers, a mask or { ranges: [[start, stop]] }, got undefined.',
      ),
    ],
    [
      'an empty test set',
      [fold, { train: [0], test: [] }],
      foldsError('Expected at least one row in `test` of fold 1 of MySplit, got none.', {
        fold: 1,
      }),
    ],
    [
      'a mask of no rows',
      [{ train: [false, false, false], test: [0] }],
      foldsError('Expected at least one row in `train` of fold 0 of MySplit, got none.', {
        fold: 0,
      }),
    ],
    [
      'rows out of order',
      [{ train: [0], test: [2, 1] }],
      foldsError(
        'Expected ascending row numbers in `test` of fold 0 of MySplit, got row 1 after row 2. Sort the numbers.',
        { fold: 0, row: 1 },
      ),
    ],
    [
      'a row twice',
      [{ train: Int32Array.of(0, 1, 1), test: [2] }],
      foldsError(
        'Expected ascending row numbers in `train` of fold 0 of MySplit, got row 1 again. Leave out the second.',
        { fold: 0, row: 1 },
      ),
    ],
    [
      'a row that is trained on and tested',
      [fold, { train: { ranges: [[0, 2]] }, test: [1, 2] }],
      foldsError(
        'Expected rows of fold 1 of MySplit in `train` or in `test`, got row 1 in both. A score would be too good.',
        { fold: 1, row: 1 },
      ),
    ],
    [
      'a row that there is not',
      [{ train: [0], test: [3] }],
      {
        code: 'ERR_INDEX',
        message: 'In `test` of fold 0 of MySplit: Expected rows in [0, 3), got row 3.',
      },
    ],
    [
      'a negative row',
      [{ train: [-1, 0], test: [1] }],
      {
        code: 'ERR_INDEX',
        message: 'In `train` of fold 0 of MySplit: Expected rows in [0, 3), got row -1.',
      },
    ],
    [
      'a mask of another length',
      [{ train: [true, false], test: [1] }],
      {
        code: 'ERR_SHAPE',
        message:
          'In `train` of fold 0 of MySplit: Expected a mask with 3 values in `rows`, one for every row, got 2.',
      },
    ],
    [
      'bytes',
      [{ train: Uint8Array.of(0, 1), test: [2] }],
      { name: 'TypeError', message: /^In `train` of fold 0 of MySplit: .* got bytes/ },
    ],
    [
      'a partition of some folds',
      [{ ...fold, partition: 0 }, fold],
      foldsError(
        'Expected a `partition` of every fold of MySplit, or of none, got none of fold 1.',
        { fold: 1 },
      ),
    ],
    [
      'partitions that begin at 1',
      [
        { ...fold, partition: 1 },
        { ...fold, partition: 2 },
      ],
      foldsError(
        'Expected partitions 0 to 1 of MySplit, got no fold of partition 0. Number them from 0.',
      ),
    ],
    [
      'a partition that is no number',
      [{ ...fold, partition: 'a' }],
      typeError("Expected `partition` of fold 0 of MySplit to be a whole number >= 0, got 'a'."),
    ],
  ]
  for (const [name, folds, expected] of refused) {
    test(`refuses ${name}`, () => {
      assert.throws(() => requireFolds(new MySplit(folds), 3), expected)
    })
  }

  test('ends a generator that never ends', () => {
    let isClosed = false
    const endless: Splitter = {
      *split() {
        try {
          for (;;) yield fold
        } finally {
          isClosed = true
        }
      },
    }
    assert.throws(() => requireFolds(endless, 3), {
      code: 'ERR_FOLDS',
      message: 'Expected at most 131072 folds from the splitter, got more.',
    })
    assert.ok(isClosed)
  })

  test('throws what the splitter throws', () => {
    const failure = new Error('no more rows')
    const failing: Splitter = {
      *split() {
        yield fold
        throw failure
      },
    }
    assert.throws(
      () => requireFolds(failing, 3),
      (error) => error === failure,
    )
  })

  test('finds a common row where there is one, in any form', () => {
    const n = 24
    const rows = fc.uniqueArray(fc.nat({ max: n - 1 }), { minLength: 1 })
    const forms = [
      (numbers: number[]): RowSelection => numbers,
      (numbers: number[]): RowSelection => ({
        ranges: numbers.map((row) => [row, row + 1] as const),
      }),
    ]
    const form = fc.constantFrom(...forms)
    fc.assert(
      fc.property(rows, rows, form, form, (a, b, formOfA, formOfB) => {
        const [train, test] = [a, b].map((list) => list.toSorted((x, y) => x - y)) as [
          number[],
          number[],
        ]
        const common = train.filter((row) => test.includes(row))
        const split = (): unknown =>
          requireFolds({ split: () => [{ train: formOfA(train), test: formOfB(test) }] }, n)
        if (common.length === 0) split()
        else assert.throws(split, { code: 'ERR_FOLDS', details: { fold: 0, row: common[0]! } })
      }),
      { seed: 5 },
    )
  })
})

test('rows of final models are checked, and all rows are the default', () => {
  const refit = (rows: RowSelection): Splitter => ({ split: () => [], refitRows: () => rows })
  assert.equal(requireRefitRows(new KFold(), 5), undefined)
  assert.deepEqual(requireRefitRows(refit({ ranges: [[1, 3]] }), 5), { ranges: [[1, 3]] })
  assert.throws(() => requireRefitRows(refit([]), 5), {
    code: 'ERR_FOLDS',
    message: 'Expected at least one row in `refitRows` of the splitter, got none.',
  })
  assert.throws(() => requireRefitRows(refit([5]), 5), {
    code: 'ERR_INDEX',
    message: 'In `refitRows` of the splitter: Expected rows in [0, 5), got row 5.',
  })
})

test('a splitter is any object with a method split, and may make another one for the data', async () => {
  const plain: Splitter = { split: () => [fold(0)] }
  assert.equal(requireSplitter(plain), plain)
  assert.equal(await splitterFor(plain, [[1]]), plain)
  const seen: unknown[] = []
  const asking: Splitter = {
    split: () => [],
    forData: (X, y) => {
      seen.push(X, y)
      return Promise.resolve(plain)
    },
  }
  assert.equal(await splitterFor(asking, [[1]], [2]), plain)
  assert.deepEqual(seen, [[[1]], [2]])
  for (const wrong of [3, 'kfold', null, undefined, [], {}, { split: 3 }]) {
    assert.throws(() => requireSplitter(wrong), {
      name: 'TypeError',
      message:
        /^Expected `folds` to be a splitter, an object with a method `split\(n, y, groups\)`/,
    })
  }
  const wrong = { split: () => [], forData: () => Promise.resolve(3) } as unknown as Splitter
  await assert.rejects(splitterFor(wrong, [[1]]), {
    message:
      'Expected what the splitter.forData() makes to be a splitter, an object with a method `split(n, y, groups)`, got 3.',
  })
})

function fold(row: number): SplitRows {
  return { train: [row + 1], test: [row] }
}

function foldsError(message: string, details: object = {}): object {
  return { code: 'ERR_FOLDS', message, details }
}

function typeError(message: string): object {
  return { name: 'TypeError', message }
}

test('folds that divide rows are told from others, in any form', () => {
  const n = 12
  const rows = fc.array(fc.nat({ max: 2 }), { minLength: n, maxLength: n })
  const change = fc.record({ row: fc.nat({ max: n - 1 }), fold: fc.nat({ max: 2 }) })
  const isRange = fc.array(fc.boolean(), { minLength: 3, maxLength: 3 })
  fc.assert(
    fc.property(rows, change, isRange, fc.boolean(), (foldOf, { row, fold }, isRange, isOdd) => {
      const lists = [0, 1, 2].map((k) => [...foldOf.keys()].filter((one) => foldOf[one] === k))
      const tests = lists.map((list, k) =>
        isOdd && k === fold ? [...new Set([...list, row])].sort((a, b) => a - b) : list,
      )
      const all = [...foldOf.keys()]
      const folds = tests.map((list, k) => ({
        test: isRange[k]!
          ? { ranges: list.map((one) => [one, one + 1] as const) }
          : { numbers: Int32Array.from(list) },
        train: { numbers: Int32Array.from(all.filter((one) => !list.includes(one))) },
      }))
      const isChanged = isOdd && foldOf[row] !== fold
      assert.equal(divideRows(folds, n), !isChanged)
      const others = folds.map(({ test, train }) => ({
        test,
        train: { numbers: train.numbers.subarray(1) },
      }))
      assert.equal(divideRows(others, n), false)
    }),
    { seed: 6 },
  )
})
