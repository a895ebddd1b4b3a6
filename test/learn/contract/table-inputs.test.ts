/** Targets, labels and memory of fits on tables. */

import assert from 'node:assert/strict'
import { readdirSync, readlinkSync, statSync } from 'node:fs'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import * as learn from '../../../src/learn/index.ts'
import { CategoryColumn, type Column, NumberColumn, Table } from '../../../src/tables/index.ts'
import { mixedTable, withColumn } from '../table-of-mixed-columns.ts'

const n = 120
const numbers = mixedTable(n, { missing: false }).select(['size', 'age', 'price'])
const mixed = mixedTable(n, { missing: false })

/** Bytes of all scratch memory of this process. */
function scratchBytes(): number {
  return readdirSync('/proc/self/fd')
    .map((fd) => `/proc/self/fd/${fd}`)
    .filter((path) => readlink(path).includes('memfd'))
    .reduce((sum, path) => sum + statSync(path).blocks * 512, 0)
}

/** Memory of earlier tests may be collected meanwhile. */
function requireNoMore(before: number): void {
  const more = scratchBytes() - before
  assert.ok(more <= 0, `${more} bytes more`)
}

function readlink(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

describe('a column of the name of another one', () => {
  const own = numbers.column('price') as NumberColumn
  const named = (y: string | Column): Promise<learn.Ridge> => new learn.Ridge().fit(numbers, y)

  test('is left out when it has the same memory', async () => {
    const twin = new NumberColumn('price', own.values)
    const model = await named(twin)
    assert.deepEqual(model.featureNamesIn_, ['size', 'age'])
    assert.deepEqual(model.coef_, (await named('price')).coef_)
    const weights = new NumberColumn('age', (numbers.column('age') as NumberColumn).values)
    const weighted = await new learn.Ridge().fit(numbers, 'price', { weights })
    assert.deepEqual(weighted.featureNamesIn_, ['size'])
  })

  test('is refused when it has other memory', async () => {
    const twin = new NumberColumn('price', own.values.copy())
    const refusal = (argument: string, name: string): object => ({
      code: 'ERR_INDEX',
      message:
        `Expected \`${argument}\` to be column '${name}' of the table, got another column of that name, beside which the table's own would be a feature. ` +
        `Pass the name '${name}', or leave the table's column out: table.without(['${name}']).`,
    })
    await assert.rejects(named(twin), refusal('y', 'price'))
    await assert.rejects(
      new learn.RandomForestRegressor().fit(numbers, twin),
      refusal('y', 'price'),
    )
    await assert.rejects(new learn.StandardScaler().fit(numbers, twin), refusal('y', 'price'))
    const weights = new NumberColumn('age', own.values.copy())
    await assert.rejects(
      new learn.Ridge().fit(numbers, 'price', { weights }),
      refusal('weights', 'age'),
    )
    const model = await new learn.Ridge().fit(numbers.without(['price']), twin)
    assert.deepEqual(model.featureNamesIn_, ['size', 'age'])
  })
})

describe('scratch memory', () => {
  const bad = { weights: new Float64Array(n).fill(-1) }
  const fits: Record<string, () => Promise<unknown>> = {
    'a scaler': () => new learn.StandardScaler().fit(numbers, undefined, bad),
    'nearest neighbours': () => new learn.KNeighborsRegressor().fit(numbers, 'price', bad),
    'an ensemble': () =>
      new learn.SuperLearner().add(new learn.KNeighborsRegressor()).fit(numbers, 'price', bad),
    'an ensemble whose learner fails': () =>
      new learn.SuperLearner().add(new learn.SVR({ C: -1 })).fit(numbers, 'price'),
    'a pipeline': () =>
      new learn.Pipeline({
        steps: { scale: new learn.StandardScaler(), ridge: new learn.Ridge() },
      }).fit(numbers, 'price', bad),
    'a copy of damaged codes': () => {
      const codes = array(new Int8Array(n).fill(9))
      const damaged = withColumn(numbers, new CategoryColumn('city', codes, ['Oslo'], 0))
      return new learn.OneHotEncoder().fit(damaged).then(() => new learn.KMeans().fit(damaged))
    },
  }
  const gaps = [...Array(n).keys()].map((row) => [row % 7, row === 60 ? Number.NaN : row])
  const prices = (numbers.column('price') as NumberColumn).values
  for (const algorithm of ['tree', 'brute'] as const) {
    const few = new learn.KNeighborsRegressor({ neighbors: 1000, algorithm })
    fits[`${algorithm} search among too few rows`] = () => few.fit(gaps, prices)
    const near = new learn.KNeighborsRegressor({ algorithm })
    fits[`${algorithm} search among missing values`] = () => near.fit(gaps, prices)
    fits[`an ensemble of ${algorithm} search among missing values`] = () =>
      new learn.SuperLearner().add(near).fit(gaps, prices)
  }
  for (const [name, fit] of Object.entries(fits))
    test(`${name} that fails frees it`, async () => {
      const before = scratchBytes()
      await assert.rejects(fit())
      requireNoMore(before)
    })

  test('predictions of an ensemble that fail free it', async () => {
    const ensemble = new learn.SuperLearner().add(new learn.Ridge()).addMeta(new learn.Ridge())
    await ensemble.fit(numbers, 'price')
    const before = scratchBytes()
    await assert.rejects(ensemble.predict([[1, Number.NaN]]), { code: 'ERR_VALUE' })
    requireNoMore(before)
  })

  test('predictions of an ensemble free those of its learners', async () => {
    const ensemble = new learn.SuperLearner().add(new learn.Ridge()).addMeta(new learn.Ridge())
    await ensemble.fit(numbers, 'price')
    const before = scratchBytes()
    await ensemble.predict(numbers)
    await ensemble.predict([[1, 2]])
    requireNoMore(before)

    class First extends learn.Ridge {
      override predict(X: NDArray): Promise<NDArray<'float64'>> {
        return Promise.resolve(X.column(0) as NDArray<'float64'>)
      }
    }
    const first = new learn.SuperLearner().add(new learn.Ridge()).addMeta(new First())
    await first.fit(numbers, 'price')
    assert.deepEqual(
      (await first.predict(numbers)).toArray(),
      (await first.transform(numbers)).column(0).toArray(),
    )
  })
})

describe('rows without a text as their label', () => {
  const size = (mixed.column('size') as NumberColumn).toArray()
  const codes = Int8Array.from(size, (value) => Number(value > 5))
  const table = (labels: Int8Array): Table =>
    withColumn(numbers, new CategoryColumn('kind', array(labels), ['', 'large']))

  for (const Class of [learn.GradientBoostingClassifier, learn.MLPClassifier])
    test(`${Class.name} does not validate on them`, async () => {
      const make = (): learn.GradientBoostingClassifier =>
        new (Class as typeof learn.GradientBoostingClassifier)({
          earlyStopping: true,
          validationRows: 'heldOut',
          maxIter: 5,
        })
      const holes = codes.slice()
      for (let row = 100; row < 110; row++) holes[row] = -1
      const rows = { ranges: [[0, 100]] } as const
      const weights = Float64Array.from(size, (_, row) => Number(row < 100 || row >= 110))
      const model = await make().fit(table(holes), 'kind', { rows })
      const expected = await make().fit(table(codes), 'kind', { rows, weights })
      assert.deepEqual(
        (model as unknown as learn.GradientBoostingClassifier).validationLosses_,
        (expected as unknown as learn.GradientBoostingClassifier).validationLosses_,
      )
    })

  test('are taken when their weight is 0', async () => {
    const holes = codes.slice()
    holes[0] = holes[7] = -1
    const weights = Float64Array.from(size, (_, row) => Number(row !== 7 && row !== 0))
    const model = await new learn.LogisticRegression().fit(table(holes), 'kind', { weights })
    const expected = await new learn.LogisticRegression().fit(table(codes), 'kind', { weights })
    assert.deepEqual(model.classes_, ['', 'large'])
    assert.deepEqual(model.coef_, expected.coef_)
    weights[7] = 1
    await assert.rejects(new learn.LogisticRegression().fit(table(holes), 'kind', { weights }), {
      code: 'ERR_VALUE',
      message: /^Expected a label in every row of column 'kind', got none in row 7/,
    })
  })
})

describe('texts', () => {
  test('a number that stands for missing values is refused with columns of texts', async () => {
    const cities = mixed.select(['city'])
    for (const options of [
      { strategy: 'constant' },
      { strategy: 'mostFrequent', missing: 0 },
    ] as const)
      await assert.rejects(new learn.SimpleImputer(options).fit(cities), {
        code: 'ERR_INDEX',
        message: /^Expected numbers in column 'city' for SimpleImputer, got texts such as/,
      })
    await new learn.SimpleImputer({ strategy: 'mostFrequent' }).fit(cities)
  })

  test('one that only other rows of the table of fit() had is named', async () => {
    const codes = Int8Array.from({ length: n }, (_, row) => (row === 115 ? 2 : row % 2))
    const city = new CategoryColumn('city', array(codes), ['Bern', 'Oslo', 'Rome'])
    const table = withColumn(numbers.select(['size', 'age']), city)
    const encoders = () => [new learn.OneHotEncoder(), new learn.OrdinalEncoder()]
    const rows = { ranges: [[0, 100]] } as const
    const message =
      "Expected texts of column 'city' that were there in fit(), got 'Rome' in row 115 (counted from 0). " +
      "Set handleUnknown of its encoder to 'ignore' or another value that takes them."
    for (const encoder of encoders()) {
      const model = await encoder.fit(table.select(['city']), undefined, { rows })
      await assert.rejects(model.transform(table.select(['city'])), { code: 'ERR_VALUE', message })
    }
    for (const encoder of encoders()) {
      const transformer = new learn.ColumnTransformer({
        transformers: { city: { columns: ['city'], transformer: encoder } },
        remainder: 'passthrough',
      })
      const model = await transformer.fit(table, undefined, { rows })
      await assert.rejects(model.transform(table), { code: 'ERR_VALUE', message })
      const pipeline = new learn.Pipeline({
        steps: { encode: learn.clone(transformer), ridge: new learn.Ridge() },
      })
      const y = (mixed.column('price') as NumberColumn).values
      await pipeline.fit(table, y, { rows })
      await assert.rejects(pipeline.predict(table), { code: 'ERR_VALUE', message })
    }
  })

  test('a category of an array is named by its column in front of a ColumnTransformer', async () => {
    const transformer = new learn.ColumnTransformer({
      transformers: { code: { columns: [1], transformer: new learn.OneHotEncoder() } },
    })
    await transformer.fit([
      [1, 2],
      [3, 4],
    ])
    await assert.rejects(
      transformer.transform([
        [1, 2],
        [3, 5],
      ]),
      {
        message: /got 5 at row 1, column 1 \(counted from 0\)/,
      },
    )
  })
})

describe('error texts', () => {
  test('a table without columns has none', async () => {
    const model = await new learn.Ridge().fit(numbers, 'price')
    await assert.rejects(model.predict(new Table([])), {
      code: 'ERR_INDEX',
      message:
        "Expected a column 'size', as in the table that this Ridge was fitted on, got a table without it. There are none.",
    })
  })

  for (const [name, Class] of Object.entries({
    RidgeClassifier: learn.RidgeClassifier,
    RidgeCV: learn.RidgeCV,
    LassoCV: learn.LassoCV,
    LogisticRegressionCV: learn.LogisticRegressionCV,
    TargetEncoder: learn.TargetEncoder,
  }))
    test(`a value that ${name} can't use is refused in its name`, async () => {
      for (const [value, start] of [
        [Number.NaN, "Expected a value in every row of column 'size'"],
        [Infinity, "Expected finite numbers in column 'size'"],
      ] as const) {
        if (name === 'TargetEncoder' && Number.isNaN(value)) continue
        const size = (numbers.column('size') as NumberColumn).values.copy()
        size.set(value, 9)
        const table = withColumn(numbers, new NumberColumn('size', size))
        const labels = Float64Array.from({ length: n }, (_, row) => row % 2)
        await assert.rejects(new Class().fit(table, labels), {
          code: 'ERR_VALUE',
          message: new RegExp(`^${start} for ${name}, got \\w+ in row 9 `),
        })
      }
    })
})

describe('an ensemble that skips', () => {
  const price = mixed.column('price')
  const make = (): learn.SuperLearner =>
    new learn.SuperLearner({ onError: 'skip' })
      .add({ forest: new learn.RandomForestRegressor({ trees: 5 }), ridge: new learn.Ridge() })
      .addMeta(new learn.Ridge())

  test('leaves out a learner that takes no texts', async () => {
    const ensemble = await make().fit(mixed.select(['size', 'city', 'age', 'price']), price)
    assert.deepEqual(Object.keys(ensemble.learners), ['forest'])
    assert.deepEqual(
      ensemble.scores.skipped.map(({ name }) => name),
      ['ridge'],
    )
    assert.match(
      ensemble.scores.skipped[0]!.reason,
      /^Learner `ridge` failed on all rows: Expected numbers in column 'city' for Ridge, got texts such as/,
    )
    const alone = new learn.SuperLearner({ onError: 'skip' }).add(new learn.Ridge())
    await assert.rejects(alone.fit(mixed, price), { code: 'ERR_LEARNER' })
  })

  test('names the column of a missing number, or of one that is too large', async () => {
    for (const [value, text] of [
      [
        Number.NaN,
        /^Learner `ridge` failed on all rows: Expected a value in every row of column 'age' for Ridge, got none in row 9 /,
      ],
      [1e300, /^Learner `ridge` failed on .*column 'age'/],
    ] as const) {
      const age = (mixed.column('age') as NumberColumn).values.copy()
      age.set(value, 9)
      const table = withColumn(numbers, new NumberColumn('age', age))
      const { scores } = await make().fit(table, 'price')
      assert.match(scores.skipped[0]!.reason, text)
      assert.doesNotMatch(scores.skipped[0]!.reason, /`X`/)
    }
  })
})
