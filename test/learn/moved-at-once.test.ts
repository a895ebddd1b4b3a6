/** Every learner on few rows, whose memory is freed or moved at once. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { array, type NDArray, zeros } from '../../src/arrays/index.ts'
import { requireAttached } from '../../src/arrays/internal.ts'
import { isOneCopyError } from '../../src/errors.ts'
import * as learn from '../../src/learn/index.ts'
import { Parallel } from '../../src/parallel/index.ts'
import { places } from '../native/moved-buffers.ts'
import { calibrations } from './contract/every-class.ts'
import { disposable } from './disposable.ts'

const [n, d] = [24, 3]
const sources = {
  X: Float64Array.from({ length: n * d }, (_, i) => Math.floor(5 + 4 * Math.sin(i * i + 1))),
  y: Float64Array.from({ length: n }, (_, row) => ((row * 7) % 3 === 0 ? 1 : 2)),
  weights: Float64Array.from({ length: n }, (_, row) => 1 + (row % 4)),
}
type Arrays = Record<keyof typeof sources, Float64Array>

const copies = (): Arrays => ({
  X: sources.X.slice(),
  y: sources.y.slice(),
  weights: sources.weights.slice(),
})
const matrix = (values: Float64Array): NDArray => array(values, { shape: [n, d] })

interface Model {
  fit(X: NDArray, y: NDArray, options?: object): Promise<this>
  predict?(X: NDArray, options?: object): Promise<NDArray | unknown[]>
  predictProba?(X: NDArray, options?: object): Promise<NDArray>
  transform?(X: NDArray, options?: object): Promise<NDArray>
}
type Method = 'predict' | 'predictProba' | 'transform'

/** Options of classes that need some, or whose defaults take long. */
const options: Readonly<Record<string, object>> = {
  ColumnTransformer: { remainder: new learn.RobustScaler() },
  Pipeline: { steps: [new learn.RobustScaler(), new learn.Ridge()] },
  RandomForestClassifier: { trees: 3 },
  RandomForestRegressor: { trees: 3 },
  ExtraTreesClassifier: { trees: 3 },
  ExtraTreesRegressor: { trees: 3 },
  GradientBoostingClassifier: { maxIter: 3 },
  GradientBoostingRegressor: { maxIter: 3 },
  MLPClassifier: { hiddenLayerSizes: [4], maxIter: 3, earlyStopping: true },
  MLPRegressor: { hiddenLayerSizes: [4], maxIter: 3 },
  SelectKBest: { k: 2 },
}

/** Ensembles of numbers and one of classes. */
const ensembles: Readonly<Record<string, () => learn.SuperLearner>> = {
  ...Object.fromEntries(
    [
      () => new learn.SuperLearner({ folds: 3 }),
      () => new learn.BlendEnsemble(),
      () => new learn.Subsemble({ folds: 2 }),
      () => new learn.TemporalEnsemble({ burnIn: 8, stepSize: 4 }),
      () => new learn.SequentialEnsemble(),
    ].map((make: () => learn.SuperLearner) => [
      make().constructor.name,
      () =>
        make()
          .add([new learn.Ridge(), new learn.KNeighborsRegressor({ neighbors: 2 })])
          .addMeta(new learn.LinearRegression()),
    ]),
  ),
  'SuperLearner of classes': () =>
    new learn.SuperLearner({ folds: 3 })
      .add([new learn.LogisticRegression(), new learn.KNeighborsClassifier({ neighbors: 2 })])
      .add(new learn.GaussianNB(), { preprocess: new learn.PCA() })
      .addMeta(new learn.CombinedClassifier()),
}

const makers: Readonly<Record<string, () => Model>> = {
  ...Object.fromEntries(
    Object.entries(learn)
      .filter(
        ([name, value]) =>
          typeof value === 'function' &&
          'fit' in ((value.prototype ?? {}) as object) &&
          name !== 'Evaluator' &&
          !calibrations.includes(name),
      )
      .map(([name, Class]) => [
        name,
        () => new (Class as unknown as new (given: object) => Model)(options[name] ?? {}),
      ]),
  ),
  'Pipeline of transformers': () =>
    new learn.Pipeline({ steps: [new learn.RobustScaler(), new learn.PCA()] }),
  'Pipeline of a classifier': () =>
    new learn.Pipeline({
      steps: [new learn.SimpleImputer(), new learn.LogisticRegression()],
    }),
  ...ensembles,
}

/** What was learned, without what was only kept. */
function learned(model: Model): unknown {
  if (model instanceof learn.SuperLearner || model instanceof learn.AutoEnsemble)
    return model.outOfFold.toArray()
  const {
    X_: _X,
    y_: _y,
    weights_: _weights,
    index_: _index,
    ...values
  } = learn.learnedState(model as never)
  return values
}

/** What a fitted model makes of rows; undefined when it has no such method. */
async function apply(model: Model, method: Method, X: NDArray, given: object): Promise<unknown> {
  const values = await model[method]!(X, given)
  if (Array.isArray(values)) return values
  requireAttached(values)
  return values.toArray()
}

/** All of a result as text. */
const whole = { depth: Infinity, maxArrayLength: Infinity, compact: false, sorted: true } as const

/** Does `run` with one of its arrays taken away, in each way, in the same tick and soon after. */
async function whileMoved(
  run: (arrays: Arrays) => Promise<unknown>,
  names: readonly (keyof Arrays)[],
): Promise<void> {
  const expected = inspect(await run(copies()), whole)
  for (const name of names) {
    for (const [place, way] of [
      [disposable, 'dispose'],
      [places['private']!, 'transfer(0)'],
      [places['resizable']!, 'resize(0)'],
    ] as const) {
      for (const when of ['in the same tick', 'after a microtask', 'after a turn'] as const) {
        const { array: values, ways } = place(sources[name])
        const running = run({ ...copies(), [name]: values }).then(
          (value) => inspect(value, whole),
          (error: unknown) => error,
        )
        if (when === 'after a microtask') await Promise.resolve()
        if (when === 'after a turn') await new Promise((resolve) => setImmediate(resolve))
        ways[way]!()
        const outcome = await running
        const what = `\`${name}\`, ${way} ${when}`
        if (typeof outcome !== 'string') {
          const saysWhy = isOneCopyError(outcome) && outcome.code === 'ERR_DETACHED'
          assert.ok(saysWhy && way !== 'dispose', `${what}: ${inspect(outcome)}`)
        } else assert.ok(outcome === expected, `${what}: another result`)
      }
    }
  }
}

for (const [name, make] of Object.entries(makers)) {
  // All rows are read in place, few are found in a block.
  const selections =
    name in ensembles
      ? [{}]
      : [
          {},
          {
            rows: {
              ranges: [
                [1, 9],
                [12, n],
              ],
            },
          },
        ]

  test(`${name}.fit is right, or refused, while the memory of few rows is moved`, async () => {
    for (const rows of selections)
      await whileMoved(
        async ({ X, y, weights }) =>
          learned(await make().fit(matrix(X), array(y), { ...rows, weights })),
        ['X', 'y', 'weights'],
      )
  })

  test(`what ${name} makes of few rows is right, or refused, while their memory is moved`, async () => {
    const model = await make().fit(matrix(sources.X), array(sources.y))
    for (const method of ['predict', 'predictProba', 'transform'] as const) {
      if (typeof model[method] !== 'function') continue
      const none = zeros([0, d], 'float64')
      const can = await model[method](none).then(
        () => true,
        (error: unknown) => !(isOneCopyError(error) && error.code === 'ERR_OPTION'),
      )
      if (!can) continue
      for (const rows of selections)
        await whileMoved(({ X }) => apply(model, method, matrix(X), rows), ['X'])
    }
  })
}

/** What fits or asks models itself, and gives numbers or a table of them. */
const measures: Readonly<Record<string, (X: NDArray, y: NDArray) => Promise<unknown>>> = {
  crossValidate: async (X, y) =>
    (await learn.crossValidate(new learn.Ridge(), X, y, { folds: 3 })).scores,
  'crossValidate, models that fail skipped': async (X, y) =>
    (await learn.crossValidate(new learn.Ridge(), X, y, { folds: 3, onError: 'skip' })).scores,
  crossValPredict: async (X, y) =>
    (await learn.crossValPredict(new learn.Ridge(), X, y, { folds: 3 })).toArray(),
  learningCurve: async (X, y) =>
    (await learn.learningCurve(new learn.Ridge(), X, y, { folds: 3 })).points.map(
      ({ summaries }) => summaries,
    ),
  benchmark: async (X, y) =>
    (await learn.benchmark([new learn.Ridge()], X, y, { folds: 3 })).rows.map(
      ({ summaries }) => summaries,
    ),
  'Evaluator.fit': async (X, y) => {
    const found = await new learn.Evaluator({ folds: 3 }).add(new learn.Ridge()).fit(X, y)
    return found.best.summaries
  },
  'SuperLearner.score': (X, y) => models.fitted.score(X, y),
  'AutoEnsemble.score': (X, y) => models.automatic.score(X, y),
  partialDependence: async (X) =>
    (await learn.partialDependence(models.fitted, X, 0, { values: [1, 2] })).means.toArray(),
  permutationImportance: async (X, y) =>
    (await learn.permutationImportance(models.fitted, X, y, { repeats: 2 })).means,
}
const models = {
  fitted: await ensembles['SuperLearner']!().fit(matrix(sources.X), array(sources.y)),
  automatic: await new learn.AutoEnsemble({ preset: 'quick' }).fit(
    matrix(sources.X),
    array(sources.y),
  ),
}

for (const [name, measure] of Object.entries(measures)) {
  test(`${name} is right, or refused, while the memory of few rows is moved`, async () => {
    await whileMoved(({ X, y }) => measure(matrix(X), array(y)), ['X', 'y'])
  })
}

test('an array that fit() has begun to read is freed when it is over, also by workers', async (t) => {
  const parallel = new Parallel({ workers: 1, backend: 'threads' })
  t.after(() => parallel.close())
  const make = (): learn.SuperLearner =>
    new learn.SuperLearner({ folds: 3, parallel })
      .add([new learn.Ridge(), new learn.RandomForestRegressor({ trees: 3 })])
      .add(new learn.Ridge(), { preprocess: new learn.RobustScaler() })
      .addMeta(new learn.LinearRegression())
  const expected = (await make().fit(matrix(sources.X), sources.y)).outOfFold.toArray()
  const X = disposable(sources.X)
  const fitting = make().fit(matrix(X.array), sources.y)
  X.ways['dispose']!()
  assert.deepEqual((await fitting).outOfFold.toArray(), expected)
  assert.ok(X.array.every((value) => value === 0))
})

test('weights that were transferred before fit() was over are named', async () => {
  const { array: weights, ways } = places['private']!(sources.weights)
  const fitting = new learn.LogisticRegressionCV().fit(matrix(sources.X), sources.y, { weights })
  ways['transfer(0)']!()
  await assert.rejects(fitting, {
    code: 'ERR_DETACHED',
    message:
      'The memory of `weights`, float64 of shape [24], has only 0 elements left: its buffer was resized, or ' +
      'transferred by transfer() or in a message, before fit() was over. Await fit() first, or pass a copy.',
  })
})
