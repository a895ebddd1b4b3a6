/** A class of the user's own in a pipeline on a table. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, NDArray } from '../../../src/arrays/index.ts'
import { BaseEstimator, Pipeline } from '../../../src/learn/index.ts'
import { mixedTable } from '../table-of-mixed-columns.ts'

const seen: NDArray[] = []

/** Predicts the first value of each row. */
class First extends BaseEstimator {
  declare columns_: number

  async fit(X: NDArray): Promise<this> {
    seen.push(X)
    this.columns_ = X.shape[1]!
    return this
  }

  async predict(X: NDArray): Promise<NDArray> {
    return array(Float64Array.from({ length: X.shape[0]! }, (_, i) => Number(X.get(i, 0))))
  }
}

/** Says that it takes texts. */
class FirstOfTexts extends First {
  get takesCategories(): true {
    return true
  }
}

const table = mixedTable(30).select(['city', 'age', 'price'])

test('gets an array; texts only when it says so', async () => {
  const plain = new Pipeline({ steps: { first: new First() } })
  await assert.rejects(plain.fit(table, 'price'), {
    code: 'ERR_INDEX',
    message: /^Expected numbers in column 'city' for First, got texts/,
  })
  const model = new Pipeline({ steps: { first: new FirstOfTexts() } })
  await model.fit(table, 'price')
  const [X] = seen
  assert.ok(X instanceof NDArray)
  assert.deepEqual([X.shape, X.dtype], [[30, 2], 'float64'])
  const texts = ['Bern', 'Nice', 'Oslo', 'Rome']
  const places = table
    .column('city')
    .toArray()
    .map((text) => (text === null ? NaN : texts.indexOf(String(text))))
  const predicted = await model.predict(table)
  assert.deepEqual(predicted.toArray(), places)
})

test('gets an array that it may keep', async () => {
  const [X] = seen
  assert.equal(X?.get(3, 1), table.column('age').get(3))
})
