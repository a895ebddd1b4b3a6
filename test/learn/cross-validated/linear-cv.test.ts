/** RidgeCV, LassoCV and ElasticNetCV: contract, scikit-learn's choices, refits. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  clone,
  ElasticNetCV,
  estimatorChecks,
  KFold,
  Lasso,
  LassoCV,
  learnedState,
  restore,
  Ridge,
  RidgeCV,
} from '../../../src/learn/index.ts'
import { assertCloseToLargest } from '../close.ts'
import { randomProblem } from '../random-problem.ts'
import { openData, readAnswers } from '../sklearn.ts'

/** Repeated rows come into other folds than one row that counts twice. */
const except = ['a weight of 2 counts a row twice, a weight of 0 not at all']
const makers = {
  RidgeCV: () => new RidgeCV(),
  LassoCV: () => new LassoCV({ alphas: 8, tol: 1e-8, maxIter: 100_000 }),
  ElasticNetCV: () => new ElasticNetCV({ alphas: [0.1, 1], l1Ratio: [0.3, 0.8], tol: 1e-8 }),
}
for (const [what, make] of Object.entries(makers)) {
  describe(`contract: ${what}`, () => {
    for (const check of estimatorChecks(make, { except })) test(check.name, () => check.run())
  })
}

interface Case {
  readonly options: Readonly<Record<string, unknown>>
  readonly weighted: boolean
  readonly alpha: number
  readonly coef: readonly number[]
  readonly intercept: number
  readonly error?: number
  readonly path?: readonly (readonly number[])[]
}

const { cases } = readAnswers('linear-cv') as { readonly cases: readonly Case[] }
const classes = { RidgeCV, LassoCV, ElasticNetCV }

for (const { options, weighted, alpha, coef, intercept, error, path } of cases) {
  const { class: name, ...rest } = options
  test(`chooses like scikit-learn: ${JSON.stringify(options)}`, async () => {
    const model = new classes[name as keyof typeof classes](rest)
    const weights = Float64Array.from({ length: 442 }, (_, row) => 1 + (row % 3))
    await model.fit(openData('diabetes-X'), openData('diabetes-y'), weighted ? { weights } : {})
    assertCloseToLargest([model.alpha_], [alpha], 1e-9)
    assertCloseToLargest(model.coef_.toTypedArray(), coef)
    assertCloseToLargest(model.intercept_, [intercept])
    const errors = model.msePath_
    if (path !== undefined) assertCloseToLargest(errors.toTypedArray(), path.flat())
    if (error !== undefined) {
      const folds = errors.shape[1]!
      const row = errors.rows(model.alphas_.indexOf(alpha)).toTypedArray().subarray(0, folds)
      assertCloseToLargest([row.reduce((sum, one) => sum + one / folds, 0)], [error])
    }
    const heir = restore(clone(model), learnedState(model))
    assert.deepEqual(
      await heir.predict(openData('diabetes-X')),
      await model.predict(openData('diabetes-X')),
    )
  })
}

test('errors are those of refits on the rows of each fold, also of chosen rows with weights', async () => {
  const [X, y] = [openData('diabetes-X'), openData('diabetes-y')]
  const chosen = Int32Array.from({ length: 300 }, (_, i) => (i * 7) % 442)
  const weights = Float64Array.from({ length: 442 }, (_, row) => row % 4)
  const folds = new KFold({ folds: 4, shuffle: true })
  for (const [model, refit] of [
    [new RidgeCV({ alphas: [0.5], folds }), () => new Ridge({ alpha: 0.5 })],
    [
      new LassoCV({ alphas: [0.5], folds, tol: 1e-10 }),
      () => new Lasso({ alpha: 0.5, tol: 1e-10 }),
    ],
  ] as const) {
    await model.fit(X, y, { rows: chosen, weights })
    for (const [k, { train, test: held }] of folds.split(300).entries()) {
      const at = (positions: Parameters<typeof toRowNumbers>[0]): Int32Array =>
        toRowNumbers(positions).map((position) => chosen[position]!)
      const alone = await refit().fit(X, y, { rows: at(train), weights })
      const predicted = await alone.predict(X, { rows: at(held) })
      let [sum, total] = [0, 0]
      for (const [i, row] of at(held).entries()) {
        sum += weights[row]! * (predicted.get(i) - Number(y.get(row))) ** 2
        total += weights[row]!
      }
      assertCloseToLargest([model.msePath_.get(0, k)], [sum / total], 1e-8)
    }
  }
})

test('columns that depend on each other are solved like those of Ridge', async () => {
  const X = array(
    Float64Array.from({ length: 200 }, (_, i) =>
      i % 2 === 0 ? Math.sin(i) : Math.sin(i - 1) * (1 + 1e-12),
    ),
    { shape: [100, 2] },
  )
  const y = Float64Array.from({ length: 100 }, (_, i) => 3 * X.get(i, 0) + 1)
  const model = await new RidgeCV({ alphas: [0] }).fit(X, y)
  const ridge = await new Ridge({ alpha: 0 }).fit(X, y)
  assertCloseToLargest((await model.predict(X)).toTypedArray() as Float64Array, [
    ...((await ridge.predict(X)).toTypedArray() as Float64Array),
  ])
  assert.ok(model.msePath_.get(0, 0) < 1e-12)
})

test('options are refused by name', async () => {
  const fit = (model: RidgeCV | LassoCV | ElasticNetCV) =>
    model.fit(openData('diabetes-X'), openData('diabetes-y'))
  await assert.rejects(fit(new RidgeCV({ alphas: [] })), { code: 'ERR_OPTION' })
  await assert.rejects(fit(new LassoCV({ alphas: -1 })), { code: 'ERR_OPTION' })
  await assert.rejects(fit(new LassoCV({ eps: 0 })), { code: 'ERR_OPTION' })
  await assert.rejects(fit(new ElasticNetCV({ l1Ratio: [0.5, 0] })), { code: 'ERR_OPTION' })
  await assert.rejects(fit(new ElasticNetCV({ folds: 500 })), { code: 'ERR_ROWS' })
  assert.throws(() => new LassoCV({ cv: 3 } as object), /onecopy calls it `folds`/)
  assert.throws(() => new LassoCV({ n_alphas: 3 } as object), /onecopy calls it `alphas`/)
})

test('rows that are left out one by one have the errors of refits without them', async () => {
  const { X, y, weights } = randomProblem(24, 3, { offset: 5, targets: 2 })
  for (const fitIntercept of [true, false]) {
    for (const given of [undefined, weights]) {
      const options = { alphas: [0, 0.5, 20], fitIntercept }
      const model = new RidgeCV({ ...options, folds: 'leaveOneOut' })
      await model.fit(X, y, given && { weights: given })
      const chosen = [...Array(24).keys()].filter((row) => given?.[row] !== 0)
      for (const [a, alpha] of options.alphas.entries()) {
        let [sum, total] = [0, 0]
        for (const row of chosen) {
          const rows = Int32Array.from(chosen.filter((other) => other !== row))
          const ridge = new Ridge({ alpha, fitIntercept })
          await ridge.fit(X, y, given === undefined ? { rows } : { rows, weights: given })
          const predicted = await ridge.predict(X.rows(row, row + 1))
          const weight = given?.[row] ?? 1
          for (const t of [0, 1]) sum += weight * (y.get(row, t) - predicted.get(0, t)) ** 2
          total += 2 * weight
        }
        assertCloseToLargest([model.msePath_.get(a, 0)], [sum / total], 1e-9)
      }
      const refit = new Ridge({ alpha: model.alpha_, fitIntercept })
      await refit.fit(X, y, given && { weights: given })
      assert.deepEqual(model.coef_.toTypedArray(), refit.coef_.toTypedArray())
    }
  }
  const one = new RidgeCV({ folds: 'leaveOneOut' }).fit(X, y, { rows: [3] })
  await assert.rejects(one, {
    code: 'ERR_ROWS',
    message: 'Expected at least two rows with a weight above 0 to leave one out in RidgeCV, got 1.',
  })
  await assert.rejects(new LassoCV({ folds: 'leaveOneOut' as never }).fit(X, y.column(0)), {
    code: 'ERR_OPTION',
  })
})
