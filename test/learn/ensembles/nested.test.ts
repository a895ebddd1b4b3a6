/** Ensembles inside of others, in pipelines, in validation and in searches. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  AutoEnsemble,
  BlendEnsemble,
  clone,
  CombinedClassifier,
  crossValidate,
  crossValPredict,
  type Estimator,
  Evaluator,
  GaussianNB,
  GreedySelection,
  integers,
  KFold,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Lasso,
  learnedState,
  makeScorer,
  learningCurve,
  LinearRegression,
  LogisticRegression,
  partialDependence,
  permutationImportance,
  Pipeline,
  restore,
  Ridge,
  RidgeClassifier,
  rmse,
  type ScoreOptions,
  StandardScaler,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'
import { SignMean } from '../../fixtures/learn/nearest-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { randomProblem } from '../random-problem.ts'

const n = 120
const { X, y, weights } = randomProblem(n, 3)
const ones = Float64Array.from(weights, (weight) => weight + 1)
const fresh = randomProblem(30, 3, { seed: 8 }).X
const folds = new KFold({ folds: 3 })
const labels = Array.from(
  { length: n },
  (_, row) => ['x', 'y', 'z'][(X.get(row, 0) > 0 ? 1 : 0) + (X.get(row, 1) > 0.4 ? 1 : 0)]!,
)

/** A scorer that knows a label, and says which labels it was given. */
function ownScorer<T extends string | number>(positive: T, needs: 'predictions' | 'probabilities') {
  const seen = new Set<unknown>()
  const score = (truth: NDArray | readonly T[], predicted: unknown, options?: ScoreOptions) => {
    const values = truth instanceof NDArray ? valuesOf(truth) : truth
    const known = needs === 'predictions' ? (predicted as typeof truth) : options!.classes!
    const others = known instanceof NDArray ? valuesOf(known) : Array.from<unknown>(known)
    for (const label of [...values, ...others]) seen.add(label)
    return values.filter((label) => label === positive).length / values.length
  }
  return { seen, scorer: makeScorer(score, { name: 'own', greaterIsBetter: true, needs }) }
}

const valuesOf = (values: NDArray): number[] => Array.from(values.copy().toTypedArray(), Number)

function assertClose(actual: NDArray, expected: NDArray, what = ''): void {
  assert.deepEqual(actual.shape, expected.shape, what)
  const wanted = valuesOf(expected)
  for (const [i, value] of valuesOf(actual).entries())
    assert.ok(
      Math.abs(value - wanted[i]!) < 1e-9 || Object.is(value, wanted[i]),
      `${what}: ${value} at ${i}, expected ${wanted[i]}`,
    )
}

const inner = (): SuperLearner =>
  new SuperLearner({ folds: 2, seed: 5 })
    .add([new Ridge({ alpha: 0.5 }), new KNeighborsRegressor({ neighbors: 4 })], {
      preprocess: new StandardScaler(),
    })
    .addMeta(new LinearRegression())

const kinds: Readonly<Record<string, () => SuperLearner>> = {
  SuperLearner: inner,
  BlendEnsemble: () =>
    new BlendEnsemble().add([new Ridge(), new Lasso()]).addMeta(new LinearRegression()),
  Subsemble: () => new Subsemble().add([new Ridge(), new Lasso()]).addMeta(new Ridge()),
  TemporalEnsemble: () =>
    new TemporalEnsemble({ stepSize: 10, burnIn: 20 })
      .add([new Ridge(), new Lasso()])
      .addMeta(new Ridge()),
}

describe('an ensemble as a learner', () => {
  for (const [name, make] of Object.entries(kinds))
    test(`predicts each fold by a copy that was fitted on the others: ${name}`, async () => {
      const outer = new SuperLearner({ folds })
        .add({ ridge: new Ridge(), inner: make() })
        .addMeta(new LinearRegression())
      await outer.fit(X, y, { weights: ones })
      const column = outer.outOfFold.column(outer.outOfFoldColumns.indexOf('inner'))
      for (const { train, test: held } of folds.split(n)) {
        const alone = await make().fit(X, y, { rows: train, weights: ones })
        const rows = [...toRowNumbers(held)]
        assertClose(
          array(rows.map((row) => column.get(row))),
          await alone.predict(X, { rows: held }),
        )
      }
      const whole = await make().fit(X, y, { weights: ones })
      assertClose((await outer.transform(fresh)).column(1), await whole.predict(fresh))
      assert.equal(outer.learners['inner']!.constructor, whole.constructor)
    })

  test('behind steps, and in a pipeline, learns what the pipeline learns', async () => {
    const steps = { scale: new StandardScaler(), stack: inner() }
    const outer = await new SuperLearner({ folds })
      .add({ behind: inner() }, { preprocess: new StandardScaler() })
      .add({ piped: new Pipeline({ steps }) })
      .fit(X, y)
    const Z = outer.outOfFold
    assertClose(Z.column(0), Z.column(1))
    const alone = await new Pipeline({ steps }).fit(X, y)
    assertClose((await outer.transform(fresh)).column(1), await alone.predict(fresh))
    const saved = restore(new Pipeline({ steps }), learnedState(alone))
    assert.deepEqual(valuesOf(await saved.predict(fresh)), valuesOf(await alone.predict(fresh)))
  })

  test('of a later layer, and as the meta learner', async () => {
    const meta = (): SuperLearner =>
      new SuperLearner({ folds: 2 }).add([new Ridge(), new SignMean()]).addMeta(new Ridge())
    const outer = await new SuperLearner({ folds })
      .add([new Ridge(), new KNeighborsRegressor()])
      .addLayer({ inner: inner(), lasso: new Lasso() })
      .addMeta(meta())
      .fit(X, y)
    const alone = await meta().fit(outer.outOfFold, y)
    assertClose(await outer.predict(fresh), await alone.predict(await outer.transform(fresh)))
    assert.ok(outer.scores.ensemble!.folds.every((score) => Number.isFinite(score)))
  })

  test('three deep', async () => {
    const deep = new SuperLearner({ folds: 2 }).add([inner(), new Lasso()]).addMeta(new Ridge())
    const outer = await new SuperLearner({ folds })
      .add({ deep, ridge: new Ridge() })
      .addMeta(new Ridge())
      .fit(X, y)
    const whole = await clone(deep).fit(X, y)
    assertClose((await outer.transform(fresh)).column(0), await whole.predict(fresh))
    outer.setParams({ 'deep.super-learner.ridge.alpha': 7 })
    assert.equal(outer.getParams({ deep: true })['deep.super-learner.ridge.alpha'], 7)
  })

  test('has the same bytes on workers', { timeout: 120_000 }, async () => {
    const make = (parallel?: Parallel): SuperLearner =>
      new SuperLearner({ folds, parallel })
        .add({ ridge: new Ridge(), inner: inner() })
        .addMeta(inner())
    const here = await make().fit(X, y)
    const parallel = sharedPool()
    const there = await make(parallel).fit(X, y)
    assert.deepEqual(valuesOf(there.outOfFold), valuesOf(here.outOfFold))
    assert.deepEqual(valuesOf(await there.predict(fresh)), valuesOf(await here.predict(fresh)))
    // Its own workers stay here: a worker has its share of the cores.
    const own = inner().setParams({ parallel })
    const nested = await new SuperLearner({ folds, parallel })
      .add({ ridge: new Ridge(), inner: own })
      .addMeta(inner())
      .fit(X, y)
    assert.deepEqual(valuesOf(nested.outOfFold), valuesOf(here.outOfFold))
  })
})

describe('an ensemble of classes as a learner', () => {
  const classes = (meta: Estimator = new LogisticRegression()): SuperLearner =>
    new SuperLearner({ folds: 2 }).add([new GaussianNB(), new KNeighborsClassifier()]).addMeta(meta)

  test('hands on probabilities, or labels where its meta learner has none', async () => {
    const outer = await new SuperLearner({ folds: 3 })
      .add({ inner: classes(), ridge: classes(new RidgeClassifier()), bayes: new GaussianNB() })
      .addMeta(new LogisticRegression())
      .fit(X, labels)
    assert.deepEqual(
      outer.outOfFoldColumns,
      ['inner', 'ridge', 'bayes'].flatMap((name) =>
        ['x', 'y', 'z'].map((label) => `${name}:${label}`),
      ),
    )
    const Z = outer.outOfFold
    for (let row = 0; row < n; row++) {
      const sum = [0, 1, 2].reduce((total, column) => total + Z.get(row, column), 0)
      assert.ok(Math.abs(sum - 1) < 1e-9)
      assert.deepEqual(
        [3, 4, 5].map((column) => Z.get(row, column)).toSorted((a, b) => a - b),
        [0, 0, 1],
      )
    }
    const found = await outer.predict(X)
    assert.ok(found.filter((label, row) => label === labels[row]).length > 0.8 * n)
  })

  test('also where a fold lacks a class', async () => {
    const sorted = labels.toSorted()
    const outer = await new SuperLearner({ folds: new KFold({ folds: 3 }) })
      .add({ inner: classes(), bayes: new GaussianNB() })
      .addMeta(new LogisticRegression())
      .fit(X, sorted)
    assert.deepEqual(outer.classes_, ['x', 'y', 'z'])
    assert.ok(valuesOf(outer.outOfFold).every((value) => value >= 0 && value <= 1))
  })

  test('and in a pipeline says what it learns', async () => {
    const piped = new Pipeline<string>({ steps: { scale: new StandardScaler(), stack: classes() } })
    assert.equal(piped.learns, 'classes')
    assert.equal(new Pipeline({ steps: [inner()] }).learns, 'numbers')
    await piped.fit(X, labels)
    const alone = await new Pipeline({ steps: [new StandardScaler(), classes()] }).fit(X, labels)
    assert.deepEqual(await piped.predict(fresh), await alone.predict(fresh))
    assert.deepEqual((await piped.predictProba(fresh)).shape, [30, 3])
    assert.equal(new Pipeline({ steps: [inner()] }).predictProba, undefined)
  })

  test('and one of numbers among classifiers is stacked for two classes', async () => {
    const outer = await new SuperLearner({ folds: 3 })
      .add({ inner: inner(), bayes: new GaussianNB() })
      .addMeta(new LogisticRegression())
      .fit(
        X,
        labels.map((label) => label === 'x'),
      )
    assert.deepEqual(outer.outOfFoldColumns, ['inner', 'bayes:true'])
  })
})

test('an ensemble on a table is an ensemble in an ensemble on it', async () => {
  const table = new Table([
    new NumberColumn('size', X.column(0).copy()),
    new CategoryColumn('town', array(Int32Array.from({ length: n }, (_, row) => row % 3)), [
      'a',
      'b',
      'c',
    ]),
    new NumberColumn('age', X.column(2).copy()),
    new NumberColumn('rent', y),
  ])
  const numbers = table.without(['town'])
  const outer = await new SuperLearner({ folds })
    .add({ inner: inner(), ridge: new Ridge() })
    .addMeta(new Ridge())
    .fit(numbers, 'rent')
  const alone = await inner().fit(numbers, 'rent')
  assertClose((await outer.transform(numbers)).column(0), await alone.predict(numbers))
  await assert.rejects(
    new SuperLearner({ folds }).add({ inner: inner() }).fit(table, 'rent'),
    /column 'town'/,
  )
})

describe('validation takes ensembles', () => {
  test('crossValidate scores models of the folds', async () => {
    const found = await crossValidate(inner(), X, y, {
      folds,
      weights: ones,
      returnEstimators: true,
    })
    for (const [k, { train, test: held }] of folds.split(n).entries()) {
      const alone = await inner().fit(X, y, { rows: train, weights: ones })
      const expected = rmse(y, await alone.predict(X), { rows: held, weights: ones })
      assert.ok(Math.abs(found.summaries[0]!.folds[k]! - expected) < 1e-9)
      assertClose(await found.estimators[k]!.predict(fresh), await alone.predict(fresh))
    }
  })

  test('crossValPredict predicts by them', async () => {
    const found = await crossValPredict(inner(), X, y, { folds })
    const [{ train, test: held }] = folds.split(n) as [ReturnType<KFold['split']>[0]]
    const alone = await inner().fit(X, y, { rows: train })
    const rows = [...toRowNumbers(held)]
    assertClose(array(rows.map((row) => found.get(row))), await alone.predict(X, { rows: held }))
    const classes = new SuperLearner({ folds: 2 })
      .add([new GaussianNB(), new KNeighborsClassifier()])
      .addMeta(new LogisticRegression())
    assert.equal((await crossValPredict(classes, X, labels, { folds: 3 })).length, n)
    const shares = await crossValPredict(classes, X, labels, { folds: 3, method: 'predictProba' })
    assert.deepEqual(shares.shape, [n, 3])
  })

  test('learningCurve, permutationImportance and partialDependence', async () => {
    const curve = await learningCurve(inner(), X, y, { folds, sizes: [30, 60] })
    assert.deepEqual(curve.sizes, [30, 60])
    assert.ok(curve.means.every((score) => Number.isFinite(score)))
    const fitted = await inner().fit(X, y)
    const { means, score } = await permutationImportance(fitted, X, y)
    assert.ok(means.some((mean) => mean > 0.1) && score > 0.8)
    assert.equal((await partialDependence(fitted, X, 0)).means.ndim, 1)
    const classes = await new SuperLearner({ folds: 2 })
      .add([new GaussianNB(), new KNeighborsClassifier()])
      .addMeta(new LogisticRegression())
      .fit(X, labels)
    assert.ok((await permutationImportance(classes, X, labels)).score > 0.8)
    assert.equal((await partialDependence(classes, X, 0)).means.shape[1], 3)
  })

  test('Evaluator tries options of their parts', async () => {
    const search = new Evaluator({ search: 'grid', folds: 3 }).add(
      { stack: inner() },
      {
        params: {
          'ridge.alpha': [0.1, 100],
          'k-neighbors-regressor.neighbors': [3],
          'ridge.preprocess.standard-scaler.withStd': [true],
        },
      },
    )
    await search.fit(X, y)
    assert.equal(search.results.rows.length, 2)
    const best = search.bestEstimator as SuperLearner
    assert.equal(best.getParams({ deep: true })['k-neighbors-regressor.neighbors'], 3)
    assert.equal(((await search.predict(fresh)) as NDArray).shape[0], 30)
    const random = new Evaluator({ draws: 2 }).add(inner(), {
      params: { 'k-neighbors-regressor.neighbors': integers(2, 9) },
    })
    await random.fit(X, y)
    assert.throws(
      () => new Evaluator().add(inner(), { params: { 'rigde.alpha': [1] } }),
      /Did you mean `ridge.alpha`\?/,
    )
  })
})

test('an ensemble without a meta learner can not stand for a learner', async () => {
  const alone = new SuperLearner({ folds: 2 }).add([new Ridge(), new Lasso()])
  await assert.rejects(new SuperLearner({ folds }).add({ alone, ridge: new Ridge() }).fit(X, y), {
    code: 'ERR_LEARNER',
    message:
      /^Learner `alone` failed on fold 0: This ensemble has no meta learner to combine its learners. Call addMeta\(new Ridge\(\)\) before fit\(\)/,
  })
})

test('a scorer of your own gets labels where learners get codes', async () => {
  const numbers = labels.map((label) => ({ x: 10, y: 20, z: 30 })[label as 'x' | 'y' | 'z'])
  const shares = array(X.copy().toTypedArray().map(Math.abs), { shape: [n, 3] })
  for (const [needs, target] of [
    ['predictions', labels],
    ['probabilities', numbers as unknown as string[]],
  ] as const) {
    const { seen, scorer } = ownScorer(target[0]!, needs)
    const combiner = new GreedySelection({ scorer, size: 2 })
    await new CombinedClassifier({ combiner }).fit(shares, target)
    const learners = { bayes: new GaussianNB(), near: new KNeighborsClassifier() }
    const inner = new SuperLearner({ scorer, folds: 2 }).add(learners).addMeta(combiner)
    await new SuperLearner({ folds: 2 }).add([inner]).fit(X, target)
    const task = 'classification'
    await new AutoEnsemble({ scorer, learners, folds: 2, task }).fit(X, target)
    assert.deepEqual(seen, new Set<unknown>(target), needs)
  }
})
