/** ML-Ensemble's test cases for its Evaluator, and what its users asked for. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  benchmark,
  crossValidate,
  Evaluator,
  KFold,
  KNeighborsRegressor,
  LogisticRegression,
  makeScorer,
  mae,
  MinMaxScaler,
  Ridge,
  StandardScaler,
  StratifiedKFold,
} from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const n = 60
const { X, y } = randomProblem(n, 3)
const folds = new KFold({ folds: 3, shuffle: true, seed: 5 })

test('a learner has values of its own in each case of steps', async () => {
  const search = await new Evaluator({ search: 'grid', folds })
    .add(
      { ridge: new Ridge() },
      { params: { alpha: [1, 10] }, preprocess: { scaled: new StandardScaler() } },
    )
    .add(
      { ridge: new Ridge() },
      { params: { alpha: [0.5] }, preprocess: { bounded: new MinMaxScaler() } },
    )
    .fit(X, y)
  assert.deepEqual(
    search.results.rows
      .map(({ preprocessing, params }) => `${preprocessing} ${String(params['alpha'])}`)
      .toSorted(),
    ['bounded 0.5', 'scaled 1', 'scaled 10'],
  )
})

test('a benchmark is a search without values', async () => {
  const learners = { ridge: new Ridge(), near: new KNeighborsRegressor() }
  const preprocess = { raw: [], scaled: new StandardScaler() }
  const { rows } = await benchmark(learners, X, y, { folds, preprocess })
  const search = await new Evaluator({ search: 'grid', folds })
    .add(learners, { preprocess })
    .fit(X, y)
  assert.deepEqual(
    search.results.rows.map(({ learner, preprocessing, summaries }) => [
      learner,
      preprocessing,
      summaries,
    ]),
    rows.map(({ learner, preprocessing, summaries }) => [learner, preprocessing, summaries]),
  )
})

test('folds that keep the shares of classes, and shuffles, are used', async () => {
  const labels = Array.from(y.data, (value) => (value > 3 ? 'above' : 'below')).toSorted()
  const stratified = new StratifiedKFold({ folds: 3 })
  const found = await new Evaluator({ search: 'grid', folds: stratified })
    .add(new LogisticRegression())
    .fit(X, labels)
  const expected = await crossValidate(new LogisticRegression(), X, labels, { folds: stratified })
  assert.deepEqual(found.best.summaries[0]!.folds, expected.summaries[0]!.folds)
  const contiguous = new KFold({ folds: 3 })
  const scoresOf = async (splitter: KFold): Promise<readonly number[]> => {
    const search = await new Evaluator({ search: 'grid', folds: splitter })
      .add(new Ridge())
      .fit(X, y)
    return search.best.summaries[0]!.folds
  }
  assert.notDeepEqual(await scoresOf(folds), await scoresOf(contiguous))
})

test('a scorer is a function of scores, stays as it is, and its own error ends the search', async () => {
  const own = (): number => {
    throw new RangeError('no score today')
  }
  const failing = makeScorer(own, { greaterIsBetter: true, name: 'own' })
  const make = (scorer: unknown): Evaluator =>
    new Evaluator({ search: 'grid', folds, scorer: scorer as never }).add(new Ridge())
  await assert.rejects(make(failing).fit(X, y), { name: 'RangeError', message: 'no score today' })
  await assert.rejects(make(own).fit(X, y), {
    name: 'TypeError',
    message: /^Expected `scorer` to be 'rmse', .* or a function from makeScorer\(\), got /,
  })
  const absolute = makeScorer(mae, { greaterIsBetter: false, name: 'absolute' })
  assert.notEqual(absolute, mae)
  const [byScorer, byName] = [await make(absolute).fit(X, y), await make('mae').fit(X, y)]
  assert.deepEqual(byScorer.best.summaries[0]!.folds, byName.best.summaries[0]!.folds)
})
