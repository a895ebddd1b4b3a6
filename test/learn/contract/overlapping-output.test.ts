/** Predictions into memory that is read: right, or refused. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { randomProblem } from '../random-problem.ts'

const n = 3000
const { X, y } = randomProblem(n, 3)
const labels = array(Float64Array.from({ length: n }, (_, row) => row % 3))

interface Model {
  fit(X: NDArray, y: NDArray): Promise<this>
  predict?(X: NDArray, options?: learn.PredictOptions): Promise<NDArray>
  predictProba?(X: NDArray, options?: learn.PredictOptions): Promise<NDArray>
  transform?(X: NDArray, options?: learn.PredictOptions): Promise<NDArray>
}

const models: Record<string, () => Model> = {
  Ridge: () => new learn.Ridge(),
  LogisticRegression: () => new learn.LogisticRegression(),
  GaussianNB: () => new learn.GaussianNB(),
  KNeighborsRegressor: () => new learn.KNeighborsRegressor(),
  KNeighborsClassifier: () => new learn.KNeighborsClassifier(),
  HuberRegressor: () => new learn.HuberRegressor(),
  LinearSVC: () => new learn.LinearSVC(),
  MLPRegressor: () => new learn.MLPRegressor({ hiddenLayerSizes: [5], maxIter: 2 }),
  MLPClassifier: () => new learn.MLPClassifier({ hiddenLayerSizes: [5], maxIter: 2 }),
  SVC: () => new learn.SVC({ maxIter: 500 }),
  RadiusNeighborsRegressor: () => new learn.RadiusNeighborsRegressor(),
  RadiusNeighborsClassifier: () => new learn.RadiusNeighborsClassifier({ radius: 0.5 }),
  KMeans: () => new learn.KMeans({ clusters: 3 }),
  DecisionTreeClassifier: () => new learn.DecisionTreeClassifier(),
  StandardScaler: () => new learn.StandardScaler(),
  PolynomialFeatures: () => new learn.PolynomialFeatures(),
  'Pipeline to neighbours': () =>
    new learn.Pipeline({
      steps: { scale: new learn.MinMaxScaler(), nearest: new learn.KNeighborsRegressor() },
    }),
  'Pipeline to a linear model': () =>
    new learn.Pipeline({ steps: { scale: new learn.StandardScaler(), ridge: new learn.Ridge() } }),
}

/** Views of a matrix of one more row, with the rows of `X` in it, and where results go. */
const layouts: Record<string, (memory: NDArray) => [input: NDArray, out: NDArray]> = {
  'the same rows': (memory) => [memory.rows(0, n), memory.rows(0, n)],
  'the next rows': (memory) => [memory.rows(0, n), memory.rows(1, n + 1)],
  'rows in reverse': (memory) => [memory.rows(0, n), memory.rows(0, n).reversed(0)],
}

describe('an `out` that overlaps `X` gets what a separate one gets', () => {
  for (const [name, make] of Object.entries(models)) {
    test(name, async () => {
      const model = await make().fit(X, /Classifier|Logistic|NB|SVC/.test(name) ? labels : y)
      for (const method of ['predict', 'predictProba', 'transform'] as const) {
        // A pipeline has methods of both roles, of which one is refused.
        const wanted = await model[method]?.(X).catch(() => undefined)
        if (wanted === undefined) continue
        const width = wanted.shape[1] ?? 1
        for (const [what, layout] of Object.entries(layouts)) {
          const [input, rows] = layout(zeros([n + 1, Math.max(3, width)]))
          const own = input.slice(null, [0, 3])
          for (let j = 0; j < 3; j++) for (let i = 0; i < n; i++) own.set(X.get(i, j), i, j)
          const out: NDArray = wanted.ndim === 1 ? rows.column(0) : rows.slice(null, [0, width])
          assert.equal(await model[method]!(own, { out }), out)
          assert.deepEqual(out.toArray(), wanted.toArray(), `${method}: ${what}`)
        }
      }
    })
  }
})

test('rows that are not predicted keep their values', async () => {
  const model = await new learn.Ridge().fit(X, y)
  const memory = X.copy()
  const wanted = await model.predict(X, { rows: [5, 2] })
  await model.predict(memory, { rows: [5, 2], out: memory.column(1).reversed(0) })
  const expected = X.copy()
  expected.set(wanted.get(0), n - 1 - 5, 1)
  expected.set(wanted.get(1), n - 1 - 2, 1)
  assert.deepEqual(memory.toArray(), expected.toArray())
})

test('neighbours refuse to write to the rows that they read', async () => {
  const [rows, target] = [X.copy(), y.copy()]
  const before = rows.toArray()
  const regressor = await new learn.KNeighborsRegressor().fit(rows, target)
  await assert.rejects(regressor.predict(X, { out: rows.column(0) }), {
    code: 'ERR_OVERLAP',
    message:
      'Expected `out` to share no memory with `X_`, which KNeighborsRegressor reads in every prediction, got a view of the same elements. ' +
      'Give an array of its own.',
  })
  await assert.rejects(regressor.predict(X, { out: target }), { code: 'ERR_OVERLAP' })
  const classifier = await new learn.KNeighborsClassifier().fit(rows, labels)
  for (const method of ['predict', 'predictProba'] as const) {
    const out = method === 'predict' ? rows.column(0) : rows
    await assert.rejects(classifier[method](X, { out }), { code: 'ERR_OVERLAP' })
  }
  assert.deepEqual(rows.toArray(), before)
})
