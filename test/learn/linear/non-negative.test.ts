/** Least squares without negative coefficients: scikit-learn's, conditions of the minimum, folds. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import {
  estimatorChecks,
  KFold,
  Lasso,
  LinearRegression,
  MinMaxScaler,
  Pipeline,
  Ridge,
  RidgeCV,
  SuperLearner,
} from '../../../src/learn/index.ts'
import { Moments } from '../../../src/learn/internal.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import { readAnswers } from '../sklearn.ts'

const makers = {
  LinearRegression: () => new LinearRegression({ positive: true }),
  Ridge: () => new Ridge({ positive: true }),
}
for (const [name, make] of Object.entries(makers)) {
  describe(`contract: ${name}`, () => {
    for (const check of estimatorChecks(make)) test(check.name, () => check.run())
  })
}

interface Fit {
  readonly data: string
  readonly alpha: number
  readonly weighted: boolean
  readonly fitIntercept: boolean
  readonly coef: number[] | number[][]
  readonly intercept: readonly number[]
}

interface Rows {
  readonly X: number[][]
  readonly y: number[] | number[][]
  readonly weights: number[]
}

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0)

describe('coefficients of scikit-learn 1.2', () => {
  const { fits } = readAnswers('non-negative') as { readonly fits: readonly Fit[] }
  const { data } = readAnswers('linear') as { readonly data: Readonly<Record<string, Rows>> }
  for (const expected of fits) {
    const { alpha, weighted, fitIntercept, coef, intercept } = expected
    test(`${expected.data}, alpha ${alpha}, ${weighted ? 'weighted, ' : ''}${fitIntercept ? 'with' : 'without'} intercept`, async () => {
      const { X, y, weights } = data[expected.data]!
      const options = { positive: true, fitIntercept }
      const make = (): LinearRegression | Ridge =>
        alpha === 0 ? new LinearRegression(options) : new Ridge({ ...options, alpha })
      const model = await make().fit(array(X), array(y), weighted ? { weights } : {})
      const found = model.coef_.toTypedArray()
      assert.ok(found.every((value) => value >= 0))
      assert.deepEqual(model.coef_.shape, array(coef).shape)
      if (expected.data !== 'collinear' || alpha > 0) {
        assertClose(found, coef.flat(), 1e-6)
        assertClose(model.intercept_, intercept, 1e-6)
        return
      }
      // Different coefficients predict the same.
      const predicted = X.map((row) => dot(row, coef as number[]) + intercept[0]!)
      assertClose((await model.predict(array(X))).toTypedArray(), predicted, 1e-6)
      assert.equal(model.solver_, 'qr')
    })
  }
})

/** Asserts that no coefficient could lower the loss, relative to the size of the products. */
function assertMinimum(
  X: NDArray,
  y: ArrayLike<number>,
  model: LinearRegression | Ridge,
  alpha: number,
): void {
  const [n, d] = X.shape as [number, number]
  const coefficients = [...model.coef_.toTypedArray()]
  const rows = X.toArray() as number[][]
  const rest = rows.map((row, i) => y[i]! - dot(row, coefficients) - model.intercept_[0]!)
  for (let j = 0; j < d; j++) {
    let [slope, size] = [-alpha * coefficients[j]!, 0]
    for (let i = 0; i < n; i++) {
      slope += rows[i]![j]! * rest[i]!
      size += Math.abs(rows[i]![j]! * y[i]!)
    }
    const limit = 1e-9 * (size + 1)
    if (coefficients[j]! > 0) assert.ok(Math.abs(slope) <= limit, `column ${j}: slope ${slope}`)
    else assert.ok(coefficients[j] === 0 && slope <= limit, `column ${j}: slope ${slope}`)
  }
}

describe('random problems meet the conditions of the minimum', () => {
  const random = seeded(9)
  for (let run = 0; run < 40; run++) {
    const d = 1 + Math.floor(random() * 30)
    const n = 2 + Math.floor(random() * 60)
    const alpha = run % 2 === 0 ? 0 : 10 ** (4 * random() - 2)
    test(`run ${run}: ${n} x ${d}, alpha ${alpha}`, async () => {
      const { X } = randomProblem(n, d, { seed: run, offset: 2 })
      // Whole numbers, of which many columns are alike.
      if (run % 3 === 0) X.data.forEach((value, i) => (X.data[i] = Math.round(value)))
      const y = Float64Array.from({ length: n }, (_, i) => Math.sin(i * i) + X.get(i, 0))
      const options = { positive: true, fitIntercept: run % 4 !== 1 }
      const model = alpha === 0 ? new LinearRegression(options) : new Ridge({ ...options, alpha })
      assertMinimum(X, y, await model.fit(X, y), alpha)
    })
  }
})

test('many correlated columns are solved', async () => {
  const [n, d] = [900, 300]
  const { X } = randomProblem(n, d)
  for (let i = 0; i < n; i++)
    for (let j = 1; j < d; j++) X.data[i * d + j]! += 0.8 * X.data[i * d + j - 1]!
  const y = Float64Array.from({ length: n }, (_, i) => X.get(i, 3) - X.get(i, 4) + Math.sin(i * i))
  const model = await new LinearRegression({ positive: true }).fit(X, y)
  assert.equal(model.solver_, 'cholesky')
  assertMinimum(X, y, model, 0)
  const active = model.coef_.toTypedArray().filter((value) => value > 0).length
  assert.ok(active > 10 && active < 290)
})

test('nearly dependent columns are solved from a factor of the rows', async () => {
  const { X, y } = randomProblem(80, 5)
  for (let i = 0; i < 80; i++) X.data[i * 5 + 4] = X.get(i, 0) + 1e-7 * Math.sin(i * i)
  for (const alpha of [0, 1e-9]) {
    const model = await new Ridge({ positive: true, alpha }).fit(X, y)
    assert.equal(model.solver_, 'qr')
    assertMinimum(X, y.data, model, alpha)
  }
})

test('folds of nearly dependent columns learn what their rows teach', async () => {
  const { X, y } = randomProblem(90, 4)
  for (let i = 0; i < 90; i++) X.data[i * 4 + 3] = X.get(i, 0) - 1e-7 * Math.sin(i * i)
  const make = (): LinearRegression => new LinearRegression({ positive: true })
  const ensemble = await new SuperLearner({ folds: new KFold({ folds: 3 }) })
    .add({ ols: make() })
    .fit(X, y)
  const alone = await make().fit(X, y, { rows: { ranges: [[30, 90]] } })
  assert.equal(alone.solver_, 'qr')
  const expected = (await alone.predict(X.rows(0, 30))).toTypedArray() as Float64Array
  const found = ensemble.outOfFold.rows(0, 30).copy().toTypedArray()
  assertClose(found, expected, 1e-7)
})

test('equals Lasso without a penalty, and the free model where that has no negative coefficient', async () => {
  const { X, y } = randomProblem(200, 6)
  const model = await new LinearRegression({ positive: true }).fit(X, y)
  const lasso = await new Lasso({ alpha: 0, positive: true, tol: 1e-14, maxIter: 100_000 }).fit(
    X,
    y,
  )
  assertClose(model.coef_.toTypedArray(), lasso.coef_.toTypedArray(), 1e-9)
  const up = X.data.filter((_, i) => i % 6 === 0)
  const single = array(up, { shape: [200, 1] })
  const free = await new Ridge().fit(single, up)
  const bound = await new Ridge({ positive: true }).fit(single, up)
  assert.deepEqual(bound.coef_, free.coef_)
})

test('folds share moments, also behind a scaler', async () => {
  const { X, y } = randomProblem(150, 5)
  const ensemble = await new SuperLearner({ folds: 3 })
    .add({ ols: new LinearRegression({ positive: true }), ridge: new Ridge({ positive: true }) })
    .add({ scaled: new Ridge({ positive: true }) }, { preprocess: new MinMaxScaler() })
    .fit(X, y)
  assert.deepEqual(ensemble.copiedBytes, {})
  const { coef_: shared } = ensemble.learners['ridge'] as Ridge
  const { coef_: own } = await new Ridge({ positive: true }).fit(X, y)
  assertClose(shared.toTypedArray(), own.toTypedArray(), 1e-12)
  const steps = [new MinMaxScaler(), new Ridge({ positive: true })]
  const piped = await new Pipeline({ steps }).fit(X, y)
  const scaled = await (await new MinMaxScaler().fit(X)).transform(X)
  const alone = await new Ridge({ positive: true }).fit(scaled, y)
  const [first, second] = [await piped.predict(X), await alone.predict(scaled)]
  assertClose(first.toTypedArray(), second.toTypedArray(), 1e-9)
})

test('moments of dependent columns are refused, as without it', async () => {
  const X = array([
    [1, 2],
    [2, 4],
    [3, 6.0000001],
    [4, 8],
  ])
  const [moments] = await Moments.compute(X, array([1, 2, 3, 5]))
  const model = new LinearRegression({ positive: true })
  assert.equal(model.needsFactor(moments!), true)
  assert.throws(() => model.fitMoments(moments!), { code: 'ERR_VALUE' })
})

test('what is not true or false is refused, and RidgeCV tells who has the option', async () => {
  const { X, y } = randomProblem(20, 2)
  for (const model of [
    new LinearRegression({ positive: 'yes' as never }),
    new Ridge({ positive: 1 as never }),
  ])
    await assert.rejects(model.fit(X, y), {
      name: 'TypeError',
      message: /^Expected `positive` of (LinearRegression|Ridge) to be true or false, got/,
    })
  assert.throws(() => new RidgeCV({ positive: true } as object), {
    message: /^RidgeCV has no option `positive`; Ridge, LassoCV and ElasticNetCV have it/,
  })
})
