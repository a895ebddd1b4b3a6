/** RidgeClassifier: the contract, scikit-learn's answers, labels. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  estimatorChecks,
  LinearSVC,
  LogisticRegression,
  Pipeline,
  RidgeClassifier,
  StandardScaler,
} from '../../../src/learn/index.ts'
import { openData, readAnswers } from '../sklearn.ts'

describe('contract: ridge classifier', () => {
  for (const check of estimatorChecks(() => new RidgeClassifier()))
    test(check.name, () => check.run())
})

interface Case {
  readonly data: string
  readonly options: { readonly alpha?: number; readonly class_weight?: 'balanced' }
  readonly coef: readonly (readonly number[])[]
  readonly intercept: readonly number[]
  readonly predicted: readonly number[]
}

const { classifiers } = readAnswers('linear-cv') as { readonly classifiers: readonly Case[] }
function close(actual: Iterable<number>, expected: readonly number[], tolerance: number): void {
  const got = [...actual]
  assert.equal(got.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(got[i]! - value) <= tolerance, `expected ${value}, got ${got[i]} at ${i}`)
}

for (const { data, options, coef, intercept, predicted } of classifiers) {
  test(`agrees with scikit-learn: ${data} ${JSON.stringify(options)}`, async () => {
    const { alpha = 1, class_weight: classWeight = null } = options
    const model = await new RidgeClassifier({ alpha, classWeight }).fit(
      openData(`${data}-X`),
      openData(`${data}-y`),
    )
    close(model.coef_.toTypedArray(), coef.flat(), 1e-9)
    close(model.intercept_, intercept, 1e-8)
    assert.deepEqual([...(await model.predict(openData(`${data}-X`))).toTypedArray()], predicted)
  })
}

test('texts are predicted as they are, a single class always', async () => {
  const X = [[1], [2], [3], [4]]
  const model = await new RidgeClassifier().fit(X, ['no', 'no', 'yes', 'yes'])
  assert.deepEqual(await model.predict([[0], [9]]), ['no', 'yes'])
  const one = await new RidgeClassifier().fit(X, ['a', 'a', 'a', 'a'])
  assert.deepEqual(await one.predict([[7]]), ['a'])
})

describe('decisionFunction is the linear function of each class, also behind a scaler', () => {
  const makers = {
    RidgeClassifier: () => new RidgeClassifier(),
    LogisticRegression: () => new LogisticRegression(),
    LinearSVC: () => new LinearSVC(),
  }
  for (const [name, make] of Object.entries(makers)) {
    test(name, async () => {
      const [X, y] = [openData('iris-X'), openData('iris-y')]
      const model = await make().fit(X, y)
      const coefficients = model.coef_.toArray() as number[][]
      const expected = (X.toArray() as number[][]).map((row) =>
        coefficients.map((own, k) =>
          own.reduce((sum, one, j) => sum + one * row[j]!, model.intercept_[k]!),
        ),
      )
      const decisions = await model.decisionFunction(X)
      assert.deepEqual(decisions.shape, [150, 3])
      close(decisions.toTypedArray() as Float64Array, expected.flat(), 1e-10)
      const likeliest = expected.map((own) => own.indexOf(Math.max(...own)))
      assert.deepEqual([...(await model.predict(X)).toTypedArray()], likeliest)
      const pair = await make().fit(X, y, { rows: { ranges: [[0, 100]] } })
      const rows = { ranges: [[0, 100]] } as const
      const sides = await pair.decisionFunction(X, { rows })
      assert.deepEqual(sides.shape, [100])
      const second = [...sides.toTypedArray()].map((value) => Number(value > 0))
      assert.deepEqual([...(await pair.predict(X, { rows })).toTypedArray()], second)
      const pipe = await new Pipeline({ steps: [new StandardScaler(), make()] }).fit(X, y)
      const scaled = await (await new StandardScaler().fit(X)).transform(X)
      const alone = await (await make().fit(scaled, y)).decisionFunction(scaled)
      close(
        (await pipe.decisionFunction(X)).toTypedArray() as Float64Array,
        [...(alone.toTypedArray() as Float64Array)],
        1e-8,
      )
    })
  }
})

test('labels of 64 bits that float64 would merge are refused', async () => {
  const labels = BigInt64Array.of(2n ** 53n, 2n ** 53n + 1n)
  await assert.rejects(new RidgeClassifier().fit([[1], [2]], labels), {
    code: 'ERR_VALUE',
    message: /which float64 tells apart, got 9007199254740992 at row 0/,
  })
})
