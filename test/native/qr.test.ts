/** QR factors of groups of rows against the products they stand for. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  native,
  type KernelMatrix,
  type KernelRows,
  type Triangles,
} from '../../src/native/index.ts'
import {
  assertNear,
  at,
  bytesOf,
  dtypes,
  layouts,
  listRows,
  makeMatrix,
  numbers,
  randomNumbers,
  ranges,
  type Layout,
} from './matrices.ts'

interface Problem {
  x: KernelMatrix
  y?: KernelMatrix
  weights?: Float64Array
  groups: KernelRows[]
  shift?: Float64Array
  scale?: Float64Array
}

function factor(problem: Problem, threads = 2): Promise<Triangles> {
  const { x, y = null, weights = null, groups } = problem
  const p = x.columns + (y?.columns ?? 0)
  const { shift = new Float64Array(p), scale = new Float64Array(p).fill(1) } = problem
  return native.leastSquaresQr(x, y, weights, groups, shift, scale, threads)
}

/** R'R must be the weighted products of [1 X y], and R an upper triangle without negative diagonal. */
async function assertFactor(problem: Problem): Promise<void> {
  const { x, y, weights, groups, shift, scale } = problem
  const got = await factor(problem)
  const q = 1 + x.columns + (y?.columns ?? 0)
  const valueAt = (i: number, j: number): number => {
    if (j === 0) return 1
    const raw = j <= x.columns ? at(x, i, j - 1) : at(y!, i, j - 1 - x.columns)
    return (raw - (shift?.[j - 1] ?? 0)) * (scale?.[j - 1] ?? 1)
  }
  for (const [k, group] of groups.entries()) {
    const rows = listRows(group).filter((row) => weights?.[row] !== 0)
    assert.equal(got.count[k], rows.length)
    const R = got.triangle.subarray(k * q * q, (k + 1) * q * q)
    for (let i = 0; i < q; i++) {
      assert.ok(R[i * q + i]! >= 0, `diagonal ${i} of group ${k} is ${R[i * q + i]}`)
      for (let j = 0; j < q; j++) {
        if (j < i) assert.equal(R[i * q + j], 0)
        let [product, expected, size] = [0, 0, 0]
        for (let r = 0; r < q; r++) product += R[r * q + i]! * R[r * q + j]!
        for (const row of rows) {
          const term = (weights?.[row] ?? 1) * valueAt(row, i) * valueAt(row, j)
          expected += term
        }
        for (const c of [i, j]) {
          let square = 0
          for (const row of rows) square += (weights?.[row] ?? 1) * valueAt(row, c) ** 2
          size += square
        }
        assertNear(product, expected, size * 1e-13, `product ${i}, ${j} of group ${k}`)
      }
    }
  }
}

describe(`leastSquaresQr (${native.simdLevel()})`, () => {
  const random = randomNumbers(3)

  test('every number of columns up to three tiles', async () => {
    for (let d = 0; d <= 28; d++) {
      const n = 40 + 13 * d
      const x = makeMatrix(n, d, () => random() - 0.3)
      const y = makeMatrix(n, 1, () => random())
      await assertFactor({ x, y, groups: [ranges(0, n), ranges(1, 2, 20, 40)] })
    }
  })

  test('fewer rows than columns, down to one and none', async () => {
    const x = makeMatrix(9, 12, () => random())
    await assertFactor({
      x,
      groups: [ranges(0, 9), ranges(0, 1), ranges(0, 2), ranges(3, 3), numbers()],
    })
  })

  test('several targets, shifted and scaled columns, weights', async () => {
    const n = 10_000
    const x = makeMatrix(n, 5, (_, j) => random() * 10 ** j + 5, { layout: 'columns' })
    const y = makeMatrix(n, 3, () => random(), { layout: 'gaps' })
    const shift = Float64Array.from({ length: 8 }, (_, j) => 5 + j)
    const scale = Float64Array.from({ length: 8 }, (_, j) => 2 ** -j)
    const weights = Float64Array.from({ length: n }, () => Math.floor(random() * 3))
    await assertFactor({ x, y, shift, scale, weights, groups: [ranges(0, n), ranges(1, 700)] })
  })

  test('every element type and layout', async () => {
    for (const dtype of dtypes) {
      for (const layout of Object.keys(layouts) as Layout[]) {
        const x = makeMatrix(60, 3, (i, j) => (i * (j + 2)) % 2, { dtype, layout })
        await assertFactor({ x, groups: [ranges(0, 60)] })
      }
    }
  })

  test('columns of zeros, and columns that repeat others', async () => {
    const x = makeMatrix(500, 9, (i, j) => (j % 3 === 0 ? 0 : Math.sin(i * (j % 3))))
    await assertFactor({ x, groups: [ranges(0, 500)] })
  })

  test('any number of threads, and rows as ranges or numbers, give the same bytes', async () => {
    const n = 40_001
    const x = makeMatrix(n, 6, () => random())
    const y = makeMatrix(n, 1, () => random())
    const groups = [ranges(0, n), ranges(0, 9000, 30_000, n)]
    const expected = bytesOf(await factor({ x, y, groups }, 1))
    for (const threads of [2, 3, 4])
      assert.equal(bytesOf(await factor({ x, y, groups }, threads)), expected)
    const listed = groups.map((rows) => numbers(...listRows(rows)))
    assert.equal(bytesOf(await factor({ x, y, groups: listed })), expected)
  })

  test('rows that are not finite are counted, and spoil no other group', async () => {
    for (let d = 2; d <= 9; d++) {
      const x = makeMatrix(5000, d, (i, j) => (i % 1000 === 0 && j === 1 ? NaN : Math.sin(i * j)))
      const got = await factor({ x, groups: [ranges(0, 5000), ranges(1, 1000)] }, 1)
      assert.deepEqual([...got.nonFinite], [5, 0])
      assert.ok(got.triangle.subarray((1 + d) ** 2).every(Number.isFinite))
    }
  })
})
