/** Encoders of categories: scikit-learn's numbers, the contract, refusals. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array } from '../../../src/arrays/index.ts'
import {
  estimatorChecks,
  learnedState,
  OneHotEncoder,
  OrdinalEncoder,
  Pipeline,
  restore,
  Ridge,
} from '../../../src/learn/index.ts'
import { fixture, matrix } from './fixture.ts'

const X = matrix(fixture.X)
const nan = Number.NaN

describe('OrdinalEncoder', () => {
  for (const { options, rows, categories, transformed } of fixture.ordinals) {
    test(`${JSON.stringify(options)} has the numbers of scikit-learn 1.2`, async () => {
      const encoder = await new OrdinalEncoder(options).fit(X)
      assert.deepEqual(
        encoder.categories_.map((list) => [...list]),
        categories.map((list) => list.map((value) => value ?? nan)),
      )
      const found = await encoder.transform(matrix(rows))
      assert.deepEqual(found.toArray(), matrix(transformed).toArray())
    })
  }

  test('takes given categories in their order', async () => {
    const encoder = new OrdinalEncoder({ categories: [[30, 10, 20]] })
    await encoder.fit([[10], [30]])
    assert.deepEqual((await encoder.transform([[20], [30]])).toArray(), [[2], [0]])
    await assert.rejects(encoder.fit([[10], [11]]), {
      code: 'ERR_VALUE',
      message: 'Expected values of column 0 of `X` among the given categories, got 11.',
    })
    await assert.rejects(encoder.fit([[10, 1]]), { code: 'ERR_OPTION' })
    await assert.rejects(new OrdinalEncoder({ categories: [[1, 1]] }).fit([[1]]), {
      name: 'TypeError',
    })
  })

  test('names the row and column of an unknown category', async () => {
    const encoder = await new OrdinalEncoder().fit([
      [1, 1.5],
      [2, 2.5],
    ])
    const rows = array([
      [0, 0],
      [1, 2.5],
      [2, 1],
    ])
    await assert.rejects(encoder.transform(rows, { rows: [1, 2] }), {
      code: 'ERR_VALUE',
      message:
        'Expected a category that was there in fit(), got 1 at row 2, column 1 (counted from 0). ' +
        "Set handleUnknown: 'useEncodedValue' to give such values unknownValue.",
    })
  })

  test('refuses numbers that belong to categories, and wrong options', async () => {
    await assert.rejects(
      new OrdinalEncoder({ handleUnknown: 'useEncodedValue', unknownValue: 1 }).fit(X),
      {
        code: 'ERR_OPTION',
        message: /other than the numbers of categories, 0 to 3 in column 0, got 1/,
      },
    )
    await assert.rejects(new OrdinalEncoder({ encodedMissingValue: 0 }).fit(X), {
      code: 'ERR_OPTION',
    })
    await assert.rejects(
      new OrdinalEncoder({ handleUnknown: 'use_encoded_value' as 'error' }).fit(X),
      { code: 'ERR_OPTION', message: /onecopy calls it 'useEncodedValue'\.$/ },
    )
    assert.throws(() => new OrdinalEncoder({ handle_unknown: 'error' } as object), {
      message: /onecopy calls it `handleUnknown`/,
    })
  })
})

describe('OneHotEncoder', () => {
  for (const { options, columns, rows, transformed } of fixture.oneHots) {
    test(`${JSON.stringify(options)} has the columns of scikit-learn 1.2`, async () => {
      const own = array(
        Array.from({ length: X.shape[0]! }, (_, i) => columns.map((column) => X.get(i, column))),
      )
      const encoder = await new OneHotEncoder(options).fit(own)
      assert.deepEqual((await encoder.transform(matrix(rows))).toArray(), transformed)
    })
  }

  test('weights count as rows where categories are rare', async () => {
    const encoder = new OneHotEncoder({ minFrequency: 3 })
    await encoder.fit([[1], [2], [3]], undefined, { weights: [5, 2, 1] })
    assert.deepEqual((await encoder.transform([[1], [2], [3]])).toArray(), [
      [1, 0],
      [0, 1],
      [0, 1],
    ])
  })

  test('looks up many kinds of categories alike', async () => {
    for (const values of [
      [2 ** 40, 5, -3],
      [0.5, -0, 7],
      [1, 2, nan],
      [-5, 70_000, 3],
    ]) {
      const encoder = await new OrdinalEncoder({
        categories: [values],
        encodedMissingValue: -1,
      }).fit(values.map((value) => [value]))
      const codes = values.map((value, code) => [Number.isNaN(value) ? -1 : code])
      assert.deepEqual((await encoder.transform(values.map((value) => [value]))).toArray(), codes)
    }
  })

  test('feeds a linear model block by block', async () => {
    const codes = Array.from({ length: 200 }, (_, i) => [i % 4, (i * 7) % 3])
    const y = codes.map(([a, b]) => [3, -1, 4, 1][a!]! + [0, 10, 20][b!]!)
    const steps = [new OneHotEncoder({ drop: 'first' }), new Ridge({ alpha: 0 })]
    const model = await new Pipeline({ steps }).fit(codes, y)
    const [found] = (await model.predict([[2, 1]])).toArray() as [number]
    assert.ok(Math.abs(found - 14) < 1e-9)
  })

  test('refuses what it cannot encode', async () => {
    const encoder = await new OneHotEncoder().fit([[1], [2]])
    await assert.rejects(encoder.transform([[3]]), {
      code: 'ERR_VALUE',
      message:
        /got 3 at row 0, column 0 .* Set handleUnknown: 'ignore' to give such values zeros\.$/,
    })
    const many = array(Float64Array.from({ length: 20_000 }, (_, i) => i / 7)).reshape(20_000, 1)
    await assert.rejects(new OneHotEncoder().fit(many), {
      code: 'ERR_VALUE',
      message: /^Expected at most 16384 different values in column 0 of `X`, got more\./,
    })
    const long = array([2n ** 53n, 2n ** 53n + 1n], { dtype: 'int64' }).reshape(2, 1)
    await assert.rejects(new OneHotEncoder().fit(long), {
      code: 'ERR_VALUE',
      message:
        /^Expected values within ±\(2\^53 - 1\), which float64 tells apart, got 9007199254740992 in `X` at row 0/,
    })
    await assert.rejects(new OneHotEncoder({ maxCategories: 1 }).fit(X), { code: 'ERR_OPTION' })
    await assert.rejects(new OneHotEncoder({ drop: 'if_binary' as 'first' }).fit(X), {
      code: 'ERR_OPTION',
      message: /onecopy calls it 'ifBinary'\.$/,
    })
    await assert.rejects(new OneHotEncoder({ drop: 'first' }).fit([[1], [1]]), {
      code: 'ERR_OPTION',
    })
    assert.throws(() => new OneHotEncoder({ sparse_output: false } as object), {
      message: /`sparse_output`; results are dense/,
    })
  })

  test('learned values are checked when they are restored', async () => {
    const state = learnedState(await new OneHotEncoder().fit(X))
    for (const wrong of [
      { categories_: [] },
      { categories_: [new Float64Array([Infinity])] },
      { outputColumns_: [new Int32Array([0])] },
      { width_: 1 },
      { infrequentColumns_: new Int32Array(1) },
    ])
      assert.throws(() => restore(new OneHotEncoder(), { ...state, ...wrong }), {
        code: 'ERR_FORMAT',
      })
  })
})

for (const [name, make] of [
  [
    'OrdinalEncoder',
    () => new OrdinalEncoder({ handleUnknown: 'useEncodedValue', unknownValue: -1 }),
  ],
  ['OneHotEncoder', () => new OneHotEncoder({ handleUnknown: 'ignore' })],
] as const) {
  describe(`${name} keeps the contract`, () => {
    for (const check of estimatorChecks(make, { except: ['NaN in X is refused'] }))
      test(check.name, () => check.run())
  })
}
