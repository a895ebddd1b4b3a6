/** The small Cholesky factor and its condition estimate. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import { inverse, Matrix } from 'ml-matrix'
import { factorize, solve } from '../../../src/learn/linear/cholesky.ts'
import { assertClose } from '../close.ts'
import { seeded } from '../random-problem.ts'

/** A random Gram matrix whose columns have very different lengths. */
function randomGram(size: number, seed: number): Float64Array {
  const random = seeded(seed)
  const rows = Matrix.zeros(size + 3, size).apply(function fill(i, j) {
    this.set(i, j, (random() - 0.5) * 10 ** (j % 7))
  })
  return Float64Array.from(rows.transpose().mmul(rows).to1DArray())
}

const sizes = fc.record({ size: fc.integer({ min: 1, max: 12 }), seed: fc.nat() })

describe('cholesky', () => {
  test('solves what it factorized', () => {
    fc.assert(
      fc.property(sizes, ({ size, seed }) => {
        const gram = randomGram(size, seed)
        const x = Float64Array.from({ length: size }, (_, i) => (i + 1) / 10 ** (i % 7))
        const b = x.map((_, i) => x.reduce((sum, xj, j) => sum + gram[i * size + j]! * xj, 0))
        const factor = factorize(gram, size)!
        const tolerance = Math.max(1e-12, factor.condition * 1e-15)
        assertClose(solve(factor, b), x, tolerance, { floor: 1e-6 })
      }),
      { seed: 1 },
    )
  })

  test('the condition is that of the scaled matrix, within a factor of 10', () => {
    fc.assert(
      fc.property(sizes, ({ size, seed }) => {
        const gram = randomGram(size, seed)
        const scaled = Matrix.zeros(size, size).apply(function fill(i, j) {
          const scale = Math.sqrt(gram[i * size + i]! * gram[j * size + j]!)
          this.set(i, j, gram[i * size + j]! / scale)
        })
        const norm1 = (m: Matrix): number => Math.max(...m.clone().abs().sum('column'))
        const condition = norm1(scaled) * norm1(inverse(scaled))
        const estimate = factorize(gram, size)!.condition
        assert.ok(estimate <= condition * 1.001, `${estimate} is above ${condition}`)
        assert.ok(estimate >= condition / 10, `${estimate} is far below ${condition}`)
      }),
      { seed: 2 },
    )
  })

  test('a row of zeros makes its unknown 0', () => {
    const factor = factorize(Float64Array.of(4, 0, 2, 0, 0, 0, 2, 0, 3), 3)!
    assertClose(solve(factor, Float64Array.of(8, 0, 6)), [1.5, 0, 1], 1e-15)
  })

  test('a matrix that is not positive definite has no factor', () => {
    assert.equal(factorize(Float64Array.of(1, 2, 2, 1), 2), undefined)
    assert.equal(factorize(Float64Array.of(1, 1, 1, 1), 2), undefined)
    assert.equal(factorize(Float64Array.of(Number.NaN), 1), undefined)
    assert.equal(factorize(Float64Array.of(-1), 1), undefined)
  })

  test('no unknowns are solved by nothing', () => {
    assert.deepEqual(
      solve(factorize(new Float64Array(0), 0)!, new Float64Array(0)),
      new Float64Array(0),
    )
  })
})
