/** Models that are saved as ONNX predict in onnxruntime what they predict here. */

import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import * as fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { array, NDArray, openArray } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import * as learn from '../../../src/learn/index.ts'
import { NumberColumn, Table, TableEncoder } from '../../../src/tables/index.ts'
import { openLightGBM, openXGBoost, saveOnnx } from '../../../src/models/index.ts'
import type { OnnxOptions } from '../../../src/models/index.ts'
import { PendingFile } from '../../../src/pending-file.ts'
import { parseLightGBM } from '../../../src/models/lightgbm/parse-lightgbm.ts'
import { writeText } from '../lightgbm/naive-lightgbm.ts'
import { someTree, someValue } from '../lightgbm/some-trees.ts'

const folder = mkdtempSync(join(tmpdir(), 'onecopy-onnx-'))
after(() => rmSync(folder, { recursive: true }))

/** Rows of float32, so that both sides see the same numbers; some columns have few values. */
const [n, d] = [400, 5]
const X = array(
  Array.from({ length: n }, (_, i) =>
    Array.from({ length: d }, (_, j) => {
      const value = Math.sin(i * (j + 1.3)) * (j + 1) + (j === 2 ? 20 : 0)
      return Math.fround(j === 4 ? Math.round(value) : value)
    }),
  ),
)
const y = array(
  Array.from({ length: n }, (_, i) => {
    const [a, b, c, e] = [0, 1, 2, 4].map((j) => X.get(i, j)) as [number, number, number, number]
    return a * 2 + Math.sin(b) + Math.max(c - 20, 0) + (e % 3) + Math.cos(i)
  }),
)
const codes = Array.from({ length: n }, (_, i) => Math.min(2, Math.floor(Math.abs(y.get(i)))))
const twoLabels = codes.map((code) => (code === 0 ? 'no' : 'yes'))
const threeLabels = codes.map((code) => ['low', 'mid', 'top'][code]!)
/** The same with missing values. */
const gaps = X.copy()
for (let i = 0; i < n; i++) {
  if (i % 3 === 0) gaps.data[i * d + 1] = NaN
  if (i % 7 === 0) gaps.data[i * d + 4] = NaN
}

interface Model extends learn.Configurable {
  predict?(X: NDArray): Promise<unknown>
  predictProba?(X: NDArray): Promise<NDArray>
  decisionFunction?(X: NDArray): Promise<NDArray>
  transform?(X: NDArray): Promise<NDArray>
}

let files = 0

async function run(
  model: learn.Configurable,
  matrix: NDArray,
  options: OnnxOptions = {},
): Promise<InferenceSession.OnnxValueMapType> {
  const path = join(folder, `${files++}.onnx`)
  await saveOnnx(model, path, options)
  const session = await InferenceSession.create(path)
  assert.deepEqual(session.inputNames, ['X'])
  const values = matrix.copy().toTypedArray() as Float64Array
  const data = options.dtype === 'float64' ? values : Float32Array.from(values)
  const outputs = await session.run({
    X: new Tensor(options.dtype ?? 'float32', data as Float32Array, [...matrix.shape]),
  })
  await session.release()
  return outputs
}

function assertClose(found: Tensor | undefined, expected: NDArray, tolerance = 1e-5): void {
  assert.ok(found !== undefined)
  assert.deepEqual([...found.dims], expected.shape)
  const values = expected.toTypedArray() as Float64Array
  const own = found.data as Float32Array
  for (const [i, value] of values.entries())
    assert.ok(
      Math.abs(own[i]! - value) <= tolerance * Math.max(1, Math.abs(value)) ||
        (Number.isNaN(value) && Number.isNaN(own[i])),
      `at ${i}: ${own[i]} for ${value}`,
    )
}

/** Asserts that the file answers what the model predicts. */
async function assertSame(
  fitted: learn.Configurable,
  matrix: NDArray = X,
  options: OnnxOptions = {},
): Promise<void> {
  const model = fitted as Model
  const { label, prediction, probabilities, scores } = await run(model, matrix, options)
  const predicted = await model.predict!(matrix)
  if (label === undefined) return assertClose(prediction, predicted as NDArray)
  const labels =
    predicted instanceof NDArray ? Array.from(predicted.toTypedArray() as Float64Array) : predicted
  const found = Array.from(label.data as ArrayLike<unknown>, (one) =>
    typeof one === 'bigint'
      ? Number(one)
      : typeof (labels as unknown[])[0] === 'boolean'
        ? one === 1 || one === true
        : one,
  )
  assert.deepEqual(found, labels)
  if (probabilities !== undefined)
    return assertClose(probabilities, await model.predictProba!(matrix))
  const decisions = await model.decisionFunction!(matrix)
  const shape = decisions.ndim === 1 ? [n, 1] : decisions.shape
  assertClose(scores, array(decisions.toTypedArray() as Float64Array, { shape }))
}

describe('linear models', () => {
  const models: Record<string, learn.Estimator> = {
    LinearRegression: new learn.LinearRegression(),
    Ridge: new learn.Ridge(),
    RidgeCV: new learn.RidgeCV(),
    Lasso: new learn.Lasso({ alpha: 0.01 }),
    LassoCV: new learn.LassoCV(),
    ElasticNet: new learn.ElasticNet({ alpha: 0.01 }),
    HuberRegressor: new learn.HuberRegressor(),
    QuantileRegressor: new learn.QuantileRegressor(),
    LinearSVR: new learn.LinearSVR({ C: 0.01 }),
    NonNegativeLeastSquares: new learn.NonNegativeLeastSquares(),
  }
  for (const [name, model] of Object.entries(models))
    test(name, async () => {
      await assertSame(await model.fit(X, y))
    })

  test('several targets', async () => {
    const targets = array(Array.from({ length: n }, (_, i) => [y.get(i), X.get(i, 1) ** 2]))
    await assertSame(await new learn.Ridge().fit(X, targets))
  })

  for (const [name, labels] of [
    ['two', twoLabels],
    ['three', threeLabels],
  ] as const) {
    test(`LogisticRegression of ${name} classes`, async () => {
      await assertSame(await new learn.LogisticRegression().fit(X, labels))
    })
    test(`RidgeClassifier of ${name} classes has scores`, async () => {
      await assertSame(await new learn.RidgeClassifier().fit(X, labels))
    })
    test(`LinearSVC of ${name} classes has scores`, async () => {
      await assertSame(await new learn.LinearSVC().fit(X, labels))
    })
  }

  test('labels that are numbers, fractions and booleans', async () => {
    await assertSame(await new learn.LogisticRegression().fit(X, array(codes)))
    await assertSame(
      await new learn.LogisticRegression().fit(X, array(codes.map((code) => code / 2))),
    )
    const booleans = codes.map((code) => code > 0)
    await assertSame(await new learn.LogisticRegression().fit(X, booleans))
  })
})

describe('trees', () => {
  const categories = { categoricalFeatures: [4] }
  const numbers: Record<string, learn.Estimator> = {
    DecisionTreeRegressor: new learn.DecisionTreeRegressor(),
    RandomForestRegressor: new learn.RandomForestRegressor({ trees: 20 }),
    ExtraTreesRegressor: new learn.ExtraTreesRegressor({ trees: 20 }),
    GradientBoostingRegressor: new learn.GradientBoostingRegressor({ maxIter: 50 }),
    'GradientBoostingRegressor with categories': new learn.GradientBoostingRegressor(categories),
    'RandomForestRegressor with categories': new learn.RandomForestRegressor({
      ...categories,
      trees: 9,
    }),
  }
  for (const [name, model] of Object.entries(numbers))
    test(name, async () => {
      await assertSame(await model.fit(X, y))
      await assertSame(await model.fit(gaps, y), gaps)
      const { prediction } = await run(model, X)
      assertClose(prediction, await model.predict(X))
    })

  test('exponentials of scores', async () => {
    const counts = array(codes)
    await assertSame(
      await new learn.GradientBoostingRegressor({ loss: 'poisson' }).fit(gaps, counts),
      gaps,
    )
  })

  for (const labels of [twoLabels, threeLabels])
    for (const make of [
      () => new learn.DecisionTreeClassifier({ maxDepth: 4 }),
      () => new learn.RandomForestClassifier({ trees: 20, maxDepth: 6 }),
      () => new learn.ExtraTreesClassifier({ trees: 20, ...categories }),
      () => new learn.GradientBoostingClassifier({ maxIter: 20 }),
    ])
      test(`${make().constructor.name} of ${new Set(labels).size} classes`, async () => {
        await assertSame(await make().fit(gaps, labels), gaps)
      })

  test('a single leaf', async () => {
    const model = new learn.GradientBoostingRegressor({ maxIter: 2, minSamplesLeaf: n })
    await assertSame(await model.fit(X, y))
  })

  test('rows that lie on thresholds come to the same leaves', async () => {
    // Thresholds are midway between float32 values, and some of these are rows.
    const steps = array(Array.from({ length: 300 }, (_, i) => [Math.fround(i / 10)]))
    const target = array(Array.from({ length: 300 }, (_, i) => (i * 7919) % 97))
    const model = await new learn.DecisionTreeRegressor().fit(steps, target)
    const between = array(Array.from({ length: 3000 }, (_, i) => [Math.fround(i / 100)]))
    await assertSame(model, between)
  })
})

describe('models of other libraries', () => {
  const at = (name: string): string =>
    fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))
  for (const name of ['regression', 'poisson', 'binary', 'multiclass'])
    test(`LightGBM, ${name}`, async () => {
      const rows = openArray<'float64'>(at('lightgbm/X.npy'))
      const rounded = array(Float64Array.from(rows.copy().toTypedArray(), Math.fround), {
        shape: [...rows.shape],
      })
      await assertSame(await openLightGBM(at(`lightgbm/${name}.txt`)), rounded)
    })
  for (const name of ['squared', 'softprob', 'dart', 'partition'])
    test(`XGBoost, ${name}`, async () => {
      const rows = openArray<'float64'>(at(`xgboost/X${name === 'partition' ? '-codes' : ''}.npy`))
      await assertSame(await openXGBoost(at(`xgboost/${name}.json`)), rows, { dtype: 'float64' })
    })

  test('splits with several intervals, with zeros as missing values', async () => {
    const split = { feature: 0, threshold: 2, kind: 4, codes: [] }
    const set = { feature: 1, threshold: 0, kind: 1, codes: [0, 2, 3, 9] }
    const model = parseLightGBM(
      'm.txt',
      writeText([{ splits: [split, set], left: [1, -1], right: [-2, -3], leaves: [1, 2, 4] }]),
    )
    const values = [NaN, -1, -0.5, 0, 0.5, 1, 2, 2.5, 3, 4, 8.9, 9, 9.5, 10]
    await assertSame(model, array(values.flatMap((a) => values.map((b) => [a, b, 0]))))
  })
})

test('random trees with every kind of split come to the same leaves', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(someTree, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(someValue, someValue, someValue), { minLength: 1, maxLength: 40 }),
      async (trees, rows) => {
        const model = parseLightGBM('m.txt', writeText(trees))
        const { prediction } = await run(model, array(rows), { dtype: 'float64' })
        const expected = (await model.predict(array(rows))).toTypedArray()
        assert.deepEqual(prediction?.data, expected)
      },
    ),
    { seed: 9, numRuns: 60 },
  )
})

describe('transformers', () => {
  const steps: Record<string, [learn.Transformer, NDArray?]> = {
    StandardScaler: [new learn.StandardScaler()],
    MinMaxScaler: [new learn.MinMaxScaler({ featureRange: [-1, 2] })],
    RobustScaler: [new learn.RobustScaler()],
    PCA: [new learn.PCA({ components: 3 })],
    'PCA that whitens': [new learn.PCA({ components: 2, whiten: true })],
    SelectColumns: [new learn.SelectColumns({ columns: [3, 0] })],
    SelectKBest: [new learn.SelectKBest({ k: 2, score: 'fRegression' })],
    SimpleImputer: [new learn.SimpleImputer(), gaps],
    'SimpleImputer with indicators': [
      new learn.SimpleImputer({ strategy: 'median', addIndicator: true, missing: 2 }),
      gaps,
    ],
  }
  for (const [name, [step, rows = X]] of Object.entries(steps))
    test(name, async () => {
      await step.fit(rows, y)
      const { transformed } = await run(step, rows)
      assertClose(transformed, await step.transform(rows))
    })

  test('a column without any value is dropped by an imputer', async () => {
    const empty = X.copy()
    for (let i = 0; i < n; i++) empty.data[i * d + 3] = NaN
    const step = await new learn.SimpleImputer().fit(empty)
    const { transformed } = await run(step, empty)
    assertClose(transformed, await step.transform(empty))
  })

  test('ColumnTransformer within a pipeline', async () => {
    const columns = new learn.ColumnTransformer({
      transformers: {
        sizes: { columns: [2, 0], transformer: new learn.StandardScaler() },
        filled: {
          columns: [1, 4],
          transformer: new learn.Pipeline({
            steps: { fill: new learn.SimpleImputer(), pca: new learn.PCA({ components: 1 }) },
          }),
        },
      },
      remainder: 'passthrough',
    })
    const pipeline = new learn.Pipeline({ steps: { columns, ridge: new learn.Ridge() } })
    await assertSame(await pipeline.fit(gaps, y), gaps)
  })
})

describe('pipelines and ensembles', () => {
  test('trees behind scalers come to the same leaves', async () => {
    const steps = {
      fill: new learn.SimpleImputer(),
      scale: new learn.StandardScaler(),
      boost: new learn.GradientBoostingRegressor(),
    }
    await assertSame(await new learn.Pipeline({ steps }).fit(gaps, y), gaps)
  })

  test('a stack of layers that hand on columns', async () => {
    const ensemble = new learn.SuperLearner({ folds: 3 })
      .addLayer([new learn.Ridge(), new learn.RandomForestRegressor({ trees: 10 })], {
        preprocess: new learn.StandardScaler(),
        propagateFeatures: [0, 2],
      })
      .addLayer([
        new learn.LinearRegression(),
        new learn.GradientBoostingRegressor({ maxIter: 20 }),
      ])
      .addMeta(new learn.Ridge())
    // A tree on float32 sums of other trees may come to another leaf where they lie on a threshold.
    await assertSame(await ensemble.fit(X, y))
  })

  test('a BlendEnsemble of classifiers', async () => {
    const ensemble = new learn.BlendEnsemble({ testSize: 0.4 })
      .add([new learn.LogisticRegression(), new learn.RandomForestClassifier({ trees: 5 })])
      .addMeta(new learn.LogisticRegression())
    await assertSame(await ensemble.fit(X, threeLabels))
  })

  test('a Subsemble has a model for each partition', async () => {
    const ensemble = new learn.Subsemble({ partitions: 2, folds: 2 })
      .add([new learn.Ridge(), new learn.DecisionTreeRegressor({ maxDepth: 4 })])
      .addMeta(new learn.NonNegativeLeastSquares())
    await assertSame(await ensemble.fit(X, y))
  })

  for (const labels of [twoLabels, threeLabels])
    for (const meta of [
      new learn.LogisticRegression(),
      new learn.GreedySelection(),
      new learn.RandomForestClassifier({ trees: 10, maxDepth: 3 }),
    ])
      test(`${meta.constructor.name} over classifiers of ${new Set(labels).size} classes`, async () => {
        const learners = [
          new learn.LogisticRegression(),
          new learn.GradientBoostingClassifier({ maxIter: 10 }),
          ...(meta instanceof learn.GreedySelection ? [] : [new learn.RidgeClassifier()]),
        ]
        const ensemble = new learn.SuperLearner({ folds: 3 })
          .add(learners, { preprocess: new learn.StandardScaler() })
          .addMeta(meta)
        await assertSame(await ensemble.fit(X, labels))
      })

  test('restored learned values are the same model', async () => {
    const make = () =>
      new learn.SuperLearner({ folds: 3 }).add(new learn.Ridge()).addMeta(new learn.Ridge())
    const fitted = await make().fit(X, y)
    await assertSame(learn.restore(make(), learn.learnedState(fitted)))
  })
})

describe('what can not be exported is refused by its place', () => {
  const refuse = async (model: learn.Configurable, message: RegExp, code = 'ERR_EXPORT') => {
    await assert.rejects(saveOnnx(model, join(folder, 'refused.onnx')), (error) => {
      assert.ok(isOneCopyError(error))
      assert.match(error.message, message)
      return error.code === code
    })
    assert.ok(!readdirSync(folder).includes('refused.onnx'))
  }

  test('a model behind an encoder', async () => {
    const column = new NumberColumn('x', X.column(0).copy())
    const encoder = new TableEncoder().fit(new Table([column]))
    const encoded = new learn.EncodedModel(encoder, await new learn.Ridge().fit(X, y))
    await refuse(
      encoded as never,
      /got an EncodedModel, .* as the model\. .*saveOnnx\(model\.model, path\)/,
    )
  })

  test('learners, steps and parts', async () => {
    await refuse(
      await new learn.KNeighborsRegressor().fit(X, y),
      /^Expected a model with a counterpart in ONNX, got the learner KNeighborsRegressor as the model\. Learners that can be exported are/,
    )
    const steps = { poly: new learn.PolynomialFeatures(), ridge: new learn.Ridge() }
    await refuse(
      await new learn.Pipeline({ steps }).fit(X, y),
      /got the transformer PolynomialFeatures as step `poly` of the model\./,
    )
    const ensemble = new learn.SuperLearner({ folds: 2 })
      .add({ near: new learn.KNeighborsRegressor(), ridge: new learn.Ridge() })
      .addMeta(new learn.Ridge())
    await refuse(await ensemble.fit(X, y), /KNeighborsRegressor as learner `near` of the model\./)
    const withoutMeta = new learn.SuperLearner({ folds: 2 }).add(new learn.Ridge())
    await refuse(await withoutMeta.fit(X, y), /an ensemble without a meta learner/)
    class Mine extends learn.Ridge {}
    await refuse(await new Mine().fit(X, y), /got the learner Mine as the model/)
    const one = await new learn.LogisticRegression().fit(X, array(codes.map(() => 1)))
    await refuse(one, /a classifier of a single class as the model/)
  })

  test('models that are not fitted, and options', async () => {
    await refuse(new learn.Ridge(), /has not learned anything yet/, 'ERR_NOT_FITTED')
    const ridge = await new learn.Ridge().fit(X, y)
    const path = join(folder, 'refused.onnx')
    const code = (expected: string) => (error: unknown) =>
      isOneCopyError(error) && error.code === expected
    await assert.rejects(saveOnnx(ridge, path, { columns: 4 }), code('ERR_OPTION'))
    await assert.rejects(saveOnnx(ridge, path, { dtype: 'int8' as 'float32' }), code('ERR_OPTION'))
    await assert.rejects(saveOnnx(ridge, path, { opset: 3 } as object), TypeError)
    await assert.rejects(saveOnnx(ridge, join(folder, 'none', 'a.onnx')), code('ERR_FILE'))
    await assert.rejects(saveOnnx({} as learn.Configurable, path), TypeError)
    await assert.rejects(saveOnnx(ridge, 3 as unknown as string), TypeError)
  })
})

test('no rows and one row', async () => {
  const ridge = await new learn.Ridge().fit(X, y)
  const logistic = await new learn.LogisticRegression().fit(X, twoLabels)
  for (const count of [0, 1])
    for (const model of [ridge, logistic]) {
      const outputs = await run(model, X.rows(0, count))
      for (const output of Object.values(outputs)) assert.equal(output.dims[0], count)
    }
})

test('the same model makes the same bytes', async () => {
  const model = await new learn.GradientBoostingRegressor({ maxIter: 5 }).fit(X, y)
  const paths = ['a.onnx', 'b.onnx'].map((name) => join(folder, name))
  for (const path of paths) await saveOnnx(model, path)
  assert.deepEqual(readFileSync(paths[0]!), readFileSync(paths[1]!))
})

test(
  'a file has no name before it is complete',
  { skip: process.platform !== 'linux' },
  async (t) => {
    const own = mkdtempSync(join(tmpdir(), 'onecopy-onnx-'))
    t.after(() => rmSync(own, { recursive: true }))
    const names: string[][] = []
    // oxlint-disable-next-line typescript/unbound-method -- called with `this` below
    const { write } = PendingFile.prototype
    t.mock.method(PendingFile.prototype, 'write', function (this: PendingFile, bytes: Uint8Array) {
      names.push(readdirSync(own))
      return write.call(this, bytes)
    })
    await saveOnnx(await new learn.Ridge().fit(X, y), join(own, 'a.onnx'))
    assert.deepEqual(names, [[]])
  },
)
