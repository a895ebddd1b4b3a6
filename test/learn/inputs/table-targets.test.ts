/** Targets that are columns of a table, and what is said of those that a learner can't learn from. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  GradientBoostingRegressor,
  LogisticRegression,
  Pipeline,
  Ridge,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { CategoryColumn, NumberColumn, type Table } from '../../../src/tables/index.ts'
import { mixedTable, withColumn } from '../table-of-mixed-columns.ts'

const n = 120
const table = mixedTable(n, { missing: false }).select(['size', 'age', 'price', 'kind'])

/** Learners whose options and ways to fit differ. */
const regressors: Record<string, (X: Table, y: string, options?: object) => Promise<unknown>> = {
  Ridge: (X, y, options) => new Ridge().fit(X, y, options),
  GradientBoostingRegressor: (X, y, options) =>
    new GradientBoostingRegressor({ maxIter: 2 }).fit(X, y, options),
  Pipeline: (X, y, options) =>
    new Pipeline({ steps: [new StandardScaler(), new Ridge()] }).fit(X, y, options),
}

describe('a target without numbers', () => {
  for (const [name, fit] of Object.entries(regressors)) {
    test(`${name} names the column of texts`, async () => {
      await assert.rejects(fit(table.without(['price']), 'kind'), {
        code: 'ERR_INDEX',
        message:
          `Expected numbers in column 'kind', the target of ${name}, got texts such as 'dear', 'cheap'. Targets are numbers here. ` +
          'Texts are labels for classifiers, such as LogisticRegression: see docs/classes.md.',
        details: { column: 'kind' },
      })
    })

    test(`${name} names the column and row without a value, and learns from the others`, async () => {
      const prices = table.column('price').toArray().map(Number)
      prices[6] = NaN
      const holes = withColumn(table, new NumberColumn('price', array(Float64Array.from(prices))))
      const X = holes.without(['kind'])
      await assert.rejects(fit(X, 'price'), {
        code: 'ERR_VALUE',
        message:
          `Expected a value in every row of column 'price', the target of ${name}, got none in row 6 (counted from 0). ` +
          "Leave such rows out, by `rows: table.column('price').toArray().map((value) => !Number.isNaN(value))`; or fill in their values. " +
          'If the cells hold texts, look at `missing` of readCsv.',
        details: { column: 'price', row: 6 },
      })
      await assert.rejects(fit(X.without(['price']), X.column('price') as never), {
        message: /^Expected a value in every row of column 'price'/,
      })
      const rows = X.column('price')
        .toArray()
        .map((value) => !Number.isNaN(value))
      await fit(X, 'price', { rows })
    })
  }

  test('a classifier names it too', async () => {
    const ages = Float64Array.from({ length: n }, (_, i) => (i === 4 ? NaN : i % 2))
    const X = withColumn(table.without(['kind']), new NumberColumn('age', array(ages)))
    await assert.rejects(new LogisticRegression().fit(X, 'age'), {
      code: 'ERR_VALUE',
      message:
        /^Expected a value in every row of column 'age', the target of LogisticRegression, got none in row 4 \(/,
    })
  })

  test('an ensemble names it, and says what it takes', async () => {
    const ensemble = new SuperLearner({ folds: 2 }).add(new Ridge())
    await assert.rejects(ensemble.fit(table.without(['price']), 'kind'), {
      message:
        /^Expected numbers in column 'kind', the target of SuperLearner, got texts such as 'dear', 'cheap'\. SuperLearner stacks regressions here: its learner Ridge predicts numbers\. For classes, add classifiers/,
    })
    const prices = new Float64Array(n)
    prices[3] = NaN
    const X = withColumn(table.without(['kind']), new NumberColumn('price', array(prices)))
    await assert.rejects(ensemble.fit(X, 'price'), {
      message:
        /got none in row 3 \(counted from 0\)\. Leave such rows out, by `designMatrix\(table, \{ target: 'price', missing: 'drop' \}\)`/,
    })
  })

  test('a column of numbers with few other texts: how to read them as missing', async () => {
    const texts = ['12', 'none', '7.5', '3']
    const codes = Int8Array.from({ length: n }, (_, i) => i % 4)
    const X = withColumn(table, new CategoryColumn('price', array(codes), texts))
    await assert.rejects(new Ridge().fit(X.without(['kind']), 'price'), {
      message:
        "Expected numbers in column 'price', the target of Ridge, got texts such as 'none'. Targets are numbers here. " +
        'Texts are labels for classifiers, such as LogisticRegression: see docs/classes.md. ' +
        "Most texts of 'price' are numbers: if the others mean that there is no value, read them as missing by " +
        "readCsv(path, { missing: [...defaultMissing, 'none'] }).",
    })
  })

  test('a missing feature is still named', async () => {
    const X = mixedTable(n).select(['size', 'age', 'price'])
    await assert.rejects(new Ridge().fit(X, 'price'), {
      message: /^Expected a value in every row of column 'size' for Ridge/,
    })
  })
})
