/** What splitters refuse, and odd inputs that they take. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { array, countRows, toRowNumbers, zeros } from '../../../src/arrays/index.ts'
import {
  BlendSplit,
  ClusteredSubsets,
  clone,
  type Fold,
  GroupKFold,
  KFold,
  KMeans,
  LeaveOneGroupOut,
  PredefinedSplit,
  RepeatedKFold,
  Ridge,
  type RowLabels,
  ShuffleSplit,
  StratifiedGroupKFold,
  StratifiedKFold,
  SubsetSplit,
  TemporalSplit,
  trainTestSplit,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'

const testsOf = (folds: readonly Fold[]): number[][] =>
  folds.map(({ test }) => [...toRowNumbers(test)])

const splitters = [
  new KFold(),
  new StratifiedKFold(),
  new GroupKFold(),
  new StratifiedGroupKFold(),
  new RepeatedKFold(),
  new ShuffleSplit(),
  new BlendSplit(),
  new SubsetSplit(),
  new ClusteredSubsets(),
  new TemporalSplit(),
  new LeaveOneGroupOut(),
  new PredefinedSplit({ testFold: [] }),
]

describe('every splitter', () => {
  for (const splitter of splitters) {
    const { name } = splitter.constructor
    test(`${name} refuses no rows and one row`, () => {
      assert.throws(() => splitter.split(0, [], []), { code: 'ERR_ROWS' })
      const isPredefined = splitter instanceof PredefinedSplit
      const one = isPredefined ? new PredefinedSplit({ testFold: [0] }) : splitter
      assert.throws(() => one.split(1, ['a'], [1]), { code: 'ERR_ROWS' })
    })

    test(`${name} refuses what is no number of rows`, () => {
      for (const n of [-1, 1.5, NaN, Infinity, '5', 5n, null, undefined, true]) {
        assert.throws(() => splitter.split(n as number, [1, 2], [1, 2]), {
          name: 'TypeError',
          message: /^Expected `n` to be a number of rows, got /,
        })
      }
      assert.throws(() => splitter.split([1, 2, 3] as unknown as number), {
        name: 'TypeError',
        message:
          'Expected `n` to be a number of rows, got an array of length 3. The number of rows comes first, then labels and groups: split(n, y, groups).',
      })
    })

    test(`${name} refuses unknown options, and has a clone`, () => {
      const Class = splitter.constructor as new (options: object) => object
      assert.throws(() => new Class({ random: 1 }), { name: 'TypeError', message: /`random`/ })
      const copy = clone(splitter)
      assert.deepEqual(copy.getParams(), splitter.getParams())
      assert.ok(inspect(copy).startsWith(name))
    })
  }
})

describe('names of other libraries', () => {
  const named: [make: () => unknown, text: RegExp][] = [
    [() => new KFold({ splits: 3 } as object), /onecopy calls it `folds`/],
    [() => new GroupKFold({ n_splits: 3 } as object), /onecopy calls it `folds`/],
    [() => new ShuffleSplit({ n_splits: 3 } as object), /onecopy calls it `splits`/],
    [() => new ShuffleSplit({ folds: 3 } as object), /onecopy calls it `splits`/],
    [() => new ShuffleSplit({ test_size: 3 } as object), /onecopy calls it `testSize`/],
    [() => new ShuffleSplit({ random_state: 3 } as object), /onecopy calls it `seed`/],
    [() => new RepeatedKFold({ n_repeats: 3 } as object), /onecopy calls it `repeats`/],
    [() => new RepeatedKFold({ shuffle: true } as object), /each repeat is shuffled by `seed`/],
    [() => new TemporalSplit({ step_size: 3 } as object), /onecopy calls it `stepSize`/],
    [() => new TemporalSplit({ gap: 3 } as object), /onecopy calls it `lag`/],
    [() => new TemporalSplit({ n_splits: 3 } as object), /set `stepSize`/],
    [() => new TemporalSplit({ max_train_size: 3 } as object), /onecopy calls it `window`/],
    [() => new BlendSplit({ shuffle: true } as object), /ShuffleSplit\({ splits: 1 }\)/],
    [
      () => new ClusteredSubsets({ partition_estimator: 3 } as object),
      /onecopy calls it `clusters`/,
    ],
    [() => new ClusteredSubsets({ partitions: 3 } as object), /new KMeans/],
    [() => new PredefinedSplit({ test_fold: [0] } as never), /onecopy calls it `testFold`/],
    [() => trainTestSplit(9, { test_size: 0.2 } as object), /onecopy calls it `testSize`/],
    [() => trainTestSplit(9, { random_state: 2 } as object), /onecopy calls it `seed`/],
  ]
  for (const [make, message] of named)
    test(String(make).slice(6), () => assert.throws(make, { name: 'TypeError', message }))
})

describe('groups', () => {
  const texts = ['b', 'a', 'b', 'c', 'a', 'c']
  const expected = [
    [0, 2],
    [1, 4],
    [3, 5],
  ]
  const leave = (groups: RowLabels): number[][] =>
    testsOf(new LeaveOneGroupOut().split(6, undefined, groups)).sort((a, b) => a[0]! - b[0]!)
  const numbers = texts.map((text) => text.codePointAt(0)!)
  const forms: Record<string, RowLabels> = {
    texts,
    numbers,
    'negative numbers and fractions': numbers.map((number) => -number / 7),
    'int8 numbers': Int8Array.from(numbers),
    'bigints beyond float64': BigInt64Array.from(numbers, (number) => 2n ** 60n + BigInt(number)),
    'a list of bigints': numbers.map(BigInt),
    'an NDArray with strides': array(
      numbers.flatMap((number) => [number, 0]),
      {
        shape: [6, 2],
        dtype: 'float32',
      },
    ).column(0),
    'a matrix of one column': numbers.map((number) => [number]),
    'a column of numbers': new NumberColumn('group', array(numbers, { dtype: 'float64' })),
    'a column of texts': new CategoryColumn('group', array(Int8Array.of(1, 2, 1, 0, 2, 0)), [
      'c',
      'b',
      'a',
    ]),
  }
  for (const [name, groups] of Object.entries(forms)) {
    test(`may be ${name}`, () => {
      assert.deepEqual(leave(groups), expected)
      const folds = new GroupKFold({ folds: 3 }).split(6, undefined, groups)
      assert.deepEqual(
        testsOf(folds).sort((a, b) => a[0]! - b[0]!),
        expected,
      )
      const stratified = new StratifiedGroupKFold({ folds: 2 }).split(6, [0, 1, 0, 1, 0, 1], groups)
      assert.equal(stratified.length, 2)
    })
  }

  test('may be true and false, and -0 is 0', () => {
    const folds = new LeaveOneGroupOut().split(4, undefined, [true, false, false, true])
    assert.deepEqual(testsOf(folds), [
      [1, 2],
      [0, 3],
    ])
    assert.deepEqual(testsOf(new LeaveOneGroupOut().split(3, undefined, [0, -0, 1])), [[0, 1], [2]])
  })

  test('are in order: numbers by size, texts by code units', () => {
    const ordered = (groups: RowLabels): number[][] =>
      testsOf(new LeaveOneGroupOut().split(3, undefined, groups))
    assert.deepEqual(ordered([10, 9, -1]), [[2], [1], [0]])
    assert.deepEqual(ordered(['10', '9', 'Z']), [[0], [1], [2]])
    assert.deepEqual(ordered(BigInt64Array.of(10n, 9n, -1n)), [[2], [1], [0]])
  })

  test('may be 70,000', () => {
    const n = 140_000
    const groups = Int32Array.from({ length: n }, (_, row) => (row * 13) % 70_000)
    const folds = new GroupKFold({ folds: 5 }).split(n, undefined, groups)
    assert.deepEqual(
      folds.map(({ test }) => countRows(test)),
      [28_000, 28_000, 28_000, 28_000, 28_000],
    )
    const y = Uint8Array.from({ length: n }, (_, row) => row % 2)
    const even = new StratifiedGroupKFold({ folds: 5 }).split(n, y, groups)
    assert.equal(
      even.reduce((sum, { test }) => sum + countRows(test), 0),
      n,
    )
    const each = new LeaveOneGroupOut().split(n, undefined, groups)
    assert.equal(each.length, 70_000)
    assert.equal(countRows(each[69_999]!.test), 2)
    // A test set does not keep the memory of all others.
    const { test } = each[0]!
    assert.ok('ranges' in test || test.numbers.buffer.byteLength === 8)
  })

  test('are ranges where they lie together', () => {
    const folds = new GroupKFold({ folds: 2 }).split(5, undefined, ['x', 'x', 'y', 'y', 'y'])
    assert.deepEqual(
      folds.map(({ train, test }) => [train, test]),
      [
        [{ ranges: [[0, 2]] }, { ranges: [[2, 5]] }],
        [{ ranges: [[2, 5]] }, { ranges: [[0, 2]] }],
      ],
    )
  })

  const missing = new CategoryColumn('patient', array(Int8Array.of(0, -1, 1)), ['x', 'y'])
  const empty = new NumberColumn('patient', array([1, NaN, 2]))
  const refused: [name: string, groups: unknown, expected: object][] = [
    [
      'none',
      undefined,
      {
        name: 'TypeError',
        message:
          'GroupKFold needs the group of each row: pass `groups`, as in split(n, y, groups).',
      },
    ],
    ['null', null, { name: 'TypeError' }],
    [
      'NaN',
      [1, NaN, 2],
      {
        code: 'ERR_VALUE',
        message:
          'Expected a group for every row in `groups`, got NaN at row 1 (counted from 0). Give such rows a group of their own.',
      },
    ],
    ['infinity', [1, Infinity, 2], { code: 'ERR_VALUE' }],
    [
      'a missing text',
      missing,
      {
        code: 'ERR_VALUE',
        message:
          "Expected a group for every row in column 'patient', got none at row 1 (counted from 0). Give such rows a group of their own.",
      },
    ],
    [
      'a missing number',
      empty,
      { code: 'ERR_VALUE', message: /column 'patient', got none at row 1/ },
    ],
    [
      'another length',
      [1, 2],
      {
        code: 'ERR_SHAPE',
        message: 'Expected `groups` to have a group for each of 3 rows, got 2.',
      },
    ],
    ['a matrix', zeros([3, 2]), { code: 'ERR_SHAPE' }],
    [
      'two types',
      ['a', 1, 'b'],
      {
        name: 'TypeError',
        message: "Expected groups of one type in `groups`, got 'a' in row 0 and 1 in row 1.",
      },
    ],
    ['numbers and texts', [1, 'a', 2], { name: 'TypeError' }],
    ['undefined in a list', [1, undefined, 2], { code: 'ERR_VALUE' }],
    ['a map', new Map(), { name: 'TypeError' }],
    [
      'fewer than folds',
      ['a', 'a', 'a'],
      {
        code: 'ERR_ROWS',
        message: 'Expected at least 2 groups for 2 folds, got 1. Use fewer folds.',
      },
    ],
  ]
  for (const [name, groups, expected] of refused) {
    test(`may not be ${name}`, () => {
      const given = groups as RowLabels
      assert.throws(() => new GroupKFold({ folds: 2 }).split(3, undefined, given), expected)
      const y = [0, 0, 1]
      assert.throws(() => new StratifiedGroupKFold({ folds: 2 }).split(3, y, given))
      assert.throws(() => new LeaveOneGroupOut().split(3, y, given))
      assert.throws(() => new ShuffleSplit({ grouped: true }).split(3, y, given))
    })
  }
})

describe('labels', () => {
  test('are needed by stratified splitters, one for each row', () => {
    const needing = [
      new StratifiedKFold({ folds: 2 }),
      new RepeatedKFold({ folds: 2, stratified: true }),
      new ShuffleSplit({ stratified: true }),
      new StratifiedGroupKFold({ folds: 2 }),
    ]
    for (const splitter of needing) {
      const { name } = splitter.constructor
      const groups = [0, 1, 2, 3]
      assert.throws(() => splitter.split(4, undefined, groups), {
        name: 'TypeError',
        message: `${name} needs the label of each row: pass \`y\`, as in split(n, y).`,
      })
      assert.throws(() => splitter.split(4, [0, 1, 0], groups), {
        code: 'ERR_SHAPE',
        message: 'Expected `y` to have a label for each of 4 rows, got 3.',
      })
      assert.throws(() => splitter.split(4, [0, NaN, 0, 1], groups), { code: 'ERR_VALUE' })
      assert.throws(() => splitter.split(4, zeros([4, 2]), groups), { code: 'ERR_SHAPE' })
      assert.throws(() => splitter.split(4, ['a', 1, 'b', 'a'] as never, groups), {
        name: 'TypeError',
      })
    }
    const targets = Float64Array.from({ length: 3000 }, (_, row) => Math.sin(row))
    assert.throws(() => new StratifiedKFold().split(3000, targets), {
      code: 'ERR_VALUE',
      message: /^Expected at most 1000 different labels in `y`/,
    })
  })

  test('of few rows can not be drawn', () => {
    const splitter = new ShuffleSplit({ stratified: true, testSize: 2 })
    assert.throws(() => splitter.split(5, [0, 0, 0, 0, 1]), {
      code: 'ERR_ROWS',
      message:
        'Expected at least 2 rows of every class for a stratified split, got 1 of some class.',
    })
    assert.throws(() => splitter.split(6, [0, 0, 1, 1, 2, 2]), {
      code: 'ERR_ROWS',
      message:
        'Expected at least 3 rows in both parts of a stratified split, one for each class, got 4 to train on and 2 to test.',
    })
    assert.throws(() => new ShuffleSplit({ stratified: true, grouped: true }).split(9), {
      code: 'ERR_OPTION',
      message:
        'Expected ShuffleSplit to be `stratified` or `grouped`, got both. Use StratifiedGroupKFold.',
    })
  })
})

describe('PredefinedSplit', () => {
  test('takes numbers in every form', () => {
    const lists = [[0, 2, -1, 0], Int8Array.of(0, 2, -1, 0), BigInt64Array.of(0n, 2n, -1n, 0n)]
    const columns = [new NumberColumn('fold', array([0, 2, -1, 0])), array([0, 2, -1, 0])]
    for (const testFold of [...lists, ...columns])
      assert.deepEqual(testsOf(new PredefinedSplit({ testFold }).split(4)), [[0, 3], [1]])
  })

  test('refuses folds that are none', () => {
    const splitAs = (testFold: unknown, n = 3): unknown =>
      new PredefinedSplit({ testFold: testFold as number[] }).split(n)
    assert.throws(() => splitAs([0, 1]), {
      code: 'ERR_SHAPE',
      message: 'Expected `testFold` of PredefinedSplit to have a fold for each of 3 rows, got 2.',
    })
    assert.throws(() => splitAs([0, 0.5, 1]), {
      code: 'ERR_VALUE',
      message: 'Expected whole numbers >= -1 in `testFold`, got 0.5 at row 1 (counted from 0).',
    })
    assert.throws(() => splitAs([0, NaN, 1]), { code: 'ERR_VALUE' })
    assert.throws(() => splitAs([0, -2, 1]), { code: 'ERR_VALUE' })
    assert.throws(() => splitAs([-1, -1, -1]), {
      code: 'ERR_ROWS',
      message:
        'Expected `testFold` of PredefinedSplit to leave rows to train on and to test some, got the same number, -1, for all rows.',
    })
    assert.throws(() => splitAs([4, 4, 4]), { code: 'ERR_ROWS' })
    assert.throws(() => splitAs(zeros([3, 1])), { code: 'ERR_SHAPE' })
    assert.throws(() => splitAs(['a', 'b', 'c']), { name: 'TypeError' })
    assert.throws(() => splitAs(undefined), { name: 'TypeError' })
  })
})

describe('sizes', () => {
  test('that leave no rows are refused', () => {
    const message = (train: number, tested: number): string =>
      `Expected ShuffleSplit to leave rows to train on and to test, of 10, got ${train} and ${tested}. Change \`testSize\` or \`trainSize\`.`
    const refused: [options: object, text: string][] = [
      [{ testSize: 10 }, message(0, 10)],
      [{ testSize: 11 }, message(0, 11)],
      [{ trainSize: 10 }, message(10, 0)],
      [{ trainSize: 0.01 }, message(0, 10)],
      [{ testSize: 6, trainSize: 5 }, message(5, 6)],
      [{ testSize: 0.95 }, message(0, 10)],
    ]
    for (const [options, text] of refused)
      assert.throws(() => new ShuffleSplit(options).split(10), { code: 'ERR_ROWS', message: text })
    for (const testSize of [0, -0.1, 1.5, NaN, Infinity])
      assert.throws(() => new ShuffleSplit({ testSize }).split(10), { code: 'ERR_OPTION' })
    assert.throws(() => new ShuffleSplit({ testSize: '0.2' as never }).split(10), {
      name: 'TypeError',
    })
    assert.throws(() => new ShuffleSplit({ splits: 0 }).split(10), { code: 'ERR_OPTION' })
    assert.throws(() => new ShuffleSplit({ seed: -1 }).split(10), { code: 'ERR_OPTION' })
    assert.throws(() => new ShuffleSplit().split(2 ** 31), { code: 'ERR_ROWS' })
    assert.throws(() => new SubsetSplit({ shuffle: true }).split(2 ** 31), { code: 'ERR_ROWS' })
  })

  test('of contiguous splits may be huge', () => {
    const n = 2 ** 40
    assert.equal(new KFold().split(n).length, 5)
    assert.deepEqual(new BlendSplit().split(n)[0].test, { ranges: [[n / 2, n]] })
    assert.equal(new SubsetSplit({ partitions: 4 }).split(n).length, 8)
    assert.equal(new TemporalSplit({ stepSize: n / 8 }).split(n).length, 7)
  })
})

describe('trainTestSplit', () => {
  test('counts the rows of arrays, lists and tables', () => {
    const table = new Table([new NumberColumn('x', array([1, 2, 3, 4, 5, 6, 7, 8]))])
    const data = [
      8,
      zeros([8, 3]),
      new Float64Array(8),
      Array.from({ length: 8 }, () => [1, 2]),
      table,
    ]
    for (const one of data as Parameters<typeof trainTestSplit>[0][]) {
      const { train, test } = trainTestSplit(one)
      assert.deepEqual([countRows(train), countRows(test)], [6, 2])
      assert.deepEqual(trainTestSplit(one, { shuffle: false }), {
        train: { ranges: [[0, 6]] },
        test: { ranges: [[6, 8]] },
      })
    }
  })

  test('refuses what does not go together', () => {
    const y = [0, 0, 0, 0, 1, 1, 1, 1]
    const both = { stratify: y, groups: y }
    assert.throws(() => trainTestSplit(8, both), {
      code: 'ERR_OPTION',
      message: 'Expected `stratify` or `groups`, got both. Take a fold of StratifiedGroupKFold.',
    })
    for (const given of [{ stratify: y }, { groups: y }]) {
      assert.throws(() => trainTestSplit(8, { ...given, shuffle: false }), {
        code: 'ERR_OPTION',
        message:
          'Expected no `stratify` and no `groups` with `shuffle: false`, which draws no rows.',
      })
    }
    assert.throws(() => trainTestSplit(8, { shuffle: 1 as never }), {
      name: 'TypeError',
      message: 'Expected `shuffle` of trainTestSplit to be true or false, got 1.',
    })
    assert.throws(() => trainTestSplit(8, { seed: -1 }), {
      code: 'ERR_OPTION',
      message:
        'Expected `seed` of trainTestSplit to be a whole number >= 0 and <= 4294967295, got -1.',
    })
    assert.throws(() => trainTestSplit(8, { stratify: [1, 2] }), { code: 'ERR_SHAPE' })
    assert.throws(() => trainTestSplit(8, { groups: [1, 2] }), { code: 'ERR_SHAPE' })
    assert.throws(() => trainTestSplit(1), { code: 'ERR_ROWS' })
    assert.throws(() => trainTestSplit('X.npy' as never), { name: 'TypeError' })
    assert.throws(() => trainTestSplit(-1), { name: 'TypeError' })
    assert.throws(() => trainTestSplit(zeros([8, 1]), zeros([8]) as never), {
      name: 'TypeError',
      message: /^Expected options such as/,
    })
  })

  test('undefined options are those that are not given', () => {
    const none = { testSize: undefined, seed: undefined, shuffle: undefined } as object
    assert.deepEqual(trainTestSplit(9, none), trainTestSplit(9))
  })
})

describe('ClusteredSubsets', () => {
  const values = [1, 2, 3, 101, 102, 103, 104, 4]
  const X = array(values, { shape: [8, 1] })
  const expected = [
    [
      [2, 7],
      [0, 1, 3, 4],
    ],
    [
      [0, 1],
      [2, 5, 6, 7],
    ],
    [
      [5, 6],
      [0, 1, 3, 4],
    ],
    [
      [3, 4],
      [2, 5, 6, 7],
    ],
  ]
  const rowsOf = (folds: readonly Fold[]): number[][][] =>
    folds.map(({ train, test }) => [[...toRowNumbers(train)], [...toRowNumbers(test)]])

  test('takes clusters as groups', () => {
    const groups = values.map((value) => (value < 50 ? 'low' : 'more'))
    const folds = new ClusteredSubsets({ folds: 2 }).split(8, undefined, groups)
    assert.deepEqual(rowsOf(folds), expected)
    assert.deepEqual(
      folds.map(({ partition }) => partition),
      [0, 0, 1, 1],
    )
  })

  test('finds clusters by a function or an estimator, which stays unfitted', async () => {
    const kMeans = new KMeans({ clusters: 2 })
    const byKMeans = await new ClusteredSubsets({ clusters: kMeans }).forData(X)
    const found = rowsOf(byKMeans.split(8) as Fold[])
    assert.deepEqual(
      found.toSorted((a, b) => a[0]![0]! - b[0]![0]!),
      expected.toSorted((a, b) => a[0]![0]! - b[0]![0]!),
    )
    assert.ok(!('clusterCenters_' in kMeans))
    const seen: unknown[] = []
    const byFunction = new ClusteredSubsets({
      clusters: (given, y) => {
        seen.push(given, y)
        return Promise.resolve(values.map((value) => value > 50))
      },
    })
    const y = new Float64Array(8)
    const folds = (await byFunction.forData(X, y)).split(8) as Fold[]
    assert.deepEqual(rowsOf(folds), expected)
    assert.equal(seen[0], X)
    assert.equal(seen[1], y)
    const plain = new ClusteredSubsets()
    assert.equal(await plain.forData(X), plain)
  })

  test('refuses a finder that predicts numbers', async () => {
    const X = Array.from({ length: 30 }, (_, i) => [i])
    const y = Float64Array.from({ length: 30 }, (_, i) => i / 7)
    await assert.rejects(new ClusteredSubsets({ clusters: new Ridge() as never }).forData(X, y), {
      code: 'ERR_OPTION',
      message:
        /^Expected `clusters` of ClusteredSubsets to predict a whole number for each row, its cluster, got .* of Ridge for row 0 \(counted from 0\)\. Use an estimator that finds clusters or classes, such as a KMeans\.$/,
    })
  })

  test('refuses small clusters, and finders that have not seen data', async () => {
    assert.throws(() => new ClusteredSubsets({ folds: 3 }).split(5, undefined, [0, 0, 0, 7, 7]), {
      code: 'ERR_ROWS',
      message:
        'Expected at least 3 rows in each cluster for 3 folds, got 2 in cluster 7. Use fewer folds or clusters.',
    })
    const finding = new ClusteredSubsets({ clusters: new KMeans({ clusters: 2 }) })
    assert.throws(() => finding.split(8, undefined, [0, 0, 0, 0, 1, 1, 1, 1]), {
      name: 'TypeError',
      message:
        'ClusteredSubsets finds clusters in data: call split() of what `await splitter.forData(X)` returns.',
    })
    const bound = await finding.forData(X)
    assert.throws(() => bound.split(9), { code: 'ERR_SHAPE' })
    const wrong = new ClusteredSubsets({ clusters: 3 as never })
    await assert.rejects(wrong.forData(X), {
      name: 'TypeError',
      message:
        'Expected `clusters` of ClusteredSubsets to be an estimator such as a KMeans or a function, got 3.',
    })
    await assert.rejects(
      new ClusteredSubsets({ clusters: () => Promise.reject(new Error('no')) }).forData(X),
      { message: 'no' },
    )
  })
})
