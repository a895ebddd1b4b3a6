/** Every class learns from tables, and answers as on an array of the same columns. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, zeros } from '../../../src/arrays/index.ts'
import {
  isEstimator,
  learnedState,
  Pipeline,
  Ridge,
  StandardScaler,
} from '../../../src/learn/index.ts'
import {
  CategoryColumn,
  designMatrix,
  NumberColumn,
  type Table,
} from '../../../src/tables/index.ts'
import { mixedTable, withColumn } from '../table-of-mixed-columns.ts'
import { classes } from './every-class.ts'

/** Any learner or transformer, called without looking at types. */
interface Subject {
  readonly featureNamesIn_?: readonly string[]
  readonly copiedBytes_?: number
  readonly takesCategories?: boolean
  fit(X: Table | NDArray, y: unknown, options?: object): Promise<this>
  predict?(X: Table | NDArray, options?: object): Promise<unknown>
  predictProba?(X: Table | NDArray, options?: object): Promise<NDArray>
  decisionFunction?(X: Table | NDArray, options?: object): Promise<NDArray>
  transform?(X: Table | NDArray, options?: object): Promise<NDArray>
}

const methods = ['predict', 'predictProba', 'decisionFunction', 'transform'] as const

const table = mixedTable(300, { missing: false })
const features = ['size', 'age']
const whole = table.select([...features, 'price', 'kind'])
const { X, y: price } = designMatrix(table, { target: 'price', columns: features })
const kinds = table.column('kind').toArray() as string[]

/** Options without which a class learns nothing, or too slowly. */
const options: Readonly<Record<string, object>> = {
  Pipeline: { steps: { scale: new StandardScaler(), ridge: new Ridge() } },
  ColumnTransformer: {
    transformers: { both: { columns: ['age', 'size'], transformer: new StandardScaler() } },
  },
  SelectColumns: { columns: ['age'] },
  RadiusNeighborsClassifier: { radius: 30 },
  RadiusNeighborsRegressor: { radius: 30 },
  SVC: { C: 1 },
  KMeans: { clusters: 3 },
  SelectKBest: { k: 1, score: 'fRegression' },
  GradientBoostingRegressor: { maxIter: 5 },
  GradientBoostingClassifier: { maxIter: 5 },
}

/** Options for arrays, whose columns have no names. */
const byNumber: Readonly<Record<string, object>> = {
  ColumnTransformer: {
    transformers: { both: { columns: [1, 0], transformer: new StandardScaler() } },
  },
  SelectColumns: { columns: [1] },
}

function isClassifier(model: Subject): boolean {
  return isEstimator(model) && ('predictProba' in model || 'decisionFunction' in model)
    ? !(model instanceof Pipeline)
    : false
}

/** Whether a model has a method; a pipeline that ends with a learner does not transform. */
function answers(model: Subject, method: (typeof methods)[number]): boolean {
  if (method === 'transform' && model instanceof Pipeline) return false
  return typeof model[method] === 'function'
}

function plain(found: unknown): unknown {
  return found instanceof NDArray ? found.toArray() : found
}

for (const [name, Class] of classes) {
  describe(`${name} on a table`, () => {
    const make = (more = options): Subject => new Class({ ...options[name], ...more[name] })
    const column = isClassifier(make()) ? 'kind' : 'price'
    const own = whole.select([...features, column])
    const target = column === 'kind' ? kinds : price

    test('learns names, and answers as on an array of its columns', async () => {
      const model = make()
      assert.equal(await model.fit(own, column), model)
      assert.deepEqual(model.featureNamesIn_, features)
      const expected = await make(byNumber).fit(X, target)
      for (const method of methods) {
        if (!answers(model, method)) continue
        const found = plain(await expected[method]!(X))
        for (const rows of [own, whole.select(['kind', 'age', 'price', 'size']), X])
          assert.deepEqual(plain(await model[method]!(rows)), found, method)
        const some = { rows: [7, 3, 250] }
        assert.deepEqual(
          plain(await model[method]!(own, some)),
          plain(await expected[method]!(X, some)),
        )
        if (!Array.isArray(await expected[method]!(X)))
          await comparesOut(model, expected, method, own)
      }
      assert.ok(Object.keys(learnedState(model as never)).includes('featureNamesIn_'))
    })

    test('takes rows and weights, and a column or an array as target', async () => {
      const chosen = {
        rows: { ranges: [[0, 200]] },
        weights: price.toTypedArray().map((_, i) => 1 + (i % 2)),
      }
      const method = methods.find((one) => answers(make(), one))!
      const expected = await make(byNumber).fit(X, target, chosen)
      const found = plain(await expected[method]!(X, { rows: chosen.rows }))
      for (const [rows, y] of [
        [own, column],
        [own, own.column(column)],
        [own.select(features), target],
      ] as const) {
        const model = await make().fit(rows, y, chosen)
        assert.deepEqual(plain(await model[method]!(own, { rows: chosen.rows })), found)
      }
    })

    test('takes a column as weights, which is no feature', async () => {
      const visits = array(Float64Array.from({ length: 300 }, (_, i) => 1 + (i % 3)))
      const weighed = withColumn(own, new NumberColumn('visits', visits))
      const method = methods.find((one) => answers(make(), one))!
      const expected = await make(byNumber).fit(X, target, { weights: visits })
      const found = plain(await expected[method]!(X))
      for (const weights of ['visits', weighed.column('visits')]) {
        const model = await make().fit(weighed, column, { weights })
        assert.deepEqual(model.featureNamesIn_, features)
        assert.deepEqual(plain(await model[method]!(own)), found)
      }
    })

    test('refuses a table that lacks a column, and one after an array', async () => {
      const model = await make().fit(own, column)
      const method = methods.find((one) => answers(model, one))!
      await assert.rejects(model[method]!(own.without(['age'])), {
        code: 'ERR_INDEX',
        message: new RegExp(
          `^Expected a column 'age', as in the table that this ${name} was fitted on`,
        ),
      })
      await make(byNumber)
        .fit(X, target)
        .then((other) =>
          assert.rejects(other[method]!(own), { code: 'ERR_INDEX', message: /got a Table/ }),
        )
      await assert.rejects(make()[method]!(own), { code: 'ERR_NOT_FITTED' })
    })

    test('reads texts as categories, or names the column that it refuses', async () => {
      const texts = table.select(['size', 'city', column])
      const passes = { all: { columns: ['city'], transformer: 'passthrough' } }
      const chosen = {
        ColumnTransformer: { transformers: passes },
        SelectColumns: { columns: ['city'] },
      }
      const model = make(chosen)
      if (
        model.takesCategories === true &&
        !['SelectColumns', 'ColumnTransformer'].includes(name)
      ) {
        await model.fit(texts, column)
        const again = mixedTable(300, { missing: false, texts: ['Rome', 'Nice', 'Oslo', 'Bern'] })
        const method = methods.find((one) => answers(model, one))!
        assert.deepEqual(plain(await model[method]!(again)), plain(await model[method]!(texts)))
      } else {
        await assert.rejects(model.fit(texts, column), {
          code: 'ERR_INDEX',
          message:
            /^Expected numbers in column 'city' for .*, got texts such as 'Bern', 'Nice', 'Oslo'\. Put a OneHotEncoder/,
        })
      }
    })

    test('reads cells without a value as NaN, or names the column that it refuses', async () => {
      const size = zeros([300], 'float64')
      for (let i = 0; i < 300; i++) size.data[i] = i === 9 ? NaN : X.get(i, 0)
      const holes = withColumn(own, new NumberColumn('size', size))
      const NaNs = X.copy()
      NaNs.set(NaN, 9, 0)
      const expected = await make(byNumber)
        .fit(NaNs, target)
        .then(
          () => true,
          () => false,
        )
      const fitted = make().fit(holes, column)
      if (expected) {
        await fitted
        return
      }
      await assert.rejects(fitted, {
        code: 'ERR_VALUE',
        message:
          /^Expected a value in every row of column 'size' for \w+, got none in row 9 \(counted from 0\)\. Put a SimpleImputer/,
      })
      const rows = { ranges: [[10, 300]] }
      await make().fit(holes, column, { rows })
    })
  })
}

async function comparesOut(
  model: Subject,
  expected: Subject,
  method: (typeof methods)[number],
  own: Table,
): Promise<void> {
  const { shape } = (await expected[method]!(X)) as NDArray
  const outs = [zeros(shape, 'float64'), zeros(shape, 'float64')] as const
  assert.equal(await model[method]!(own, { out: outs[0], rows: [4, 2] }), outs[0])
  await expected[method]!(X, { out: outs[1], rows: [4, 2] })
  assert.deepEqual(outs[0].toArray(), outs[1].toArray())
}

test('columns of one memory, evenly spaced, are read in place; others are copied once', async () => {
  const memory = zeros([4, 50], 'float64')
  for (let i = 0; i < memory.size; i++) memory.data[i] = Math.sin(i * i)
  const columns = ['a', 'b', 'c', 'd'].map((one, j) => new NumberColumn(one, memory.row(j)))
  const { Table } = await import('../../../src/tables/index.ts')
  const even = new Table(columns)
  const inPlace = await new Ridge().fit(even, 'd')
  assert.equal(inPlace.copiedBytes_, 0)
  const copied = await new Ridge().fit(even.select(['a', 'b', 'd', 'c']), 'c')
  assert.equal(copied.copiedBytes_, 50 * 3 * 8)
  const category = new CategoryColumn('d', array(new Int8Array(50)), ['x'])
  assert.ok(category.get(0) === 'x')
})
