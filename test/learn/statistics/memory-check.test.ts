/** More columns than memory can hold products of are refused before any of it is taken. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray, zeros } from '../../../src/arrays/index.ts'
import { isOneCopyError } from '../../../src/errors.ts'
import {
  ElasticNet,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  MinMaxScaler,
  Ridge,
  StandardScaler,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { QrFactor } from '../../../src/learn/internal.ts'
import { seeded } from '../random-problem.ts'

/** A million columns in the memory of one. */
const wide = zeros([12, 1]).broadcastTo([12, 1_000_000])
const y = zeros([12])

/** Tells whether an error says how much memory it would take, and what to do. */
function saysWhatItTakes(error: unknown, folds = ''): boolean {
  assert.ok(isOneCopyError(error), String(error))
  assert.equal(error.code, 'ERR_MEMORY')
  const text = new RegExp(
    '^Expected columns whose products fit in memory, got 1000001 columns of `X` and `y`' +
      `${folds}: products of all pairs take about [\\d,]+ GB, and [\\d.,]+ GB are free, enough for about \\d+ columns\\. ` +
      'Use fewer columns \\(X\\.slice\\(null, \\[0, 1000\\]\\) copies nothing\\)',
  )
  assert.match(error.message, text)
  return true
}

describe('a million columns are refused with the memory that they would take', () => {
  for (const learner of [new LinearRegression(), new Ridge(), new Lasso(), new ElasticNet()])
    test(`by ${learner.constructor.name}`, () =>
      assert.rejects(learner.fit(wide, y), (error) => saysWhatItTakes(error)))

  test('by a triangular factor', () =>
    assert.rejects(QrFactor.compute(wide, y), (error) => saysWhatItTakes(error)))

  test('by a SuperLearner', async () => {
    const ensemble = new SuperLearner({ folds: 3 }).add(new Ridge())
    await assert.rejects(ensemble.fit(wide, y), (error) => saysWhatItTakes(error, ' on 3 folds'))
  })

  test('and fewer columns, as advised, are learned from', async () => {
    await new Ridge().fit(wide.slice(null, [0, 1000]).copy(), y)
  })
})

/** A matrix that has more columns than are read at a time. */
function manyColumns(rows: number, columns: number): NDArray<'float64'> {
  const random = seeded(columns)
  const values = Float64Array.from({ length: rows * columns }, (_, at) => random() + (at % 7))
  return array(values, { shape: [rows, columns] })
}

describe('scalers look at each column alone, and need no room for pairs', () => {
  const X = manyColumns(20, 700)
  const weights = Float64Array.from({ length: 20 }, (_, row) => row % 4)
  const rows = [0, 1, 2, 3, 5, 8, 13, 19]

  for (const make of [() => new StandardScaler(), () => new MinMaxScaler()]) {
    test(`${make().constructor.name} learns every column as if it were the only one`, async () => {
      const whole = await make().fit(X, undefined, { rows, weights })
      assert.equal(whole.scale_.length, 700)
      for (const column of [0, 1, 255, 256, 257, 511, 512, 699]) {
        const one = await make().fit(X.slice(null, [column, column + 1]), undefined, {
          rows,
          weights,
        })
        assert.equal(whole.shift_[column], one.shift_[0], `shift of column ${column}`)
        assert.equal(whole.scale_[column], one.scale_[0], `scale of column ${column}`)
      }
    })

    test(`${make().constructor.name} learns 20,000 columns`, async () => {
      const scaler = await make().fit(zeros([12, 1]).broadcastTo([12, 20_000]))
      assert.equal(scaler.scale_.length, 20_000)
    })

    test(`${make().constructor.name} names the column of the whole matrix`, async () => {
      const broken = X.copy()
      broken.set(Number.NaN, 6, 600)
      broken.set(Number.NaN, 7, 2)
      await assert.rejects(make().fit(broken), { message: /got NaN in `X` at row 6, column 600 / })
      broken.set(1, 7, 2)
      await assert.rejects(make().fit(broken), { message: /got NaN in `X` at row 6, column 600 / })
      broken.set(1e200, 6, 600)
      await assert.rejects(make().fit(broken), {
        message: /differences up to 1e\+200 in column 600 /,
      })
    })
  }
})

test('neighbours have no products, and are found among many columns', async () => {
  const X = manyColumns(30, 5000)
  const model = await new KNeighborsRegressor({ neighbors: 1 }).fit(X, new Float64Array(30).fill(2))
  assert.deepEqual((await model.predict(X.rows(0, 2))).toArray(), [2, 2])
})
