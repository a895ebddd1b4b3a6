/** Classes in ensembles of several layers, blends, subsembles and in time. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, type Rows, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  accuracy,
  AutoEnsemble,
  BlendEnsemble,
  type Estimator,
  GaussianNB,
  KFold,
  LinearSVC,
  LogisticRegression,
  Ridge,
  SequentialEnsemble,
  StratifiedKFold,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { Failing } from '../../fixtures/learn/nearest-mean.ts'
import { randomProblem } from '../random-problem.ts'

const n = 120
const { X } = randomProblem(n, 3)
const names = ['high', 'low', 'mid']
const labels = Array.from({ length: n }, (_, i) => {
  const value = X.get(i, 0) - 0.5 * X.get(i, 1)
  return value > 0.5 ? 'high' : value < -0.5 ? 'low' : 'mid'
})

const columnsOf = (...learners: string[]): string[] =>
  learners.flatMap((learner) => names.map((name) => `${learner}:${name}`))

/** Compares columns from `first` on with probabilities of a model of some rows of `Z`. */
async function assertFold(
  outOfFold: NDArray<'float64'>,
  first: number,
  { Z, train, test }: { Z: NDArray; train: Rows; test: Rows },
): Promise<void> {
  const model = await new GaussianNB().fit(Z, labels, { rows: train })
  const found = await model.predictProba(Z)
  for (const row of toRowNumbers(test))
    for (const [k, name] of names.entries()) {
      const at = (model.classes_ as unknown as string[]).indexOf(name)
      const want = at === -1 ? 0 : found.get(row, at)
      assert.ok(Math.abs(outOfFold.get(row, first + k) - want) < 1e-9, `row ${row}`)
    }
}

test('a second layer learns from the probabilities of the first, and of columns that are handed on', async () => {
  const folds = new KFold({ folds: 3 })
  const ensemble = await new SuperLearner({ folds })
    .addLayer(
      { bayes: new GaussianNB(), logistic: new LogisticRegression() },
      { propagateFeatures: [1] },
    )
    .addLayer({ second: new GaussianNB() })
    .addMeta(new LogisticRegression())
    .fit(X, labels)
  const [first, second] = ensemble.layers
  assert.deepEqual(first!.columns, columnsOf('bayes', 'logistic'))
  assert.deepEqual(ensemble.outOfFoldColumns, columnsOf('second'))
  const Z = array(
    Array.from({ length: n }, (_, row) => [
      X.get(row, 1),
      ...(first!.outOfFold.row(row).toArray() as number[]),
    ]),
  )
  for (const { train, test: held } of folds.split(n)) {
    await assertFold(first!.outOfFold, 0, { Z: X, train, test: held })
    await assertFold(second!.outOfFold, 0, { Z, train, test: held })
  }
  assert.ok(accuracy(labels, await ensemble.predict(X)) > 0.8)
})

test('layers of a number of folds are stratified, each', async () => {
  const ensemble = await new SuperLearner({ folds: 4, seed: 2 })
    .add(new GaussianNB())
    .addLayer({ second: new GaussianNB() }, { folds: 3 })
    .fit(X, labels)
  const [first, second] = ensemble.layers
  for (const [layer, folds, Z] of [
    [first!, 4, X],
    [second!, 3, first!.outOfFold],
  ] as const) {
    const split = new StratifiedKFold({ folds, shuffle: true, seed: 2 }).split(n, labels)
    assert.deepEqual(
      layer.folds.map(({ test: held }) => [...toRowNumbers(held)]),
      split.map(({ test: held }) => [...toRowNumbers(held)]),
    )
    for (const fold of split) await assertFold(layer.outOfFold, 0, { Z, ...fold })
  }
})

describe('a blend', () => {
  test('learns from the first rows, and combines the others', async () => {
    const ensemble = await new BlendEnsemble({ testSize: 0.5 })
      .add(new GaussianNB())
      .addMeta(new LogisticRegression())
      .fit(X, labels)
    const rows = { ranges: [[0, 60]] } as const
    await assertFold(ensemble.outOfFold, 0, { Z: X, train: rows, test: { ranges: [[60, n]] } })
    assert.ok(Number.isNaN(ensemble.outOfFold.get(0, 0)))
    assert.ok(accuracy(labels, await ensemble.predict(X)) > 0.8)
  })

  test('of sorted rows has classes that no learner, or no meta learner, has seen', async () => {
    const order = [...labels.keys()].sort((a, b) => (labels[a]! < labels[b]! ? -1 : 1))
    const sorted = array(order.map((row) => X.row(row).toArray() as number[]))
    const own = order.map((row) => labels[row]!)
    const first = own.indexOf('mid')
    const ensemble = await new BlendEnsemble({ trainSize: first, testSize: n - first })
      .add(new GaussianNB())
      .addMeta(new LogisticRegression())
      .fit(sorted, own)
    const Z = await ensemble.transform(sorted)
    for (let row = 0; row < n; row++) assert.equal(Z.get(row, 2), 0)
    const probabilities = await ensemble.predictProba(sorted)
    assert.deepEqual(probabilities.row(0).toArray(), [0, 0, 1])
    assert.ok((await ensemble.predict(sorted)).every((label) => label === 'mid'))
  })
})

test('a subsemble has columns of each class for each partition', async () => {
  const ensemble = await new Subsemble({ partitions: 2, folds: 2, shuffle: true })
    .add({ bayes: new GaussianNB() })
    .addMeta(new LogisticRegression())
    .fit(X, labels)
  assert.deepEqual(ensemble.outOfFoldColumns, columnsOf('bayes/0', 'bayes/1'))
  assert.ok(accuracy(labels, await ensemble.predict(X)) > 0.8)
})

test('rows in time are predicted by models of the rows before', async () => {
  const ensemble = await new TemporalEnsemble({ burnIn: 60, stepSize: 20 })
    .add({ bayes: new GaussianNB() })
    .addMeta(new LogisticRegression())
    .fit(X, labels)
  for (const start of [60, 80, 100])
    await assertFold(ensemble.outOfFold, 0, {
      Z: X,
      train: { ranges: [[0, start]] },
      test: { ranges: [[start, start + 20]] },
    })
  assert.ok(accuracy(labels, await ensemble.predict(X)) > 0.8)
})

test('layers of different kinds', async () => {
  const ensemble = await new SequentialEnsemble()
    .addLayer([new GaussianNB(), new LogisticRegression()], { kind: 'stack', folds: 3 })
    .addLayer(new LogisticRegression(), { kind: 'blend', testSize: 0.5 })
    .addMeta(new LogisticRegression())
    .fit(X, labels)
  assert.ok(accuracy(labels, await ensemble.predict(X)) > 0.8)
})

describe('several meta learners', () => {
  const stack = (): SuperLearner => new SuperLearner({ folds: 3 }).add(new GaussianNB())

  test('of classes: the best one is kept', async () => {
    const ensemble = await stack()
      .addMeta([new LogisticRegression({ C: 1e-9 }), new LogisticRegression()])
      .fit(X, labels)
    assert.equal((ensemble.meta as LogisticRegression).C, 1)
  })

  test('without a score are not taken for the best one', async () => {
    const metas = { svc: new LinearSVC(), logistic: new LogisticRegression() }
    const ensemble = new SuperLearner({ folds: 3, scorer: 'logLoss' }).add(new GaussianNB())
    await ensemble.addMeta([metas.svc, metas.logistic]).fit(X, labels)
    assert.ok(ensemble.meta instanceof LogisticRegression)
    assert.ok(ensemble.scores.ensemble!.score < 1)

    const auto = new AutoEnsemble<string>({ learners: { ...metas, bayes: new GaussianNB() } })
    await auto.fit(X, labels)
    const { rows } = auto.leaderboard
    assert.equal(rows.at(-1)!.name, 'svc')
    assert.ok(rows[0]!.score <= rows[1]!.score)
  })

  test('that fail are left out when learners are, unless all of them do', async () => {
    const metas = (): Estimator[] => [new Failing(), new Ridge()]
    const skipping = new SuperLearner({ folds: 3, onError: 'skip' }).add(new Ridge())
    const ensemble = await skipping.addMeta(metas()).fit(X, X.column(0))
    const reason = 'Learner `failing` failed on fold 0: these rows are not to my taste'
    assert.deepEqual(ensemble.scores.skipped, [{ name: 'meta.failing', reason, fold: 0 }])
    assert.ok(ensemble.meta instanceof Ridge)
    assert.ok((await ensemble.predict(X)).size === n)
    await ensemble.continue(X, X.column(0))
    assert.deepEqual(ensemble.scores.skipped, [{ name: 'meta.failing', reason, fold: 0 }])

    const failing = { a: new Failing(), b: new Failing() }
    await assert.rejects(ensemble.addMeta(failing).fit(X, X.column(0)), { code: 'ERR_LEARNER' })
    const stopping = new SuperLearner({ folds: 3 }).add(new Ridge()).addMeta(metas())
    await assert.rejects(stopping.fit(X, X.column(0)), { code: 'ERR_LEARNER', message: reason })
  })

  test('of both kinds learn numbers, and are refused for classes', async () => {
    const metas = [new LogisticRegression(), new Ridge()]
    await assert.rejects(stack().addMeta(metas).fit(X, labels), {
      name: 'TypeError',
      message: /stacks regressions here: its meta learner Ridge predicts numbers\./,
    })
    const classes = new SuperLearner({ folds: 3, task: 'classification' })
    await assert.rejects(classes.add(new GaussianNB()).addMeta(metas).fit(X, labels), {
      name: 'TypeError',
      message:
        /^Expected a meta learner that tells classes apart, got Ridge, which predicts numbers\./,
    })
  })
})
