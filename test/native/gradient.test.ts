/** Gradients of least squares against exact sums of whole numbers. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { native, type Gradients, type KernelRows } from '../../src/native/index.ts'
import { at, bytesOf, listRows, makeMatrix, randomNumbers, ranges } from './matrices.ts'

describe(`leastSquaresGradient (${native.simdLevel()})`, () => {
  const random = randomNumbers(4)
  const whole = (size: number): number => Math.floor((random() - 0.5) * size)

  /** A problem of whole numbers whose products need up to 2^90. */
  function makeProblem(n: number, d: number, m: number, groups: KernelRows[], weighted: boolean) {
    const shift = Float64Array.from({ length: d + m }, () => whole(1000))
    const scale = Float64Array.from({ length: d + m }, (_, j) => 2 ** (j % 3))
    const weights = weighted ? Float64Array.from({ length: n }, () => Math.abs(whole(9))) : null
    const x = makeMatrix(n, d, () => whole(2 ** 20))
    const y = makeMatrix(n, m, () => whole(2 ** 40))
    const coefficients = Float64Array.from({ length: groups.length * m * (1 + d) }, () =>
      whole(2 ** 20),
    )
    const compute = (threads: number): Promise<Gradients> =>
      native.leastSquaresGradient(x, y, weights, groups, shift, scale, coefficients, threads)
    const standard = (value: number, j: number): bigint =>
      (BigInt(value) - BigInt(shift[j]!)) * BigInt(scale[j]!)
    /** The exact result, rounded once. */
    const exact = (k: number, t: number): { gradient: number[]; squares: number } => {
      const b = coefficients.subarray((k * m + t) * (1 + d), (k * m + t + 1) * (1 + d))
      const gradient = Array.from({ length: 1 + d }, () => 0n)
      let squares = 0n
      for (const i of listRows(groups[k]!)) {
        const row = [1n, ...Array.from({ length: d }, (_, j) => standard(at(x, i, j), j))]
        const fitted = row.reduce((sum, value, j) => sum + value * BigInt(b[j]!), 0n)
        const residual = standard(at(y, i, t), d + t) - fitted
        const weight = BigInt(weights?.[i] ?? 1)
        for (const [j, value] of row.entries()) gradient[j]! += weight * residual * value
        squares += weight * residual * residual
      }
      return { gradient: gradient.map(Number), squares: Number(squares) }
    }
    return { compute, exact }
  }

  for (const weighted of [false, true]) {
    test(`agrees to the last bit${weighted ? ', with weights' : ''}`, async () => {
      for (const d of [1, 2, 3, 7, 8, 9, 21]) {
        const groups = [ranges(0, 300), ranges(3, 4, 100, 250), ranges()]
        const m = 2
        const { compute, exact } = makeProblem(300, d, m, groups, weighted)
        const got = await compute(2)
        for (let k = 0; k < groups.length; k++) {
          for (let t = 0; t < m; t++) {
            const { gradient, squares } = exact(k, t)
            const from = (k * m + t) * (1 + d)
            assert.deepEqual([...got.gradient.subarray(from, from + 1 + d)], gradient)
            assert.equal(got.squares[k * m + t], squares)
          }
        }
      }
    })
  }

  test('any number of threads gives the same bytes', async () => {
    const n = 30_000
    const { compute } = makeProblem(n, 5, 1, [ranges(0, n), ranges(1, 20_000)], true)
    const expected = bytesOf(await compute(1))
    for (const threads of [2, 3, 4]) assert.equal(bytesOf(await compute(threads)), expected)
  })
})
