/** What models owe to columns of a table. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  partialDependence,
  permutationImportance,
  RandomForestClassifier,
  RandomForestRegressor,
  Ridge,
} from '../../../src/learn/index.ts'
import { designMatrix } from '../../../src/tables/index.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'

const table = mixedTable(200)
const data = table.without(['kind'])
const { X, y } = designMatrix(data, { target: 'price', categories: 'ordinal', missing: 'keep' })

test('importances of a table are those of its columns', async () => {
  const model = await new RandomForestRegressor({ trees: 5 }).fit(data, 'price')
  const expected = await permutationImportance(model, X, y, { repeats: 2 })
  const found = await permutationImportance(model, table, 'price', { repeats: 2 })
  assert.deepEqual(found.means, expected.means)
  const forest = await new RandomForestClassifier({ trees: 5 }).fit(table, 'kind')
  const { score } = await permutationImportance(forest, table, 'kind', { repeats: 1 })
  assert.ok(score > 0.9)
})

test('partial dependence takes a column by its name', async () => {
  const model = await new RandomForestRegressor({ trees: 5 }).fit(data, 'price')
  const expected = await partialDependence(model, X, 2)
  const found = await partialDependence(model, table, 'age')
  assert.deepEqual(found.means.toArray(), expected.means.toArray())
  await assert.rejects(partialDependence(model, table, 'aged'), {
    code: 'ERR_INDEX',
    message:
      "Expected `column` to be a whole number from 0 to 2, got 'aged'. A table's columns also have names: 'size', 'city', 'age'.",
  })
  const ridge = await new Ridge().fit(X.slice(null, [2, 3]), y)
  await assert.rejects(partialDependence(ridge, table, 'age'), { code: 'ERR_INDEX' })
})
