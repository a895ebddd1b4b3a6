/** Moments of groups of rows against a naive sum. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  native,
  type KernelMatrix,
  type KernelRows,
  type MomentSums,
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
  y?: KernelMatrix | null
  weights?: Float64Array | null
  groups: KernelRows[]
  shift?: Float64Array
}

function columnsOf({ x, y }: Problem): number {
  return x.columns + (y?.columns ?? 0)
}

function compute(problem: Problem, threads = 2): Promise<MomentSums> {
  const { x, y = null, weights = null, groups } = problem
  const shift = problem.shift ?? new Float64Array(columnsOf(problem))
  return native.moments(x, y, weights, groups, shift, threads)
}

/** Element j of row i of `[X y]`. */
function valueAt({ x, y }: Problem, i: number, j: number): number {
  return j < x.columns ? at(x, i, j) : at(y!, i, j - x.columns)
}

/** Compares every number with a plain loop over the rows. */
async function assertMoments(problem: Problem, threads = 2): Promise<MomentSums> {
  const got = await compute(problem, threads)
  const p = columnsOf(problem)
  const shift = problem.shift ?? new Float64Array(p)
  for (const [k, group] of problem.groups.entries()) {
    const weightOf = (row: number): number => problem.weights?.[row] ?? 1
    const rows = listRows(group).filter((row) => weightOf(row) !== 0)
    const weights = rows.map(weightOf)
    const table = rows.map((row) => Array.from({ length: p }, (_, j) => valueAt(problem, row, j)))
    assert.equal(got.count[k], rows.length, `count of group ${k}`)
    const weight = weights.reduce((sum, w) => sum + w, 0)
    assertNear(got.weight[k]!, weight, weight * 1e-14, `weight of group ${k}`)
    const nonFinite = table.filter((row) => !row.every(Number.isFinite)).length
    assert.equal(got.nonFinite[k], nonFinite, `rows of group ${k} that aren't finite`)
    for (let i = 0; i < p; i++) {
      const column = table.map((row) => row[i]!)
      const kept = column.filter((value) => !Number.isNaN(value))
      const least = kept.reduce((a, b) => Math.min(a, b), Infinity)
      const greatest = kept.reduce((a, b) => Math.max(a, b), -Infinity)
      assertNear(got.minimum[k * p + i]!, least, 0, `minimum of column ${i} of group ${k}`)
      assertNear(got.maximum[k * p + i]!, greatest, 0, `maximum of column ${i} of group ${k}`)
      let [sum, size] = [0, 0]
      for (const [r, value] of column.entries()) {
        sum += weights[r]! * (value - shift[i]!)
        size += Math.abs(weights[r]! * (value - shift[i]!))
      }
      assertNear(got.sums[k * p + i]!, sum, size * 1e-13, `sum of column ${i} of group ${k}`)
      for (let j = 0; j < p; j++) {
        let [product, scale] = [0, 0]
        for (const [r, row] of table.entries()) {
          const term = weights[r]! * (row[i]! - shift[i]!) * (row[j]! - shift[j]!)
          product += term
          scale += Math.abs(term)
        }
        const cross = got.cross[(k * p + i) * p + j]!
        assertNear(cross, product, scale * 1e-13, `product ${i}, ${j} of group ${k}`)
      }
    }
  }
  return got
}

describe(`moments (${native.simdLevel()})`, () => {
  const random = randomNumbers(1)

  test('every number of columns up to three tiles, and odd numbers of rows', async () => {
    for (let d = 1; d <= 52; d++) {
      const n = 130 + d
      const x = makeMatrix(n, d, (i, j) => random() * (j + 1) + i)
      await assertMoments({ x, groups: [ranges(0, n), ranges(3, 70)] })
    }
  })

  test('every number of rows around the sizes of blocks', async () => {
    for (const n of [1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 127, 128, 129, 257]) {
      const x = makeMatrix(n, 5, () => random())
      const y = makeMatrix(n, 1, () => random())
      await assertMoments({ x, y, groups: [ranges(0, n)] })
    }
  })

  for (const dtype of dtypes) {
    test(`${dtype} in every layout`, async () => {
      const value = (i: number, j: number): number => {
        if (dtype === 'bool') return (i + j) % 2
        if (dtype === 'int64') return (i - 40) * 1e15 + j
        if (dtype === 'uint64') return i * 1.5e17 + j * 4096
        if (dtype.startsWith('float')) return random() - 0.5
        return dtype.startsWith('int') ? i - 50 - j : i + j
      }
      for (const layout of Object.keys(layouts) as Layout[]) {
        const x = makeMatrix(101, 9, value, { dtype, layout })
        const y = makeMatrix(101, 2, value, { dtype, layout, shared: true })
        await assertMoments({ x, y, groups: [ranges(0, 101), ranges(5, 6, 90, 101)] })
      }
    })
  }

  test('a stride of 0 repeats one row, or one column', async () => {
    const x = makeMatrix(20, 6, (i, j) => i + 10 * j)
    await assertMoments({ x: { ...x, rowStride: 0 }, groups: [ranges(0, 20)] })
    await assertMoments({ x: { ...x, columnStride: 0 }, groups: [ranges(0, 20)] })
  })

  test('the same rows as ranges and as numbers give the same bytes', async () => {
    const n = 20_000
    const x = makeMatrix(n, 7, () => random())
    const asRanges = ranges(10, 5000, 6000, 6001, 7000, n)
    const asNumbers = numbers(...listRows(asRanges))
    const [a, b] = [
      await compute({ x, groups: [asRanges] }),
      await compute({ x, groups: [asNumbers] }),
    ]
    assert.equal(bytesOf(a), bytesOf(b))
  })

  test('rows in any order, some of them twice', async () => {
    const x = makeMatrix(300, 4, () => random())
    const rows = Array.from({ length: 500 }, () => Math.floor(random() * 300))
    await assertMoments({ x, groups: [numbers(...rows), numbers(299, 0, 299)] })
  })

  test('any number of threads gives the same bytes', async () => {
    const n = 50_001
    const x = makeMatrix(n, 11, () => random() * 1e3)
    const y = makeMatrix(n, 1, () => random())
    const weights = Float64Array.from({ length: n }, () => Math.floor(random() * 3) / 2)
    const shuffled = Array.from({ length: 3 }, (): number[] => [])
    for (let row = 0; row < n; row++) shuffled[Math.floor(random() * 3)]!.push(row)
    const groups = [
      ranges(0, n),
      ranges(0, 9000, 30_000, n),
      ...shuffled.map((r) => numbers(...r)),
      ranges(5, 5),
    ]
    for (const w of [null, weights]) {
      const expected = bytesOf(await compute({ x, y, weights: w, groups }, 1))
      for (const threads of [2, 3, 4, 7]) {
        const got = bytesOf(await compute({ x, y, weights: w, groups }, threads))
        assert.equal(got, expected, `${threads} threads`)
      }
    }
  })

  test('a group is summed the same alone and among others', async () => {
    const n = 30_000
    const x = makeMatrix(n, 3, () => random())
    const together = await compute({ x, groups: [ranges(0, 10_000), ranges(10_000, n)] })
    const alone = await compute({ x, groups: [ranges(10_000, n)] })
    assert.deepEqual(together.cross.subarray(9), alone.cross)
  })

  test('weights multiply, and rows of weight 0 are as if they were not there', async () => {
    const n = 700
    const x = makeMatrix(n, 13, (i) => (i % 7 === 0 ? NaN : random()))
    const y = makeMatrix(n, 1, () => random())
    const weights = Float64Array.from({ length: n }, (_, i) => (i % 7 === 0 ? 0 : random() * 3))
    const got = await assertMoments({ x, y, weights, groups: [ranges(0, n), ranges(0, 1)] })
    assert.equal(got.nonFinite[0], 0)
    assert.equal(got.count[1], 0)
  })

  test('whole weights say the same as rows that are repeated', async () => {
    const x = makeMatrix(50, 5, (i, j) => ((i * 7 + j * 3) % 11) - 5)
    const weights = Float64Array.from({ length: 50 }, (_, i) => i % 4)
    const repeated = Array.from({ length: 50 }, (_, i) => Array.from({ length: i % 4 }, () => i))
    const weighted = await compute({ x, weights, groups: [ranges(0, 50)] })
    const plain = await compute({ x, groups: [numbers(...repeated.flat())] })
    assert.deepEqual(weighted.cross, plain.cross)
    assert.deepEqual(weighted.sums, plain.sums)
    assert.deepEqual(weighted.weight, plain.count)
  })

  test('whole numbers are summed without any rounding', async () => {
    const n = 40_000
    const x = makeMatrix(n, 2, (i, j) => (i % 1000) + j)
    const got = await compute({
      x,
      groups: [ranges(0, n)],
      shift: Float64Array.of(500, 500),
    })
    let exact = 0n
    for (let i = 0; i < n; i++) exact += BigInt((i % 1000) - 500) * BigInt((i % 1000) + 1 - 500)
    assert.equal(BigInt(got.cross[1]!), exact)
  })

  test('a shift near the mean keeps digits that raw squares would lose', async () => {
    const n = 10_000
    const x = makeMatrix(n, 1, (i) => 1e9 + (i % 2))
    const got = await compute({ x, groups: [ranges(0, n)], shift: Float64Array.of(1e9) })
    assert.equal(got.cross[0]! - got.sums[0]! ** 2 / n, n / 4)
  })

  test('NaN and infinities are counted by row and stay in their columns', async () => {
    const n = 5000
    const x = makeMatrix(n, 10, (i, j) => {
      if (i === 17 && j === 2) return NaN
      if (i === 17 && j === 3) return Infinity
      if (i === 4999 && j === 3) return -Infinity
      return i % 10
    })
    const got = await assertMoments({ x, groups: [ranges(0, n), ranges(18, 4999)] })
    assert.deepEqual([...got.nonFinite], [2, 0])
    assert.ok(Number.isFinite(got.cross[1 * 10 + 4]!))
  })

  test('negative zero is a value like any other', async () => {
    const x = makeMatrix(3, 1, () => -0)
    const got = await assertMoments({ x, groups: [ranges(0, 3)] })
    assert.equal(got.sums[0], 0)
  })

  test('an empty group has no extremes', async () => {
    const x = makeMatrix(3, 2, () => 1)
    const got = await assertMoments({ x, groups: [ranges(), ranges(2, 2), numbers()] })
    assert.deepEqual(
      [...got.minimum],
      Array.from({ length: 6 }, () => Infinity),
    )
    const none = await compute({ x, groups: [] })
    assert.equal(none.cross.length, 0)
  })

  test('a matrix without rows or columns', async () => {
    const rows = makeMatrix(0, 3, () => 0)
    await assertMoments({ x: rows, groups: [ranges(0, 0)] })
    const columns = makeMatrix(4, 0, () => 0)
    const got = await assertMoments({ x: columns, groups: [ranges(0, 4)] })
    assert.equal(got.count[0], 4)
  })

  test('elements beyond 4 GiB', async () => {
    const data = new Float64Array(2 ** 29 + 1000) // zeros that take no memory until they are touched
    const x = { data, dtype: 'float64', offset: 3, rows: 5, columns: 2, columnStride: 7 }
    for (let i = 0; i < 5; i++) data.set([i + 1, 0, 0, 0, 0, 0, 0, 10 * i], 3 + i * 2 ** 27)
    await assertMoments({ x: { ...x, rowStride: 2 ** 27 }, groups: [ranges(0, 5), numbers(4)] })
  })

  test('more columns than rows, in wide tiles', async () => {
    const x = makeMatrix(9, 150, () => random())
    await assertMoments({ x, groups: [ranges(0, 9)] })
  })
})
