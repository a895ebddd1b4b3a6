/** Layers on workers, with failing learners, and with options and folds that can't be. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { rowRange } from '../../../src/arrays/internal.ts'
import {
  BlendEnsemble,
  KFold,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  LogisticRegression,
  RandomForestRegressor,
  RepeatedKFold,
  Ridge,
  SequentialEnsemble,
  type Splitter,
  StandardScaler,
  Subsemble,
  SuperLearner,
  TemporalEnsemble,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { Failing, FitsToNothing, SignMean, Squares } from '../../fixtures/learn/nearest-mean.ts'
import { sharedPool } from '../../shared-pools.ts'
import { randomProblem } from '../random-problem.ts'

const n = 80
const { X, y } = randomProblem(n, 3)
const folds = new KFold({ folds: 3 })

const bytesOf = (Z: NDArray): Buffer => {
  const values = Z.copy().toTypedArray()
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength)
}

describe('layers give the same bytes on every backend', () => {
  const pools = [sharedPool(), sharedPool('processes')]

  const make: Record<string, (parallel?: Parallel) => SuperLearner> = {
    'a stack of repeated folds': (parallel) =>
      new SuperLearner({ folds: new RepeatedKFold({ folds: 3, repeats: 2, seed: 1 }), parallel }),
    'a blend': (parallel) => new BlendEnsemble({ parallel }),
    'a subsemble': (parallel) => new Subsemble({ parallel, shuffle: true, seed: 3 }),
    'steps of time': (parallel) => new TemporalEnsemble({ stepSize: 15, burnIn: 20, parallel }),
  }
  for (const [name, start] of Object.entries(make))
    test(name, async () => {
      const fit = async (parallel?: Parallel): Promise<Buffer[]> => {
        const ensemble = await start(parallel)
          .addLayer([new Ridge(), new SignMean(), new RandomForestRegressor({ trees: 3 })], {
            propagateFeatures: [0],
          })
          .addLayer([new KNeighborsRegressor({ neighbors: 2 }), new SignMean()], {
            folds: new KFold({ folds: 2, shuffle: true }),
            preprocess: new Squares(),
          })
          .addMeta(new SignMean())
          .fit(X, y)
        return [
          ...ensemble.layers.map(({ outOfFold }) => bytesOf(outOfFold)),
          bytesOf(await ensemble.predict(X)),
        ]
      }
      const expected = await fit()
      for (const pool of pools) assert.deepEqual(await fit(pool), expected)
    })
})

describe('a learner of a later layer that fails', () => {
  test('stops the fit, and is named', async () => {
    const ensemble = new SuperLearner({ folds }).add(new Ridge()).addLayer(new Failing())
    await assert.rejects(ensemble.fit(X, y), {
      code: 'ERR_LEARNER',
      message: 'Learner `failing` failed on fold 0: these rows are not to my taste',
    })
    assert.throws(() => ensemble.layers, { code: 'ERR_NOT_FITTED' })
  })

  test('is skipped, unless it is the only one', async () => {
    const make = (): SuperLearner => new SuperLearner({ folds, onError: 'skip' }).add(new Ridge())
    const ensemble = await make().addLayer([new Failing(), new Lasso()]).fit(X, y)
    assert.deepEqual(ensemble.outOfFoldColumns, ['lasso'])
    assert.deepEqual(
      ensemble.scores.skipped.map(({ name }) => name),
      ['failing'],
    )
    await assert.rejects(make().addLayer(new Failing()).fit(X, y), { code: 'ERR_LEARNER' })
  })

  test('can be aborted', async () => {
    const controller = new AbortController()
    const ensemble = new SuperLearner({ folds }).add(new Ridge()).addLayer(new SignMean())
    const fit = ensemble.fit(X, y, {
      signal: controller.signal,
      onProgress: ({ done }) => done === 4 && controller.abort(new Error('enough')),
    })
    await assert.rejects(fit, /enough/)
  })
})

describe('folds that can not be', () => {
  const withFolds = (given: unknown): Promise<unknown> =>
    new SuperLearner()
      .add(new Ridge())
      .addLayer(new Ridge(), { folds: given as never })
      .fit(X, y)

  for (const [what, given, error] of [
    ['one fold', 1, { code: 'ERR_OPTION' }],
    ['no number', Number.NaN, { code: 'ERR_OPTION' }],
    ['more folds than rows', n + 1, { code: 'ERR_ROWS' }],
    ['no folds', { split: () => [] }, { code: 'ERR_FOLDS' }],
    [
      'a row in both parts',
      { split: () => [{ train: [0, 1], test: [1, 2] }] },
      { code: 'ERR_FOLDS' },
    ],
    [
      'a row that is not there',
      { split: () => [{ train: [0], test: [n] }] },
      { code: 'ERR_INDEX' },
    ],
  ] as const)
    test(`${what} in a later layer`, () => assert.rejects(withFolds(given), error))

  for (const wrong of ['5', null, {}, [], () => []])
    test(`${JSON.stringify(wrong)} is no splitter`, () => {
      assert.throws(() => new SuperLearner({ folds: wrong as never }), TypeError)
      assert.throws(
        () => new SuperLearner().addLayer(new Ridge(), { folds: wrong as never }),
        TypeError,
      )
    })

  test('fewer rows with predictions than folds', async () => {
    const last: Splitter = {
      split: (count) => [{ train: rowRange(0, count - 2), test: rowRange(count - 2, count) }],
    }
    const ensemble = new SuperLearner({ folds: last })
      .add(new Ridge())
      .addLayer(new Ridge(), { folds: 3 })
    await assert.rejects(ensemble.fit(X, y), { code: 'ERR_ROWS' })
  })

  test('a fold whose rows have no weight', async () => {
    const weights = new Float64Array(n).fill(1).fill(0, 60)
    await assert.rejects(
      new TemporalEnsemble({ stepSize: 20 }).add(new Ridge()).fit(X, y, { weights }),
      { code: 'ERR_ROWS', details: { fold: 2 } },
    )
  })
})

test('columns of several targets and of classes go through layers', async () => {
  const several = randomProblem(n, 3, { targets: 2 })
  const ensemble = await new SuperLearner({ folds })
    .addLayer(new Ridge(), { propagateFeatures: ['x1'] })
    .addLayer(new LinearRegression())
    .addMeta(new LinearRegression())
    .fit(several.X, several.y)
  assert.deepEqual(
    ensemble.layers.map(({ columns }) => columns),
    [
      ['ridge:0', 'ridge:1'],
      ['linear-regression:0', 'linear-regression:1'],
    ],
  )
  assert.deepEqual((await ensemble.predict(several.X)).shape, [n, 2])
  const labels = Array.from(y, (value) => ['a', 'b', 'c'][Math.floor(Math.abs(Number(value))) % 3]!)
  const classes = await new SuperLearner({ folds: 3 })
    .add(new LogisticRegression(), { preprocess: new StandardScaler() })
    .addLayer({ last: new LogisticRegression() })
    .addMeta(new LogisticRegression())
    .fit(X, labels)
  assert.deepEqual(classes.layers[1]!.columns, ['last:a', 'last:b', 'last:c'])
  assert.equal((await classes.predict(X)).length, n)
  assert.deepEqual((await classes.predictProba(X)).shape, [n, 3])
})

test('options of layers that can not be are refused', () => {
  const add =
    (options: unknown): (() => unknown) =>
    () =>
      new SuperLearner().addLayer(new Ridge(), options as never)
  assert.throws(add({ fold: 3 }), { message: /^SuperLearner\.addLayer has no option `fold`/ })
  assert.throws(add({ proba: 1 }), TypeError)
  assert.throws(add(new Ridge()), TypeError)
  assert.throws(add([]), TypeError)
  assert.throws(() => new SuperLearner().add(new Ridge(), { folds: 3 } as never), {
    message: /has no option `folds`; pass it to `addLayer\(\)`/,
  })
  assert.throws(() => new BlendEnsemble().add(new Ridge(), { fold: 3 } as never), {
    message: /^BlendEnsemble\.add has no option/,
  })
  assert.throws(() => new SequentialEnsemble().add(Ridge as never), TypeError)
  assert.throws(() => new SuperLearner().addMeta('ridge' as never), TypeError)
  assert.throws(() => new SuperLearner().addMeta([] as never), { code: 'ERR_ROWS' })
})

test('one row in the last step of time, and one partition with few rows', async () => {
  const few = array([[0], [1], [2], [3], [4]])
  const target = array([0, 1, 2, 3, 4])
  const time = await new TemporalEnsemble({ burnIn: 2 })
    .add(new LinearRegression())
    .addMeta(new LinearRegression())
    .fit(few, target)
  assert.equal((await time.predict(few)).shape[0], 5)
  const parts = await new Subsemble()
    .add(new KNeighborsRegressor({ neighbors: 1 }))
    .fit(few, target)
  assert.deepEqual(parts.outOfFold.shape, [5, 2])
})

test('partitions that hold out no row in common are refused', async () => {
  const [first, last] = [{ ranges: [[0, 40]] }, { ranges: [[40, n]] }] as const
  const apart: Splitter = {
    split: () => [
      { train: first, test: last, partition: 0 },
      { train: last, test: first, partition: 1 },
    ],
  }
  const message =
    'Expected rows that every one of 2 partitions holds out in some fold, got none. ' +
    'The next layer and the meta learner learn from rows that have a prediction of each partition.'
  await assert.rejects(
    new SuperLearner({ folds: apart }).add(new Ridge()).addMeta(new Ridge()).fit(X, y),
    { code: 'ERR_FOLDS', message },
  )
})

test('a learner whose fit() returns nothing is named', async () => {
  const returned =
    /^Learner `fits-to-nothing` failed on fold [0-4]: Expected fit\(\) to return the fitted model, as `return this` does, got undefined\.$/
  for (const backend of [undefined, 'threads'] as const) {
    const parallel = backend && sharedPool(backend)
    await assert.rejects(new SuperLearner({ parallel }).add(new FitsToNothing()).fit(X, y), {
      code: 'ERR_LEARNER',
      message: returned,
    })
  }
})

test('a learner whose fit() returns something else is named', async () => {
  class FitsToState extends SignMean {
    override async fit(): Promise<this> {
      return { mean_: 1 } as unknown as this
    }
  }
  await assert.rejects(new SuperLearner().add({ state: new FitsToState() }).fit(X, y), {
    code: 'ERR_LEARNER',
    message:
      'Learner `state` failed on fold 0: Expected fit() to return the fitted model, as `return this` does, got an object of class Object.',
  })
})

test('what a meta learner predicts of new rows is checked', async () => {
  const meta = new SignMean()
  const ensemble = await new SuperLearner().add(new Ridge()).addMeta(meta).fit(X, y)
  const fitted = ensemble.meta as SignMean
  const expected = 'Expected predict() to return `out`, or an array of shape (80), got'
  const advice = 'Write the predictions to `out` and return it.'
  for (const [returned, got] of [
    [[1, 2], 'an array of length 2'],
    [array([1, 2]), 'shape (2)'],
  ] as const) {
    fitted.predict = async () => returned as NDArray
    await assert.rejects(ensemble.predict(X), {
      code: 'ERR_LEARNER',
      message: `Learner \`meta\` failed on new rows: ${expected} ${got}. ${advice}`,
    })
  }
})
