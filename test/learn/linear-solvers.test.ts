/** Linear models: which solver they choose, and what they say and refuse. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { array, zeros, type NDArray } from '../../src/arrays/index.ts'
import { ElasticNet, Lasso, LassoCV, LinearRegression, Ridge } from '../../src/learn/index.ts'
import { Moments, QrFactor } from '../../src/learn/internal.ts'
import { setKernelThreads } from '../../src/native/index.ts'
import { assertClose } from './close.ts'
import { randomProblem } from './random-problem.ts'

/** Powers of 40 points: condition of the correlations about 10^(2.5 × degree). */
function powers(degree: number): { X: NDArray<'float64'>; y: NDArray<'float64'> } {
  const x = Array.from({ length: 40 }, (_, i) => 1 + i / 40)
  const rows = x.map((value) => Array.from({ length: degree }, (_, k) => value ** (k + 1)))
  return { X: array(rows), y: array(x.map((value, i) => Math.sin(3 * value) + 0.01 * (i % 3))) }
}

describe('a well-conditioned problem', () => {
  test('is solved from moments', async () => {
    const { X, y } = randomProblem(50, 4)
    const model = await new LinearRegression().fit(X, y)
    assert.equal(model.solver_, 'cholesky')
    assert.equal(model.rank_, 4)
    const [moments] = await Moments.compute(X, y)
    assert.equal(model.needsFactor(moments!), false)
  })

  test('keeps its solver when units change', async () => {
    const { X, y } = randomProblem(50, 3)
    const scaled = X.copy()
    for (let i = 0; i < 50; i++) scaled.set(1e9 * X.get(i, 1) + 1e12, i, 1)
    const [plain, other] = [new LinearRegression(), new LinearRegression()]
    await plain.fit(X, y)
    await other.fit(scaled, y)
    assert.equal(other.solver_, 'cholesky')
    assertClose([other.coef_.get(1) * 1e9], [plain.coef_.get(1)], 1e-11)
  })

  test('has the same bytes for any number of threads', async () => {
    const { X, y } = randomProblem(20_000, 6)
    const fits: NDArray[] = []
    try {
      for (const threads of [1, 2, 5]) {
        setKernelThreads(threads)
        fits.push((await new Ridge().fit(X, y)).coef_)
      }
    } finally {
      setKernelThreads(0)
    }
    assert.deepEqual(fits[1], fits[0])
    assert.deepEqual(fits[2], fits[0])
  })

  test('a constant column is no reason to leave moments, and has a coefficient of 0', async () => {
    const { X, y } = randomProblem(50, 3)
    for (let i = 0; i < 50; i++) X.set(0.1, i, 1)
    const model = await new LinearRegression().fit(X, y)
    assert.equal(model.solver_, 'cholesky')
    assert.equal(model.rank_, 2)
    assert.equal(model.coef_.get(1), 0)
  })
})

describe('an ill-conditioned problem', () => {
  test('goes to QR and says so', async () => {
    const { X, y } = powers(6)
    const model = await new LinearRegression().fit(X, y)
    assert.equal(model.solver_, 'qr')
    assert.equal(model.rank_, 6)
    assert.equal((await new Ridge({ alpha: 1e-12 }).fit(X, y)).solver_, 'qr')
    assert.equal((await new Ridge({ alpha: 1 }).fit(X, y)).solver_, 'cholesky')
  })

  test('is refused on moments alone, with the way out', async () => {
    const { X, y } = powers(6)
    const [moments] = await Moments.compute(X, y)
    const model = new LinearRegression()
    assert.equal(model.needsFactor(moments!), true)
    assert.throws(() => model.fitMoments(moments!), {
      code: 'ERR_VALUE',
      message:
        'Expected linearly independent columns, got columns of `X` that are (almost) linear ' +
        'combinations of others. Fit LinearRegression on the rows by fit().',
    })
  })

  test('is refined on the rows, weighted ones too', async () => {
    const { X, y } = powers(7)
    const weights = Float64Array.from({ length: 40 }, (_, i) => 1 + (i % 4))
    for (const make of [
      () => new LinearRegression(),
      () => new LinearRegression({ fitIntercept: false }),
      () => new Ridge({ alpha: 1e-13 }),
    ]) {
      const weighted = await make().fit(X, y, { weights })
      const numbers = Array.from(weights, (count, i) => Array(count).fill(i) as number[]).flat()
      const rows = { numbers: Int32Array.from(numbers) }
      const repeated = await make().fit(X, y, { rows })
      assert.equal(weighted.solver_, 'qr')
      assertClose(weighted.coef_.toTypedArray(), repeated.coef_.toTypedArray(), 1e-11)
    }
  })

  test('several targets are solved as each of them', async () => {
    const { X, y } = powers(6)
    const Y = zeros([40, 2], 'float64')
    for (let i = 0; i < 40; i++) {
      Y.set(y.get(i), i, 0)
      Y.set(y.get(39 - i), i, 1)
    }
    const both = await new LinearRegression().fit(X, Y)
    assert.equal(both.solver_, 'qr')
    for (const target of [0, 1]) {
      const alone = await new LinearRegression().fit(X, Y.column(target))
      assertClose(both.coef_.row(target).toTypedArray(), alone.coef_.toTypedArray(), 1e-9)
    }
  })
})

describe('collinear columns', () => {
  test('get the least coefficients, and the rank is told', async () => {
    const { X, y } = randomProblem(30, 2)
    const doubled = array(
      Array.from({ length: 30 }, (_, i) => [X.get(i, 0), X.get(i, 1), X.get(i, 0)]),
    )
    const plain = await new LinearRegression().fit(X, y)
    const model = await new LinearRegression().fit(doubled, y)
    assert.equal(model.solver_, 'svd')
    assert.equal(model.rank_, 2)
    const [a, b] = plain.coef_.toTypedArray()
    assertClose(model.coef_.toTypedArray(), [a! / 2, b!, a! / 2], 1e-12)
  })

  test('more columns than rows fit the rows', async () => {
    const { X, y } = randomProblem(5, 9)
    const model = await new LinearRegression().fit(X, y)
    assert.equal(model.rank_, 4)
    assertClose((await model.predict(X)).toTypedArray(), y.toTypedArray(), 1e-11)
  })
})

describe('linear models refuse', () => {
  const { X, y } = randomProblem(20, 3)

  test('options out of range, at fit', async () => {
    await assert.rejects(new Ridge({ alpha: -1 }).fit(X, y), {
      code: 'ERR_OPTION',
      message: 'Expected `alpha` of Ridge to be a finite number >= 0, got -1.',
    })
    await assert.rejects(new Lasso({ maxIter: 0.5 }).fit(X, y), { code: 'ERR_OPTION' })
    const fitIntercept = 'no' as unknown as boolean
    await assert.rejects(new LinearRegression({ fitIntercept }).fit(X, y), { name: 'TypeError' })
  })

  test('several targets where there can be one', async () => {
    const { X, y } = randomProblem(20, 3, { targets: 2 })
    await assert.rejects(new LassoCV().fit(X, y), {
      code: 'ERR_SHAPE',
      message:
        'Expected `y` to have one target, shape (n), to fit LassoCV on, got 2. Fit one model for each.',
    })
  })

  test('moments without a target, or without rows', async () => {
    const [moments] = await Moments.compute(X, null)
    assert.throws(() => new Ridge().fitMoments(moments!), {
      message: 'Expected `y` to have at least one target, to fit Ridge on, got 0.',
    })
    await assert.rejects(new Ridge().fit(X, y, { weights: new Float64Array(20) }), {
      code: 'ERR_ROWS',
      message: 'Expected at least one row with a weight above 0 to fit Ridge on, got none.',
    })
  })

  test('a failed fit leaves nothing of an earlier one', async () => {
    const model = await new Ridge().fit(X, y)
    await assert.rejects(model.fit(X, y.rows(1)))
    await assert.rejects(model.predict(X), { code: 'ERR_NOT_FITTED' })
  })

  test('a factor of rows with NaN', async () => {
    const wrong = X.copy()
    wrong.set(Number.NaN, 4, 2)
    await assert.rejects(QrFactor.compute(wrong, y), { code: 'ERR_VALUE' })
  })
})

describe('a descent that is cut short', () => {
  test('is kept, and warned of', async () => {
    const { X, y } = randomProblem(30, 6)
    const warned = once(process, 'warning') as Promise<[Error & { code: string }]>
    const model = await new Lasso({ alpha: 0.01, tol: 1e-12, maxIter: 1 }).fit(X, y)
    const [warning] = await warned
    assert.equal(warning.code, 'ONECOPY_NOT_CONVERGED')
    assert.match(
      warning.message,
      /^Lasso did not converge: it stopped after 1 iteration with a duality gap of \S+, above its limit \S+\. Raise maxIter/,
    )
    assert.equal(model.converged_, false)
    assert.equal(model.iterations_, 1)
    assert.equal((await model.predict(X)).size, 30)
  })
})

test('each of several targets has the coefficients of a lasso of its own', async () => {
  const { X, y } = randomProblem(60, 4, { targets: 3 })
  const settings = { alpha: 0.05, l1Ratio: 0.7, tol: 1e-10 }
  const all = await new ElasticNet(settings).fit(X, y)
  assert.deepEqual(all.coef_.shape, [3, 4])
  assert.deepEqual((await all.predict(X)).shape, [60, 3])
  for (let target = 0; target < 3; target++) {
    const one = await new ElasticNet(settings).fit(X, y.column(target))
    assert.deepEqual(
      [
        ...all.coef_
          .rows(target, target + 1)
          .copy()
          .toTypedArray(),
      ],
      [...one.coef_.toTypedArray()],
    )
    assert.equal(all.intercept_[target], one.intercept_[0])
    assert.ok(all.iterations_ >= one.iterations_ && all.dualGap_ >= one.dualGap_)
  }
})
