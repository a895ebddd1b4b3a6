/** Learned values of ensembles: saved, restored, sent to workers, refused when damaged. */

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { after, describe, test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  BlendEnsemble,
  clone,
  DecisionTreeClassifier,
  GaussianNB,
  GreedySelection,
  KNeighborsClassifier,
  KNeighborsRegressor,
  Lasso,
  type LearnedState,
  learnedState,
  LinearRegression,
  LinearSVC,
  LogisticRegression,
  NonNegativeLeastSquares,
  Pipeline,
  PolynomialFeatures,
  RandomForestRegressor,
  restore,
  Ridge,
  RidgeClassifier,
  SequentialEnsemble,
  StandardScaler,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { delayed, Parallel } from '../../../src/parallel/index.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { Failing, SignMean, Squares } from '../../fixtures/learn/nearest-mean.ts'
import { predictRestored } from '../../fixtures/learn/restored-ensemble.ts'
import * as saved from '../saved-state.ts'
import { randomProblem } from '../random-problem.ts'

const root = resolve(import.meta.dirname, '../../..')
mkdirSync(join(root, 'build'), { recursive: true })
const folder = mkdtempSync(join(root, 'build', 'ensemble-state-'))
after(() => rmSync(folder, { recursive: true, force: true }))

const n = 120
const { X, y } = randomProblem(n, 3)
const two = randomProblem(n, 3, { targets: 2 })
const texts = Array.from(
  { length: n },
  (_, row) => ['a', 'b', 'c'][(X.get(row, 0) > 0 ? 1 : 0) + (X.get(row, 1) > 0.5 ? 1 : 0)]!,
)
const fresh = randomProblem(40, 3, { seed: 5 }).X

interface Case {
  readonly make: () => SuperLearner
  readonly target?: unknown
  /** Whether values that it has learned are not checked. */
  readonly isOwn?: boolean
}

const regression = (ensemble: SuperLearner): SuperLearner =>
  ensemble
    .add([new LinearRegression(), new Lasso({ alpha: 0.01 })], { preprocess: new StandardScaler() })
    .add(new KNeighborsRegressor(), { preprocess: new StandardScaler() })
    .add({ squared: new Ridge() }, { preprocess: new Squares() })
    .add({
      piped: new Pipeline({ steps: [new PolynomialFeatures(), new StandardScaler(), new Ridge()] }),
    })
    .add(new RandomForestRegressor({ trees: 3 }))

const cases: Readonly<Record<string, Case>> = {
  'of every way of fitting': {
    make: () => regression(new SuperLearner({ folds: 3 })).addMeta(new Ridge()),
  },
  'of two layers and several meta learners': {
    make: () =>
      regression(new SuperLearner({ folds: 3 }))
        .addLayer([new Ridge(), new KNeighborsRegressor()], { propagateFeatures: [2] })
        .addMeta([new Ridge(), new NonNegativeLeastSquares()]),
  },
  'of a subsemble': {
    make: () => regression(new Subsemble({ partitions: 2 })).addMeta(new GreedySelection()),
  },
  'of a blend': {
    make: () => regression(new BlendEnsemble()).addMeta(new LinearRegression()),
  },
  'of steps of time': {
    make: () =>
      new TemporalEnsemble({ stepSize: 20, burnIn: 40 })
        .add([new Ridge(), new KNeighborsRegressor()])
        .addMeta(new Ridge()),
  },
  'of several kinds': {
    make: () =>
      new SequentialEnsemble()
        .add(new Ridge(), { kind: 'stack' })
        .add(new Lasso(), { kind: 'blend' })
        .addMeta(new Ridge()),
  },
  'of two targets': {
    make: () =>
      new SuperLearner({ folds: 3 })
        .add([new Ridge(), new LinearRegression()], { preprocess: new StandardScaler() })
        .addMeta(new Ridge()),
    target: two.y,
  },
  'of classes of your own': {
    make: () =>
      new SuperLearner({ folds: 3 })
        .add([new SignMean(), new Ridge()], { preprocess: new Squares() })
        .addMeta(new SignMean()),
    isOwn: true,
  },
  'of classes': {
    make: () =>
      new SuperLearner({ folds: 3 })
        .add([new LogisticRegression(), new GaussianNB(), new KNeighborsClassifier()], {
          preprocess: new StandardScaler(),
        })
        .add([new LinearSVC(), new DecisionTreeClassifier({ maxDepth: 3 })])
        .add({ labels: new GaussianNB() }, { proba: false })
        .addMeta(new LogisticRegression()),
    target: texts,
  },
  'of a combiner of classes': {
    make: () =>
      new SuperLearner({ folds: 3 })
        .add([new LogisticRegression(), new GaussianNB()])
        .addMeta(new NonNegativeLeastSquares({ convex: true })),
    target: texts,
  },
  'of a meta learner without probabilities': {
    make: () =>
      new SuperLearner({ folds: 3 })
        .add([new LogisticRegression(), new GaussianNB()])
        .addMeta(new RidgeClassifier()),
    target: texts,
  },
  'of two classes with numbers among them': {
    make: () =>
      new SuperLearner({ folds: 3 })
        .add([new LogisticRegression(), new Ridge()])
        .addMeta(new LogisticRegression()),
    target: texts.map((text) => text === 'a'),
  },
  'of an ensemble in an ensemble': {
    make: () =>
      new SuperLearner({ folds: 3 })
        .add([new Ridge(), regression(new SuperLearner({ folds: 2 })).addMeta(new Ridge())])
        .addMeta(
          new SuperLearner({ folds: 2 }).add([new Ridge(), new Lasso()]).addMeta(new Ridge()),
        ),
  },
  'without a learner that was skipped': {
    make: () =>
      new SuperLearner({ folds: 3, onError: 'skip' })
        .add([new Failing(), new Ridge()])
        .addMeta(new Ridge()),
  },
  'without a meta learner': {
    make: () => new SuperLearner({ folds: 3 }).add([new Ridge(), new KNeighborsRegressor()]),
  },
}

/** What an ensemble says of new rows. */
async function answers(ensemble: SuperLearner): Promise<unknown[]> {
  const plain = (found: unknown): unknown => (found instanceof NDArray ? found.toArray() : found)
  const found: unknown[] = [plain(await ensemble.transform(fresh))]
  if (ensemble.meta !== undefined) found.push(plain(await ensemble.predict(fresh)))
  if (ensemble.predicts.includes('predictProba'))
    found.push(plain(await ensemble.predictProba(fresh)))
  return found
}

describe('what an ensemble has learned', async () => {
  for (const [name, { make, target = y }] of Object.entries(cases))
    test(`is plain values, which are saved and restored: ${name}`, async () => {
      const fitted: SuperLearner = make()
      await fitted.fit(X, target as never)
      const expected = await answers(fitted)
      const restored = restore(make(), learnedState(fitted))
      assert.deepEqual(await answers(restored), expected)
      await saved.saveState(join(folder, name), fitted)
      const loaded = await saved.loadState(join(folder, name), make())
      assert.deepEqual(await answers(loaded), expected)
      assert.deepEqual(loaded.scores.toJSON(), fitted.scores.toJSON())
      assert.deepEqual(loaded.classes_, fitted.classes_)
      assert.deepEqual(loaded.outOfFoldColumns, fitted.outOfFoldColumns)
      assert.deepEqual(loaded.weights, fitted.weights)
      assert.deepEqual(Object.keys(loaded.learners), Object.keys(fitted.learners))
      const again = restore(make(), learnedState(loaded))
      assert.deepEqual(await answers(again), expected)
      // It is the same estimator in every other respect.
      await loaded.fit(X, target as never)
      assert.deepEqual(await answers(loaded), expected)
      assert.ok(loaded.outOfFold.shape[0] === n)
    })
})

test('an ensemble of a table keeps its columns', async () => {
  const table = new Table(
    ['a', 'b', 'c'].map((name, j) => new NumberColumn(name, X.column(j).copy())),
  )
  const make = (): SuperLearner =>
    new SuperLearner({ folds: 3 })
      .add([new Ridge(), new KNeighborsRegressor()])
      .addMeta(new Ridge())
  const fitted = await make().fit(table, y)
  const loaded = restore(make(), learnedState(fitted))
  assert.deepEqual(loaded.featureNamesIn_, ['a', 'b', 'c'])
  const reversed = new Table(table.columns.toReversed())
  assert.deepEqual(
    (await loaded.predict(reversed)).toArray(),
    (await fitted.predict(table)).toArray(),
  )
})

test(
  'a fitted ensemble travels to a worker as an argument, and back as a result',
  { timeout: 120_000 },
  async () => {
    const parallel = new Parallel({ workers: 1 })
    try {
      const make = (): SuperLearner =>
        new SuperLearner({ folds: 3 })
          .add([new Ridge(), new KNeighborsRegressor()])
          .addMeta(new Ridge())
      const fitted = await make().fit(X, y)
      const [found] = await parallel.run([delayed(predictRestored)(learnedState(fitted), X, y)])
      assert.deepEqual(found.predicted.toArray(), (await fitted.predict(X)).toArray())
      const mean = await make().fit(X.rows(0, 60), y.rows(0, 60))
      const returned = restore(make(), found.state)
      assert.deepEqual((await returned.predict(X)).toArray(), (await mean.predict(X)).toArray())
    } finally {
      await parallel.close()
    }
  },
)

test('out-of-fold predictions are no learned values', async () => {
  const make = (): SuperLearner =>
    new SuperLearner({ folds: 3 }).add(new Ridge()).addMeta(new Ridge())
  const fitted = await make().fit(X, y)
  const loaded = restore(make(), learnedState(fitted))
  const refused = {
    code: 'ERR_NOT_FITTED',
    message:
      'The learned values of this ensemble were restored. They hold its models and scores, without out-of-fold predictions and folds. Call fit() for these.',
  }
  assert.throws(() => loaded.outOfFold, refused)
  assert.throws(() => loaded.combinedOutOfFold, refused)
  assert.throws(() => loaded.layers[0]!.rows, refused)
  assert.deepEqual(Object.keys(loaded.layers[0]!.learners), ['ridge'])
  assert.deepEqual(loaded.layers[0]!.columns, ['ridge'])
  // Its own values restore what it was.
  assert.deepEqual(restore(fitted, learnedState(fitted)).outOfFold.shape, [n, 1])
})

test('a plan that is changed after fit changes the next fit only', async () => {
  const fitted = await new SuperLearner({ folds: 3 })
    .add([new Ridge(), new Lasso()])
    .addMeta(new Ridge())
    .fit(X, y)
  const before = (await fitted.predict(fresh)).toArray()
  const state = learnedState(fitted)
  fitted.setParams({ 'ridge.alpha': 1000 }).remove('lasso').add(new KNeighborsRegressor())
  assert.deepEqual((await fitted.predict(fresh)).toArray(), before)
  assert.equal(learnedState(fitted)['layers_'], state['layers_'])
  const loaded = restore(
    new SuperLearner({ folds: 3 }).add([new Ridge(), new Lasso()]).addMeta(new Ridge()),
    state,
  )
  loaded.remove('lasso')
  assert.deepEqual((await loaded.predict(fresh)).toArray(), before)
})

describe('values that no fit of the plan can have given are refused', () => {
  const make = (): SuperLearner =>
    new SuperLearner({ folds: 3 })
      .add([new Ridge(), new KNeighborsRegressor()], { preprocess: new StandardScaler() })
      .addMeta(new Ridge())
  const ready = make().fit(X, y).then(learnedState)

  test('of another plan', async () => {
    const state = await ready
    const others: Readonly<Record<string, [SuperLearner, RegExp]>> = {
      'a learner is missing': [
        make().remove('ridge'),
        /Expected `name` of members\[0\] of layers_\[0\] of SuperLearner to be 'k-neighbors-regressor', got 'ridge'/,
      ],
      'another learner': [
        make().replace('ridge', new KNeighborsRegressor()),
        /Expected values learned by KNeighborsRegressor, got those of Ridge/,
      ],
      'no steps': [
        make().setParams({ 'ridge.preprocess': [] }),
        /Expected `widths` of members\[0\] of layers_\[0\] of SuperLearner to be 1 numbers, got 2/,
      ],
      'another layer': [
        make().addLayer(new Ridge()),
        /Expected `layers_` of SuperLearner to be a list of 2 records/,
      ],
      'another meta learner': [
        make().addMeta(new KNeighborsRegressor()),
        /Expected values learned by KNeighborsRegressor, got those of Ridge/,
      ],
      'another class': [
        new BlendEnsemble({ plan: make().plan }),
        /Expected values learned by BlendEnsemble, got those of SuperLearner/,
      ],
    }
    for (const [what, [ensemble, message]] of Object.entries(others))
      assert.throws(() => restore(ensemble, state), { code: 'ERR_FORMAT', message }, what)
  })

  test('before fit there are none', () => {
    assert.throws(() => learnedState(make()), {
      code: 'ERR_NOT_FITTED',
      message: 'This SuperLearner has not learned anything yet. Call fit() first and await it.',
    })
    assert.throws(() => restore(make(), {}), { code: 'ERR_FORMAT' })
  })

  /** A copy of learned values in which the value of one turn is another one; counts them. */
  const damage = (value: unknown, turn: { left: number }, other: unknown): unknown => {
    if (turn.left-- === 0) return other
    if (value instanceof NDArray || ArrayBuffer.isView(value)) return value
    if (Array.isArray(value)) return value.map((one) => damage(one, turn, other))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, damage(one, turn, other)]),
    )
  }

  const checked = Object.entries(cases).filter(([, { isOwn = false }]) => !isOwn)
  for (const [name, { make: makeCase, target = y }] of checked)
    test(`or answer within their bounds: ${name}`, async () => {
      const state = learnedState(await makeCase().fit(X, target as never))
      const others = [null, -1, 2.5, 'text', [], {}, array([1]), new Float64Array(2), 1e9]
      let [refused, total] = [0, 0]
      for (const other of others)
        for (let at = 1; ; at += 7 + (at % 13)) {
          const turn = { left: at }
          const damaged = damage(state, turn, other) as LearnedState
          if (turn.left >= 0) break
          total++
          try {
            const ensemble = restore(makeCase(), damaged)
            await ensemble.transform(fresh)
            if (ensemble.meta !== undefined) await ensemble.predict(fresh)
          } catch (error) {
            assert.ok(isOneCopyError(error), `${at}: ${String(error)}`)
            refused++
          }
        }
      assert.ok(refused > total / 2, `${refused} of ${total}`)
    })
})

test('a copy of a fitted ensemble has learned nothing', async () => {
  const fitted = await new SuperLearner({ folds: 3 })
    .add(new Ridge())
    .addMeta(new Ridge())
    .fit(X, y)
  const copy = clone(fitted)
  assert.throws(() => learnedState(copy), { code: 'ERR_NOT_FITTED' })
  await assert.rejects(copy.predict(X), { code: 'ERR_NOT_FITTED' })
})
