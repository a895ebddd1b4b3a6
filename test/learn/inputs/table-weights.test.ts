/** Weights of rows that are a column of a table. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  GradientBoostingRegressor,
  KMeans,
  LinearRegression,
  permutationImportance,
  Ridge,
  SuperLearner,
  TargetEncoder,
} from '../../../src/learn/index.ts'
import { NumberColumn } from '../../../src/tables/index.ts'
import { mixedTable, withColumn } from '../table-of-mixed-columns.ts'

const n = 200
const plain = mixedTable(n, { missing: false }).select(['size', 'age', 'city', 'price'])
const visits = Float64Array.from({ length: n }, (_, i) => 1 + (i % 3))
const table = withColumn(plain, new NumberColumn('visits', array(visits)))
const numbers = table.without(['city'])

describe('a column of weights', () => {
  test('weighs the rows of ensembles, encoders, scores and importances', async () => {
    const ensemble = (): SuperLearner =>
      new SuperLearner({ folds: 3 }).add([new Ridge(), new LinearRegression()])
    const named = await ensemble().fit(numbers, 'price', { weights: 'visits' })
    const expected = await ensemble().fit(plain.without(['city']), 'price', { weights: visits })
    assert.deepEqual(named.scores.learners[0]!.score, expected.scores.learners[0]!.score)
    assert.deepEqual(named.outOfFold.toArray(), expected.outOfFold.toArray())

    const cities = table.select(['city', 'price', 'visits'])
    const encode = (weights: string | Float64Array) =>
      new TargetEncoder().fitTransform(cities.without(['visits']), 'price', {
        weights: typeof weights === 'string' ? cities.column(weights) : weights,
      })
    assert.deepEqual((await encode('visits')).toArray(), (await encode(visits)).toArray())

    const means = await new KMeans({ clusters: 2 }).fit(numbers, undefined, { weights: 'visits' })
    assert.deepEqual(means.featureNamesIn_, ['size', 'age', 'price'])
    assert.equal(
      await means.score(numbers, undefined, { weights: 'visits' }),
      await means.score(numbers, undefined, { weights: visits }),
    )

    const ridge = await new Ridge().fit(numbers, 'price', { weights: 'visits' })
    const importance = (weights: string | Float64Array) =>
      permutationImportance(ridge, numbers, 'price', { weights })
    assert.deepEqual(await importance('visits'), await importance(visits))
  })

  test('weighs the trees that boosting adds', async () => {
    const fit = async (weights: string | Float64Array) => {
      const model = new GradientBoostingRegressor({ maxIter: 3 })
      await model.fit(table, 'price', { weights: 'visits' })
      return model.fit(table, 'price', { weights, continueFrom: model })
    }
    const [named, expected] = [await fit('visits'), await fit(visits)]
    assert.deepEqual(named.featureNamesIn_, ['size', 'age', 'city'])
    assert.deepEqual(named.nodes_.toArray(), expected.nodes_.toArray())
  })

  test('is refused by name', async () => {
    const fit = (weights: string) => new Ridge().fit(numbers, 'price', { weights })
    await assert.rejects(fit('visit'), {
      code: 'ERR_INDEX',
      message: /'visit'.* Did you mean 'visits'\?/,
    })
    await assert.rejects(new GradientBoostingRegressor().fit(table, 'price', { weights: 'city' }), {
      code: 'ERR_INDEX',
      message: "Expected numbers in column 'city', whose values are `weights`, got texts.",
    })
    await assert.rejects(new Ridge().fit([[1], [2]], [1, 2], { weights: 'visits' }), {
      name: 'TypeError',
      message:
        "Expected `weights` to be the weights themselves, got 'visits'. A name of a column goes with a Table as `X`.",
    })
    const holes = visits.slice()
    holes[7] = NaN
    const damaged = withColumn(numbers, new NumberColumn('visits', array(holes)))
    await assert.rejects(new Ridge().fit(damaged, 'price', { weights: 'visits' }), {
      code: 'ERR_VALUE',
      message:
        "Expected a weight in every row of column 'visits', got none in row 7 (counted from 0). Fill in a number; a weight of 0 ignores the row.",
    })
  })
})
