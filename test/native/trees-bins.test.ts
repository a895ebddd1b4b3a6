/** Edges and bins of columns, against sorting and a naive search. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type BinEdges,
  type KernelMatrix,
  type KernelRows,
  native,
} from '../../src/native/index.ts'
import {
  at,
  bytesOf,
  dtypes,
  layouts,
  type Layout,
  listRows,
  makeMatrix,
  numbers,
  randomNumbers,
  ranges,
} from './matrices.ts'

interface Problem {
  readonly x: KernelMatrix
  readonly rows?: KernelRows
  readonly weights?: Float64Array
  readonly maxBins?: number
}

function middle(a: number, b: number): number {
  const mid = 0.5 * a + 0.5 * b
  return mid >= a && mid < b ? mid : a
}

/** The edges of each column by their definition. */
function naiveEdges({ x, rows = ranges(0, x.rows), weights, maxBins = 255 }: Problem): number[][] {
  const counted = listRows(rows).filter((row) => weights === undefined || weights[row] !== 0)
  return Array.from({ length: x.columns }, (_, j) => {
    const values = Float64Array.from(counted, (row) => at(x, row, j) + 0)
      .filter((value) => !Number.isNaN(value))
      .sort()
    const distinct = [...new Set(values)]
    if (distinct.length <= maxBins) {
      return distinct.slice(1).map((value, i) => middle(distinct[i]!, value))
    }
    const edges = new Set<number>()
    for (let k = 1; k < maxBins; k++) {
      const rank = Math.floor((values.length * k) / maxBins)
      const [before, value] = [values[rank - 1], values[rank]!]
      if (before === undefined) continue
      const edge = before < value ? middle(before, value) : before
      if (edge < values.at(-1)!) edges.add(edge)
    }
    return [...edges]
  })
}

function columnsOf({ edges, starts }: BinEdges): number[][] {
  return Array.from({ length: starts.length - 1 }, (_, j) => [
    ...edges.subarray(starts[j], starts[j + 1]),
  ])
}

function findEdges(problem: Problem, threads = 2): Promise<BinEdges> {
  const { x, rows = ranges(0, x.rows), weights = null, maxBins = 255 } = problem
  return native.findEdges(x, rows, weights, maxBins, null, threads)
}

async function assertEdges(problem: Problem, what: string): Promise<void> {
  const expected = naiveEdges(problem)
  for (const threads of [1, 2, 3]) {
    assert.deepEqual(columnsOf(await findEdges(problem, threads)), expected, `${what}, ${threads}`)
  }
}

/** Columns of every kind: continuous, few values, mostly one value, with NaN and infinities, constant, only NaN. */
function columnOfKind(random: () => number, j: number): number {
  const u = random()
  switch (j % 7) {
    case 0:
      return u * 10 - 5
    case 1:
      return Math.floor(u * 40)
    case 2:
      return u < 0.6 ? 0 : Math.round(u * 1e6) / 7
    case 3:
      return u < 0.1 ? Number.NaN : u < 0.2 ? Infinity : u < 0.3 ? -Infinity : Math.exp(20 * u)
    case 4:
      return 3
    case 5:
      return Number.NaN
    default:
      return u < 0.5 ? -0 : u < 0.9999 ? 0 : u
  }
}

function mixedMatrix(n: number, d: number, seed = 1): KernelMatrix {
  const random = randomNumbers(seed)
  return makeMatrix(n, d, (_, j) => columnOfKind(random, j))
}

describe('edges between bins', () => {
  for (const n of [1, 2, 3, 300, 5000]) {
    test(`${n} rows of every kind of column have the edges of the sorted values`, async () => {
      const x = mixedMatrix(n, 7, n)
      for (const maxBins of [2, 3, 16, 255]) await assertEdges({ x, maxBins }, `maxBins ${maxBins}`)
    })
  }

  test('many rows, which are not sorted, have the same edges as sorted ones', async () => {
    for (const [n, seed] of [
      [32_769, 1],
      [70_001, 2],
    ] as const) {
      const x = mixedMatrix(n, 9, seed)
      await assertEdges({ x }, `${n} rows`)
      await assertEdges({ x, maxBins: 4 }, `${n} rows, 4 bins`)
    }
  })

  test('values that stand in one row of many have their bin', async () => {
    const x = makeMatrix(50_000, 2, (i, j) => (i === 7 ? 5 + j : i === 40_001 ? 9 : i % 3))
    await assertEdges({ x }, 'rare values')
  })

  test('more columns than are read in one pass', async () => {
    await assertEdges({ x: mixedMatrix(33_000, 35, 4), maxBins: 10 }, '35 columns')
  })

  test('the order of rows makes no difference', async () => {
    const x = mixedMatrix(40_000, 7, 5)
    const order = Array.from({ length: 40_000 }, (_, i) => (i * 7919) % 40_000)
    const ordered = await findEdges({ x })
    assert.deepEqual(bytesOf(await findEdges({ x, rows: numbers(...order) })), bytesOf(ordered))
  })

  test('rows that are left out and rows of weight 0 are passed over', async () => {
    for (const n of [200, 40_000]) {
      const x = mixedMatrix(n, 7, n)
      const weights = Float64Array.from({ length: n }, (_, i) => i % 3)
      await assertEdges({ x, weights }, 'weights')
      await assertEdges({ x, rows: ranges(5, n / 2, n - 20, n) }, 'ranges')
    }
  })

  test('edges lie between neighbours that no double lies between, and between huge ones', async () => {
    const pairs = [
      [1, 1 + 2 ** -52],
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [-Infinity, Infinity],
      [0, 5e-324],
      [Number.MAX_VALUE, Infinity],
    ]
    for (const pair of pairs) {
      const x = makeMatrix(2, 1, (i) => pair[i]!)
      const [edge] = (await findEdges({ x })).edges
      assert.ok(edge! >= pair[0]! && edge! < pair[1]!, `${edge} between ${String(pair)}`)
    }
  })

  test('a weight that is no weight is refused', async () => {
    const x = mixedMatrix(40_000, 2)
    const weights = new Float64Array(40_000).fill(1)
    weights[39_000] = -1
    await assert.rejects(findEdges({ x, weights }), { code: 'ERR_VALUE' })
  })
})

/** The bin of a value by its definition. */
function naiveBin(value: number, edges: readonly number[]): number {
  return Number.isNaN(value) ? 255 : edges.filter((edge) => edge < value).length
}

async function assertBins(x: KernelMatrix, rows: KernelRows, edges: BinEdges): Promise<void> {
  const stride = Math.ceil(x.columns / 4) * 4
  const columns = columnsOf(edges)
  const listed = listRows(rows)
  for (const threads of [1, 2, 5]) {
    const bins = new Uint8Array(x.rows * stride).fill(77)
    await native.binRows(x, rows, edges, { bins, columns: x.columns }, threads)
    for (const row of listed) {
      const got = [...bins.subarray(row * stride, row * stride + x.columns)]
      const expected = columns.map((edges, j) => naiveBin(at(x, row, j), edges))
      assert.deepEqual(got, expected, `row ${row}, ${threads} threads`)
      bins.fill(77, row * stride, row * stride + x.columns)
    }
    assert.ok(
      bins.every((bin) => bin === 77),
      'only the listed rows are written',
    )
  }
}

describe('bins', () => {
  for (const d of [1, 3, 8, 21]) {
    test(`${d} columns are binned as a search among their edges says`, async () => {
      const x = mixedMatrix(700, d, d)
      const rows = ranges(0, 700)
      for (const maxBins of [2, 50, 255]) await assertBins(x, rows, await findEdges({ x, maxBins }))
      await assertBins(x, numbers(5, 699, 3), await findEdges({ x }))
    })
  }

  for (const layout of Object.keys(layouts) as Layout[]) {
    test(`layout ${layout} and every dtype are read in place`, async () => {
      for (const dtype of dtypes) {
        const value = (i: number, j: number): number =>
          (i * 13 + j * 5) % (dtype === 'bool' ? 2 : 90)
        const x = makeMatrix(120, 5, value, { dtype, layout })
        const edges = await findEdges({ x })
        assert.deepEqual(columnsOf(edges), naiveEdges({ x }))
        await assertBins(x, ranges(0, 120), edges)
      }
    })
  }

  const places: Readonly<Record<string, readonly number[]>> = {
    'one edge': [0.5],
    'edges far apart': [-1e308, -1, 0, 1e-300, 1, 1e308],
    'edges a subnormal number apart': [0, 5e-324, 1e-323],
    'neighbouring edges far from 0': [1e15, 1e15 + 0.125, 1e15 + 0.25, 1e15 + 0.5],
    'edges that crowd at one end': Array.from({ length: 254 }, (_, k) => Math.exp(k / 4)),
    'edges that crowd in the middle': Array.from({ length: 254 }, (_, k) => (k - 127) ** 9),
    'infinite edges': [-Infinity, -2, 3, Infinity],
    'nothing but infinite edges': [-Infinity, Infinity],
  }
  for (const [name, edges] of Object.entries(places)) {
    test(`${name} part values as their definition says`, async () => {
      const near = edges.flatMap((edge) => [edge, edge * (1 + 1e-15), edge * (1 - 1e-15), edge / 2])
      const values = [...near, NaN, Infinity, -Infinity, 0, -0, 5e-324, -1e308, 1e308]
      const x = makeMatrix(values.length, 3, (i, j) => values[(i + j) % values.length]!)
      // The columns beside it have many edges and none.
      const starts = Int32Array.of(0, 254, 254 + edges.length, 254 + edges.length)
      const many = Array.from({ length: 254 }, (_, k) => k / 254)
      await assertBins(x, ranges(0, values.length), {
        edges: Float64Array.from([...many, ...edges]),
        starts,
      })
    })
  }

  test('a value that equals an edge is in the lower bin', async () => {
    const x = makeMatrix(3, 1, (i) => [1, 2, 3][i]!)
    const edges = { edges: Float64Array.of(1, 2), starts: Int32Array.of(0, 2) }
    const bins = new Uint8Array(12)
    await native.binRows(x, ranges(0, 3), edges, { bins, columns: 1 }, 1)
    assert.deepEqual([bins[0], bins[4], bins[8]], [0, 1, 2])
  })

  test('wrong room and wrong starts are refused', () => {
    const x = mixedMatrix(10, 2)
    const edges = { edges: new Float64Array(2), starts: Int32Array.of(0, 1, 2) }
    const bin = (bins: Uint8Array, columns: number, more: Partial<BinEdges> = {}): unknown =>
      native.binRows(x, ranges(0, 10), { ...edges, ...more }, { bins, columns }, 1)
    assert.throws(() => bin(new Uint8Array(39), 2), { code: 'ERR_SHAPE' })
    assert.throws(() => bin(new Uint8Array(36), 2), { code: 'ERR_SHAPE' })
    assert.throws(() => bin(new Uint8Array(40), 3), { code: 'ERR_SHAPE' })
    assert.throws(() => bin(new Uint8Array(40), 2, { starts: Int32Array.of(0, 2, 1) }), {
      code: 'ERR_INDEX',
    })
    assert.throws(() => bin(new Uint8Array(40), 2, { starts: Int32Array.of(0, 255, 255) }), {
      code: 'ERR_INDEX',
    })
    assert.throws(() => bin(new Uint8Array(40), 2, { starts: Int32Array.of(0, 1, 3) }), {
      code: 'ERR_SHAPE',
    })
    assert.throws(() => native.findEdges(x, ranges(0, 10), null, 256, null, 1), {
      code: 'ERR_INDEX',
    })
  })
})

describe('columns with categories', () => {
  test('have the most frequent values, of equally frequent ones the lower; others are missing', async () => {
    for (const n of [500, 70_000]) {
      const random = randomNumbers(n)
      const values = Float64Array.from({ length: n }, () => {
        const value = Math.floor(600 * random() ** 3) - 5
        return random() < 0.02 ? Number.NaN : value === 0 && random() < 0.5 ? -0 : value
      })
      const weights = values.map((_, i) => i % 5)
      const x = makeMatrix(n, 2, (i, j) => (j === 0 ? i % 7 : values[i]!))
      for (const maxBins of [3, 255]) {
        const counts = new Map<number, number>()
        for (const [i, value] of values.entries())
          if (weights[i] !== 0 && !Number.isNaN(value))
            counts.set(value + 0, (counts.get(value + 0) ?? 0) + 1)
        const expected = [...counts]
          .sort((a, b) => b[1] - a[1] || a[0] - b[0])
          .slice(0, Math.min(maxBins, 254))
          .map(([value]) => value)
          .sort((a, b) => a - b)
        const categorical = Int32Array.of(1)
        for (const threads of [1, 3]) {
          const rows = ranges(0, n)
          const found = await native.findEdges(x, rows, weights, maxBins, categorical, threads)
          assert.deepEqual(columnsOf(found)[1], expected)
          const bins = new Uint8Array(4 * n)
          const edges = { ...found, categorical }
          await native.binRows(x, rows, edges, { bins, columns: 2 }, threads)
          for (let i = 0; i < n; i++) {
            const at = expected.indexOf(values[i]! + 0)
            if (bins[4 * i + 1] !== (at === -1 ? 255 : at)) assert.fail(`row ${i}`)
          }
        }
      }
    }
  })

  test('numbers of columns that do not ascend, or are too large, are refused', () => {
    const x = makeMatrix(9, 2, () => 1)
    for (const wrong of [[2], [-1], [1, 1], [1, 0]])
      assert.throws(() => native.findEdges(x, ranges(0, 9), null, 9, Int32Array.from(wrong), 1), {
        code: 'ERR_INDEX',
      })
  })
})
