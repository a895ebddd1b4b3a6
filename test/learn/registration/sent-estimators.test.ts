/** Every estimator of the package travels to a worker and back as it was. */

import assert from 'node:assert/strict'
import { serialize } from 'node:v8'
import { test } from 'node:test'
import { array, type NDArray, shared } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { registrationOf } from '../../../src/objects/internal.ts'
import { delayed } from '../../../src/parallel/index.ts'
import { encode } from '../../../src/parallel/payload/encode.ts'
import {
  ArgumentClasses,
  requireModule,
} from '../../../src/parallel/functions/classes/describe-class.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { predictThere, writeFirst } from '../../fixtures/tasks/models.ts'
import { everyBackend, onBackends } from '../../parallel/backends.ts'
import { classes } from '../contract/every-class.ts'
import { randomProblem } from '../random-problem.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'
import { bytesOf, requireSamePredictions } from './save-and-load.ts'

const n = 60
const { X, y } = randomProblem(n, 3)
const labels = array(Float64Array.from({ length: n }, (_, row) => (row * 7 + (row % 4)) % 3))
const options: Readonly<Record<string, object>> = {
  ColumnTransformer: {
    transformers: { scale: { columns: [0, 2], transformer: new learn.StandardScaler() } },
  },
  Pipeline: { steps: { scale: new learn.StandardScaler(), ridge: new learn.Ridge() } },
  PredefinedSplit: { testFold: Int32Array.from({ length: n }, (_, row) => row % 3) },
  SelectKBest: { k: 2, score: 'fRegression' },
  SelectColumns: { columns: [2, 0] },
}

function makeOptions(name: string): object {
  if (/^(RandomForest|ExtraTrees)/.test(name)) return { trees: 2 }
  if (name.startsWith('MLP')) return { hiddenLayerSizes: [4], maxIter: 2 }
  if (name.startsWith('Gradient')) return { maxIter: 2, minSamplesLeaf: 5 }
  return options[name] ?? {}
}

function targetOf(name: string): NDArray {
  return /Classifier|Logistic|NB|SVC/.test(name) ? labels : y
}

async function fitAll(): Promise<object[]> {
  const models: object[] = []
  for (const [name, Class] of classes)
    models.push(await new Class(makeOptions(name)).fit(X, targetOf(name)))
  const learners = { ridge: new learn.Ridge({ alpha: 2 }), near: new learn.KNeighborsRegressor() }
  const ensemble = new learn.SuperLearner({ folds: 2 })
  ensemble.add(learners, { preprocess: [new learn.StandardScaler()] })
  models.push(await ensemble.addMeta(new learn.LinearRegression()).fit(X, y))
  return models
}

const fitted = fitAll()

onBackends(everyBackend, 'fitted models predict on workers and come back', async (make) => {
  const models = await fitted
  assert.ok(models.length > 40)
  const parallel = make({ workers: 1 })
  const call = delayed(predictThere)
  const results = await parallel.run(models.map((model) => call(model, X)))
  for (const [i, [back, predicted]] of results.entries()) {
    const model = models[i]! as { predict?(X: NDArray): Promise<unknown> }
    assert.equal(Object.getPrototypeOf(back), Object.getPrototypeOf(model))
    await requireSamePredictions(back, model, X)
    if (model.predict !== undefined)
      assert.deepEqual(bytesOf(predicted), bytesOf(await model.predict(X)))
  }
})

onBackends(everyBackend, 'a table and a model of it are arguments, and captured', async (make) => {
  const table = mixedTable(80)
  const rest = table.without(['price'])
  const model = await new learn.GradientBoostingRegressor({ maxIter: 2 }).fit(table, 'price')
  const parallel = make({ workers: 1 })
  const expected = bytesOf(await model.predict(rest))
  const [[, predicted], captured, [back]] = await parallel.run([
    delayed(predictThere)(model, rest),
    delayed(() => model.predict(rest))(),
    delayed((one: Table) => [one])(table),
  ])
  assert.deepEqual(bytesOf(predicted), expected)
  assert.deepEqual(bytesOf(captured), expected)
  assert.ok(back instanceof Table)
  assert.deepEqual(back.row(3), table.row(3))
})

onBackends(everyBackend, 'a table sees the same memory in its task', async (make) => {
  const table = new Table([new NumberColumn('a', shared([1000]))], 1000)
  const parallel = make({ workers: 1 })
  assert.deepEqual(await parallel.run([delayed(writeFirst)(table, 'a')]), [[1000, 0]])
  assert.equal(table.column('a', 'number').values.get(0), 7)
})

test('a class of onecopy in a bundle is found in the package, and one of the program is not', () => {
  const registered = registrationOf(learn.Ridge)!
  const ridge = new learn.Ridge()
  const own = new URL('../../../src/learn/', import.meta.url).href
  assert.ok(requireModule(ridge, registered).startsWith(own))
  for (const module of [undefined, 'file:///app/bundle.js'])
    assert.equal(requireModule(ridge, { ...registered, module }), `${own}index.ts`)
  const acme = { ...registered, name: 'acme.Ridge', module: 'file:///app/ridge.js' }
  assert.equal(requireModule(ridge, acme), 'file:///app/ridge.js')
})

test('a table of 1 GB and a model take less than 10 kB of a message', async () => {
  const rows = 2 ** 27
  const table = new Table([new NumberColumn('a', shared([rows]))], rows)
  const model = await new learn.KNeighborsRegressor().fit(X, y)
  const made = new Set<object>()
  const kinds = new ArgumentClasses(undefined)
  const rules = {
    shareFromBytes: 2 ** 20,
    sameProcess: false,
  }
  const { value } = encode([model, table], rules, () => 'the arguments', {
    classes: (instance, registered) => kinds.describe(instance, registered, made),
  })
  assert.equal(made.size, 0)
  assert.ok(serialize(value).length < 10_000, `${serialize(value).length} bytes`)
})
