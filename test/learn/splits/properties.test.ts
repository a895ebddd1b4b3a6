/** What holds for the folds of every splitter. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { countRows, type Rows, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  BlendSplit,
  ClusteredSubsets,
  type Fold,
  GroupKFold,
  KFold,
  LeaveOneGroupOut,
  PredefinedSplit,
  RepeatedKFold,
  ShuffleSplit,
  type Splitter,
  StratifiedGroupKFold,
  StratifiedKFold,
  SubsetSplit,
  TemporalSplit,
  trainTestSplit,
} from '../../../src/learn/index.ts'
import { divideRows } from '../../../src/learn/splits/make-folds.ts'
import { requireFolds } from '../../../src/learn/splits/require-folds.ts'

/** A splitter, and rows that it can split. */
interface Problem {
  readonly n: number
  readonly y: number[]
  readonly groups: string[]
  readonly folds: number
  readonly shuffle: boolean
  readonly seed: number
}

/** At least 6 rows, 3 groups and 2 classes for each fold. */
const problems: fc.Arbitrary<Problem> = fc
  .record({
    folds: fc.integer({ min: 2, max: 5 }),
    extra: fc.integer({ min: 0, max: 60 }),
    shuffle: fc.boolean(),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    order: fc.integer({ min: 1, max: 30 }),
  })
  .map(({ folds, extra, shuffle, seed, order }) => {
    const n = folds * 6 + extra
    // Steps that share no factor with the number of groups spread them over the rows in another order.
    const groups = Array.from({ length: n }, (_, i) => `g${(i * order + (i % 7)) % (folds * 3)}`)
    for (let i = 0; i < folds * 3; i++) groups[i] = groups[i + folds * 3] = `g${i}`
    const y = Array.from({ length: n }, (_, i) => Number((i * i + order) % 5 < 2))
    for (let i = 0; i < folds; i++) [y[i], y[n - 1 - i]] = [0, 1]
    return { n, y, groups, folds, shuffle, seed }
  })

const oneFoldEach: Record<string, (problem: Problem) => Splitter> = {
  KFold: ({ folds, shuffle, seed }) => new KFold({ folds, shuffle, seed }),
  StratifiedKFold: ({ folds, shuffle, seed }) => new StratifiedKFold({ folds, shuffle, seed }),
  GroupKFold: ({ folds, shuffle, seed }) => new GroupKFold({ folds, shuffle, seed }),
  StratifiedGroupKFold: ({ folds, shuffle, seed }) =>
    new StratifiedGroupKFold({ folds, shuffle, seed }),
  LeaveOneGroupOut: () => new LeaveOneGroupOut(),
  PredefinedSplit: ({ n, folds }) =>
    new PredefinedSplit({ testFold: Array.from({ length: n }, (_, row) => (row * 7) % folds) }),
}

const others: Record<string, (problem: Problem) => Splitter> = {
  RepeatedKFold: ({ folds, shuffle, seed }) =>
    new RepeatedKFold({ folds, repeats: 3, stratified: shuffle, seed }),
  ShuffleSplit: ({ folds, seed }) => new ShuffleSplit({ splits: folds, testSize: 0.3, seed }),
  'ShuffleSplit of both sizes': ({ folds, seed }) =>
    new ShuffleSplit({ splits: folds, testSize: 2, trainSize: 0.5, seed }),
  'stratified ShuffleSplit': ({ folds, seed }) =>
    new ShuffleSplit({ splits: folds, testSize: 0.3, trainSize: 0.5, stratified: true, seed }),
  'grouped ShuffleSplit': ({ folds, seed }) =>
    new ShuffleSplit({ splits: folds, testSize: 0.3, grouped: true, seed }),
  BlendSplit: () => new BlendSplit({ testSize: 0.4, trainSize: 0.5 }),
  SubsetSplit: ({ folds, shuffle, seed }) =>
    new SubsetSplit({ partitions: 3, folds: Math.max(2, folds - 1), shuffle, seed }),
  ClusteredSubsets: ({ shuffle, seed }) => new ClusteredSubsets({ folds: 2, shuffle, seed }),
  TemporalSplit: ({ folds }) =>
    new TemporalSplit({ stepSize: folds, burnIn: 4, window: 3, lag: 1 }),
}

const split = (splitter: Splitter, { n, y, groups }: Problem): Fold[] =>
  Array.from(splitter.split(n, y, groups) as Iterable<Fold>)

const plain = (folds: readonly Fold[]): unknown =>
  folds.map(({ train, test, partition }) => [
    [...toRowNumbers(train)],
    [...toRowNumbers(test)],
    partition,
  ])

describe('every splitter', () => {
  for (const [name, make] of Object.entries({ ...oneFoldEach, ...others })) {
    test(`${name}: rows ascend, are there, and are trained on or tested`, () => {
      fc.assert(
        fc.property(problems, (problem) => {
          const folds = split(make(problem), problem)
          assert.ok(folds.length > 0)
          // Copies are not known to be folds of ours, and so are checked as those of a user.
          const copies = folds.map(({ train, test, partition }) =>
            partition === undefined ? { train, test } : { train, test, partition },
          )
          requireFolds({ split: () => copies }, problem.n)
        }),
        { seed: 11, numRuns: 40 },
      )
    })

    test(`${name}: a seed gives the same folds, and structured clones of them are whole`, () => {
      fc.assert(
        fc.property(problems, (problem) => {
          const folds = split(make(problem), problem)
          assert.deepEqual(plain(split(make(problem), problem)), plain(folds))
          assert.deepEqual(plain(structuredClone(folds)), plain(folds))
        }),
        { seed: 12, numRuns: 20 },
      )
    })
  }
})

for (const [name, make] of Object.entries(oneFoldEach)) {
  test(`${name}: every row is tested by one fold, and trained on by all others`, () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const folds = split(make(problem), problem)
        const tested = folds.flatMap(({ test }) => [...toRowNumbers(test)]).sort((a, b) => a - b)
        assert.deepEqual(tested, [...Array(problem.n).keys()])
        for (const { train, test } of folds)
          assert.equal(countRows(train) + countRows(test), problem.n)
        assert.ok(divideRows(folds, problem.n))
        assert.ok(!divideRows(folds, problem.n + 1))
        assert.ok(!divideRows(folds.slice(1), problem.n))
        assert.ok(!divideRows([...folds.slice(1), folds[1]!], problem.n))
      }),
      { seed: 13, numRuns: 40 },
    )
  })
}

const grouped = ['GroupKFold', 'StratifiedGroupKFold', 'LeaveOneGroupOut', 'grouped ShuffleSplit']
for (const name of grouped) {
  test(`${name}: no group is trained on and tested`, () => {
    const make = { ...oneFoldEach, ...others }[name]!
    fc.assert(
      fc.property(problems, (problem) => {
        const groupsOf = (rows: Rows): Set<string> =>
          new Set(Array.from(toRowNumbers(rows), (row) => problem.groups[row]!))
        for (const { train, test } of split(make(problem), problem)) {
          const trained = groupsOf(train)
          assert.deepEqual(
            [...groupsOf(test)].filter((group) => trained.has(group)),
            [],
          )
        }
      }),
      { seed: 14, numRuns: 40 },
    )
  })
}

test('stratified folds and splits have the share of each class, within a row', () => {
  const stratified: ((problem: Problem) => Splitter)[] = [
    oneFoldEach['StratifiedKFold']!,
    ({ folds, seed }) => new RepeatedKFold({ folds, repeats: 2, stratified: true, seed }),
    ({ folds, seed }) => new ShuffleSplit({ testSize: 1 / folds, stratified: true, seed }),
  ]
  fc.assert(
    fc.property(problems, fc.constantFrom(...stratified), (problem, make) => {
      const { n, y } = problem
      const ones = (rows: Iterable<number>): number =>
        [...rows].filter((row) => y[row] === 1).length
      const share = ones(Array(n).keys()) / n
      for (const { train, test } of split(make(problem), problem)) {
        for (const rows of [train, test]) {
          const error = ones(toRowNumbers(rows)) - share * countRows(rows)
          assert.ok(Math.abs(error) <= 1 + 1e-9, `${error} rows too many`)
        }
      }
    }),
    { seed: 15 },
  )
})

test('RepeatedKFold begins with the folds of a shuffled KFold, and goes on with others', () => {
  const options = { folds: 4, seed: 5 }
  const y = Array.from({ length: 22 }, (_, row) => row % 3)
  const random = { ...options, shuffle: true }
  for (const [stratified, first] of [
    [false, new KFold(random).split(22)],
    [true, new StratifiedKFold(random).split(22, y)],
  ] as const) {
    const folds = new RepeatedKFold({ ...options, repeats: 3, stratified }).split(22, y)
    assert.equal(folds.length, 12)
    assert.deepEqual(plain(folds.slice(0, 4)), plain(first))
    assert.notDeepEqual(plain(folds.slice(4, 8)), plain(first))
    for (const repeat of [0, 1, 2])
      assert.ok(divideRows(folds.slice(4 * repeat, 4 * repeat + 4), 22))
  }
  assert.equal(new RepeatedKFold().split(5).length, 50)
})

test('subsets: a model learns from one partition, and tests a fold of all of them', () => {
  fc.assert(
    fc.property(problems, fc.boolean(), (problem, isClustered) => {
      const { n, groups, folds, shuffle, seed } = problem
      const splitter = isClustered
        ? new ClusteredSubsets({ folds: 2, shuffle, seed })
        : new SubsetSplit({ partitions: 3, folds, shuffle, seed })
      const made = splitter.split(n, undefined, groups)
      const partitions = new Set(made.map(({ partition }) => partition))
      assert.equal(partitions.size, isClustered ? folds * 3 : 3)
      const perPartition = made.length / partitions.size
      const learned = new Map<number, number | undefined>()
      for (const [i, { train, test, partition }] of made.entries()) {
        assert.equal(partition, Math.floor(i / perPartition))
        assert.deepEqual(test, made[i % perPartition]!.test)
        for (const row of toRowNumbers(train)) {
          assert.equal(learned.get(row) ?? partition, partition)
          learned.set(row, partition)
          if (isClustered) assert.equal(groups[row], groups[toRowNumbers(train)[0]!])
        }
      }
      assert.equal(learned.size, n)
      const tests = made.slice(0, perPartition).flatMap(({ test }) => [...toRowNumbers(test)])
      assert.deepEqual(
        tests.sort((a, b) => a - b),
        [...Array(n).keys()],
      )
    }),
    { seed: 16 },
  )
})

test('trainTestSplit draws as ShuffleSplit does', () => {
  fc.assert(
    fc.property(problems, ({ n, y, groups, seed }) => {
      const options = { testSize: 0.3, seed }
      const first = (splitter: Splitter): unknown =>
        plain((splitter.split(n, y, groups) as Fold[]).slice(0, 1))
      assert.deepEqual(plain([trainTestSplit(n, options)]), first(new ShuffleSplit(options)))
      assert.deepEqual(
        plain([trainTestSplit(n, { ...options, stratify: y })]),
        first(new ShuffleSplit({ ...options, stratified: true })),
      )
      assert.deepEqual(
        plain([trainTestSplit(n, { ...options, groups })]),
        first(new ShuffleSplit({ ...options, grouped: true })),
      )
    }),
    { seed: 17, numRuns: 30 },
  )
})

test('random splits draw all rows equally often', () => {
  const counts = new Float64Array(20)
  const splitter = new ShuffleSplit({ splits: 4000, testSize: 5, trainSize: 8, seed: 2 })
  let trained = 0
  for (const { train, test } of splitter.split(20)) {
    for (const row of toRowNumbers(test)) counts[row]!++
    trained += countRows(train)
  }
  assert.equal(trained, 32_000)
  for (const count of counts) assert.ok(Math.abs(count - 1000) < 150, `${count} of 1000`)
})
