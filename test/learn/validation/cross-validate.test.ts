/** Cross-validation: by hand, scikit-learn's scores, backends, failures, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { array, type NDArray, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  accuracy,
  type AnyLearner,
  brier,
  clone,
  crossValidate,
  type Estimator,
  f1,
  type Fold,
  GaussianNB,
  GradientBoostingRegressor,
  GroupKFold,
  KFold,
  KNeighborsRegressor,
  learningCurve,
  LinearRegression,
  LogisticRegression,
  logLoss,
  mae,
  makeScorer,
  Pipeline,
  r2,
  RandomForestRegressor,
  RepeatedKFold,
  Ridge,
  rmse,
  rocAuc,
  ShuffleSplit,
  StandardScaler,
  type ScoreSummary,
  StratifiedKFold,
  SuperLearner,
  TemporalSplit,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { CountedMean, events } from '../../fixtures/learn/counted-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import { openData, readAnswers } from '../sklearn.ts'

const n = 120
const { X, y, weights } = randomProblem(n, 4)
const labels = Array.from(y.data, (value) => (value > 4 ? 'high' : value > 3 ? 'mid' : 'low'))

/** Scores of folds, fitted one by one. */
async function byHand(
  make: () => Estimator,
  folds: Iterable<Fold>,
  score: typeof rmse,
  given: { readonly weights?: Float64Array } = {},
): Promise<number[]> {
  const scores: number[] = []
  for (const { train, test: rows } of folds) {
    const model = await make().fit(X, y, { rows: train, ...given })
    scores.push(score(y, await model.predict(X, { rows }), { rows, ...given }))
  }
  return scores
}

describe('every fold has the score of a model that is fitted on copies of its rows', () => {
  const learners: Record<string, () => Estimator> = {
    LinearRegression: () => new LinearRegression(),
    Ridge: () => new Ridge({ alpha: 3 }),
    KNeighborsRegressor: () => new KNeighborsRegressor({ neighbors: 3 }),
    RandomForestRegressor: () => new RandomForestRegressor({ trees: 5 }),
    'a pipeline of neighbours': () =>
      new Pipeline({ steps: { scale: new StandardScaler(), near: new KNeighborsRegressor() } }),
    'a pipeline of a linear model': () =>
      new Pipeline({ steps: { scale: new StandardScaler(), ridge: new Ridge() } }),
  }
  const splitters = {
    KFold: new KFold({ folds: 4, shuffle: true, seed: 2 }),
    RepeatedKFold: new RepeatedKFold({ folds: 3, repeats: 2 }),
    ShuffleSplit: new ShuffleSplit({ splits: 4, seed: 1 }),
    TemporalSplit: new TemporalSplit({ stepSize: 30 }),
  }
  for (const [name, make] of Object.entries(learners))
    for (const [kind, folds] of Object.entries(splitters))
      test(`${name}, ${kind}`, async () => {
        for (const given of [{}, { weights }]) {
          const scorer = ['rmse', 'mae'] as const
          const found = await crossValidate(make(), X, y, { folds, scorer, ...given })
          const split = folds.split(n)
          // Bins of trees have the edges of all rows.
          const tolerance = name === 'RandomForestRegressor' ? 0.5 : 1e-9
          const options = { floor: 1 }
          assertClose(
            found.scores['rmse']!.folds,
            await byHand(make, split, rmse, given),
            tolerance,
            options,
          )
          assertClose(
            found.scores['mae']!.folds,
            await byHand(make, split, mae, given),
            tolerance,
            options,
          )
          assert.equal(found.fitSeconds.length, split.length)
          assert.ok([...found.fitSeconds, ...found.predictSeconds].every(Number.isFinite))
        }
      })
})

interface Numbers {
  readonly rmse: number[]
  readonly mae: number[]
  readonly r2: number[]
}
const answers = readAnswers('validation') as {
  readonly numbers: Record<string, Numbers>
  readonly classes: Record<string, { readonly accuracy: number[] }>
}

describe("scikit-learn's cross_validate", () => {
  const models: Record<string, AnyLearner> = {
    LinearRegression: new LinearRegression(),
    Ridge: new Ridge({ alpha: 0.5 }),
    KNeighborsRegressor: new KNeighborsRegressor({ neighbors: 7 }),
    'scaled KNeighborsRegressor': new Pipeline({
      steps: [new StandardScaler(), new KNeighborsRegressor({ neighbors: 4 })],
    }),
    GaussianNB: new GaussianNB(),
    'scaled LogisticRegression': new Pipeline({
      steps: [new StandardScaler(), new LogisticRegression({ tol: 1e-10 })],
    }),
  }
  for (const [name, expected] of Object.entries(answers.numbers))
    test(name, async () => {
      const found = await crossValidate(
        models[name]!,
        openData('diabetes-X'),
        openData('diabetes-y'),
        { folds: new KFold({ folds: 5 }), scorer: ['rmse', 'mae', 'r2'] },
      )
      for (const scorer of ['rmse', 'mae', 'r2'] as const)
        assertClose(found.scores[scorer]!.folds, expected[scorer], 1e-9)
    })
  for (const [name, expected] of Object.entries(answers.classes))
    test(name, async () => {
      const found = await crossValidate(models[name]!, openData('iris-X'), openData('iris-y'), {
        folds: new KFold({ folds: 6 }),
      })
      assert.deepEqual(found.scores['accuracy']!.folds, expected.accuracy)
    })
})

test('means, spreads and standard errors are those of the folds', async () => {
  const { mean, spread, standardError, summaries } = await crossValidate(new Ridge(), X, y)
  const [{ folds, scorer, greaterIsBetter }] = summaries as [(typeof summaries)[0]]
  assert.deepEqual([scorer, greaterIsBetter, folds.length], ['rmse', false, 5])
  const average = folds.reduce((sum, one) => sum + one, 0) / 5
  const squares = folds.reduce((sum, one) => sum + (one - average) ** 2, 0)
  assertClose(
    [mean, spread, standardError],
    [average, Math.sqrt(squares / 5), Math.sqrt(squares / 4 / 5)],
    1e-12,
  )
})

describe('classes', () => {
  test('labels are scored as the classifier predicts them, in stratified folds', async () => {
    const model = new LogisticRegression()
    const found = await crossValidate(model, X, labels, { folds: 4, seed: 3 })
    const split = new StratifiedKFold({ folds: 4, shuffle: true, seed: 3 }).split(n, labels)
    const expected = await Promise.all(
      split.map(async ({ train, test: rows }) => {
        const own = await clone(model).fit(X, labels, { rows: train })
        return accuracy(labels, await own.predict(X, { rows }), { rows })
      }),
    )
    assert.deepEqual(found.scores['accuracy']!.folds, expected)
    assert.ok(found.mean > 0.8)
  })

  test('probabilities and decision values are scored by what needs them', async () => {
    const folds = new StratifiedKFold({ folds: 3 })
    const binary = labels.map((label) => label === 'high')
    for (const [target, names] of [
      [labels, ['accuracy', 'logLoss']],
      [binary, ['logLoss', 'brier', 'rocAuc', 'f1']],
    ] as const) {
      const scorer = names as readonly ('logLoss' | 'brier' | 'rocAuc' | 'f1')[]
      const found = await crossValidate(new GaussianNB(), X, target, { folds, scorer })
      for (const [k, { train, test: rows }] of folds.split(n, target).entries()) {
        const model = await new GaussianNB<string>().fit(X, target as string[], { rows: train })
        const shares = await model.predictProba(X, { rows })
        const own = (await model.predict(X, { rows })) as unknown as number[]
        const truth = target as unknown as number[]
        const second = binary === target ? shares.column(1) : shares
        const expected: Record<string, number> = {
          accuracy: accuracy(truth, own, { rows }),
          logLoss: logLoss(truth, shares, { rows }),
        }
        if (target === binary)
          Object.assign(expected, {
            brier: brier(truth, second, { rows }),
            rocAuc: rocAuc(truth, second, { rows }),
            f1: f1(truth, own, { rows, positive: true }),
          })
        for (const name of names)
          assertClose([found.scores[name]!.folds[k]!], [expected[name]!], 1e-12, { message: name })
      }
    }
  })

  test('a scorer of your own gets labels', async () => {
    const seen = new Set<unknown>()
    const scorer = makeScorer(
      (truth: unknown, predicted: unknown) => {
        for (const list of [truth, predicted] as unknown[][]) for (const one of list) seen.add(one)
        return 1
      },
      { greaterIsBetter: true, name: 'seen' },
    )
    await crossValidate(new GaussianNB(), X, labels, { scorer: scorer as never })
    assert.deepEqual(seen, new Set(['high', 'low', 'mid']))
  })
})

test('rows of a group are in one fold, and groups of a table are no feature', async () => {
  const groups = Array.from({ length: n }, (_, row) => `g${(row * 7) % 11}`)
  const folds = new GroupKFold({ folds: 3 })
  const found = await crossValidate(new Ridge(), X, y, { folds, groups })
  const split = folds.split(n, undefined, groups)
  assertClose(found.summaries[0]!.folds, await byHand(() => new Ridge(), split, rmse), 1e-9)
  const shuffled = await crossValidate(new Ridge(), X, y, { folds: 3, groups })
  const own = new GroupKFold({ folds: 3, shuffle: true, seed: 0 }).split(n, undefined, groups)
  assertClose(shuffled.summaries[0]!.folds, await byHand(() => new Ridge(), own, rmse), 1e-9)
  const columns = ['a', 'b', 'c', 'd'].map((name, j) => new NumberColumn(name, X.column(j).copy()))
  const places = array(Float64Array.from(groups, (group) => Number(group.slice(1))))
  const table = new Table([
    ...columns,
    new NumberColumn('y', y),
    new NumberColumn('patient', places),
    new NumberColumn('weight', array(weights)),
  ])
  const options = { folds: new GroupKFold({ folds: 3 }), groups: 'patient', weights: 'weight' }
  const ofTable = await crossValidate(new Ridge(), table, 'y', options)
  const ofArrays = await crossValidate(new Ridge(), X, y, { folds, groups: places, weights })
  assertClose(ofTable.summaries[0]!.folds, ofArrays.summaries[0]!.folds, 1e-12)
})

test('what folds share is made once, whatever overlaps, and no model of all rows is fitted', async () => {
  events.length = 0
  await crossValidate(new CountedMean(), X, y, {
    folds: new RepeatedKFold({ folds: 2, repeats: 2 }),
  })
  assert.deepEqual(events, ['make', 'fit 0', 'fit 1', 'fit 2', 'fit 3', 'free'])
})

test('returned estimators are those of the folds, and predict after the call', async () => {
  const folds = new KFold({ folds: 3 })
  for (const model of [
    new Ridge(),
    new KNeighborsRegressor(),
    new Pipeline({ steps: [new StandardScaler(), new KNeighborsRegressor()] }),
    new RandomForestRegressor({ trees: 3 }),
  ]) {
    const found = await crossValidate(model, X, y, { folds, returnEstimators: true })
    assert.equal(found.estimators.length, 3)
    for (const [k, { test: rows }] of folds.split(n).entries()) {
      const predicted = await found.estimators[k]!.predict(X, { rows })
      assertClose([rmse(y, predicted, { rows })], [found.summaries[0]!.folds[k]!], 1e-9)
    }
  }
  assert.deepEqual((await crossValidate(new Ridge(), X, y)).estimators, [])
})

test('scores have the same bytes on every backend', async () => {
  const models = [new Ridge(), new GradientBoostingRegressor({ maxIter: 5 }), new CountedMean()]
  const run = async (parallel?: Parallel): Promise<unknown> =>
    Promise.all(
      models.map(async (model) => {
        const found = await crossValidate(model, X, y, { folds: 3, parallel, scorer: 'r2' })
        return found.summaries
      }),
    )
  const alone = await run()
  for (const backend of ['threads', 'processes'] as const) {
    const parallel = sharedPool(backend)
    assert.deepEqual(await run(parallel), alone)
  }
})

test('an estimator that fails is scored as NaN and named when it is skipped', async () => {
  const model = new Ridge({ alpha: -1 })
  const found = await crossValidate(model, X, y, {
    folds: 3,
    onError: 'skip',
    scorer: ['mae', 'r2'],
  })
  assert.deepEqual(
    found.summaries.map(({ folds, mean }) => [...folds, mean]),
    [
      [NaN, NaN, NaN, NaN],
      [NaN, NaN, NaN, NaN],
    ],
  )
  assert.match(found.failure!, /^Learner `ridge` failed on fold 0: Expected `alpha` of Ridge/)
  assert.match(String(found), /\nridge: Learner `ridge` failed on fold 0/)
  await assert.rejects(crossValidate(model, X, y), { code: 'ERR_LEARNER' })
})

test('predictions that a scorer refuses are told with their estimator, or skipped', async () => {
  const rows = array(Array.from({ length: 30 }, (_, i) => [i]))
  const counts = Float64Array.from({ length: 30 }, (_, i) => Math.exp(i / 5))
  const options = { folds: new KFold({ folds: 3 }), scorer: ['poissonDeviance', 'mae'] } as const
  const refused =
    /for poissonDeviance, got -.* These are predictions of `ridge`\. Choose another scorer, or a learner/
  await assert.rejects(crossValidate(new Ridge(), rows, counts, options), refused)
  const ensemble = new SuperLearner({ scorer: 'poissonDeviance', folds: options.folds })
  await assert.rejects(ensemble.add(new Ridge()).fit(rows, counts), refused)
  const found = await crossValidate(new Ridge(), rows, counts, { ...options, onError: 'skip' })
  assert.match(found.failure!, refused)
  const [deviances, errors] = found.summaries as [ScoreSummary, ScoreSummary]
  assert.deepEqual(deviances.folds.map(Number.isFinite), [false, true, true])
  assert.ok(errors.folds.every(Number.isFinite))
})

/** Can't be fitted without row 0. */
class NeedsFirst extends Ridge {
  static override readonly name: string = 'NeedsFirst'
  override fit(...[X, y, options]: Parameters<Ridge['fit']>): Promise<this> {
    if (toRowNumbers(options!.rows!, n)[0] === 0) return super.fit(X, y, options)
    return Promise.reject(new Error('no first row'))
  }
}

test('where a fold fails, the others have their scores', async () => {
  const folds = new KFold({ folds: 3 })
  const options = { folds, onError: 'skip', scorer: ['mae', 'r2'], weights } as const
  const found = await crossValidate(new NeedsFirst(), X, y, { ...options, returnEstimators: true })
  const whole = await crossValidate(new Ridge(), X, y, options)
  for (const [s, { folds, mean }] of found.summaries.entries()) {
    assert.deepEqual([folds[0], mean], [NaN, NaN])
    for (const k of [1, 2])
      assert.ok(Math.abs(folds[k]! - whole.summaries[s]!.folds[k]!) < 1e-9, `${folds[k]}`)
  }
  assert.ok(Number.isNaN(found.fitSeconds[0]) && found.fitSeconds[2]! > 0)
  assert.equal(found.failure, 'Learner `needs-first` failed on fold 0: no first row')
  assert.deepEqual(found.estimators, [])
  const curve = await learningCurve(new NeedsFirst(), X, y, { ...options, sizes: [20, 1] })
  for (const { summaries } of curve.points)
    assert.deepEqual(summaries[0]!.folds.map(Number.isNaN), [true, false, false])
})

test('prints as a table of the folds', async () => {
  const found = await crossValidate(new Ridge(), X, y, { folds: 2, scorer: ['rmse', 'r2'] })
  const lines = inspect(found).split('\n')
  assert.match(lines[0]!, /^fold +rmse +r2 +fit s +predict s$/)
  assert.deepEqual(
    lines.map((line) => line.slice(0, 6).trim()),
    ['fold', '0', '1', 'mean', 'spread', 'standa'],
  )
  const { name, summaries } = JSON.parse(JSON.stringify(found)) as typeof found
  assert.deepEqual([name, summaries], ['ridge', found.summaries])
})

test('the estimator stays as it is, and progress ends at 1', async () => {
  const model = new Ridge({ alpha: 2 })
  const seen: number[] = []
  await crossValidate(model, X, y, { onProgress: ({ done, total }) => seen.push(done / total) })
  assert.deepEqual(Object.keys(model), Object.keys(new Ridge()))
  assert.equal(seen.at(-1), 1)
})

describe('what is refused', () => {
  const refused: readonly (readonly [string, () => Promise<unknown>, object])[] = [
    ['a class', () => crossValidate(Ridge as never, X, y), { name: 'TypeError' }],
    [
      'a list of learners',
      () => crossValidate([new Ridge()] as never, X, y),
      { name: 'TypeError' },
    ],
    [
      'unknown options',
      () => crossValidate(new Ridge(), X, y, { cv: 3 } as never),
      {
        name: 'TypeError',
        message: /^crossValidate has no option `cv`; onecopy calls it `folds`/,
      },
    ],
    [
      'folds that are none',
      () => crossValidate(new Ridge(), X, y, { folds: 'five' as never }),
      {
        name: 'TypeError',
      },
    ],
    [
      'too many folds',
      () => crossValidate(new Ridge(), X, y, { folds: 121 }),
      { code: 'ERR_ROWS' },
    ],
    [
      'a scorer of classes',
      () => crossValidate(new Ridge(), X, y, { scorer: 'accuracy' }),
      {
        code: 'ERR_OPTION',
      },
    ],
    [
      'a scorer of numbers',
      () => crossValidate(new GaussianNB(), X, labels, { scorer: 'rmse' }),
      {
        code: 'ERR_OPTION',
      },
    ],
    ['no scorer', () => crossValidate(new Ridge(), X, y, { scorer: [] }), { code: 'ERR_OPTION' }],
    [
      'two scorers of one name',
      () => crossValidate(new Ridge(), X, y, { scorer: [r2, 'r2'] }),
      {
        code: 'ERR_OPTION',
        message:
          "Expected scorers of different names, got two called 'r2'. Name one of them by makeScorer(f, { name: … }).",
      },
    ],
    [
      'texts for a regression',
      () => crossValidate(new Ridge(), X, labels),
      {
        name: 'TypeError',
        message:
          /^Expected `y` to hold numbers, which Ridge learns, got '\w+' in row 0\. For classes, pass a classifier/,
      },
    ],
    [
      'another length of y',
      () => crossValidate(new Ridge(), X, y.rows(0, 9)),
      { code: 'ERR_SHAPE' },
    ],
    [
      'wrong weights',
      () => crossValidate(new Ridge(), X, y, { weights: [1, 2] }),
      {
        code: 'ERR_VALUE',
      },
    ],
    [
      'no weight in a fold',
      () =>
        crossValidate(new Ridge(), X, y, {
          folds: new KFold({ folds: 2 }),
          weights: Array.from({ length: n }, (_, row) => Number(row < 60)),
        }),
      { code: 'ERR_ROWS' },
    ],
    ['no array', () => crossValidate(new Ridge(), null as never, y), { name: 'TypeError' }],
    [
      'returnEstimators that is no boolean',
      () => crossValidate(new Ridge(), X, y, { returnEstimators: 1 as never }),
      { name: 'TypeError' },
    ],
    [
      'a pool that is none',
      () => crossValidate(new Ridge(), X, y, { parallel: 2 as never }),
      {
        name: 'TypeError',
      },
    ],
    [
      'folds that overlap',
      () =>
        crossValidate(new Ridge(), X, y, {
          folds: { split: () => [{ train: [0, 1, 2], test: [2, 3] }] },
        }),
      { code: 'ERR_FOLDS' },
    ],
  ]
  for (const [name, run, expected] of refused)
    test(name, async () => {
      await assert.rejects(run(), expected)
    })

  test('NaN, with the name of the learner', async () => {
    const wrong = X.copy()
    wrong.set(Number.NaN, 7, 1)
    await assert.rejects(crossValidate(new Ridge(), wrong, y), {
      code: 'ERR_VALUE',
      message: /got NaN in `X` at row 7, column 1/,
    })
  })

  test('an aborted signal rejects with its reason', async () => {
    const signal = AbortSignal.abort(new RangeError('enough'))
    await assert.rejects(crossValidate(new Ridge(), X, y, { signal }), { message: 'enough' })
  })
})

test('random folds of a splitter of your own', async () => {
  const random = seeded(4)
  const split = Array.from({ length: 5 }, () => {
    const side = Array.from({ length: n }, () => Math.floor(random() * 3))
    const rowsOf = (wanted: number): number[] =>
      [...side.keys()].filter((row) => side[row] === wanted)
    return { train: rowsOf(0), test: rowsOf(1) }
  })
  const model = (): Estimator => new KNeighborsRegressor({ neighbors: 2 })
  const found = await crossValidate(model(), X, y, { folds: { split: () => split } })
  const folds = split.map(({ train, test }) => ({
    train: { numbers: Int32Array.from(train) },
    test: { numbers: Int32Array.from(test) },
  }))
  assertClose(found.summaries[0]!.folds, await byHand(model, folds, rmse), 1e-9)
  assert.equal(toRowNumbers(folds[0]!.test).length, split[0]!.test.length)
})

test('several targets are scored together', async () => {
  const { X, y } = randomProblem(60, 3, { targets: 2 })
  const found = await crossValidate(new Ridge(), X, y, { folds: new KFold({ folds: 3 }) })
  const scores: number[] = []
  for (const { train, test: rows } of new KFold({ folds: 3 }).split(60)) {
    const model = await new Ridge().fit(X, y, { rows: train })
    const predicted: NDArray = await model.predict(X, { rows })
    scores.push(rmse(y, predicted, { rows }))
  }
  assertClose(found.summaries[0]!.folds, scores, 1e-9)
})

describe('folds that a scorer refuses are refused before anything is fitted', () => {
  const sorted = Array.from({ length: n }, (_, i) => (i < n / 2 ? 'a' : 'b'))
  const cases = [
    ['rocAuc', new GaussianNB(), sorted, 4, /a row of each class for rocAuc, got none of 'b'/],
    ['r2', new LinearRegression(), y, n, /for fold 0, got NaN\. This fold holds a single row/],
  ] as const
  for (const [scorer, learner, target, folds, message] of cases)
    test(scorer, async () => {
      const progress: number[] = []
      await assert.rejects(
        crossValidate(learner, X, target, {
          folds: new KFold({ folds }),
          scorer,
          onProgress: ({ done }) => progress.push(done),
        }),
        message,
      )
      assert.deepEqual(progress, [])
    })
})
