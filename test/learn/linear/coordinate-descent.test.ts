/** Coordinate descent: its optimum, its gap and its stopping. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { descend, type PenalizedProblem } from '../../../src/learn/linear/coordinate-descent.ts'
import { assertClose } from '../close.ts'
import { seeded } from '../random-problem.ts'

const single = {
  gram: Float64Array.of(2),
  products: Float64Array.of(3),
  targetSquare: 5,
  l1: 1,
  l2: 0.5,
  positive: false,
}
const exact = { tol: 1e-14, maxIter: 100_000 }

/** A random problem of `d` columns from 2 d rows. */
function randomProblem(d: number, seed: number, positive: boolean): PenalizedProblem {
  const random = seeded(seed)
  const rows = Array.from({ length: 2 * d }, () =>
    Array.from({ length: d + 1 }, () => random() - 0.5),
  )
  const product = (i: number, j: number): number =>
    rows.reduce((sum, row) => sum + row[i]! * row[j]!, 0) / rows.length
  return {
    gram: Float64Array.from({ length: d * d }, (_, at) => product(Math.floor(at / d), at % d)),
    products: Float64Array.from({ length: d }, (_, j) => product(j, d)),
    targetSquare: product(d, d),
    l1: 0.05 * random() ** 2,
    l2: 0.05 * random(),
    positive,
  }
}

describe('descend', () => {
  test('one column is solved in closed form', () => {
    const { coefficients, iterations, converged } = descend(single, exact)
    assert.deepEqual([...coefficients], [0.8])
    assert.ok(converged)
    assert.equal(iterations, 2)
  })

  test('a penalty above every product leaves zeros, at once', () => {
    const result = descend({ ...single, l1: 3 }, exact)
    assert.deepEqual(
      { ...result, coefficients: [...result.coefficients] },
      {
        coefficients: [0],
        dualGap: 0,
        iterations: 1,
        converged: true,
      },
    )
  })

  test('positive keeps a coefficient from going below 0', () => {
    const negative = { ...single, products: Float64Array.of(-3) }
    assert.deepEqual([...descend(negative, exact).coefficients], [-0.8])
    const { coefficients, converged } = descend({ ...negative, positive: true }, exact)
    assert.deepEqual([...coefficients], [0])
    assert.ok(converged)
  })

  test('a column without variance gets 0', () => {
    const gram = Float64Array.of(2, 0, 0, 0)
    const products = Float64Array.of(3, 0)
    assert.deepEqual([...descend({ ...single, gram, products }, exact).coefficients], [0.8, 0])
  })

  test('a constant target converges', () => {
    const result = descend({ ...single, products: Float64Array.of(0), targetSquare: 0 }, exact)
    assert.ok(result.converged)
  })

  test('too few passes are told, with the gap they left', () => {
    const problem = randomProblem(8, 5, false)
    const { converged, iterations, dualGap } = descend(problem, { tol: 1e-12, maxIter: 2 })
    assert.equal(converged, false)
    assert.equal(iterations, 2)
    assert.ok(dualGap > 0 && dualGap < problem.targetSquare)
  })

  test('the result meets the conditions of an optimum', () => {
    const options = fc.record({
      d: fc.integer({ min: 1, max: 10 }),
      seed: fc.nat(),
      positive: fc.boolean(),
    })
    fc.assert(
      fc.property(options, ({ d, seed, positive }) => {
        const problem = randomProblem(d, seed, positive)
        const { coefficients: w, converged } = descend(problem, exact)
        assert.ok(converged)
        const slopes = w.map((wi, i) => {
          const Gw = w.reduce((sum, wj, j) => sum + problem.gram[i * d + j]! * wj, 0)
          return problem.products[i]! - Gw - problem.l2 * wi
        })
        for (const [j, slope] of slopes.entries()) {
          if (w[j] !== 0) assertClose([slope], [Math.sign(w[j]!) * problem.l1], 1e-4, { floor: 1 })
          else if (!positive) assert.ok(Math.abs(slope) <= problem.l1 * (1 + 1e-4) + 1e-9)
          else assert.ok(slope <= problem.l1 * (1 + 1e-4) + 1e-9)
          if (positive) assert.ok(w[j]! >= 0)
        }
      }),
      { seed: 3 },
    )
  })
})
