/** Out-of-fold predictions and learning curves: by hand, scikit-learn's, backends, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  BlendSplit,
  clone,
  crossValPredict,
  type Estimator,
  GaussianNB,
  KFold,
  KNeighborsClassifier,
  KNeighborsRegressor,
  learningCurve,
  LinearRegression,
  LogisticRegression,
  Pipeline,
  r2,
  RandomForestClassifier,
  RepeatedKFold,
  Ridge,
  RidgeClassifier,
  rmse,
  StandardScaler,
  StratifiedKFold,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { CountedMean, events } from '../../fixtures/learn/counted-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'
import { openData, readAnswers } from '../sklearn.ts'

const n = 90
const { X, y } = randomProblem(n, 4)
const labels = Array.from(y.data, (value) => (value > 4 ? 'high' : value > 3 ? 'mid' : 'low'))
const listOf = (values: NDArray): number[] => [...(values.copy().toTypedArray() as Float64Array)]

interface Answers {
  readonly numbers: Record<
    string,
    { readonly predicted: number[]; readonly sizes: number[]; readonly curve: number[][] }
  >
  readonly classes: Record<
    string,
    {
      readonly predicted: number[]
      readonly probabilities: number[][]
      readonly withoutClass: number[][]
    }
  >
}
const answers = readAnswers('validation') as Answers

const models = {
  LinearRegression: () => new LinearRegression(),
  Ridge: () => new Ridge({ alpha: 0.5 }),
  KNeighborsRegressor: () => new KNeighborsRegressor({ neighbors: 7 }),
  'scaled KNeighborsRegressor': () =>
    new Pipeline({ steps: [new StandardScaler(), new KNeighborsRegressor({ neighbors: 4 })] }),
  GaussianNB: () => new GaussianNB(),
  'scaled LogisticRegression': () =>
    new Pipeline({ steps: [new StandardScaler(), new LogisticRegression({ tol: 1e-10 })] }),
}

describe("scikit-learn's cross_val_predict", () => {
  for (const [name, expected] of Object.entries(answers.numbers))
    test(name, async () => {
      const model = models[name as 'Ridge']()
      const folds = new KFold({ folds: 5 })
      const [X, y] = [openData('diabetes-X'), openData('diabetes-y')]
      const found = await crossValPredict(model, X, y, { folds })
      assert.deepEqual(found.shape, [442])
      assert.notEqual(found.mapping, undefined, 'in shared memory')
      assertClose(listOf(found), expected.predicted, 1e-9)
    })
  for (const [name, expected] of Object.entries(answers.classes))
    test(name, async () => {
      const model = models[name as 'GaussianNB']()
      const [X, y] = [openData('iris-X'), openData('iris-y')]
      const folds = new KFold({ folds: 6 })
      assert.deepEqual(listOf(await crossValPredict(model, X, y, { folds })), expected.predicted)
      for (const [K, wanted] of [
        [6, expected.probabilities],
        [3, expected.withoutClass],
      ] as const) {
        const found = await crossValPredict(model, X, y, {
          folds: new KFold({ folds: K }),
          method: 'predictProba',
        })
        assertClose(listOf(found), wanted.flat(), 1e-5)
        if (K === 3) assert.ok(listOf(found.column(0).rows(0, 50)).every((value) => value === 0))
      }
    })
})

describe('predictions of classes', () => {
  test('are the labels that a classifier predicts, of their type', async () => {
    const folds = new StratifiedKFold({ folds: 3 })
    for (const model of [
      new GaussianNB<string>(),
      new KNeighborsClassifier<string>(),
      new RidgeClassifier<string>(),
      new RandomForestClassifier({ trees: 5 }),
    ]) {
      const found: string[] = await crossValPredict(model, X, labels, { folds })
      const expected: (string | undefined)[] = labels.map(() => undefined)
      for (const { train, test: rows } of folds.split(n, labels)) {
        const own = await clone(model).fit(X, labels, { rows: train })
        const predicted = await own.predict(X, { rows })
        for (const [i, row] of toRowNumbers(rows).entries()) expected[row] = predicted[i]
      }
      const same = found.filter((label, row) => label === expected[row]).length
      assert.ok(same >= (model instanceof RandomForestClassifier ? n - 8 : n), `${same}`)
    }
  })

  test('are true and false, or numbers', async () => {
    const booleans = labels.map((label) => label === 'high')
    const found: boolean[] = await crossValPredict(new GaussianNB(), X, booleans)
    assert.ok(found.filter((one, row) => one === booleans[row]).length > 70)
    const numbers = Float64Array.from(booleans, (one) => (one ? 7 : -2))
    const ofNumbers = await crossValPredict(new GaussianNB(), X, numbers)
    assert.deepEqual(
      listOf(ofNumbers),
      found.map((one) => (one ? 7 : -2)),
    )
  })

  test('are refused where a row has none, but not its probabilities', async () => {
    const folds = new BlendSplit({ testSize: 30 })
    await assert.rejects(crossValPredict(new GaussianNB(), X, labels, { folds }), {
      code: 'ERR_FOLDS',
      message:
        'Expected folds that hold out every row, because each gets a label, got none for row 0 (counted from 0). ' +
        "Use other folds, or method: 'predictProba', which gives such rows NaN.",
    })
    const found = await crossValPredict(new GaussianNB(), X, labels, {
      folds,
      method: 'predictProba',
    })
    const missing = listOf(found.column(0)).map(Number.isNaN)
    assert.deepEqual([missing.indexOf(false), missing.lastIndexOf(true)], [60, 59])
  })

  test('need a classifier', async () => {
    await assert.rejects(crossValPredict(new Ridge(), X, y, { method: 'predictProba' }), {
      name: 'TypeError',
      message:
        'Expected a classifier to predict probabilities by, got Ridge, which predicts numbers.',
    })
    await assert.rejects(
      crossValPredict(new RidgeClassifier(), X, labels, { method: 'predictProba' }),
      { name: 'TypeError', message: /without predictProba\(\)/ },
    )
    await assert.rejects(crossValPredict(new Ridge(), X, y, { method: 'transform' as never }), {
      code: 'ERR_OPTION',
    })
  })
})

test('a row that several folds hold out gets the mean, one that none holds out NaN', async () => {
  const repeated = new RepeatedKFold({ folds: 3, repeats: 2 })
  const found = listOf(await crossValPredict(new Ridge(), X, y, { folds: repeated }))
  const sums = new Float64Array(n)
  for (const { train, test: rows } of repeated.split(n)) {
    const model = await new Ridge().fit(X, y, { rows: train })
    for (const [i, row] of toRowNumbers(rows).entries())
      sums[row]! += (await model.predict(X, { rows })).get(i) / 2
  }
  assertClose(found, sums, 1e-9)
  const blend = await crossValPredict(new Ridge(), X, y, {
    folds: new BlendSplit({ testSize: 30 }),
  })
  assert.deepEqual(
    listOf(blend).map(Number.isNaN),
    Array.from({ length: n }, (_, row) => row < 60),
  )
})

test('predictions of tables, of several targets, and on every backend', async () => {
  const names = ['a', 'b', 'c', 'd']
  const table = new Table([
    ...names.map((name, j) => new NumberColumn(name, X.column(j).copy())),
    new NumberColumn('y', y),
  ])
  const alone = listOf(await crossValPredict(new KNeighborsRegressor(), X, y))
  assert.deepEqual(listOf(await crossValPredict(new KNeighborsRegressor(), table, 'y')), alone)
  const two = randomProblem(n, 4, { targets: 2 }).y
  assert.deepEqual((await crossValPredict(new Ridge(), X, two)).shape, [n, 2])
  for (const backend of ['threads', 'processes'] as const) {
    const parallel = sharedPool(backend)
    const found = await crossValPredict(new KNeighborsRegressor(), X, y, { parallel })
    assert.deepEqual(listOf(found), alone)
    const forest = new RandomForestClassifier({ trees: 3 })
    const method = 'predictProba'
    assert.deepEqual(
      listOf(await crossValPredict(forest, X, labels, { parallel, method })),
      listOf(await crossValPredict(forest, X, labels, { method })),
    )
  }
})

test('predictions are those that an ensemble stacks', async () => {
  const folds = new KFold({ folds: 4, shuffle: true, seed: 5 })
  const ensemble = await new SuperLearner({ folds }).add(new Ridge()).fit(X, y)
  const found = await crossValPredict(new Ridge(), X, y, { folds })
  assert.deepEqual(listOf(found), listOf(ensemble.outOfFold.column(0)))
})

describe('learning curves', () => {
  for (const [name, expected] of Object.entries(answers.numbers))
    test(`scikit-learn's, ${name}`, async () => {
      const [X, y] = [openData('diabetes-X'), openData('diabetes-y')]
      const found = await learningCurve(models[name as 'Ridge'](), X, y, {
        folds: new KFold({ folds: 3 }),
        scorer: 'r2',
        sizes: [0.1, 0.5, 1],
      })
      assert.deepEqual(found.sizes, expected.sizes)
      for (const [s, { summaries }] of found.points.entries())
        assertClose(summaries[0]!.folds, expected.curve[s]!, 1e-8)
    })

  test('a point has the scores of models that learn from the first training rows', async () => {
    const folds = new KFold({ folds: 3, shuffle: true, seed: 1 })
    const found = await learningCurve(new KNeighborsRegressor(), X, y, {
      folds,
      sizes: [60, 12, 0.5, 12],
      scorer: ['rmse', 'r2'],
    })
    assert.deepEqual(found.sizes, [12, 30, 60])
    for (const { size, summaries, fitSeconds } of found.points) {
      assert.equal(fitSeconds.length, 3)
      for (const [k, { train, test: rows }] of folds.split(n).entries()) {
        const first = toRowNumbers(train).subarray(0, size)
        const model: Estimator = await new KNeighborsRegressor().fit(X, y, { rows: first })
        const predicted = await model.predict(X, { rows })
        const scores = [rmse(y, predicted, { rows }), r2(y, predicted, { rows })]
        assertClose(
          summaries.map(({ folds }) => folds[k]!),
          scores,
          1e-9,
        )
      }
    }
    assertClose(
      found.means,
      found.points.map(({ summaries }) => summaries[0]!.mean),
      0,
    )
    assert.equal(found.spreads.length, 3)
  })

  test('what folds share is made once for all sizes', async () => {
    events.length = 0
    await learningCurve(new CountedMean(), X, y, { folds: 2, sizes: [0.5, 1] })
    assert.deepEqual(events, ['make', 'fit 0', 'fit 1', 'fit 2', 'fit 3', 'free'])
  })

  test('prints as a table, and says why an estimator failed', async () => {
    const found = await learningCurve(new Ridge(), X, y, { folds: 2, sizes: [10, 1] })
    assert.match(String(found), /^rows +rmse +spread\n10 +\d\.\d+ +\d\.\d+\n45 +\d\.\d+ +\d\.\d+$/)
    const failed = await learningCurve(new Ridge({ alpha: -1 }), X, y, { onError: 'skip' })
    assert.ok(failed.means.every(Number.isNaN))
    assert.match(String(failed), /\nLearner `ridge` failed on fold 0/)
  })

  test('sizes that are none are refused', async () => {
    for (const sizes of [[0], [-1], [1.5], [Number.NaN], [61], []])
      await assert.rejects(learningCurve(new Ridge(), X, y, { folds: 3, sizes }), {
        code: 'ERR_OPTION',
      })
    for (const sizes of [5, 'all', [1n]])
      await assert.rejects(learningCurve(new Ridge(), X, y, { sizes: sizes as never }))
    await assert.rejects(learningCurve(new Ridge(), X, y, { folds: 3, sizes: [61] }), {
      message: 'Expected `sizes` of at most 60 rows, which each fold can learn from, got 61.',
    })
  })
})
