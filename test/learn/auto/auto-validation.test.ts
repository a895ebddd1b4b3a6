/** Automatic ensembles as estimators: options, copies, validation, other ensembles. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toRowNumbers } from '../../../src/arrays/index.ts'
import {
  accuracy,
  AutoEnsemble,
  type AutoEnsembleOptions,
  clone,
  crossValidate,
  crossValPredict,
  KFold,
  Pipeline,
  Ridge,
  rmse,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { sharedPool } from '../../shared-pools.ts'
import { randomProblem } from '../random-problem.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'

const n = 120
const { X, y, weights } = randomProblem(n, 3)
const labels = Array.from(y.data, (value) => (value > 4 ? 'high' : value > 2 ? 'mid' : 'low'))
const folds = new KFold({ folds: 3, shuffle: true, seed: 1 })
const quick: AutoEnsembleOptions = { preset: 'quick' }
const make = (options: AutoEnsembleOptions = {}): AutoEnsemble =>
  new AutoEnsemble({ ...quick, ...options })

describe('options', () => {
  test('are those that were given, and are set by name', () => {
    const ensemble = make({ seed: 3, task: 'regression' })
    assert.deepEqual(ensemble.getParams(), {
      preset: 'quick',
      timeLimitMs: Infinity,
      memoryLimit: Infinity,
      task: 'regression',
      scorer: null,
      learners: null,
      folds: null,
      seed: 3,
      parallel: null,
    })
    assert.equal(ensemble.setParams({ seed: 5 }), ensemble)
    assert.equal(ensemble.seed, 5)
    assert.throws(() => ensemble.setParams({ sed: 5 }), {
      code: 'ERR_OPTION',
      message: /^AutoEnsemble has no option `sed`. Did you mean `seed`\?/,
    })
  })

  test('a clone has them without what was learned, and copies of learners', async () => {
    const learners = { ridge: new Ridge({ alpha: 2 }) }
    const ensemble = await new AutoEnsemble({ learners, folds: 3, seed: 4 }).fit(X, y)
    const copy = clone(ensemble)
    const own = copy.learners as typeof learners
    assert.notEqual(own.ridge, learners.ridge)
    assert.deepEqual(own.ridge.getParams(), learners.ridge.getParams())
    await assert.rejects(copy.predict(X), { code: 'ERR_NOT_FITTED' })
    await copy.fit(X, y)
    assert.deepEqual((await copy.predict(X)).toArray(), (await ensemble.predict(X)).toArray())
  })

  test('what it learns is known by `task`, and by the target after a fit', async () => {
    assert.deepEqual(make().predicts, ['predict'])
    assert.deepEqual(make({ task: 'classification' }).predicts, ['predict', 'predictProba'])
    const ensemble = make()
    await ensemble.fit(X, labels)
    assert.equal(ensemble.learns, 'classes')
    await ensemble.fit(X, y)
    assert.equal(ensemble.learns, 'numbers')
  })
})

describe('validation', () => {
  test('scores of numbers are those of fits on the rows of each fold', async () => {
    const found = await crossValidate(make(), X, y, { folds, weights })
    const expected: number[] = []
    for (const { train, test } of folds.split(n)) {
      const ensemble = await make().fit(X, y, { rows: train, weights })
      expected.push(rmse(y, await ensemble.predict(X), { rows: test, weights }))
    }
    assert.deepEqual(found.summaries[0]!.folds, expected)
  })

  test('texts are classes, whose labels and probabilities are predicted', async () => {
    const { mean } = await crossValidate(make(), X, labels, { folds: 3 })
    assert.ok(mean > 0.7, `${mean}`)
    const predicted = await crossValPredict(make(), X, labels, { folds })
    const shares = await crossValPredict(make(), X, labels, { folds, method: 'predictProba' })
    assert.deepEqual(shares.shape, [n, 3])
    const names = ['high', 'low', 'mid']
    const [first] = folds.split(n)
    const ensemble: AutoEnsemble<string> = new AutoEnsemble<string>(quick)
    await ensemble.fit(X, labels, { rows: first!.train })
    const rows = first!.test
    const own = await ensemble.predictProba(X, { rows })
    for (const [i, row] of toRowNumbers(rows).entries())
      for (let k = 0; k < 3; k++) assert.ok(Math.abs(shares.get(row, k) - own.get(i, k)) < 1e-12)
    assert.ok(predicted.every((label) => names.includes(label)))
    assert.ok(accuracy(labels, predicted) > 0.7)
  })

  test('numbers are classes with a task, of the ensemble or of the validation', async () => {
    const codes = labels.map((label) => (label === 'high' ? 7 : 3))
    const scorer = 'logLoss'
    const one = await crossValidate(make({ task: 'classification' }), X, codes, {
      folds: 3,
      scorer,
    })
    const other = await crossValidate(make(), X, codes, {
      folds: 3,
      scorer,
      task: 'classification',
    })
    assert.deepEqual(one.summaries, other.summaries)
    assert.ok(one.mean < 0.6, `${one.mean}`)
  })

  test('a table with texts and missing values, on workers as in this thread', async () => {
    const table = mixedTable(200)
    const alone = await crossValPredict(make(), table, 'price', { folds: 2 })
    const parallel = sharedPool()
    const found = await crossValPredict(make(), table, 'price', { folds: 2, parallel })
    assert.deepEqual(found.toArray(), alone.toArray())
  })

  test('models of folds are returned', async () => {
    const { estimators } = await crossValidate(make(), X, y, { folds, returnEstimators: true })
    const [first] = folds.split(n)
    const own = await make().fit(X, y, { rows: first!.train })
    const [model] = estimators as unknown as readonly AutoEnsemble[]
    assert.deepEqual((await model!.predict(X)).toArray(), (await own.predict(X)).toArray())
  })

  test('behind steps of a pipeline, and in an ensemble', async () => {
    const pipeline = new Pipeline({ steps: [new StandardScaler(), make()] })
    const found = await crossValPredict(pipeline, X, y, { folds })
    assert.ok(rmse(y, found) < 0.7, `${rmse(y, found)}`)
    const stacked = new SuperLearner({ folds: 3 }).add([make(), new Ridge()]).addMeta(new Ridge())
    await stacked.fit(X, y)
    assert.deepEqual(stacked.outOfFoldColumns, ['auto-ensemble', 'ridge'])
    assert.ok(rmse(y, await stacked.predict(X)) < 0.7)
  })
})
