/** NIST's certified problems of linear least squares, digit by digit. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { array, type NDArray } from '../../src/arrays/index.ts'
import { LinearRegression } from '../../src/learn/index.ts'
import { Moments, QrFactor } from '../../src/learn/internal.ts'
import { type Problem, problems } from '../fixtures/nist/problems.ts'
import { digits } from './close.ts'

/** Digits that `fit` must reach, by the solver that it must choose. */
const wanted: Record<string, { fit: number; solver: string }> = {
  Longley: { fit: 10, solver: 'cholesky' },
  Wampler1: { fit: 9, solver: 'qr' },
  Wampler2: { fit: 9, solver: 'qr' },
  Wampler3: { fit: 9, solver: 'qr' },
  Wampler4: { fit: 9, solver: 'qr' },
  Wampler5: { fit: 9, solver: 'qr' },
  // Its powers up to x¹⁰ are rounded before anyone sees them, which leaves fewer than 8.
  Filip: { fit: 7, solver: 'qr' },
}

function columnsOf({ x, degree }: Problem): NDArray {
  if (degree === undefined) return array(x)
  const powers = Array.from({ length: degree }, (_, k) => k + 1)
  return array(x.map((value) => powers.map((power) => Number(value) ** power)))
}

function worstDigits({ coef_, intercept_ }: LinearRegression, certified: number[]): number {
  const found = [intercept_[0]!, ...coef_.toTypedArray()]
  return Math.min(...certified.map((value, i) => digits(found[i]!, value)))
}

describe('certified digits of LinearRegression', () => {
  for (const problem of problems) {
    const { fit, solver } = wanted[problem.name]!
    test(`${problem.name}: at least ${fit} by ${solver}`, async () => {
      const model = await new LinearRegression().fit(columnsOf(problem), array(problem.y))
      assert.equal(model.solver_, solver)
      assert.equal(model.rank_, problem.certified.length - 1)
      const found = worstDigits(model, problem.certified)
      assert.ok(found >= fit, `${found} digits`)
    })
  }

  test('Filip: at least 6 by the factor alone, which folds share', async () => {
    const problem = problems.find(({ name }) => name === 'Filip')!
    const [X, y] = [columnsOf(problem), array(problem.y)]
    const [factor] = await QrFactor.compute(X, y)
    const [moments] = await Moments.compute(X, y)
    const found = worstDigits(
      new LinearRegression().fitFactor(factor!, moments!),
      problem.certified,
    )
    assert.ok(found >= 6, `${found} digits`)
  })
})
