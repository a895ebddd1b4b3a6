/** GaussianNB: the contract, scikit-learn's answers, labels, the same bytes. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { zeros } from '../../../src/arrays/index.ts'
import {
  clone,
  estimatorChecks,
  GaussianNB,
  learnedState,
  restore,
} from '../../../src/learn/index.ts'
import { setKernelThreads } from '../../../src/native/index.ts'
import { openData, readAnswers } from '../sklearn.ts'

describe('contract: Gaussian naive Bayes', () => {
  for (const check of estimatorChecks(() => new GaussianNB())) test(check.name, () => check.run())
})

interface Case {
  readonly data: string
  readonly options: { readonly priors?: readonly number[]; readonly var_smoothing?: number }
  readonly weighted: boolean
  readonly theta: readonly (readonly number[])[]
  readonly var: readonly (readonly number[])[]
  readonly prior: readonly number[]
  readonly predicted: readonly number[]
  readonly probabilities: readonly (readonly number[])[]
}

const { cases } = readAnswers('bayes') as { readonly cases: readonly Case[] }
/** Compares values, each relative to itself where it is above 1. */
function close(actual: Iterable<number>, expected: readonly number[], tolerance = 1e-10): void {
  const got = [...actual]
  assert.equal(got.length, expected.length)
  for (const [i, value] of expected.entries())
    assert.ok(
      Math.abs(got[i]! - value) <= tolerance * Math.max(1, Math.abs(value)),
      `expected ${value}, got ${got[i]} at ${i}`,
    )
}

for (const { data, options, weighted, ...expected } of cases) {
  test(`agrees with scikit-learn to 1e-10: ${data} ${JSON.stringify(options)}`, async () => {
    const [X, y] = [openData(`${data}-X`), openData(`${data}-y`)]
    const { priors = null, var_smoothing: varSmoothing = 1e-9 } = options
    const weights = Float64Array.from({ length: y.size }, (_, row) => 1 + (row % 3))
    const model = await new GaussianNB({ priors, varSmoothing }).fit(
      X,
      y,
      weighted ? { weights } : {},
    )
    const every = [null, [0, X.shape[1]!, 7]] as const
    close(
      model.theta_
        .slice(...every)
        .copy()
        .toTypedArray(),
      expected.theta.flat(),
    )
    close(
      model.var_
        .slice(...every)
        .copy()
        .toTypedArray(),
      expected.var.flat(),
    )
    close(model.classPrior_, expected.prior)
    assert.deepEqual([...(await model.predict(X)).toTypedArray()], expected.predicted)
    const rows = Array.from({ length: expected.probabilities.length }, (_, i) => 29 * i)
    const probabilities = await model.predictProba(X, { rows })
    close(probabilities.toTypedArray() as Float64Array, expected.probabilities.flat())
    const heir = restore(clone(model), learnedState(model))
    assert.deepEqual(await heir.predict(X), await model.predict(X))
  })
}

test('texts are predicted as they are, a single class always', async () => {
  const X = [[1], [2], [3], [4]]
  const model = await new GaussianNB().fit(X, ['no', 'no', 'yes', 'yes'])
  assert.deepEqual(await model.predict([[0], [9]]), ['no', 'yes'])
  const one = await new GaussianNB().fit(X, [true, true, true, true])
  assert.deepEqual(await one.predict([[7]]), [true])
  assert.deepEqual([...(await one.predictProba([[7]])).toTypedArray()], [1])
})

test('wide rows, values far from zero, and any number of threads', async () => {
  const X = zeros([120, 300], 'float64')
  for (let i = 0; i < X.size; i++) X.data[i] = 1e6 + Math.sin(i * i)
  const y = Int32Array.from({ length: 120 }, (_, i) => i % 4)
  for (let i = 0; i < 120; i++) X.set(1e6 + (i % 4) + Math.sin(i), i, 299)
  const model = await new GaussianNB({ varSmoothing: 0 }).fit(X, y)
  for (const column of [0, 260]) {
    const own = Array.from({ length: 30 }, (_, i) => X.get(4 * i + 1, column) - 1e6)
    const mean = own.reduce((sum, value) => sum + value / 30, 0)
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2 / 30, 0)
    close([model.theta_.get(1, column) - 1e6], [mean], 1e-9)
    close([model.var_.get(1, column)], [variance], 1e-9)
  }
  const answers = []
  try {
    for (const threads of [1, 2, 4]) {
      setKernelThreads(threads)
      answers.push((await model.predictProba(X)).toTypedArray())
    }
  } finally {
    setKernelThreads(0)
  }
  assert.deepEqual(answers[1], answers[0])
  assert.deepEqual(answers[2], answers[0])
})

test('many classes are read in narrower blocks of columns', async () => {
  const X = zeros([300, 230], 'float64') // 100 classes of 3 rows: blocks of 204 columns
  for (let i = 0; i < X.size; i++) X.data[i] = Math.sin(i * i)
  const y = Int32Array.from({ length: 300 }, (_, i) => i % 100)
  const model = await new GaussianNB({ varSmoothing: 0 }).fit(X, y)
  for (const column of [0, 203, 204, 229]) {
    const own = [42, 142, 242].map((row) => X.get(row, column))
    const mean = own.reduce((sum, value) => sum + value / 3, 0)
    close([model.theta_.get(42, column)], [mean], 1e-12)
    const variance = own.reduce((sum, value) => sum + (value - mean) ** 2 / 3, 0)
    close([model.var_.get(42, column)], [variance], 1e-12)
  }
  X.set(Number.NaN, 7, 220)
  await assert.rejects(new GaussianNB().fit(X, y), { message: /NaN in `X` at row 7, column 220/ })
})

test('priors that are none are refused', async () => {
  for (const priors of [[0.5], [0.5, 0.6], [1, 0], ['a', 'b'] as unknown as number[]]) {
    await assert.rejects(new GaussianNB({ priors }).fit([[1], [2]], [0, 1]), { code: 'ERR_OPTION' })
  }
  assert.throws(
    () => new GaussianNB({ var_smoothing: 1 } as object),
    /onecopy calls it `varSmoothing`/,
  )
})
