/** Pipelines and column transformers on tables: columns by name, texts through encoders. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import {
  ColumnTransformer,
  GradientBoostingRegressor,
  KNeighborsRegressor,
  learnedState,
  LogisticRegression,
  OneHotEncoder,
  OrdinalEncoder,
  Pipeline,
  restore,
  Ridge,
  SelectColumns,
  SimpleImputer,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { CategoryColumn, designMatrix, type Table } from '../../../src/tables/index.ts'
import { mixedTable, withColumn } from '../table-of-mixed-columns.ts'

const table = mixedTable(400)
const data = table.without(['kind'])

function mixedPipeline(handleUnknown: 'error' | 'ignore' = 'error'): Pipeline {
  const columns = new ColumnTransformer({
    transformers: {
      numbers: {
        columns: ['age', 'size'],
        transformer: new Pipeline({ steps: [new SimpleImputer(), new StandardScaler()] }),
      },
      texts: {
        columns: ['city'],
        transformer: new Pipeline({
          steps: [
            new SimpleImputer({ strategy: 'mostFrequent' }),
            new OneHotEncoder({ handleUnknown }),
          ],
        }),
      },
    },
  })
  return new Pipeline({ steps: { columns, ridge: new Ridge({ alpha: 0.1 }) } })
}

/** Predicted numbers; a column of a table may hold texts, too. */
async function valuesOf(predicted: Promise<NDArray | readonly unknown[]>): Promise<number[]> {
  const found = await predicted
  assert.ok(found instanceof NDArray)
  return found.toArray() as number[]
}

/** The table with its missing values filled in by hand. */
function filledTable(): Table {
  const city: readonly unknown[] = table.column('city').toArray()
  const counts = Map.groupBy(city, (text) => text)
  const [most] = [...counts.keys()]
    .filter((text) => text !== null)
    .sort((a, b) => counts.get(b)!.length - counts.get(a)!.length)
  const texts = ['Bern', 'Nice', 'Oslo', 'Rome']
  const codes = Int8Array.from(city, (text) => texts.indexOf((text ?? most) as string))
  return withColumn(data, new CategoryColumn('city', array(codes), texts))
}

describe('a pipeline for numbers and texts', () => {
  test('predicts as the same steps on a matrix made by hand', async () => {
    const model = await mixedPipeline().fit(data, 'price')
    const filled = filledTable()
    const { X, y, encoder } = designMatrix(filled, {
      target: 'price',
      columns: ['age', 'size', 'city'],
      missing: 'keep',
    })
    const numbers = {
      columns: [0, 1],
      transformer: new Pipeline({ steps: [new SimpleImputer(), new StandardScaler()] }),
    }
    const columns = new ColumnTransformer({ transformers: { numbers }, remainder: 'passthrough' })
    const expected = new Pipeline({ steps: [columns, new Ridge({ alpha: 0.1 })] })
    await expected.fit(X, y)
    const found = await valuesOf(model.predict(table))
    for (const [i, value] of (
      await valuesOf(expected.predict(encoder.transform(filled).X))
    ).entries())
      assert.ok(Math.abs(found[i]! - value) < 1e-9, `${found[i]} and ${value}`)
    assert.deepEqual(model.featureNamesIn_, ['size', 'city', 'age'])
  })

  test('finds columns by name, and texts by what they say', async () => {
    const model = await mixedPipeline().fit(data, 'price')
    const found = await valuesOf(model.predict(table))
    const texts = ['Rome', 'Paris', 'Bern', 'Oslo', 'Nice']
    assert.deepEqual(await valuesOf(model.predict(mixedTable(400, { texts }))), found)
    assert.deepEqual(await valuesOf(model.predict(table.select(['city', 'age', 'size']))), found)
    const state = learnedState(model)
    assert.deepEqual(await valuesOf(restore(mixedPipeline(), state).predict(table)), found)
  })

  test('names a text that its encoder does not know', async () => {
    const codes = new Int8Array(400).fill(1)
    codes[33] = 0
    const other = withColumn(table, new CategoryColumn('city', array(codes), ['Atlantis', 'Rome']))
    const model = await mixedPipeline().fit(data, 'price')
    await assert.rejects(model.predict(other), {
      code: 'ERR_VALUE',
      message:
        "Expected texts of column 'city' that were there in fit(), got 'Atlantis' in row 33 (counted from 0). " +
        "Set handleUnknown of its encoder to 'ignore' or another value that takes them.",
    })
    const lenient = await mixedPipeline('ignore').fit(data, 'price')
    assert.ok((await valuesOf(lenient.predict(other))).every(Number.isFinite))
  })

  test('keeps what it learned of rows of a fit that it was given', async () => {
    const rows = { ranges: [[0, 300]] } as const
    const model = await mixedPipeline().fit(data, 'price', { rows })
    assert.equal((await valuesOf(model.predict(table, { rows }))).length, 300)
  })

  test('hands columns in place to trees, and copies what neighbours need', async () => {
    const trees = new Pipeline({ steps: [new GradientBoostingRegressor({ maxIter: 5 })] })
    await trees.fit(data, 'price')
    assert.equal(trees.copiedBytes_, 0)
    const direct = await new GradientBoostingRegressor({ maxIter: 5 }).fit(data, 'price')
    assert.deepEqual(await valuesOf(trees.predict(table)), await valuesOf(direct.predict(table)))
    const numbers = mixedTable(400, { missing: false }).select(['age', 'size', 'price'])
    const near = new Pipeline({ steps: [new StandardScaler(), new KNeighborsRegressor()] })
    await near.fit(numbers, 'price')
    assert.ok(near.copiedBytes_ >= 400 * 2 * 8)
    assert.ok((await valuesOf(near.predict(numbers))).every(Number.isFinite))
  })

  test('predicts texts of a column', async () => {
    const columns = new ColumnTransformer({
      transformers: { texts: { columns: ['city'], transformer: new OneHotEncoder() } },
    })
    const model = new Pipeline({ steps: [columns, new LogisticRegression()] })
    const fitted = await model.fit(table, 'kind')
    const labels = await fitted.predict(table)
    assert.deepEqual([...new Set(labels as string[])].sort(), ['cheap', 'dear'])
    assert.deepEqual((await fitted.predictProba(table)).shape, [400, 2])
  })
})

describe('texts that would become numbers', () => {
  const passes = [
    ["'passthrough'", 'passthrough'],
    ['StandardScaler', new StandardScaler()],
    ['SimpleImputer', new SimpleImputer({ strategy: 'mostFrequent' })],
  ] as const
  for (const [name, transformer] of passes) {
    test(`are refused behind ${name}`, async () => {
      const columns = new ColumnTransformer({
        transformers: { all: { columns: ['city'], transformer } },
      })
      await assert.rejects(columns.fit(data), {
        code: 'ERR_INDEX',
        message: new RegExp(
          `^Expected numbers in column 'city' for ${name}, got texts such as 'Bern', 'Nice', 'Oslo'\\.`,
        ),
      })
    })
  }

  test('are refused by steps in a pipeline', async () => {
    const filled = [new SimpleImputer({ strategy: 'mostFrequent' }), new Ridge()]
    const trees = [new SimpleImputer({ strategy: 'mostFrequent' }), new GradientBoostingRegressor()]
    for (const steps of [[new Ridge()], filled, trees])
      await assert.rejects(new Pipeline({ steps }).fit(data, 'price'), { code: 'ERR_INDEX' })
  })

  test('are no matter where they are left out', async () => {
    const columns = new SelectColumns({ columns: ['age'] })
    const model = await new Pipeline({ steps: [columns, new Ridge()] }).fit(data, 'price')
    assert.equal((await valuesOf(model.predict(table))).length, 400)
    await assert.rejects(new SelectColumns({ columns: ['city'] }).fit(data), { code: 'ERR_INDEX' })
    await assert.rejects(new SelectColumns({ columns: ['cites'] }).fit(data), {
      code: 'ERR_INDEX',
      message:
        "Expected `columns` of SelectColumns to be names of columns of the table, got 'cites'. There are 'size', 'city', 'price', 'age'.",
    })
  })
})

test('a missing value behind steps is explained by its column', async () => {
  const model = new Pipeline({ steps: [new StandardScaler(), new Ridge()] })
  const row = [...table.column('size').missingMask().toTypedArray()].indexOf(1)
  await assert.rejects(model.fit(data.without(['city']), 'price'), {
    code: 'ERR_VALUE',
    message: new RegExp(
      `^Expected a value in every row of column 'size' for Pipeline, got none in row ${row} `,
    ),
  })
})

test('encoders number the sorted texts of a column', async () => {
  const cities = data.select(['city'])
  const encoder = await new OrdinalEncoder().fit(cities)
  assert.deepEqual(encoder.featureCategoriesIn_, [['Bern', 'Nice', 'Oslo', 'Rome']])
  const texts = table.column('city').toArray()
  const expected = texts.map((text) =>
    text === null ? NaN : ['Bern', 'Nice', 'Oslo', 'Rome'].indexOf(String(text)),
  )
  assert.deepEqual((await encoder.transform(table)).column(0).toArray(), expected)
})
