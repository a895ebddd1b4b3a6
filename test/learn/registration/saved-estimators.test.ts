/** Every estimator of the package comes back from a file as it was. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { decode, encode } from '../../../src/objects/internal.ts'
import { classes, type Model } from '../contract/every-class.ts'
import { randomProblem } from '../random-problem.ts'

const n = 120
const { X, y } = randomProblem(n, 3)
const labels = array(Float64Array.from({ length: n }, (_, row) => (row * 7 + (row % 4)) % 3))
const few = ['RandomForest', 'ExtraTrees']

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
  if (few.some((start) => name.startsWith(start))) return { trees: 3 }
  if (name.startsWith('MLP')) return { hiddenLayerSizes: [6, 5], maxIter: 5 }
  if (name.startsWith('Gradient')) return { maxIter: 3, minSamplesLeaf: 5 }
  return options[name]?.() ?? {}
}

function targetOf(name: string): NDArray {
  return /Classifier|Logistic|NB|SVC/.test(name) ? labels : y
}

/** A value as a file gives it back: through text, and arrays without strides of their own. */
function saveAndLoad<T>(value: T): T {
  const { tree, arrays } = encode(value, { called: 'model' })
  const text = JSON.stringify(tree)
  assert.ok(text.length < 200_000)
  return decode({ tree: JSON.parse(text), arrays: arrays.map((one) => one.copy()) }) as T
}

/** Fails unless two models predict the same bytes. */
async function requireSamePredictions(
  loaded: object,
  model: object,
  data: unknown = X,
): Promise<void> {
  let tried = 0
  for (const method of ['predict', 'predictProba', 'decisionFunction', 'transform'] as const) {
    const call = (one: object): Promise<unknown> | undefined =>
      (one as Record<string, ((X: unknown) => Promise<unknown>) | undefined>)[method]?.(data)
    const expected = await call(model)?.catch(() => undefined)
    if (expected === undefined) continue
    tried++
    assert.deepEqual(bytesOf(await call(loaded)), bytesOf(expected), method)
  }
  assert.ok(tried > 0)
}

function bytesOf(predictions: unknown): unknown {
  if (Array.isArray(predictions)) return predictions
  const { buffer, byteOffset, byteLength } = (predictions as NDArray).toTypedArray()
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength).toString('hex')
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
      await requireSamePredictions(loaded, model)
      await requireSamePredictions(saveAndLoad(loaded), model)
      assert.deepEqual(Object.keys(loaded).toSorted(), Object.keys(model).toSorted())
      const again = await unfitted.fit(X, targetOf(name))
      await requireSamePredictions(again, model)
    })
  }
})
