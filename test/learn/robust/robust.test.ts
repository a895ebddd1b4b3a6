/** HuberRegressor and QuantileRegressor: the contract, scikit-learn's answers, hard cases. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { estimatorChecks, HuberRegressor, QuantileRegressor } from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { assertClose } from '../close.ts'
import { randomProblem, seeded } from '../random-problem.ts'
import { openData, readAnswers } from '../sklearn.ts'

// A quantile for which no sum of weights of the checks leaves a choice between models.
const makers = {
  Huber: () => new HuberRegressor({ tol: 1e-10 }),
  quantile: () => new QuantileRegressor({ quantile: 0.37, alpha: 0.01 }),
}
for (const [name, make] of Object.entries(makers)) {
  describe(`contract: ${name}`, () => {
    for (const check of estimatorChecks(make)) test(check.name, () => check.run())
  })
}

interface Case {
  readonly data: string
  readonly weighted: boolean
  readonly options: {
    readonly epsilon?: number
    readonly quantile?: number
    readonly alpha?: number
    readonly fit_intercept?: boolean
  }
  readonly coef: readonly number[]
}
interface HuberCase extends Case {
  readonly intercept: number
  readonly scale: number
  readonly outliers: readonly number[]
}
interface QuantileCase extends Case {
  readonly objective: number
}

const cases = readAnswers('robust') as {
  readonly huber: readonly HuberCase[]
  readonly quantile: readonly QuantileCase[]
}

/** The columns of a data set with the mean 0 and the deviation 1, and its target. */
function open(name: string): {
  X: NDArray<'float64'>
  y: NDArray<'float64'>
  weights: Float64Array
} {
  const [raw, target] = ['X', 'y'].map((part) => openData(`${name}-${part}`)) as [NDArray, NDArray]
  const [n, d] = raw.shape as [number, number]
  const X = array(Float64Array.from(raw.copy().toTypedArray(), Number), { shape: [n, d] })
  for (let j = 0; j < d; j++) {
    const column = X.column(j).copy().data
    const mean = column.reduce((sum, value) => sum + value / n, 0)
    const spread = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2 / n, 0))
    for (let i = 0; i < n; i++) X.set((column[i]! - mean) / spread, i, j)
  }
  const y = array(Float64Array.from(target.copy().toTypedArray(), Number))
  return { X, y, weights: Float64Array.from({ length: n }, (_, row) => 1 + (row % 3)) }
}

for (const { data, options, weighted, ...expected } of cases.huber) {
  test(`Huber agrees with scikit-learn to 1e-5: ${data} ${JSON.stringify(options)}`, async () => {
    const { X, y, weights } = open(data)
    const { fit_intercept: fitIntercept = true, ...same } = options
    const model = await new HuberRegressor({ ...same, fitIntercept }).fit(
      X,
      y,
      weighted ? { weights } : {},
    )
    assert.equal(model.converged_, true)
    assertClose(model.coef_.toTypedArray(), expected.coef, 1e-5, { floor: 1e-2 })
    assertClose(model.intercept_, [expected.intercept], 1e-5)
    assertClose([model.scale_], [expected.scale], 1e-5)
    assert.deepEqual([...model.outliers_], expected.outliers)
  })
}

/** The objective of a model: mean pinball loss and penalty. */
async function objectiveOf(
  model: QuantileRegressor,
  { X, y, weights }: { X: NDArray; y: NDArray; weights: ArrayLike<number> },
): Promise<number> {
  const predicted = await model.predict(X)
  let [loss, weight] = [0, 0]
  for (let i = 0; i < weights.length; i++) {
    const residual = Number(y.get(i)) - predicted.get(i)
    loss += weights[i]! * Math.max(model.quantile * residual, (model.quantile - 1) * residual)
    weight += weights[i]!
  }
  const sizes = model.coef_.toTypedArray().reduce((sum, value) => sum + Math.abs(value), 0)
  return loss / weight + model.alpha * sizes
}

for (const { data, options, weighted, objective, coef } of cases.quantile) {
  test(`the quantile's objective is at most that of HiGHS: ${data} ${JSON.stringify(options)}`, async () => {
    const { X, y, weights } = open(data)
    const { fit_intercept: fitIntercept = true, ...same } = options
    const used = weighted ? weights : weights.slice().fill(1)
    const model = await new QuantileRegressor({ ...same, fitIntercept }).fit(X, y, {
      weights: used,
    })
    const found = await objectiveOf(model, { X, y, weights: used })
    assert.ok(found <= objective * (1 + 1e-8), `${found} > ${objective}`)
    assert.equal(model.converged_, true)
    const zeros = (values: readonly number[]): number[] => values.map((value) => Math.sign(value))
    if (data === 'diabetes' && model.alpha > 0)
      assert.deepEqual(zeros([...model.coef_.toTypedArray()]), zeros(coef))
  })
}

test('a model of a quantile predicts as many rows exactly as it has coefficients', async () => {
  const { X, y } = randomProblem(500, 4)
  const model = await new QuantileRegressor({ quantile: 0.8, alpha: 0 }).fit(X, y)
  const predicted = (await model.predict(X)).toTypedArray() as Float64Array
  const exact = predicted.filter((value, i) => Math.abs(value - y.data[i]!) < 1e-12).length
  const below = predicted.filter((value, i) => y.data[i]! < value - 1e-12).length
  assert.equal(exact, 5)
  assert.ok(Math.abs(below - 400) <= 5, `${below} rows are below`)
})

test('no change of a quantile model by hand is better', async () => {
  const random = seeded(7)
  for (let run = 0; run < 15; run++) {
    const [n, d] = [10 + Math.floor(random() * 40), 1 + Math.floor(random() * 4)]
    const { X, y, weights } = randomProblem(n, d, { seed: run })
    // Whole numbers: many rows and dual variables meet their bounds at once.
    if (run % 3 === 0) X.data.forEach((value, i) => (X.data[i] = Math.round(value)))
    if (run % 3 === 0) y.data.forEach((value, i) => (y.data[i] = Math.round(value)))
    const options = { quantile: [0.5, 0.1, 0.77][run % 3]!, alpha: [0, 0.01, 0.3][run % 2]! }
    const model = await new QuantileRegressor(options).fit(X, y, { weights })
    const problem = { X, y, weights }
    const best = await objectiveOf(model, problem)
    const values = model.coef_.toTypedArray()
    for (let turn = 0; turn < 20; turn++) {
      const kept = [...values, model.intercept_[0]!]
      for (let j = 0; j < d; j++) values[j]! += (random() - 0.5) * 10 ** -(turn % 6)
      model.intercept_[0]! += (random() - 0.5) * 10 ** -(turn % 6)
      const other = await objectiveOf(model, problem)
      assert.ok(other >= best * (1 - 1e-9) - 1e-12, `run ${run}: ${other} < ${best}`)
      values.set(kept.slice(0, d))
      model.intercept_[0] = kept[d]!
    }
  }
})

test('exact targets, constant columns, copies of columns, values far from zero', async () => {
  const { X } = randomProblem(200, 5, { offset: 1e5 })
  for (let i = 0; i < 200; i++) {
    X.set(7, i, 1)
    X.set(X.get(i, 0), i, 3)
  }
  const y = Float64Array.from({ length: 200 }, (_, i) => 2 * X.get(i, 0) - X.get(i, 2) + 3)
  for (const make of [
    () => new HuberRegressor({ alpha: 0 }),
    () => new QuantileRegressor({ alpha: 0 }),
  ]) {
    const model = await make().fit(X, y)
    assert.equal(model.coef_.get(1), 0)
    assertClose((await model.predict(X)).toTypedArray(), y, 1e-9)
    const noisy = y.map((value, i) => (i % 20 === 0 ? 1e7 : value + Math.sin(i)))
    const robust = await make().fit(X, noisy)
    const predicted = (await robust.predict(X)).toTypedArray() as Float64Array
    const errors = predicted.map((value, i) => Math.abs(value - y[i]!)).sort()
    assert.ok(errors[100]! < 1, `the median error is ${errors[100]}`)
  }
})

test('a row that is listed twice counts twice', async () => {
  const { X, y } = randomProblem(300, 3)
  const rows = Int32Array.from({ length: 300 }, (_, i) => (i * i) % 200)
  const weights = new Float64Array(300)
  for (const row of rows) weights[row]!++
  const makers = [
    () => new HuberRegressor(),
    () => new QuantileRegressor({ alpha: 0.01 }),
    () => new QuantileRegressor({ alpha: 0 }),
  ]
  for (const make of makers) {
    const [listed, weighted] = await Promise.all([
      make().fit(X, y, { rows }),
      make().fit(X, y, { weights }),
    ])
    assert.deepEqual(listed.coef_.toArray(), weighted.coef_.toArray())
    const both = await make().fit(X, y, { rows, weights })
    const squared = await make().fit(X, y, { weights: weights.map((weight) => weight * weight) })
    assert.deepEqual(both.coef_.toArray(), squared.coef_.toArray())
  }
})

test('blocks of rows give the model of all rows at once', async () => {
  const n = 140_000 // three blocks of quantile regression
  const { X, y } = randomProblem(n, 2)
  const kept = Int32Array.from({ length: n }, (_, row) => row).filter((row) => row % 5 !== 3)
  const weights = Float64Array.from({ length: n }, (_, row) => Number(row % 5 !== 3))
  const make = (): QuantileRegressor => new QuantileRegressor({ quantile: 0.37 })
  const [listed, weighted] = await Promise.all([
    make().fit(X, y, { rows: kept }),
    make().fit(X, y, { weights }),
  ])
  assert.deepEqual(listed.coef_.toArray(), weighted.coef_.toArray())
  const values = kept.length * 2
  const few = new Float64Array(values)
  for (const [i, row] of kept.entries()) few.set([X.get(row, 0), X.get(row, 1)], 2 * i)
  const copied = await make().fit(
    array(few, { shape: [kept.length, 2] }),
    array(Float64Array.from(kept, (row) => y.get(row))),
  )
  assertClose(listed.coef_.toTypedArray(), copied.coef_.toTypedArray(), 1e-9)
})

test('any number of threads gives the same bytes', async () => {
  const { X, y, weights } = randomProblem(20_000, 6)
  const answers: unknown[] = []
  try {
    for (const threads of [1, 3]) {
      setKernelThreads(threads)
      const huber = await new HuberRegressor().fit(X, y, { weights })
      const quantile = await new QuantileRegressor({ alpha: 0.01 }).fit(X, y, { weights })
      answers.push([huber.coef_.toArray(), huber.intercept_, quantile.coef_.toArray()])
    }
  } finally {
    setKernelThreads(0)
  }
  assert.deepEqual(answers[1], answers[0])
})

test('wrong options are refused, others of scikit-learn are named', async () => {
  for (const options of [{ epsilon: 0.9 }, { alpha: -1 }, { maxIter: 0 }])
    await assert.rejects(new HuberRegressor(options).fit([[1], [2]], [1, 2]), {
      code: 'ERR_OPTION',
    })
  for (const quantile of [0, 1, -1, 2])
    await assert.rejects(new QuantileRegressor({ quantile }).fit([[1], [2]], [1, 2]), {
      code: 'ERR_OPTION',
    })
  assert.throws(() => new QuantileRegressor({ solver: 'highs' } as object), /there is one solver/)
  assert.throws(() => new HuberRegressor({ max_iter: 1 } as object), /onecopy calls it `maxIter`/)
})
