/** Learners refuse to predict rows that they can't use. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray, zeros } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { NumberColumn, Table } from '../../../src/tables/index.ts'
import { classes } from './every-class.ts'

/** Any learner, called without looking at types. */
interface Subject {
  fit(X: unknown, y: unknown): Promise<this>
  predict(X: unknown, options?: object): Promise<NDArray | unknown[]>
  predictProba?(X: unknown, options?: object): Promise<NDArray>
  decisionFunction?(X: unknown, options?: object): Promise<NDArray>
}

const n = 60
const X = zeros([n, 3], 'float64')
for (let i = 0; i < X.size; i++) X.data[i] = Math.sin(i * i)
const y = Float64Array.from({ length: n }, (_, row) => Number(X.get(row, 0) > X.get(row, 1)))
const three = Float64Array.from({ length: n }, (_, row) => row % 3)
const methods = ['predict', 'predictProba', 'decisionFunction'] as const

/** They take missing values, or only map rows. */
const takers = /Forest|Trees|Tree|Boosting|Pipeline|ColumnTransformer/
const options: Readonly<Record<string, object>> = {
  RadiusNeighborsClassifier: { radius: 9 },
  RadiusNeighborsRegressor: { radius: 9 },
  MLPClassifier: { hiddenLayerSizes: [4], maxIter: 2000 },
  MLPRegressor: { hiddenLayerSizes: [4], maxIter: 2000 },
  KMeans: { clusters: 3 },
}

const learners = classes.filter(
  ([name, Class]) => 'predict' in Class.prototype && !takers.test(name),
) as unknown as [string, new (options?: object) => Subject][]

/** Rows that are whole but for one value. */
function withValue(value: number): NDArray<'float64'> {
  const rows = X.rows(0, 40).copy()
  rows.set(value, 30, 2)
  return rows
}

function tableOf(rows: NDArray<'float64'>): Table {
  const columns = ['a', 'b', 'c'].map((name, j) => new NumberColumn(name, rows.column(j).copy()))
  return new Table(columns)
}

describe('rows with NaN or infinity', () => {
  test('there are learners to test', () => assert.ok(learners.length > 20, `${learners.length}`))
  for (const [name, Class] of learners) {
    for (const [labels, target] of Object.entries({ two: y, three })) {
      if (labels === 'three' && !/Classifier|SVC|NB|Logistic/.test(name)) continue
      test(`${name} refuses them with ${labels} labels`, async () => {
        const model = await new Class(options[name]).fit(X, target)
        for (const value of [Number.NaN, Infinity, -Infinity]) {
          for (const method of methods) {
            if (model[method] === undefined) continue
            await assert.rejects(
              model[method](withValue(value)),
              {
                code: 'ERR_VALUE',
                message: `Expected finite numbers, got ${value} in \`X\` at row 30, column 2 (counted from 0). Leave such rows out, or fill in their values first.`,
              },
              `${method} of ${value}`,
            )
            const chosen = await model[method](withValue(value), { rows: [39, 0] })
            const whole = await model[method](X.rows(0, 40), { rows: [39, 0] })
            assert.deepEqual(listOf(chosen), listOf(whole))
          }
        }
      })
    }

    test(`${name} names the column of a table`, async () => {
      const model = await new Class(options[name]).fit(tableOf(X), y)
      await assert.rejects(model.predict(tableOf(withValue(Number.NaN))), {
        code: 'ERR_VALUE',
        message: new RegExp(
          `^Expected a value in every row of column 'c' for ${name}, got none in row 30 \\(counted from 0\\)`,
        ),
      })
      await assert.rejects(model.predict(tableOf(withValue(-Infinity))), {
        code: 'ERR_VALUE',
        message: `Expected finite numbers in column 'c' for ${name}, got -Infinity in row 30 (counted from 0). Leave such rows out, or replace their values first.`,
      })
    })
  }
})

function listOf(found: NDArray | unknown[]): unknown {
  return found instanceof NDArray ? found.toArray() : found
}

test('a finite row whose prediction overflows is predicted', async () => {
  const model = await new learn.LinearRegression().fit([[0], [1]], [0, 10])
  assert.equal((await model.predict([[1e308]])).get(0), Infinity)
})

describe('behind steps', () => {
  const steps = {
    'columns that become part of coefficients': new learn.StandardScaler(),
    'mapped blocks': new learn.PolynomialFeatures({ degree: 2 }),
  }
  for (const [name, step] of Object.entries(steps))
    for (const learner of [new learn.Ridge(), new learn.GaussianNB(), new learn.SVC()])
      test(`${name}, ${learner.constructor.name}`, async () => {
        const model = new learn.Pipeline({ steps: { step: learn.clone(step), learner } })
        await model.fit(X, y)
        const rows = zeros([1_000_000, 3], 'float64')
        rows.set(Number.NaN, 999_990, 1)
        const [short, last] = [rows.rows(999_900, 1_000_000), rows.rows(600_000, 1_000_000)]
        const place = (row: number): object => ({
          code: 'ERR_VALUE',
          message: `Expected finite numbers, got NaN in \`X\` at row ${row}, column 1 (counted from 0). Leave such rows out, or fill in their values first.`,
        })
        await assert.rejects(model.predict(short), place(90))
        if (learner.constructor.name === 'Ridge')
          await assert.rejects(model.predict(last), place(399_990))
      })

  test('a value that a step fills in is no fault', async () => {
    const model = new learn.Pipeline({
      steps: { fill: new learn.SimpleImputer(), learner: new learn.GaussianNB() },
    })
    await model.fit(X, y)
    assert.deepEqual((await model.predict([[Number.NaN, 1, 2]])).shape, [1])
  })
})

describe('in an ensemble', () => {
  const members = {
    linear: new learn.Ridge(),
    machine: new learn.SVR(),
    neighbors: new learn.KNeighborsRegressor(),
  }
  const prices = Float64Array.from({ length: n }, (_, row) => X.get(row, 0) * 3 + X.get(row, 2))

  for (const [name, learner] of Object.entries(members)) {
    const make = (): learn.SuperLearner =>
      new learn.SuperLearner().add({ [name]: learner }).addMeta(new learn.RandomForestRegressor())

    test(`new rows are refused by their place in X: ${name}`, async () => {
      const ensemble = make()
      await ensemble.fit(X, prices)
      await assert.rejects(ensemble.predict(withValue(Number.NaN)), {
        code: 'ERR_VALUE',
        message: /got NaN in `X` at row 30, column 2/,
      })
    })

    test(`a row of weight 0 may hold NaN: ${name}`, async () => {
      const gap = X.copy()
      gap.set(Number.NaN, 17, 1)
      const weights = Float64Array.from({ length: n }, (_, row) => Number(row !== 17))
      const { outOfFold } = await make().fit(gap, prices, { weights })
      assert.ok(Number.isNaN(outOfFold.get(17, 0)))
      assert.ok(Number.isFinite(outOfFold.get(16, 0)))
    })
  }
})

test('float32 output and lists are checked too', async () => {
  const model = await new learn.Ridge().fit(X, y)
  const out = zeros([2], 'float32')
  await assert.rejects(
    model.predict(
      [
        [1, 2, Number.NaN],
        [1, 1, 1],
      ],
      { out },
    ),
    { code: 'ERR_VALUE' },
  )
  const pairs = await new learn.LinearRegression().fit(X, array(X.toArray() as number[][]))
  await assert.rejects(pairs.predict([[1, 2, Infinity]]), { code: 'ERR_VALUE' })
})
