/** Metrics of columns of a table. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import { accuracy, mae, makeScorer, r2, rmse } from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, Table } from '../../../src/tables/index.ts'

const price = Float64Array.of(1, 2, 4, NaN)
const codes = Int8Array.of(0, 1, 1, -1)
const table = new Table([
  new NumberColumn('price', array(price)),
  new CategoryColumn('kind', array(codes), ['dear', 'cheap']),
  new NumberColumn('visits', array(Float64Array.of(1, 2, 0, 5))),
])
const rows = [0, 1, 2]
const predicted = Float64Array.of(1, 3, 5, 0)

describe('a column as the truth', () => {
  test('is scored as its values are', () => {
    for (const metric of [rmse, mae, r2]) {
      const expected = metric(price, predicted, { rows, weights: [1, 2, 0, 5] })
      assert.ok(Number.isFinite(expected))
      assert.equal(
        metric(table.column('price'), predicted, {
          rows,
          weights: table.column('visits') as never,
        }),
        expected,
      )
    }
    const kind = table.column('kind')
    assert.equal(accuracy(kind, ['dear', 'dear', 'cheap'], { rows }), 2 / 3)
    assert.equal(accuracy(table.column('price'), [1, 2, 3], { rows }), 2 / 3)
    const weights = table.column('visits')
    assert.equal(accuracy(kind, ['dear', 'dear', 'cheap'], { rows, weights }), 1 / 3)
  })

  test('has a value in every row that is scored', () => {
    for (const metric of [rmse, mae, r2, accuracy])
      assert.throws(() => metric(table.column('price'), predicted), {
        code: 'ERR_VALUE',
        message:
          "Expected a value in every row of column 'price', got none in row 3 (counted from 0). Leave such rows out through `rows`.",
      })
    assert.throws(() => accuracy(table.column('kind'), ['dear', 'dear', 'dear', 'dear']), {
      code: 'ERR_VALUE',
      message: /^Expected a label in every row of column 'kind', got none in row 3/,
    })
  })

  test('has numbers where numbers are scored', () => {
    assert.throws(() => rmse(table.column('kind'), predicted), {
      code: 'ERR_INDEX',
      message: "Expected numbers in column 'kind', whose values are `y`, got texts.",
    })
    assert.throws(() => rmse(price, predicted, { rows, weights: table.column('kind') }), {
      message: "Expected numbers in column 'kind', whose values are `weights`, got texts.",
    })
    assert.throws(() => rmse(price, predicted, { rows, weights: 'visits' as never }), TypeError)
  })

  test('metrics are still scorers', () => {
    const own = makeScorer((y, guess, options) => rmse(y, guess, options), {
      greaterIsBetter: false,
      name: 'own',
    })
    assert.equal(own(array(price), array(predicted), { rows }), rmse(price, predicted, { rows }))
  })
})
