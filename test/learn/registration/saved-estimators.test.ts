/** Every estimator of the package comes back from a file as it was. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { encode, registrationOf } from '../../../src/objects/internal.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import * as tables from '../../../src/tables/index.ts'
import { classes, type Model } from '../contract/every-class.ts'
import { randomProblem } from '../random-problem.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'
import { requireSamePredictions, saveAndLoad } from './save-and-load.ts'

const n = 120
const { X, y } = randomProblem(n, 3)
const labels = array(Float64Array.from({ length: n }, (_, row) => (row * 7 + (row % 4)) % 3))
const forests = ['RandomForest', 'ExtraTrees']

const options: Readonly<Record<string, () => object>> = {
  ColumnTransformer: () => ({
    transformers: { scale: { columns: [0, 2], transformer: new learn.StandardScaler() } },
    remainder: 'passthrough',
  }),
  Pipeline: () => ({
    steps: { scale: new learn.StandardScaler(), nearest: new learn.KNeighborsRegressor() },
  }),
  SelectKBest: () => ({ k: 2, score: 'fRegression' }),
  SelectColumns: () => ({ columns: [2, 0] }),
  SimpleImputer: () => ({ addIndicator: true }),
  OneHotEncoder: () => ({ handleUnknown: 'ignore' }),
  PredefinedSplit: () => ({ testFold: Int32Array.from({ length: n }, (_, row) => row % 3) }),
  RidgeCV: () => ({ folds: new learn.KFold({ folds: 3, shuffle: true }) }),
  LinearRegression: () => ({ positive: true }),
}

function makeOptions(name: string): object {
  if (forests.some((start) => name.startsWith(start))) return { trees: 3 }
  if (name.startsWith('MLP')) return { hiddenLayerSizes: [6, 5], maxIter: 5 }
  if (name.startsWith('Gradient')) return { maxIter: 3, minSamplesLeaf: 5 }
  return options[name]?.() ?? {}
}

function targetOf(name: string): NDArray {
  return /Classifier|Logistic|NB|SVC/.test(name) ? labels : y
}

describe('an estimator comes back', () => {
  assert.ok(classes.length > 40)
  for (const [name, Class] of classes) {
    test(name, async () => {
      const make = (): Model => new Class(makeOptions(name))
      const unfitted = saveAndLoad(make())
      assert.equal(Object.getPrototypeOf(unfitted), Class.prototype)
      assert.deepEqual(unfitted.getParams(), make().getParams())
      const model = await make().fit(X, targetOf(name))
      const loaded = saveAndLoad(model)
      assert.equal(Object.getPrototypeOf(loaded), Class.prototype)
      await requireSamePredictions(loaded, model, X)
      await requireSamePredictions(saveAndLoad(loaded), model, X)
      assert.deepEqual(Object.keys(loaded).toSorted(), Object.keys(model).toSorted())
      const again = await unfitted.fit(X, targetOf(name))
      await requireSamePredictions(again, model, X)
    })
  }
})

interface TableModel {
  fit(X: tables.Table | NDArray, y: NDArray): Promise<object>
}

describe('an estimator of a table of numbers comes back', () => {
  const forms: Readonly<Record<string, (column: NDArray<'float64'>) => NDArray<'float64'>>> = {
    'in one memory': (column) => column,
    'in several': (column) => column.copy(),
  }
  for (const [form, place] of Object.entries(forms)) {
    const columns = [0, 1, 2].map((j) => new tables.NumberColumn(`x${j}`, place(X.column(j))))
    const numbers = new tables.Table(columns, n)
    for (const [name, Class] of classes)
      test(`${name}, ${form}`, async () => {
        const fitted: TableModel = new Class(makeOptions(name))
        const model = await fitted.fit(numbers, targetOf(name))
        await requireSamePredictions(saveAndLoad(model), model, numbers)
      })
    test(`an ensemble, ${form}`, async () => {
      const near = new learn.KNeighborsRegressor()
      const model = await new learn.SuperLearner({ folds: 2 })
        .addLayer([near, new learn.Ridge()], { propagateFeatures: ['x1'] })
        .addLayer([near, new learn.Ridge()])
        .addMeta(near)
        .fit(numbers, y)
      await requireSamePredictions(saveAndLoad(model), model, numbers)
      const kinds = ['neighbors', 'linear'] as const
      const auto = await new learn.AutoEnsemble({ learners: kinds, folds: 2 }).fit(numbers, y)
      await requireSamePredictions(saveAndLoad(auto), auto, numbers)
    })
  }
})

const texts = Array.from(labels.data, (code) => ['ash', 'elm', 'oak'][code]!)
const table = mixedTable(150)
const learners = (): Record<string, learn.Estimator> => ({
  ridge: new learn.Ridge({ alpha: 2 }),
  near: new learn.KNeighborsRegressor(),
})

const fitted: Readonly<Record<string, () => Promise<readonly [model: object, data: unknown]>>> = {
  'a classifier of texts': async () => [await new learn.LogisticRegression().fit(X, texts), X],
  'a classifier of true and false': async () => {
    const isOak = texts.map((text) => text === 'oak')
    return [await new learn.GradientBoostingClassifier({ maxIter: 3 }).fit(X, isOak), X]
  },
  'trees of a table with texts and missing values': async () => [
    await new learn.GradientBoostingRegressor({ maxIter: 5 }).fit(table, 'price'),
    table.without(['price']),
  ],
  'a pipeline of a table': async () => {
    const steps = {
      encode: new learn.OneHotEncoder(),
      fill: new learn.SimpleImputer(),
      ridge: new learn.Ridge(),
    }
    return [await new learn.Pipeline({ steps }).fit(table, 'price'), table.without(['price'])]
  },
  'a pipeline in a pipeline': async () => {
    const inner = new learn.Pipeline({
      steps: [new learn.MinMaxScaler(), new learn.PCA({ components: 2 })],
    })
    const outer = new learn.Pipeline({
      steps: { inner, trees: new learn.RandomForestRegressor({ trees: 2 }) },
    })
    return [await outer.fit(X, y), X]
  },
  'a super learner': async () => {
    const ensemble = new learn.SuperLearner({
      folds: new learn.KFold({ folds: 3, shuffle: true }),
      scorer: 'rmse',
    })
    ensemble
      .add(learners(), { preprocess: [new learn.StandardScaler()] })
      .addMeta(new learn.LinearRegression())
    return [await ensemble.fit(X, y), X]
  },
  'a super learner of classes in two layers': async () => {
    const ensemble = new learn.SuperLearner<string>({ folds: 3 })
    ensemble.addLayer([new learn.GaussianNB(), new learn.RandomForestClassifier({ trees: 2 })], {
      propagateFeatures: [0],
    })
    ensemble.addLayer([new learn.LogisticRegression()]).addMeta(new learn.CombinedClassifier())
    return [await ensemble.fit(X, texts), X]
  },
  'a blend': async () => [
    await new learn.BlendEnsemble().add(learners()).addMeta(new learn.Ridge()).fit(X, y),
    X,
  ],
  'a subsemble': async () => [
    await new learn.Subsemble({ partitions: 2, folds: 2 })
      .add(learners())
      .addMeta(new learn.Ridge())
      .fit(X, y),
    X,
  ],
  'a sequential ensemble': async () => [
    await new learn.SequentialEnsemble().addLayer(learners()).addMeta(new learn.Ridge()).fit(X, y),
    X,
  ],
  'a temporal ensemble': async () => [
    await new learn.TemporalEnsemble({ stepSize: 20, burnIn: 40 })
      .add(learners())
      .addMeta(new learn.Ridge())
      .fit(X, y),
    X,
  ],
  'an ensemble in an ensemble': async () => {
    const inner = new learn.SuperLearner({ folds: 2 })
      .add(learners())
      .addMeta(new learn.GreedySelection())
    return [
      await new learn.BlendEnsemble()
        .add({ inner, lasso: new learn.Lasso() })
        .addMeta(new learn.NonNegativeLeastSquares())
        .fit(X, y),
      X,
    ]
  },
  'an automatic ensemble': async () => [
    await new learn.AutoEnsemble({ preset: 'quick' }).fit(table, 'kind'),
    table.without(['kind']),
  ],
  'a model behind an encoder': async () => {
    const { encoder, X, y } = tables.designMatrix(table, { target: 'price', missing: 'drop' })
    const model = await new learn.Ridge().fit(X, y)
    return [new learn.EncodedModel(encoder, model), mixedTable(30, { missing: false })]
  },
  'an evaluator': async () => {
    const search = new learn.Evaluator({ draws: 2, folds: 2, scorer: 'rmse' })
    search.add(learners().ridge!, {
      params: { alpha: learn.logUniform(0.1, 10) },
      preprocess: { raw: [], scaled: new learn.StandardScaler() },
    })
    return [await search.fit(X, y), X]
  },
}

describe('what is put together comes back', () => {
  for (const [name, make] of Object.entries(fitted))
    test(name, async () => {
      const [model, data] = await make()
      const loaded = saveAndLoad(model)
      assert.equal(Object.getPrototypeOf(loaded), Object.getPrototypeOf(model))
      await requireSamePredictions(loaded, model, data)
      await requireSamePredictions(saveAndLoad(loaded), model, data)
      if ('scores' in model)
        assert.equal(String((loaded as { scores: unknown }).scores), String(model.scores))
    })
})

test('an evaluator searches on after it was loaded', async () => {
  const search = new learn.Evaluator({ draws: 3, folds: 2, parallel: new Parallel({ workers: 2 }) })
  search.add(new learn.Ridge(), {
    params: { alpha: learn.uniform(0.1, 9), positive: [true, false] },
  })
  search.add(
    { near: new learn.KNeighborsRegressor() },
    { params: { neighbors: learn.integers(2, 9) } },
  )
  const loaded = saveAndLoad(search)
  await search.fit(X, y)
  await loaded.fit(X, y)
  assert.deepEqual(
    loaded.results.rows.map(({ name, params, summaries }) => [name, params, summaries]),
    search.results.rows.map(({ name, params, summaries }) => [name, params, summaries]),
  )
})

test('calibrations come back', async () => {
  const scores = array(Float64Array.from({ length: n }, (_, row) => Math.sin(row) / 2 + 0.5))
  const isTrue = Array.from(scores.data, (score, row) => score + Math.cos(7 * row) / 3 > 0.5)
  for (const Class of [
    learn.IsotonicCalibration,
    learn.SigmoidCalibration,
    learn.TemperatureScaling,
  ]) {
    const calibration = await new Class().fit(scores, isTrue)
    await requireSamePredictions(saveAndLoad(calibration), calibration, scores)
    assert.equal(Object.keys(saveAndLoad(new Class())).length, Object.keys(new Class()).length)
  }
})

test('splitters come back, and split alike', async () => {
  const groups = Array.from({ length: n }, (_, row) => `g${row % 6}`)
  const splitters: readonly learn.Splitter[] = [
    new learn.KFold({ shuffle: true, seed: 3 }),
    new learn.StratifiedKFold({ folds: 3 }),
    new learn.RepeatedKFold({ repeats: 2 }),
    new learn.ShuffleSplit({ splits: 2 }),
    new learn.GroupKFold({ folds: 3 }),
    new learn.StratifiedGroupKFold({ folds: 3 }),
    new learn.LeaveOneGroupOut(),
    new learn.PredefinedSplit({ testFold: table.column('age') }),
    new learn.PredefinedSplit({ testFold: Float64Array.from({ length: n }, (_, row) => row % 4) }),
    new learn.BlendSplit(),
    new learn.SubsetSplit({ partitions: 2, folds: 2 }),
    new learn.TemporalSplit({ stepSize: 30 }),
    new learn.ClusteredSubsets({ clusters: new learn.KMeans({ clusters: 2 }), folds: 2 }),
  ]
  for (const splitter of splitters) {
    const loaded = saveAndLoad(splitter)
    assert.equal(loaded.constructor, splitter.constructor)
    const rows =
      splitter instanceof learn.PredefinedSplit && splitter.testFold === table.column('age')
        ? 150
        : n
    const foldsOf = async (one: learn.Splitter): Promise<unknown> => {
      const found = (await one.forData?.(X, y)) ?? one
      return Array.from(found.split(rows, rows === n ? texts : undefined, groups))
    }
    assert.deepEqual(await foldsOf(loaded), await foldsOf(splitter), splitter.constructor.name)
  }
})

test('results that print as tables come back', async () => {
  const predicted = await (await new learn.GaussianNB().fit(X, texts)).predict(X)
  const results: readonly { toString(): string }[] = [
    await learn.crossValidate(new learn.Ridge(), X, y, { folds: 3, returnEstimators: true }),
    await learn.learningCurve(new learn.Ridge(), X, y, { folds: 2 }),
    await learn.benchmark({ ridge: new learn.Ridge(), lasso: new learn.Lasso() }, X, y, {
      folds: 2,
    }),
    learn.confusionMatrix(texts, predicted),
    learn.classificationReport(texts, predicted),
    (
      await new learn.SuperLearner({ folds: 2 })
        .add(learners())
        .addMeta(new learn.Ridge())
        .fit(X, y)
    ).scores,
    (await new learn.AutoEnsemble({ preset: 'quick' }).fit(X, y)).leaderboard,
  ]
  for (const result of results) {
    const loaded = saveAndLoad(result)
    assert.equal(Object.getPrototypeOf(loaded), Object.getPrototypeOf(result))
    assert.equal(String(loaded), String(result))
    assert.deepEqual(loaded, result)
  }
})

test('one step that stands at several places is one after loading', () => {
  const scale = new learn.StandardScaler()
  const loaded = saveAndLoad([new learn.Pipeline({ steps: { scale } }), scale] as const)
  assert.equal((loaded[0].steps as Record<string, unknown>)['scale'], loaded[1])
})

test('pools of workers are left out, also those of learners', () => {
  const parallel = new Parallel({ workers: 2 })
  const inner = new learn.SuperLearner({ parallel }).add(learners())
  const ensemble = new learn.SuperLearner({ parallel }).add({ inner })
  const { tree } = encode(ensemble)
  assert.ok(!JSON.stringify(tree).includes('parallel'))
  assert.equal(saveAndLoad(ensemble).parallel, undefined)
})

test('an ensemble with a scorer of its own is saved after one by name was set', async () => {
  const own = learn.makeScorer((truth) => truth.size, { greaterIsBetter: true, name: 'rows' })
  const stack = new learn.SuperLearner({ scorer: own, folds: 2 }).add(learners())
  const auto = new learn.AutoEnsemble({ scorer: own, folds: 2, learners: learners() })
  for (const ensemble of [stack.addMeta(new learn.Ridge()), auto]) {
    await ensemble.fit(X, y)
    assert.throws(() => saveAndLoad(ensemble), { code: 'ERR_UNSAVABLE' })
    const loaded = saveAndLoad(ensemble.setParams({ scorer: 'rmse' }))
    await requireSamePredictions(loaded, ensemble, X)
    const table = 'scores' in loaded ? loaded.scores : loaded.leaderboard
    assert.match(String(table), /rows/)
  }
})

test('functions among options, and classes that extend ours, are refused by their places', () => {
  const ensemble = new learn.SuperLearner({
    scorer: learn.makeScorer(() => 1, { greaterIsBetter: true }),
  })
  assert.throws(() => encode(ensemble, { called: 'model' }), {
    code: 'ERR_UNSAVABLE',
    message:
      'Expected `model` to be data that can be saved, got function score at `model.scorer`: a scorer of your own is a function, not data. ' +
      "Set one by its name before you save, as by setParams({ scorer: 'rmse' }); scores that were found stay.",
  })
  class Own extends learn.Ridge {
    static override readonly name = 'Own'
  }
  assert.throws(
    () => encode(new learn.Pipeline({ steps: { own: new Own() } }), { called: 'model' }),
    {
      code: 'ERR_UNSAVABLE',
      message:
        /^Expected `model` to be data that can be saved, got an object of class Own at `model\.steps\.own`: class Own is not registered\./,
    },
  )
})

test('a fitted model is small in its tree: options and arrays, under their own names', async () => {
  const { tree, places } = encode(await new learn.Ridge({ alpha: 2 }).fit(X, y))
  assert.deepEqual(
    places.filter((place) => place === 'coef_'),
    ['coef_'],
  )
  assert.equal((tree as { type?: unknown }).type, 'onecopy.Ridge')
  assert.equal((tree as { state: { alpha?: unknown } }).state.alpha, 2)
})

/** Classes whose instances are never saved, and why. */
const left: Readonly<Record<string, string>> = {
  BaseEstimator: 'is a base of other classes',
  Groups: 'owns memory that it frees; its rows are sent',
}

test('every class that can be imported is registered, by a module that exports it', async () => {
  const exported = Object.entries({ ...learn, ...tables }).filter(
    ([, value]) =>
      typeof value === 'function' && /^class\b/.test(Function.prototype.toString.call(value)),
  ) as unknown as [string, { readonly name: string; readonly prototype: object }][]
  assert.ok(exported.length > 75)
  for (const [name, Class] of exported) {
    if (Object.hasOwn(left, name)) continue
    const entry = registrationOf(Class)
    assert.equal(entry?.name, `onecopy.${name}`)
    const module = (await import(entry.module!)) as Record<string, unknown>
    assert.equal(module[name], Class)
  }
})
