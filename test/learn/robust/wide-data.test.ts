/** HuberRegressor on more columns than rows: the optimum of the same objective. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { HuberRegressor } from '../../../src/learn/index.ts'
import { randomNumbers } from '../../native/matrices.ts'

const [n, d, epsilon] = [40, 70, 1.35]

/** Rows of which some weigh nothing and two are equal; a column that is constant; targets with outliers. */
function makeProblem(sizes: (column: number) => number): {
  X: NDArray
  y: number[]
  weights: number[]
} {
  const next = randomNumbers(11)
  const rows = Array.from({ length: n }, () =>
    Array.from({ length: d }, (_, j) => (j === 5 ? 3 : (next() + 0.3) * sizes(j))),
  )
  rows[9] = rows[8]!
  const y = rows.map((row, i) => 2 + row[0]! + next() + (i % 7 === 0 ? 30 : 0))
  return { X: array(rows), y, weights: rows.map((_, i) => i % 4) }
}

for (const [what, sizes] of [
  ['columns of one size', () => 1],
  ['columns of sizes that differ', (j: number) => (j === 1 ? 1e5 : 1)],
] as const) {
  for (const fitIntercept of [true, false]) {
    test(`the slopes of the objective are 0: ${what}, fitIntercept ${fitIntercept}`, async () => {
      const { X, y, weights } = makeProblem(sizes)
      const rows = Int32Array.from({ length: n - 2 }, (_, i) => i + 1)
      const alpha = 200
      const model = await new HuberRegressor({ alpha, fitIntercept, tol: 1e-9 }).fit(X, y, {
        weights,
        rows,
      })
      assert.ok(model.converged_)
      const scores = (await model.predict(X)).toTypedArray() as Float64Array
      const slopes = Float64Array.from(y, (target, i) => {
        const z = (target - scores[i]!) / model.scale_
        return rows.includes(i) ? weights[i]! * 2 * Math.max(-epsilon, Math.min(epsilon, z)) : 0
      })
      const expected = Array.from({ length: d }, (_, j) =>
        slopes.reduce((sum, slope, i) => sum + slope * (X.get(i, j) as number), 0),
      )
      if (fitIntercept) {
        assert.ok(Math.abs(slopes.reduce((sum, slope) => sum + slope, 0)) < 1e-8)
        assert.equal(model.coef_.get(5), 0)
      }
      for (let j = 0; j < d; j++) {
        if (fitIntercept && j === 5) continue
        const difference = 2 * alpha * model.coef_.get(j) - expected[j]!
        assert.ok(Math.abs(difference) < 1e-6 * sizes(j), `${difference} in column ${j}`)
      }
      const outliers = [...rows].filter(
        (i) => weights[i]! > 0 && Math.abs(y[i]! - scores[i]!) > epsilon * model.scale_,
      )
      assert.ok(outliers.length > 3)
      assert.deepEqual([...model.outliers_], outliers)
    })
  }
}
