/** Searches: grids, draws, halving, benchmarks, the best candidate, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  benchmark,
  crossValidate,
  DecisionTreeRegressor,
  type Estimator,
  Evaluator,
  GaussianNB,
  GreedySelection,
  integers,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LogisticRegression,
  logUniform,
  type ParameterSpace,
  Pipeline,
  PolynomialFeatures,
  Ridge,
  StandardScaler,
  SVC,
  uniform,
} from '../../../src/learn/index.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { CountedMean, events } from '../../fixtures/learn/counted-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { assertClose } from '../close.ts'
import { randomProblem } from '../random-problem.ts'

const n = 100
const { X, y, weights } = randomProblem(n, 3)
const labels = Array.from(y.data, (value) => (value > 3 ? 'above' : 'below'))
const listOf = (values: unknown): number[] => [
  ...((values as NDArray).copy().toTypedArray() as Float64Array),
]

test('a grid tries all combinations, each with the scores of a cross-validation', async () => {
  const folds = new KFold({ folds: 3 })
  const search = await new Evaluator({ search: 'grid', folds, scorer: ['rmse', 'r2'] })
    .add(new Ridge(), {
      params: { alpha: [0.1, 100], fitIntercept: [true, false] },
      preprocess: { raw: [], scaled: new StandardScaler() },
    })
    .add(new KNeighborsRegressor(), { params: { neighbors: [2, 8] } })
    .fit(X, y, { weights })
  const { rows } = search.results
  assert.equal(rows.length, 10)
  assert.deepEqual(rows.map(({ name }) => name).toSorted(), [
    'k-neighbors-regressor/0',
    'k-neighbors-regressor/1',
    'raw/ridge/0',
    'raw/ridge/1',
    'raw/ridge/2',
    'raw/ridge/3',
    'scaled/ridge/0',
    'scaled/ridge/1',
    'scaled/ridge/2',
    'scaled/ridge/3',
  ])
  for (const { learner, preprocessing, params, summaries } of rows) {
    const own = (learner === 'ridge' ? new Ridge() : new KNeighborsRegressor()).setParams(params)
    const model =
      preprocessing === 'scaled' ? new Pipeline({ steps: [new StandardScaler(), own] }) : own
    const found = await crossValidate(model, X, y, { folds, weights, scorer: ['rmse', 'r2'] })
    for (const [s, { folds: scores }] of found.summaries.entries())
      assertClose(summaries[s]!.folds, scores, 1e-9)
  }
  const means = rows.map(({ summaries }) => summaries[0]!.mean)
  assert.deepEqual(
    means,
    means.toSorted((a, b) => a - b),
  )
})

test('the best candidate is fitted on all rows, and predicts', async () => {
  const search = new Evaluator({ search: 'grid', scorer: 'r2', folds: 4 })
    .add(new Ridge(), { params: { alpha: [1e4, 0.01] } })
    .add(new DecisionTreeRegressor({ maxDepth: 1 }))
  assert.throws(() => search.best, { code: 'ERR_NOT_FITTED' })
  await search.fit(X, y, { weights })
  assert.deepEqual([search.best.name, search.best.params], ['ridge/1', { alpha: 0.01 }])
  const alone = await new Ridge({ alpha: 0.01 }).fit(X, y, { weights })
  assert.deepEqual(listOf(await search.predict(X)), listOf(await alone.predict(X)))
  await assert.rejects(search.predictProba(X), { code: 'ERR_OPTION' })
  const scaled = await new Evaluator({ search: 'grid' })
    .add(new Ridge(), { preprocess: [new StandardScaler(), new PolynomialFeatures()] })
    .fit(X, y)
  assert.ok(scaled.bestEstimator instanceof Pipeline)
})

test('labels of classes, and tables with groups and weights', async () => {
  const search = new Evaluator({ scorer: 'accuracy', draws: 3 })
    .add(new LogisticRegression(), { params: { C: logUniform(0.01, 10) } })
    .add(new GaussianNB())
  await search.fit(X, labels)
  const predicted = (await search.predict(X)) as string[]
  assert.ok(predicted.filter((label, row) => label === labels[row]).length > 80)
  assert.deepEqual((await search.predictProba(X)).shape, [n, 2])
  const table = new Table([
    ...['a', 'b', 'c'].map((name, j) => new NumberColumn(name, X.column(j).copy())),
    new NumberColumn('y', y),
    new NumberColumn('group', array(Float64Array.from({ length: n }, (_, row) => row % 7))),
    new NumberColumn('weight', array(weights)),
  ])
  const ofTable = await new Evaluator({ search: 'grid', folds: 3 })
    .add(new Ridge(), { params: { alpha: [0.1, 1] } })
    .fit(table, 'y', { groups: 'group', weights: 'weight' })
  const expected = await new Ridge({ alpha: ofTable.best.params['alpha'] as number }).fit(X, y, {
    weights,
  })
  assertClose(listOf(await ofTable.predict(table)), listOf(await expected.predict(X)), 1e-9)
})

describe('draws', () => {
  test('lie within their bounds and are independent of each other', async () => {
    const search = new Evaluator({ draws: 60, folds: 2, seed: 5 }).add(
      new DecisionTreeRegressor(),
      {
        params: {
          maxDepth: integers(1, 4),
          minSamplesLeaf: integers(1, 4),
          maxFeatures: uniform(0.4, 1),
        },
      },
    )
    await search.fit(X, y)
    const points = search.results.rows.map(({ params }) => params as Record<string, number>)
    const depths = points.map(({ maxDepth }) => maxDepth!)
    const leaves = points.map(({ minSamplesLeaf }) => minSamplesLeaf!)
    assert.deepEqual(new Set(depths), new Set([1, 2, 3, 4]))
    assert.ok(points.every(({ maxFeatures: p }) => p! >= 0.4 && p! < 1))
    const equal = depths.filter((depth, i) => depth === leaves[i]).length
    assert.ok(equal > 4 && equal < 30, `${equal} of 60 are equal`)
  })

  test('are the same for the same seed, whatever else is searched', async () => {
    const params = { alpha: logUniform(1e-3, 1e3) }
    const run = async (seed: number, others: boolean): Promise<unknown> => {
      const search = new Evaluator({ draws: 5, seed, folds: 2 }).add(new Ridge(), { params })
      if (others) search.add(new KNeighborsRegressor(), { params: { neighbors: integers(1, 9) } })
      await search.fit(X, y)
      const own = search.results.rows.filter(({ learner }) => learner === 'ridge')
      return own.map(({ name, params, summaries }) => [name, params, summaries[0]!.folds])
    }
    assert.deepEqual(await run(1, true), await run(1, false))
    assert.notDeepEqual(await run(2, false), await run(1, false))
  })

  test('that are equal are one candidate', async () => {
    const search = new Evaluator({ draws: 20, folds: 2 }).add(new Ridge(), {
      params: { alpha: [1, 2] },
    })
    await search.fit(X, y)
    assert.equal(search.results.rows.length, 2)
  })
})

test('halving goes on with the best third on three times the rows', async () => {
  const search = new Evaluator({ search: 'halving', draws: 9, folds: 3, seed: 2 }).add(
    new Ridge(),
    { params: { alpha: logUniform(1e-4, 1e4) } },
  )
  await search.fit(X, y)
  const { rows } = search.results
  const sizes = rows.map((row) => row.rows)
  assert.deepEqual(sizes, [undefined, 22, 22, 7, 7, 7, 7, 7, 7])
  assert.deepEqual(search.best, rows[0])
  assert.match(String(search.results), /^candidate +rows +rmse/)
  const alphas = rows.map(({ params }) => params['alpha'] as number)
  assert.ok(alphas[0]! < Math.max(...alphas))
})

test('candidates and folds share what is made of all rows', async () => {
  events.length = 0
  await new Evaluator({ search: 'grid', folds: 2 })
    .add({ one: new CountedMean(), two: new CountedMean() })
    .fit(X, y)
  assert.equal(events.filter((event) => event === 'make').length, 1)
})

test('a benchmark scores learners and cases on the same folds, on every backend', async () => {
  const learners = { ridge: new Ridge(), tree: new DecisionTreeRegressor({ maxDepth: 2 }) }
  const options = { folds: 3, preprocess: { raw: [], scaled: new StandardScaler() } }
  const found = await benchmark(learners, X, y, options)
  assert.deepEqual(found.rows.map(({ name }) => name).toSorted(), [
    'raw/ridge',
    'raw/tree',
    'scaled/ridge',
    'scaled/tree',
  ])
  const alone = await crossValidate(new Ridge(), X, y, { folds: 3 })
  const row = found.rows.find(({ name }) => name === 'raw/ridge')!
  assertClose(row.summaries[0]!.folds, alone.summaries[0]!.folds, 1e-12)
  const lines = inspect(found).split('\n')
  assert.match(lines[0]!, /^candidate +rmse +spread +fit s +predict s +params$/)
  assert.equal(lines.length, 5)
  for (const backend of ['threads', 'processes'] as const) {
    const parallel = sharedPool(backend)
    const other = await benchmark(learners, X, y, { ...options, parallel })
    assert.deepEqual(
      other.rows.map(({ name, summaries }) => [name, summaries]),
      found.rows.map(({ name, summaries }) => [name, summaries]),
    )
  }
})

describe('candidates that fail', () => {
  const add = (onError: 'stop' | 'skip', alpha: readonly number[]): Evaluator =>
    new Evaluator({ search: 'grid', onError, folds: 3 }).add(new Ridge(), { params: { alpha } })

  test('are last and named when they are skipped', async () => {
    const search = await add('skip', [-1, 1]).fit(X, y)
    assert.equal(search.best.params['alpha'], 1)
    const last = search.results.rows.at(-1)!
    assert.ok(Number.isNaN(last.summaries[0]!.mean))
    assert.match(last.failure!, /^Learner `ridge\/0` failed on fold 0: Expected `alpha`/)
    assert.match(String(search.results), /\nridge\/0: Learner `ridge\/0` failed/)
  })

  test('stop the search otherwise, and when there is no other', async () => {
    await assert.rejects(add('stop', [-1, 1]).fit(X, y), { code: 'ERR_LEARNER' })
    await assert.rejects(add('skip', [-1, -2]).fit(X, y), { code: 'ERR_LEARNER' })
  })
})

test('options of a step that is itself tried are those of the step, in any order of both', async () => {
  const own = { end: [new Ridge(), new Lasso()], 'end.alpha': [1e-6, 1e6] }
  const scoresOf = async (params: ParameterSpace): Promise<string[]> => {
    const model = new Pipeline({ steps: { end: new Ridge() } })
    const { results } = await new Evaluator({ search: 'grid' }).add({ model }, { params }).fit(X, y)
    return results.rows.map(
      ({ params, summaries }) =>
        `${params['end']!.constructor.name} ${String(params['end.alpha'])} ${summaries[0]!.mean}`,
    )
  }
  const scores = await scoresOf({ end: own.end, 'end.alpha': own['end.alpha'] })
  const others = await scoresOf({ 'end.alpha': own['end.alpha'], end: own.end })
  assert.deepEqual(others.toSorted(), scores.toSorted())
})

describe('what is refused', () => {
  test('a search whose candidates all have no score', async () => {
    const params = { C: uniform(1, 2) }
    for (const search of ['random', 'halving'] as const) {
      const evaluator = new Evaluator({ search, draws: 4, scorer: 'logLoss', folds: 3 })
      await assert.rejects(evaluator.add(new SVC(), { params }).fit(X, labels), {
        code: 'ERR_VALUE',
        message:
          "Expected a score of some candidate by logLoss, got NaN for all of them. These learners don't predict what it scores, such as probabilities: choose another `scorer` or other learners.",
      })
    }
  })

  test('options and values that are not allowed', async () => {
    const make = (): Evaluator => new Evaluator({ search: 'grid' })
    assert.throws(() => new Evaluator({ cv: 2 } as never), { name: 'TypeError' })
    assert.throws(() => new Evaluator({ refit: true } as never), {
      name: 'TypeError',
      message:
        /^Evaluator has no option `refit`; the best candidate is always fitted on all rows\./,
    })
    assert.throws(() => new Evaluator({ n_iter: 5 } as never), /onecopy calls it `draws`/)
    assert.throws(() => make().add(new Ridge(), { param_grid: {} } as never), /calls it `params`/)
    await assert.rejects(
      crossValidate(new Ridge(), X, y, { return_estimator: true } as never),
      /calls it `returnEstimators`/,
    )
    assert.throws(() => new GreedySelection({ ensemble_size: 5 } as never), /calls it `size`/)
    assert.throws(() => new Evaluator({ draws: 0 }), { code: 'ERR_OPTION' })
    assert.throws(() => new Evaluator({ factor: 1 }), { code: 'ERR_OPTION' })
    assert.throws(() => new Evaluator({ search: 'bayes' as never }), { code: 'ERR_OPTION' })
    assert.throws(() => make().add(new Ridge(), { params: { beta: [1] } }), { code: 'ERR_OPTION' })
    assert.throws(() => make().add(new Ridge(), { params: { alpha: [] } }), { code: 'ERR_OPTION' })
    assert.throws(() => make().add(new Ridge(), { params: { alpha: 1 as never } }), {
      name: 'TypeError',
      message:
        'Expected the values of `alpha` in `params` to be a list or a distribution, such as uniform(0, 1), got 1.',
    })
    assert.throws(() => make().add(new Ridge(), { params: { alpha: uniform(0, 1) } }), {
      code: 'ERR_OPTION',
      message:
        "Expected a list of values of `alpha` for search: 'grid', got a distribution. List values, or use search: 'random'.",
    })
    assert.throws(() => make().add(new Ridge(), { preprocess: { a: 1 as never } }), {
      name: 'TypeError',
    })
    assert.throws(() => make().add('ridge' as never), { name: 'TypeError' })
    await assert.rejects(make().fit(X, y), { code: 'ERR_ROWS' })
    await assert.rejects(benchmark([] as readonly Estimator[], X, y))
  })

  test('bounds that are none', () => {
    for (const make of [uniform, logUniform, integers]) {
      assert.throws(() => make(2, 1), { code: 'ERR_OPTION' })
      assert.throws(() => make(1, Infinity), { code: 'ERR_OPTION' })
      assert.throws(() => make(1, '2' as never), { name: 'TypeError' })
    }
    assert.throws(() => logUniform(0, 1), { code: 'ERR_OPTION' })
    assert.throws(() => integers(0.5, 2), { code: 'ERR_OPTION' })
  })
})
