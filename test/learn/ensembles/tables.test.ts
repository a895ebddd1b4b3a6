/** Ensembles on tables: one matrix for all learners, texts for those that take them. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  ColumnTransformer,
  GradientBoostingRegressor,
  KNeighborsRegressor,
  LinearRegression,
  OneHotEncoder,
  Pipeline,
  RandomForestRegressor,
  Ridge,
  SelectColumns,
  SimpleImputer,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { Parallel } from '../../../src/parallel/index.ts'
import { designMatrix, NumberColumn, Table } from '../../../src/tables/index.ts'
import { sharedPool } from '../../shared-pools.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'

const table = mixedTable(300)
const data = table.without(['kind'])
const encoded = (): ColumnTransformer =>
  new ColumnTransformer({
    transformers: {
      numbers: { columns: ['age', 'size'], transformer: new SimpleImputer() },
      texts: { columns: ['city'], transformer: new OneHotEncoder() },
    },
  })

function mixedEnsemble(parallel?: Parallel): SuperLearner {
  return new SuperLearner({ folds: 3, ...(parallel && { parallel }) })
    .add({
      forest: new RandomForestRegressor({ trees: 5 }),
      boosting: new GradientBoostingRegressor({ maxIter: 5, binning: 'perFold' }),
      pipeline: new Pipeline({ steps: [encoded(), new Ridge()] }),
    })
    .add({ near: new KNeighborsRegressor() }, { preprocess: [encoded(), new StandardScaler()] })
    .addMeta(new Ridge())
}

describe('an ensemble on a table', () => {
  test('predicts as on a matrix of its columns', async () => {
    const numbers = mixedTable(300, { missing: false }).select(['price', 'size', 'age'])
    const make = (): SuperLearner =>
      new SuperLearner({ folds: 3 })
        .add({ ols: new LinearRegression(), forest: new RandomForestRegressor({ trees: 5 }) })
        .add({ near: new KNeighborsRegressor() }, { preprocess: new StandardScaler() })
        .addMeta(new Ridge())
    const ensemble = await make().fit(numbers, 'price')
    const { X, y } = designMatrix(numbers, { target: 'price' })
    const expected = await make().fit(X, y)
    assert.deepEqual(ensemble.outOfFold.toArray(), expected.outOfFold.toArray())
    const other = numbers.select(['age', 'size'])
    assert.deepEqual(
      (await ensemble.predict(other)).toArray(),
      (await expected.predict(X)).toArray(),
    )
    assert.deepEqual(
      (await ensemble.transform(other)).toArray(),
      (await expected.transform(X)).toArray(),
    )
    assert.deepEqual(ensemble.featureNamesIn_, ['size', 'age'])
    assert.equal(ensemble.copiedBytes_, 300 * 2 * 8)
  })

  test('has the same bytes with workers, for learners of names and texts, and columns that are handed on', async () => {
    const alone = await mixedEnsemble().fit(data, 'price')
    const parallel = sharedPool()
    const onWorkers = await mixedEnsemble(parallel).fit(data, data.column('price'))
    assert.deepEqual(onWorkers.outOfFold.toArray(), alone.outOfFold.toArray())
    const predicted = (await alone.predict(table)).toArray()
    assert.deepEqual((await onWorkers.predict(table)).toArray(), predicted)
    const texts = ['Rome', 'Paris', 'Bern', 'Oslo', 'Nice']
    assert.deepEqual((await alone.predict(mixedTable(300, { texts }))).toArray(), predicted)
    assert.ok((await alone.transform(table)).mapping !== undefined)
    const handedOn = (pool?: Parallel): SuperLearner =>
      new SuperLearner({ folds: 2, ...(pool && { parallel: pool }) })
        .addLayer(new RandomForestRegressor({ trees: 2 }), { propagateFeatures: ['city', 'size'] })
        .addLayer({ second: new GradientBoostingRegressor({ maxIter: 2 }) })
    const [here, there] = [handedOn(), handedOn(parallel)]
    await here.fit(data, 'price')
    await there.fit(data, 'price')
    assert.deepEqual(there.outOfFold.toArray(), here.outOfFold.toArray())
    assert.deepEqual(here.layers[0]!.propagated, ['city', 'size'])
  })

  test('refuses texts for learners of numbers, and tables without its columns', async () => {
    const ensemble = new SuperLearner().add(new Ridge())
    await assert.rejects(ensemble.fit(data, 'price'), {
      code: 'ERR_INDEX',
      message: /^Expected numbers in column 'city' for Ridge/,
    })
    await ensemble.fit(data.select(['age', 'price']), 'price')
    await assert.rejects(ensemble.transform(data.without(['age'])), {
      code: 'ERR_INDEX',
      message: /^Expected a column 'age', as in the table that this SuperLearner was fitted on/,
    })
    const { X, y } = designMatrix(data, { target: 'price', columns: ['age'] })
    await ensemble.fit(X, y)
    assert.equal(ensemble.featureNamesIn_, undefined)
    await assert.rejects(ensemble.transform(data), { code: 'ERR_INDEX', message: /got a Table/ })
  })

  test('chooses columns by name before a learner', async () => {
    const ensemble = new SuperLearner({ folds: 3 }).add(
      { ages: new LinearRegression() },
      { preprocess: new SelectColumns({ columns: ['age'] }) },
    )
    await ensemble.fit(data, 'price')
    const { X, y } = designMatrix(data, { target: 'price', columns: ['age'] })
    const expected = await new SuperLearner({ folds: 3 }).add(new LinearRegression()).fit(X, y)
    const found = ensemble.outOfFold.column(0).toArray() as number[]
    for (const [i, value] of (expected.outOfFold.column(0).toArray() as number[]).entries())
      assert.ok(Math.abs(found[i]! - value) < 1e-9)
  })

  test('a fit that ends while a table is predicted changes nothing of the result', async () => {
    const rows = (count: number, added: number): Table =>
      new Table([
        new NumberColumn('a', array(Float64Array.from({ length: count }, (_, i) => i % 97))),
        new NumberColumn('b', array(Float64Array.from({ length: count }, (_, i) => i % 89))),
        new NumberColumn(
          'y',
          array(Float64Array.from({ length: count }, (_, i) => (i % 97) + added)),
        ),
      ])
    const ensemble = new SuperLearner({ folds: 2 }).add(new RefittingRidge({ alpha: 1 }))
    await ensemble.fit(rows(500, 0), 'y')
    const many = rows(600_000, 0) // more than one block
    const expected = await ensemble.transform(many)
    beforePrediction = async () => void (await ensemble.fit(rows(500, 1_000), 'y'))
    const found = await ensemble.transform(many)
    assert.equal(beforePrediction, undefined)
    assert.ok((await ensemble.transform(rows(1, 0))).get(0, 0) > 900)
    assert.deepEqual(found.toTypedArray(), expected.toTypedArray())
  })
})

/** Called once, before rows are predicted. */
let beforePrediction: (() => Promise<void>) | undefined

class RefittingRidge extends Ridge {
  override async predict(...given: Parameters<Ridge['predict']>): ReturnType<Ridge['predict']> {
    const before = beforePrediction
    beforePrediction = undefined
    await before?.()
    return super.predict(...given)
  }
}
