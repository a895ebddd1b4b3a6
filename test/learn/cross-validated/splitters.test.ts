/** Models that choose their penalty by the folds of any splitter. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, type Rows, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  ClusteredSubsets,
  clone,
  ElasticNetCV,
  type Fold,
  GroupKFold,
  KFold,
  KMeans,
  Lasso,
  LassoCV,
  LeaveOneGroupOut,
  LogisticRegression,
  LogisticRegressionCV,
  RepeatedKFold,
  Ridge,
  RidgeCV,
  ShuffleSplit,
  type Splitter,
  StratifiedKFold,
  TargetEncoder,
  TemporalSplit,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'
import { assertCloseToLargest } from '../close.ts'
import { openData } from '../sklearn.ts'

const n = 442
const chosen = Int32Array.from({ length: 300 }, (_, i) => (i * 7) % n)
const weights = Float64Array.from({ length: n }, (_, row) => row % 4)
const groups = Array.from({ length: n }, (_, row) => `g${(row * row) % 11}`)
const own: Splitter = {
  *split(count, y) {
    assert.equal((y as Float64Array).length, count)
    yield { train: { ranges: [[0, 100]] }, test: [101, 103, 200] }
    yield {
      train: Int32Array.from({ length: 80 }, (_, i) => 3 * i),
      test: { ranges: [[250, 300]] },
    }
  },
}
const splitters: Record<string, Splitter> = {
  'a shuffled KFold': new KFold({ folds: 3, shuffle: true }),
  ShuffleSplit: new ShuffleSplit({ splits: 3, testSize: 0.2, trainSize: 0.5 }),
  'many random draws, whose rows have hardly two folds in common': new ShuffleSplit({
    splits: 12,
    testSize: 0.2,
  }),
  RepeatedKFold: new RepeatedKFold({ folds: 2, repeats: 2 }),
  TemporalSplit: new TemporalSplit({ stepSize: 80, burnIn: 60, window: 50 }),
  GroupKFold: new GroupKFold({ folds: 3 }),
  LeaveOneGroupOut: new LeaveOneGroupOut(),
  'an own one': own,
}

const at = (positions: Rows): Int32Array =>
  toRowNumbers(positions).map((position) => chosen[position]!)

/** The groups, for a splitter that reads them. */
function groupsFor<G>(splitter: object, groups: G): { groups?: G } {
  return 'ignoresGroups' in splitter && splitter.ignoresGroups === true ? {} : { groups }
}

/** The folds of the chosen rows. */
function foldsOf(splitter: Splitter): { train: Int32Array; test: Int32Array }[] {
  const picked = Array.from(chosen, (row) => groups[row]!)
  const folds = splitter.split(300, new Float64Array(300), picked)
  return Array.from(folds, ({ train, test }) => ({
    train: at(train as Rows),
    test: at(test as Rows),
  }))
}

describe('errors are those of refits on the training rows of each fold', () => {
  const [X, y] = [openData('diabetes-X'), openData('diabetes-y')]
  for (const [name, folds] of Object.entries(splitters)) {
    test(name, async () => {
      for (const [model, refit] of [
        [new RidgeCV({ alphas: [0.5], folds }), () => new Ridge({ alpha: 0.5 })],
        [
          new LassoCV({ alphas: [0.5], folds, tol: 1e-10 }),
          () => new Lasso({ alpha: 0.5, tol: 1e-10 }),
        ],
      ] as const) {
        await model.fit(X, y, { rows: chosen, weights, ...groupsFor(folds, groups) })
        const split = name === 'an own one' ? ownFolds() : foldsOf(folds)
        assert.deepEqual(model.msePath_.shape, [1, split.length])
        for (const [k, { train, test: held }] of split.entries()) {
          const alone = await refit().fit(X, y, { rows: train, weights })
          const predicted = await alone.predict(X, { rows: held })
          let [sum, total] = [0, 0]
          for (const [i, row] of held.entries()) {
            sum += weights[row]! * (predicted.get(i) - Number(y.get(row))) ** 2
            total += weights[row]!
          }
          assertCloseToLargest([model.msePath_.get(0, k)], [sum / total], 1e-8)
        }
        const whole = await refit().fit(X, y, { rows: chosen, weights })
        assertCloseToLargest(model.coef_.toTypedArray(), [...whole.coef_.toTypedArray()], 1e-8)
      }
    })
  }

  function ownFolds(): ReturnType<typeof foldsOf> {
    const positions = (list: readonly number[]): Int32Array =>
      at({ numbers: Int32Array.from(list) })
    const range = (start: number, stop: number): Int32Array => at({ ranges: [[start, stop]] })
    return [
      { train: range(0, 100), test: positions([101, 103, 200]) },
      { train: positions(Array.from({ length: 80 }, (_, i) => 3 * i)), test: range(250, 300) },
    ]
  }
})

describe('LogisticRegressionCV', () => {
  const [X, y] = [openData('wine-X'), openData('wine-y')]
  const rows = Int32Array.from({ length: 150 }, (_, i) => (i * 7) % 178)
  const heavy = weights.subarray(0, 178).map((weight) => weight + 0.5)
  const classes = Array.from(rows, (row) => Number(y.get(row)))
  const families = Int32Array.from({ length: 178 }, (_, row) => (row * 5) % 13)
  const cases: Record<string, Splitter> = {
    'stratified ShuffleSplit': new ShuffleSplit({ splits: 3, testSize: 0.3, stratified: true }),
    'stratified RepeatedKFold': new RepeatedKFold({ folds: 2, repeats: 2, stratified: true }),
    'shuffled StratifiedKFold': new StratifiedKFold({ folds: 3, shuffle: true }),
    GroupKFold: new GroupKFold({ folds: 3 }),
    'half of the rows': new ShuffleSplit({
      splits: 2,
      testSize: 0.3,
      trainSize: 0.5,
      stratified: true,
      seed: 4,
    }),
  }
  for (const [name, folds] of Object.entries(cases)) {
    test(`${name}: scores are those of refits`, async () => {
      for (const rest of [{}, { penalty: 'l1' as const }, { classWeight: 'balanced' as const }]) {
        const options = { Cs: [0.01], folds, scorer: 'logLoss' as const, ...rest }
        const model = await new LogisticRegressionCV(options).fit(X, y, {
          rows,
          weights: heavy,
          ...groupsFor(folds, families),
        })
        const picked = Int32Array.from(rows, (row) => families[row]!)
        const split = Array.from(folds.split(150, classes, picked) as Iterable<Fold>)
        assert.deepEqual(model.scores_.shape, [split.length, 1])
        for (const [k, { train, test: held }] of split.entries()) {
          const own = (positions: Rows): Int32Array =>
            toRowNumbers(positions).map((position) => rows[position]!)
          const single = new LogisticRegression({ C: 0.01, ...rest })
          await single.fit(X, y, { rows: own(train), weights: heavy })
          const probabilities = await single.predictProba(X, { rows: own(held) })
          let [loss, total] = [0, 0]
          for (const [i, row] of own(held).entries()) {
            loss -= heavy[row]! * Math.log(probabilities.get(i, Number(y.get(row))))
            total += heavy[row]!
          }
          assert.ok(Math.abs(model.scores_.get(k, 0) / (loss / total) - 1) < 1e-6)
        }
      }
    })
  }

  test('hands labels as they are to a splitter, also those of chosen rows', async () => {
    const texts = Array.from(
      { length: 178 },
      (_, row) => ['red', 'rosé', 'white'][Number(y.get(row))]!,
    )
    const seen: unknown[] = []
    const splitter: Splitter = {
      split(count, y, groups) {
        seen.push(y, groups)
        return new StratifiedKFold({ folds: 2 }).split(count, y)
      },
    }
    const model = new LogisticRegressionCV({ folds: splitter, Cs: [0.1] })
    await model.fit(X, texts)
    assert.equal(seen[0], texts)
    assert.equal(seen[1], undefined)
    await model.fit(X, texts, { rows, groups: families })
    assert.deepEqual(
      seen[2],
      Array.from(rows, (row) => texts[row]),
    )
    assert.deepEqual(
      seen[3],
      Int32Array.from(rows, (row) => families[row]!),
    )
  })

  test('a fold that trains on no row of a class is refused', async () => {
    const sorted = Array.from({ length: 178 }, (_, row) => row).sort(
      (a, b) => Number(y.get(a)) - Number(y.get(b)),
    )
    const model = new LogisticRegressionCV({
      folds: new TemporalSplit({ burnIn: 30, stepSize: 60 }),
    })
    await assert.rejects(model.fit(X, y, { rows: sorted }), {
      code: 'ERR_ROWS',
      message:
        'Expected rows of every class to train on without fold 0, got none of class 1. Leave out rare classes, or use other folds.',
    })
  })
})

describe('groups of fit', () => {
  const values = (f: (row: number) => number): NDArray<'float64'> =>
    array(Float64Array.from({ length: 60 }, (_, row) => f(row)))
  const family = new CategoryColumn(
    'family',
    array(Int8Array.from({ length: 60 }, (_, row) => row % 6)),
    ['a', 'b', 'c', 'd', 'e', 'f'],
  )
  const table = new Table([
    new NumberColumn('x', values(Math.sin)),
    new NumberColumn(
      'z',
      values((row) => Math.cos(row * row)),
    ),
    family,
    new NumberColumn(
      'price',
      values((row) => Math.sin(row) + row / 100),
    ),
    new NumberColumn(
      'kind',
      values((row) => row % 2),
    ),
  ])

  test('may be a column of the table, which is then no feature', async () => {
    const folds = new LeaveOneGroupOut()
    const model = await new RidgeCV({ folds }).fit(table, 'price', { groups: 'family' })
    assert.deepEqual(model.featureNamesIn_, ['x', 'z', 'kind'])
    assert.equal(model.msePath_.shape[1], 6)
    const itself = await new RidgeCV({ folds }).fit(table, 'price', { groups: family })
    assert.deepEqual(itself.msePath_, model.msePath_)
    assert.deepEqual(itself.featureNamesIn_, ['x', 'z', 'kind'])
    const logistic = await new LogisticRegressionCV({ folds: new GroupKFold({ folds: 3 }) }).fit(
      table,
      'kind',
      { groups: 'family', rows: { ranges: [[0, 50]] } },
    )
    assert.deepEqual(logistic.featureNamesIn_, ['x', 'z', 'price'])
    assert.equal(logistic.scores_.shape[0], 3)
    const alone = await new RidgeCV({ folds: 'leaveOneOut' }).fit(table, 'price', {
      groups: 'family',
    })
    assert.deepEqual(alone.featureNamesIn_, ['x', 'z', 'kind'])
  })

  test('are refused by name where they do not fit', async () => {
    const [X, y] = [openData('diabetes-X'), openData('diabetes-y')]
    const model = new LassoCV({ folds: new GroupKFold({ folds: 3 }) })
    await assert.rejects(model.fit(X, y), {
      name: 'TypeError',
      message: 'GroupKFold needs the group of each row: pass `groups`, as in split(n, y, groups).',
    })
    await assert.rejects(model.fit(X, y, { groups: groups.slice(1) }), {
      code: 'ERR_SHAPE',
      message:
        'Expected `groups` to have 442 rows like `X`, got 441. Both must describe the same samples.',
    })
    await assert.rejects(model.fit(X, y, { groups: 'family' }), {
      name: 'TypeError',
      message: /^Expected `groups` to be the groups themselves, got 'family'\./,
    })
    await assert.rejects(model.fit(table, 'price', { groups: 'familie' }), { code: 'ERR_INDEX' })
    for (const one of [model, new RidgeCV({ folds: 'leaveOneOut' }), new LogisticRegressionCV()]) {
      await assert.rejects(one.fit(X, y, { group: groups } as object), {
        name: 'TypeError',
        message: /`group`.* It has: rows, weights, groups\.$/,
      })
      await assert.rejects(one.fit(X, y, null as never), { name: 'TypeError' })
    }
    const missing = new CategoryColumn('g', array(new Int8Array(60).fill(-1, 0, 1)), ['a'])
    await assert.rejects(model.fit(table.without(['family']), 'price', { groups: missing }), {
      code: 'ERR_VALUE',
      message: /^Expected a group for every row in column 'g', got none at row 0/,
    })
  })
})

test('folds that can not be used are refused by name', async () => {
  const [X, y] = [openData('diabetes-X'), openData('diabetes-y')]
  const fit = (folds: unknown): Promise<unknown> =>
    new ElasticNetCV({ folds: folds as Splitter }).fit(X, y)
  await assert.rejects(fit({ split: () => [] }), { code: 'ERR_FOLDS' })
  await assert.rejects(fit({ split: () => [{ train: [0, 1], test: [1] }] }), { code: 'ERR_FOLDS' })
  await assert.rejects(fit({ split: () => [{ train: [0, 1], test: [442] }] }), {
    code: 'ERR_INDEX',
  })
  await assert.rejects(fit('kfold'), {
    code: 'ERR_OPTION',
    message:
      "Expected `folds` of ElasticNetCV to be a whole number >= 2 or a splitter, such as a KFold, got 'kfold'.",
  })
  await assert.rejects(fit(new ClusteredSubsets({ clusters: new KMeans({ clusters: 2 }) })), {
    name: 'TypeError',
    message: /forData/,
  })
})

test('a clone has a splitter of its own, or the same object of a user', () => {
  const model = new LassoCV({ folds: new GroupKFold({ folds: 3 }) })
  const { folds } = clone(model)
  assert.ok(folds instanceof GroupKFold && folds !== model.folds && folds.folds === 3)
  assert.equal(clone(new LassoCV({ folds: own })).folds, own)
})

describe('TargetEncoder', () => {
  const X = array(Array.from({ length: 40 }, (_, row) => row % 3)).copy()
  const matrix = array(X.toTypedArray(), { shape: [40, 1] })
  const y = Float64Array.from({ length: 40 }, (_, row) => Math.sin(row * row))
  const labels = y.map((value) => (value > 0 ? 1 : 0))

  test('maps a row by the rows that its fold of a splitter trains on', async () => {
    const rows = Int32Array.from({ length: 30 }, (_, i) => (i * 11) % 40)
    for (const folds of [
      new KFold({ folds: 4, shuffle: true }),
      new StratifiedKFold({ folds: 3 }),
    ]) {
      const encoder = new TargetEncoder({ smoothing: 0, folds })
      const mapped = await encoder.fitTransform(matrix, labels, { rows })
      const picked = Array.from(rows, (row) => labels[row]!)
      for (const { train, test: held } of folds.split(30, picked)) {
        for (const position of toRowNumbers(held)) {
          const row = rows[position]!
          const alike = [...toRowNumbers(train)]
            .map((other) => rows[other]!)
            .filter((other) => matrix.get(other, 0) === matrix.get(row, 0))
          const mean = alike.reduce((sum, other) => sum + labels[other]! / alike.length, 0)
          assert.ok(Math.abs(mapped.get(position, 0) - mean) < 1e-12)
        }
      }
    }
  })

  test('refuses folds that do not test each row once', async () => {
    await assert.rejects(new TargetEncoder({ folds: new ShuffleSplit() }).fit(matrix, y), {
      code: 'ERR_FOLDS',
      message:
        'Expected at most 1000 folds for TargetEncoder, of which one tests each row and trains on all others, got others from ShuffleSplit. Use a KFold or a StratifiedKFold.',
    })
    await assert.rejects(new TargetEncoder({ folds: {} as never }).fit(matrix, y), {
      name: 'TypeError',
    })
  })
})
