/** Several linear functions in one pass, in place. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, shared, zeros } from '../../../src/arrays/index.ts'
import { rowRange } from '../../../src/arrays/internal.ts'
import { Ridge } from '../../../src/learn/index.ts'
import { isLinearModel, onRawColumns, predictLinear } from '../../../src/learn/internal.ts'
import { assertClose } from '../close.ts'

const X = array([
  [1, 2],
  [3, 4],
  [5, 6],
])
const sum = { coefficients: Float64Array.of(1, 1), intercept: 0.5 }
const last = { coefficients: Float64Array.of(0, -2), intercept: 0 }

describe('predictLinear', () => {
  test('fills one column for each function', async () => {
    const out = zeros([3, 2], 'float64')
    await predictLinear(X, [sum, last], out)
    assert.deepEqual(out.toArray(), [
      [3.5, -4],
      [7.5, -8],
      [11.5, -12],
    ])
  })

  test('fills the given columns of the given rows and leaves others alone', async () => {
    const out = shared([3, 4], 'float32')
    await predictLinear(X, [sum, last], out, { rows: rowRange(1, 3), columns: [3, 0] })
    assert.deepEqual(out.toArray(), [
      [0, 0, 0, 0],
      [-8, 0, 0, 7.5],
      [-12, 0, 0, 11.5],
    ])
  })

  test('fills a vector by one function', async () => {
    const out = zeros([3], 'float64')
    await predictLinear(X, [sum], out)
    assert.deepEqual([...out.data], [3.5, 7.5, 11.5])
  })

  test('refuses functions of other columns, and rows or columns outside', async () => {
    const out = zeros([3, 2], 'float64')
    const three = { coefficients: new Float64Array(3), intercept: 0 }
    await assert.rejects(predictLinear(X, [three], out), {
      code: 'ERR_SHAPE',
      message: 'Expected 2 coefficients, one for each column of `X`, got 3.',
    })
    await assert.rejects(predictLinear(X, [sum], out, { rows: rowRange(0, 4) }), {
      code: 'ERR_INDEX',
    })
    await assert.rejects(predictLinear(X, [sum], out, { columns: [2] }))
    await assert.rejects(predictLinear(X, [sum], zeros([2, 2], 'float64')))
  })
})

test('a function of scaled columns is one of the raw columns', async () => {
  const map = { shift: Float64Array.of(3, -1), scale: Float64Array.of(2, 0.1) }
  const terms = onRawColumns(sum, map)
  for (const [x, z] of X.toArray() as [number, number][]) {
    const raw = terms.intercept + terms.coefficients[0]! * x + terms.coefficients[1]! * z
    assertClose([raw], [0.5 + (x - 3) / 2 + (z + 1) / 0.1], 1e-15)
  }
})

test('linear models are told by their terms', async () => {
  const model = new Ridge()
  assert.ok(isLinearModel(model))
  assert.ok(!isLinearModel({}))
  assert.throws(() => model.linearTerms(), { code: 'ERR_NOT_FITTED' })
  await model.fit(X, array([1, 2, 4]))
  const [terms] = model.linearTerms()
  assert.deepEqual(terms, { coefficients: model.coef_.data, intercept: model.intercept_[0] })
})
