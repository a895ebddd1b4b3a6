/** What error texts and warnings advise is tried, and helps. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { array } from '../../src/arrays/index.ts'
import {
  clone,
  GradientBoostingRegressor,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LassoCV,
  learnedState,
  LinearRegression,
  makeScorer,
  RandomForestRegressor,
  restore,
  Ridge,
  SimpleImputer,
  StandardScaler,
  SuperLearner,
} from '../../src/learn/index.ts'
import { Moments } from '../../src/learn/internal.ts'
import { SignMean } from '../fixtures/learn/nearest-mean.ts'
import { seeded } from './random-problem.ts'

const [n, d] = [60, 3]
const random = seeded(3)
const good = Array.from({ length: n }, () => Array.from({ length: d }, random))
const y = good.map((row) => row[0]! - 2 * row[2]! + 0.1 * random())

/** The same rows, one of them with a value that is no number. */
function withGap(value: number): number[][] {
  return good.map((row, i) => (i === 17 ? [row[0]!, value, row[2]!] : row))
}

interface Advice {
  /** Runs into the error. */
  readonly fail: () => unknown
  /** What the text advises; one entry for each way out. */
  readonly advised: Readonly<Record<string, () => unknown>>
}

const complete = <T>(list: readonly T[]): T[] => list.filter((_, row) => row !== 17)
const stacked = (folds?: KFold): SuperLearner =>
  new SuperLearner(folds === undefined ? {} : { folds })
    .add([new LinearRegression(), new KNeighborsRegressor()])
    .addMeta(new Ridge())
const ridge = async (): Promise<Ridge> => new Ridge().fit(good, y)
const copies = good.map((row) => [row[0]!, row[0]!])

const advices: Record<string, Advice> = {
  'Leave such rows out, or fill in their values first. (SuperLearner)': {
    fail: () => stacked().fit(withGap(Number.NaN), y),
    advised: {
      'rows left out': () => stacked().fit(complete(withGap(Number.NaN)), complete(y)),
      'values filled in': () => stacked().fit(withGap(0.5), y),
    },
  },
  'Leave such rows out, or fill in their values first. (estimators)': {
    fail: () => new Ridge().fit(withGap(Infinity), y),
    advised: {
      'rows left out': () =>
        new Ridge().fit(withGap(Infinity), y, { rows: good.map((_, row) => row !== 17) }),
      'values filled in': () => new Ridge().fit(withGap(0.5), y),
    },
  },
  'Leave such rows out, or fill in their values first. (queries)': {
    fail: async () => (await new KNeighborsRegressor().fit(good, y)).predict(withGap(Number.NaN)),
    advised: {
      'rows left out': async () =>
        (await new KNeighborsRegressor().fit(good, y)).predict(complete(withGap(Number.NaN))),
    },
  },
  'Leave such rows out, or fill in a number first.': {
    fail: () => new Ridge().fit([[1], [null as never]], [1, 2]),
    advised: {
      'rows left out': () => new Ridge().fit([[1]], [1]),
      'values filled in': () => new Ridge().fit([[1], [0]], [1, 2]),
    },
  },
  'Convert it to a number first.': {
    fail: () => new Ridge().fit([['1' as never], [2]], [1, 2]),
    advised: { 'a number': () => new Ridge().fit([[Number('1')], [2]], [1, 2]) },
  },
  'Pass an instance, such as new Ridge(), not its class. (add)': {
    fail: () => new SuperLearner().add(Ridge as never),
    advised: { 'an instance': () => new SuperLearner().add(new Ridge()) },
  },
  'Pass an instance, such as new Ridge(), not its class. (clone)': {
    fail: () => clone(Ridge as never),
    advised: { 'an instance': () => clone(new Ridge()) },
  },
  'Pass an instance, such as new StandardScaler(), not its class.': {
    fail: () => new SuperLearner().add(new Ridge(), { preprocess: StandardScaler as never }),
    advised: {
      'an instance': () =>
        new SuperLearner().add(new Ridge(), { preprocess: new StandardScaler() }),
    },
  },
  'Pass makeScorer(f, { greaterIsBetter: … }).': {
    fail: () => new SuperLearner({ scorer: (() => 1) as never }),
    advised: {
      'a scorer': () =>
        new SuperLearner({ scorer: makeScorer(() => 1, { greaterIsBetter: true }) }),
    },
  },
  'Call addMeta(new Ridge()) before fit(), or transform() for the predictions of each.': {
    fail: async () => (await new SuperLearner().add(new Ridge()).fit(good, y)).predict(good),
    advised: {
      'a meta learner': async () =>
        (await new SuperLearner().add(new Ridge()).addMeta(new Ridge()).fit(good, y)).predict(good),
      transform: async () =>
        (await new SuperLearner().add(new Ridge()).fit(good, y)).transform(good),
    },
  },
  'Call add() first.': {
    fail: () => new SuperLearner().fit(good, y),
    advised: { add: () => new SuperLearner().add(new Ridge()).fit(good, y) },
  },
  'Call fit() first and await it. (SuperLearner)': {
    fail: () => stacked().scores,
    advised: { fit: async () => (await stacked().fit(good, y)).scores },
  },
  'Call fit() first and await it. (estimators)': {
    fail: () => new Ridge().predict(good),
    advised: { fit: async () => (await ridge()).predict(good) },
  },
  'Rescale it first.': {
    fail: () =>
      new LinearRegression().fit(
        good.map(([a]) => [1e200 * a!]),
        y,
      ),
    advised: {
      'another unit': () =>
        new LinearRegression().fit(
          good.map(([a]) => [a!]),
          y,
        ),
    },
  },
  'Fit one model for each.': {
    fail: () => new LassoCV({ folds: 2 }).fit(good, good),
    advised: { 'one target': () => new LassoCV({ folds: 2 }).fit(good, array(good).column(0)) },
  },
  'Fit LinearRegression on the rows by fit().': {
    fail: async () =>
      new LinearRegression().fitMoments((await Moments.compute(array(copies), array(y)))[0]!),
    advised: { fit: () => new LinearRegression().fit(copies, y) },
  },
  'Use fewer neighbours or more rows.': {
    fail: () => new KNeighborsRegressor({ neighbors: n + 1 }).fit(good, y),
    advised: {
      'fewer neighbours': () => new KNeighborsRegressor({ neighbors: n }).fit(good, y),
      'more rows': () =>
        new KNeighborsRegressor({ neighbors: n + 1 }).fit([...good, ...good], [...y, ...y]),
    },
  },
  'Use fewer folds.': {
    fail: () => new KFold({ folds: 10 }).split(9),
    advised: { 'fewer folds': () => new KFold({ folds: 9 }).split(9) },
  },
  'Use contiguous folds: new KFold({ folds: 3 }).': {
    fail: () => new KFold({ folds: 3, shuffle: true }).split(2 ** 31),
    advised: { 'contiguous folds': () => new KFold({ folds: 3 }).split(2 ** 31) },
  },
  'Pass what learnedState() returned.': {
    fail: () => restore(new Ridge(), { alpha: 2 }),
    advised: { 'its state': async () => restore(new Ridge(), learnedState(await ridge())) },
  },
}

describe('what an error advises helps', () => {
  for (const [title, { fail, advised }] of Object.entries(advices)) {
    const advice = title.replace(/ \([A-Za-z]+\)$/, '')
    test(title, async () => {
      await assert.rejects(
        async () => fail(),
        (error: Error) => {
          assert.ok(error.message.includes(advice), `${error.message} does not say: ${advice}`)
          return true
        },
      )
      for (const work of Object.values(advised)) await work()
    })
  }
})

describe('what the warning of a fit that has not converged advises helps', () => {
  // Columns that are nearly copies: the descent takes many passes.
  const hard = good.map(([a, b, c]) => [a!, a! + 0.01 * b!, 1000 * c!])
  const options = { alpha: 1e-4, tol: 1e-9, maxIter: 3 }

  test('fit() warns', async () => {
    const warned = once(process, 'warning')
    const model = await new Lasso(options).fit(hard, y)
    const [warning] = (await warned) as [Error]
    assert.equal(model.converged_, false)
    assert.match(warning.message, /Raise maxIter, tol or alpha\.$/)
  })

  for (const [name, make] of Object.entries({
    maxIter: () => new Lasso({ ...options, maxIter: 100_000 }),
    tol: () => new Lasso({ ...options, tol: 0.1 }),
    alpha: () => new Lasso({ ...options, alpha: 1 }),
  }))
    test(`raising ${name}`, async () => {
      assert.equal((await make().fit(hard, y)).converged_, true)
    })
})

test('a learner that predicts no numbers is named, with the fold and the row', async () => {
  const ensemble = new SuperLearner({ folds: new KFold({ folds: 3 }) })
    .add({ linear: new Ridge(), broken: new SignMean({ offset: Number.NaN }) })
    .addMeta(new Ridge())
  await assert.rejects(ensemble.fit(good, y), {
    code: 'ERR_LEARNER',
    message:
      'Learner `broken` failed on fold 0: Expected finite predictions, got NaN for row 0 (counted from 0).',
  })
  const skipping = new SuperLearner({ onError: 'skip' })
    .add({ linear: new Ridge(), broken: new SignMean({ offset: Number.NaN }) })
    .addMeta(new Ridge())
  const { scores } = await skipping.fit(good, y)
  assert.deepEqual(
    scores.skipped.map(({ name }) => name),
    ['broken'],
  )
})

test('a row of weight 0 may hold NaN, and be predicted as NaN', async () => {
  const weights = good.map((_, row) => Number(row !== 17))
  const ensemble = new SuperLearner().add(new Ridge()).addMeta(new Ridge())
  const { outOfFold, scores } = await ensemble.fit(withGap(Number.NaN), y, { weights })
  assert.ok(Number.isNaN(outOfFold.get(17, 0)))
  assert.ok(scores.ensemble!.score < 1)
})

test('an ensemble with a learner that takes no NaN names it, and advises what helps', async () => {
  const forest = new RandomForestRegressor({ trees: 5 })
  const X = withGap(Number.NaN)
  await assert.rejects(new SuperLearner().add({ forest, ridge: new Ridge() }).fit(X, y), {
    code: 'ERR_VALUE',
    message:
      'Expected finite numbers, got NaN in `X` at row 17, column 1 (counted from 0). ' +
      'Leave such rows out, or fill in their values first. ' +
      "Learner `ridge` can't use such values. " +
      'A learner that is added with { preprocess: new SimpleImputer() } has them filled in.',
  })
  const filled = new SuperLearner()
    .add(forest)
    .add(new Ridge(), { preprocess: new SimpleImputer() })
  assert.deepEqual((await filled.fit(X, y)).outOfFold.shape, [n, 2])
  const skipped = new SuperLearner({ onError: 'skip' }).add({ forest, ridge: new Ridge() })
  assert.deepEqual(Object.keys((await skipped.fit(X, y)).learners), ['forest'])
})

test('trees say which target is no number', async () => {
  for (const [value, text] of [
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ] as const) {
    const targets = y.map((one, row) => (row === 5 ? value : one))
    for (const model of [new RandomForestRegressor(), new GradientBoostingRegressor()])
      await assert.rejects(model.fit(good, targets), {
        code: 'ERR_VALUE',
        message: `Expected finite numbers, got ${text} in \`y\` at row 5 (counted from 0). Leave such rows out, or fill in their values first.`,
      })
  }
})

test('options of other forests are answered by what there is', () => {
  for (const [name, clause] of [
    ['n_jobs', 'native threads use all cores without it'],
    ['criterion', 'trees of numbers always minimize squared errors'],
    [
      'min_samples_split',
      'use `minSamplesLeaf`, `maxDepth` or `maxLeafNodes` to grow smaller trees',
    ],
  ] as const) {
    const refusal = {
      name: 'TypeError',
      message: new RegExp(`has no option \`${name}\`; ${clause}`),
    }
    assert.throws(() => new RandomForestRegressor({ [name]: 1 }), refusal)
  }
})

test('the learners of an ensemble predict from what their preprocessing returns', async () => {
  const ensemble = await new SuperLearner()
    .add({ ols: new LinearRegression() }, { preprocess: new StandardScaler() })
    .add({ forest: new RandomForestRegressor({ trees: 5 }) }, { preprocess: new SimpleImputer() })
    .add({ nearest: new KNeighborsRegressor() }, { preprocess: new StandardScaler() })
    .fit(good, y)
  const expected = await ensemble.transform(good)
  for (const [column, [name, learner]] of Object.entries(ensemble.learners).entries()) {
    let X = array(good)
    for (const step of ensemble.preprocessing[name]!) X = (await step.transform(X)) as typeof X
    const predicted = await learner.predict(X)
    for (let row = 0; row < n; row++)
      assert.ok(Math.abs(Number(predicted.get(row)) - expected.get(row, column)) < 1e-9, name)
  }
})
