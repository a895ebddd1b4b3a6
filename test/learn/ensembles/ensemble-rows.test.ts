/** Ensembles that are fitted on some rows, predict some rows, and are scored on some rows. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  array,
  type NDArray,
  type RowSelection,
  shared,
  toRowNumbers,
  zeros,
} from '../../../src/arrays/index.ts'
import {
  accuracy,
  BlendEnsemble,
  checkEstimator,
  DecisionTreeClassifier,
  DecisionTreeRegressor,
  type EnsembleFitOptions,
  GaussianNB,
  GroupKFold,
  KFold,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  LogisticRegression,
  mae,
  NonNegativeLeastSquares,
  RandomForestRegressor,
  RepeatedKFold,
  Ridge,
  rmse,
  rocAuc,
  SequentialEnsemble,
  StandardScaler,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'
import { SignMean, Squares } from '../../fixtures/learn/nearest-mean.ts'
import { assertClose, copyRows } from '../copied-rows.ts'
import { randomProblem, seeded } from '../random-problem.ts'

const n = 150
const { X, y, weights } = randomProblem(n, 4)
const ones = Float64Array.from(weights, (weight) => weight + 1)
const fresh = randomProblem(40, 4, { seed: 9 }).X

/** Learners of every way of fitting. */
const everyWay = (ensemble: SuperLearner): SuperLearner =>
  ensemble
    .add([new LinearRegression(), new Ridge({ alpha: 2 })])
    .add([new Lasso({ alpha: 0.01 }), new KNeighborsRegressor({ neighbors: 3 })], {
      preprocess: new StandardScaler(),
    })
    .add({ squared: new Ridge(), mean: new SignMean() }, { preprocess: new Squares() })
    .add(new RandomForestRegressor({ trees: 3 }))

const kinds: Readonly<Record<string, () => SuperLearner>> = {
  'folds of a number': () => everyWay(new SuperLearner({ folds: 3 })).addMeta(new Ridge()),
  'contiguous folds': () =>
    everyWay(new SuperLearner({ folds: new KFold({ folds: 4 }) })).addMeta(
      new NonNegativeLeastSquares(),
    ),
  'repeated folds': () =>
    new SuperLearner({ folds: new RepeatedKFold({ folds: 2, repeats: 2 }) })
      .add([new Ridge(), new KNeighborsRegressor()])
      .addMeta(new Ridge()),
  'two layers': () =>
    everyWay(new SuperLearner({ folds: 3 }))
      .addLayer([new Ridge(), new KNeighborsRegressor()], { folds: 2, propagateFeatures: [1] })
      .addMeta([new Ridge(), new Lasso({ alpha: 0.01 })]),
  'a blend': () =>
    new BlendEnsemble()
      .add([new Ridge(), new KNeighborsRegressor()])
      .addLayer([new Ridge(), new Lasso()])
      .addMeta(new LinearRegression()),
  'a subsemble': () =>
    new Subsemble({ partitions: 2, folds: 2, shuffle: true })
      .add([new Ridge(), new KNeighborsRegressor()])
      .addMeta(new Ridge()),
  'steps of time': () =>
    new TemporalEnsemble({ stepSize: 20, burnIn: 30 })
      .add([new Ridge(), new KNeighborsRegressor()])
      .addMeta(new Ridge()),
  'several kinds': () =>
    new SequentialEnsemble()
      .add([new Ridge(), new KNeighborsRegressor()], { kind: 'stack', folds: 3 })
      .add([new Ridge(), new Lasso()], { kind: 'blend', testSize: 0.4 })
      .addMeta(new Ridge()),
}

const selections: Readonly<Record<string, RowSelection>> = {
  'a range': { ranges: [[20, 130]] },
  'several ranges': {
    ranges: [
      [0, 31],
      [40, 90],
      [99, 150],
    ],
  },
  'row numbers': Int32Array.from({ length: 70 }, (_, i) => 2 * i + 3),
  'a mask': Array.from({ length: n }, (_, row) => row % 3 !== 1),
}

describe('a fit on rows is the fit on a copy of them', () => {
  for (const [kind, make] of Object.entries(kinds))
    test(kind, async () => {
      for (const [selection, rows] of Object.entries(selections)) {
        const numbers = toRowNumbers(rows, n)
        for (const weighed of [false, true]) {
          const what = `${selection}${weighed ? ', weighed' : ''}`
          const own = { X: copyRows(X, numbers), y: copyRows(y, numbers) }
          const copied = await make().fit(
            own.X,
            own.y,
            weighed ? { weights: Float64Array.from(numbers, (row) => ones[row]!) } : {},
          )
          const chosen = await make().fit(X, y, { rows, ...(weighed && { weights: ones }) })
          assertClose(await chosen.predict(fresh), await copied.predict(fresh), `${what}: predict`)
          assertClose(
            await chosen.transform(fresh),
            await copied.transform(fresh),
            `${what}: transform`,
          )
          assert.equal(chosen.outOfFold.shape[0], n)
          assertClose(
            copyRows(chosen.outOfFold, numbers),
            copied.outOfFold,
            `${what}: out-of-fold predictions`,
          )
          assertClose(
            copyRows(chosen.combinedOutOfFold!, numbers),
            copied.combinedOutOfFold!,
            `${what}: of the ensemble`,
          )
          const scores = ({ scores: { learners, ensemble } }: SuperLearner): NDArray =>
            array([...learners, ensemble!].flatMap(({ folds, score }) => [...folds, score]))
          assertClose(scores(chosen), scores(copied), `${what}: scores`)
          assert.deepEqual(
            chosen.layers.map(({ folds }) => folds.map(({ test }) => [...toRowNumbers(test)])),
            copied.layers.map(({ folds }) =>
              folds.map(({ test }) => [...toRowNumbers(test)].map((at) => numbers[at]!)),
            ),
          )
        }
      }
    })

  test('of classes, also of one without a row among them', async () => {
    const names = ['a', 'b', 'c', 'none'] as const
    const labels = Array.from({ length: n }, (_, row) =>
      row < 9 ? names[3] : names[(row * 7 + (X.get(row, 0) > 0 ? 1 : 0)) % 3]!,
    )
    const make = (): SuperLearner =>
      new SuperLearner({ folds: 3 })
        .add([
          new LogisticRegression(),
          new GaussianNB(),
          new KNeighborsClassifier(),
          new DecisionTreeClassifier(),
        ])
        .addMeta(new LogisticRegression())
    const rows = {
      ranges: [
        [9, 80],
        [100, 150],
      ],
    } as const
    const numbers = toRowNumbers(rows)
    const chosen = await make().fit(X, labels, { rows })
    const copied = await make().fit(
      copyRows(X, numbers),
      Array.from(numbers, (row) => labels[row]!),
    )
    assert.deepEqual(chosen.classes_, ['a', 'b', 'c'])
    assertClose(
      await chosen.predictProba(fresh),
      await copied.predictProba(fresh),
      'probabilities',
      1e-9,
    )
    assert.deepEqual(await chosen.predict(fresh), await copied.predict(fresh))
    assertClose(copyRows(chosen.outOfFold, numbers), copied.outOfFold, 'stacked', 1e-9)
  })

  test('by groups, of which others are not read', async () => {
    const groups = Float64Array.from({ length: n }, (_, row) => row % 7)
    const rows = selections['several ranges']!
    const numbers = toRowNumbers(rows)
    const make = (): SuperLearner =>
      new SuperLearner({ folds: new GroupKFold({ folds: 3 }) })
        .add(new Ridge())
        .addMeta(new Ridge())
    const chosen = await make().fit(X, y, { rows, groups })
    const copied = await make().fit(copyRows(X, numbers), copyRows(y, numbers), {
      groups: Float64Array.from(numbers, (row) => groups[row]!),
    })
    assertClose(await chosen.predict(fresh), await copied.predict(fresh), 'predict')
  })

  test('in any order: splitters of all layers see positions', async () => {
    const numbers = Int32Array.from({ length: 99 }, (_, i) => (i * 37) % n)
    const makers: readonly (() => SuperLearner)[] = [
      () => new SuperLearner({ folds: new KFold({ folds: 3 }) }),
      () => new TemporalEnsemble({ stepSize: 10, burnIn: 30 }),
      () => new BlendEnsemble(),
    ]
    // It draws rows by their positions.
    const drawing = new RandomForestRegressor({ trees: 3 })
    for (const rows of [numbers, Int32Array.from({ length: n }, (_, row) => n - 1 - row)])
      for (const maker of makers) {
        const make = (): SuperLearner =>
          maker()
            .add([new Ridge(), new KNeighborsRegressor({ neighbors: 2 }), drawing])
            .addLayer(new Ridge())
            .addMeta(new Ridge())
        const chosen = await make().fit(X, y, { rows })
        const copied = await make().fit(copyRows(X, rows), copyRows(y, rows))
        const what = chosen.constructor.name
        assertClose(await chosen.predict(fresh), await copied.predict(fresh), what)
        assertClose(copyRows(chosen.outOfFold, rows), copied.outOfFold, what)
        const scoreOf = ({ scores }: SuperLearner): number => scores.ensemble!.score
        assert.ok(Math.abs(scoreOf(chosen) - scoreOf(copied)) < 1e-9, `score of ${what}`)
      }
  })

  test('of a table, whose other rows may hold anything', async () => {
    const values = Float64Array.from(y.toTypedArray())
    values[3] = Number.NaN
    const sizes = Float64Array.from(X.column(0).copy().toTypedArray())
    sizes[3] = Number.NaN
    const table = new Table([
      new NumberColumn('size', array(sizes)),
      new NumberColumn('other', X.column(1).copy()),
      new NumberColumn('target', array(values)),
      new CategoryColumn(
        'group',
        array(Int32Array.from({ length: n }, (_, row) => (row === 3 ? -1 : row % 4))),
        ['g0', 'g1', 'g2', 'g3'],
      ),
    ])
    const options: EnsembleFitOptions = { rows: { ranges: [[4, 140]] }, groups: 'group' }
    const ensemble = await new SuperLearner({ folds: new GroupKFold({ folds: 2 }) })
      .add(new Ridge())
      .addMeta(new Ridge())
      .fit(table, 'target' as never, options)
    assert.deepEqual(ensemble.featureNamesIn_, ['size', 'other'])
    assert.ok(
      ((await ensemble.predict(table, { rows: [5, 9, 70] })) as unknown as NDArray)
        .toTypedArray()
        .every((value) => Number.isFinite(Number(value))),
    )
  })

  test('whatever the rows are', async () => {
    const seed = 5
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.nat(n - 1), { minLength: 30, maxLength: n }),
        async (list) => {
          const make = (): SuperLearner =>
            new SuperLearner({ folds: 3 })
              .add([new Ridge(), new KNeighborsRegressor()])
              .addMeta(new Ridge())
          const rows = Int32Array.from(list)
          const chosen = await make().fit(X, y, { rows })
          const copied = await make().fit(copyRows(X, rows), copyRows(y, rows))
          assertClose(await chosen.predict(fresh), await copied.predict(fresh), `seed ${seed}`)
        },
      ),
      { seed, numRuns: 25 },
    )
  })

  test('which neither copies nor changes X', async () => {
    const memory = shared([n, 4], 'float64')
    memory.data.set(X.toTypedArray())
    await everyWay(new SuperLearner({ folds: 3 })).fit(memory, y, {
      rows: selections['row numbers']!,
    })
    assert.deepEqual(memory.toArray(), X.toArray())
    memory[Symbol.dispose]()
  })
})

describe('rows to fit on are refused', () => {
  const fit = (rows: RowSelection): Promise<unknown> =>
    new SuperLearner({ folds: 3 }).add(new Ridge()).fit(X, y, { rows })

  test('when there are none', async () => {
    const none = {
      code: 'ERR_ROWS',
      message: 'Expected at least one row to fit an ensemble on, got none.',
    }
    await assert.rejects(fit([]), none)
    await assert.rejects(fit({ ranges: [] }), none)
  })

  test('when one of them is given twice', async () => {
    await assert.rejects(fit([1, 2, 3, 4, 2]), {
      code: 'ERR_ROWS',
      message:
        'Expected each row once in `rows` of an ensemble, whose folds split them, got row 2 twice. Give it a weight of 2 to count it twice.',
    })
  })

  test('outside X, and when there are fewer than folds', async () => {
    await assert.rejects(fit([1, n]), { code: 'ERR_INDEX' })
    await assert.rejects(fit([1, 2]), { code: 'ERR_ROWS' })
  })
})

describe('predictions of rows', () => {
  const ready = kinds['two layers']!().fit(X, y)

  test('are those of all rows', async () => {
    const ensemble = await ready
    for (const method of ['predict', 'transform'] as const) {
      const all = await ensemble[method](X)
      for (const [what, rows] of Object.entries(selections)) {
        const numbers = toRowNumbers(rows, n)
        assertClose(await ensemble[method](X, { rows }), copyRows(all, numbers), what)
        const out = array(new Float32Array(all.size).fill(-7), { shape: all.shape })
        assert.equal(await ensemble[method](X, { rows, out }), out)
        const chosen = new Set(numbers)
        for (let row = 0; row < n; row++) {
          const [got, expected] = [out, all].map((one) => [
            ...one
              .rows(row, row + 1)
              .copy()
              .toTypedArray(),
          ])
          assert.deepEqual(got, chosen.has(row) ? expected!.map(Math.fround) : got!.map(() => -7))
        }
      }
      const none = await ensemble[method](X, { rows: [] })
      assert.deepEqual(none.shape, [0, ...all.shape.slice(1)])
    }
  })

  test('may be written over X', async () => {
    const ensemble = await ready
    const expected = await ensemble.predict(X)
    const memory = X.copy()
    await ensemble.predict(memory, { out: memory.column(2) })
    assertClose(memory.column(2), expected, 'predict')
  })

  test('of classes are labels, and probabilities', async () => {
    const labels = Array.from({ length: n }, (_, row) => (X.get(row, 0) > 0 ? 'yes' : 'no'))
    const ensemble = await new SuperLearner({ folds: 3 })
      .add([new GaussianNB(), new LogisticRegression()])
      .addMeta(new LogisticRegression())
      .fit(X, labels)
    const [all, shares] = [await ensemble.predict(X), await ensemble.predictProba(X)]
    for (const [what, rows] of Object.entries(selections)) {
      const numbers = toRowNumbers(rows, n)
      assert.deepEqual(
        await ensemble.predict(X, { rows }),
        Array.from(numbers, (row) => all[row]),
        what,
      )
      assertClose(await ensemble.predictProba(X, { rows }), copyRows(shares, numbers), what)
    }
    await assert.rejects(ensemble.predict(X, { out: zeros([n]) }), {
      code: 'ERR_OPTION',
      message:
        'Expected no `out` for labels that are not numbers, got one. Use the list that predict() returns.',
    })
  })
})

describe('score', () => {
  const random = seeded(4)
  const { X: given, y: target } = randomProblem(90, 4, { seed: 4 })
  const own = Float64Array.from({ length: 90 }, random)

  test('is what the scorer says of the predictions', async () => {
    const ensemble = await new SuperLearner({ folds: 3, scorer: 'mae' })
      .add([new Ridge(), new Lasso()])
      .addMeta(new Ridge())
      .fit(X, y)
    const predicted = await ensemble.predict(given)
    assert.equal(await ensemble.score(given, target), mae(target, predicted))
    const rows = {
      ranges: [
        [10, 40],
        [50, 80],
      ],
    } as const
    assert.equal(
      await ensemble.score(given, target, { rows, weights: own, scorer: 'rmse' }),
      rmse(target, predicted, { rows, weights: own }),
    )
  })

  test('of classes takes labels and probabilities', async () => {
    const labelsOf = (values: NDArray): string[] =>
      Array.from({ length: values.shape[0]! }, (_, row) =>
        Number(values.get(row, 0)) + Number(values.get(row, 2)) > 0 ? 'yes' : 'no',
      )
    const ensemble = await new SuperLearner({ folds: 3 })
      .add([new GaussianNB(), new KNeighborsClassifier()])
      .addMeta(new LogisticRegression())
      .fit(X, labelsOf(X))
    const truth = labelsOf(given)
    assert.equal(
      await ensemble.score(given, truth),
      accuracy(truth, (await ensemble.predict(given)) as never),
    )
    const shares = await ensemble.predictProba(given)
    assert.equal(
      await ensemble.score(given, truth, { scorer: 'rocAuc' }),
      rocAuc(truth, shares.column(1), { classes: ['no', 'yes'] }),
    )
  })

  test('before fit, or of an unknown option, is refused', async () => {
    const ensemble = new SuperLearner().add(new Ridge()).addMeta(new Ridge())
    await assert.rejects(ensemble.score(X, y), { code: 'ERR_NOT_FITTED' })
    await ensemble.fit(X, y)
    await assert.rejects(
      ensemble.score(X, y, { row: [1] } as never),
      /^TypeError: SuperLearner.score has no option `row`. Did you mean `rows`\?/,
    )
  })
})

/** Rules that ensembles do not keep: folds split rows by their positions, so that a row more or less changes the folds. */
const positions = 'a weight of 2 counts a row twice, a weight of 0 not at all'

describe('checkEstimator', () => {
  const makers: Readonly<Record<string, () => SuperLearner>> = {
    SuperLearner: () =>
      new SuperLearner({ folds: 3 })
        .add([new Ridge(), new DecisionTreeRegressor({ maxDepth: 3 })], {
          preprocess: new StandardScaler(),
        })
        .addMeta(new Ridge()),
    'of classes': () =>
      new SuperLearner({ folds: 3 })
        .add([new GaussianNB(), new LogisticRegression()])
        .addMeta(new LogisticRegression()),
    BlendEnsemble: () =>
      new BlendEnsemble()
        .add([new Ridge(), new DecisionTreeRegressor({ maxDepth: 3 })])
        .addMeta(new Ridge()),
    Subsemble: () =>
      new Subsemble()
        .add([new Ridge(), new DecisionTreeRegressor({ maxDepth: 3 })])
        .addMeta(new Ridge()),
    TemporalEnsemble: () =>
      new TemporalEnsemble({ stepSize: 5, burnIn: 10 })
        .add([new Ridge(), new DecisionTreeRegressor({ maxDepth: 3 })])
        .addMeta(new Ridge()),
    SequentialEnsemble: () =>
      new SequentialEnsemble()
        .add([new Ridge(), new DecisionTreeRegressor({ maxDepth: 3 })], { kind: 'stack', folds: 3 })
        .addMeta(new Ridge()),
  }
  for (const [name, make] of Object.entries(makers))
    test(`passes: ${name}`, async () => {
      assert.ok((await checkEstimator(make, { except: [positions] })).length > 30)
    })
})
