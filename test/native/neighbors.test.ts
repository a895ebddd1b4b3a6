/** Nearest neighbours, by the tree and by comparison with all, against a naive search. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import {
  native,
  type KernelMatrix,
  type KernelRows,
  type NeighborLists,
  type NeighborMeans,
  type NeighborSearch,
  type NeighborTree,
} from '../../src/native/index.ts'
import {
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

type Problem = Partial<NeighborSearch> & Pick<NeighborSearch, 'points'>
type Way = 'tree' | 'all'

const ways: readonly Way[] = ['tree', 'all']

function everyRow(matrix: KernelMatrix): KernelRows {
  return ranges(0, matrix.rows)
}

async function buildTree(
  points: KernelMatrix,
  rows: KernelRows,
  { scale = new Float64Array(points.columns).fill(1), threads = 2 } = {},
): Promise<NeighborTree> {
  const order = Int32Array.from(listRows(rows))
  const nodes = native.treeNodes(order.length)
  const boxes = new Float64Array(nodes * 2 * points.columns)
  const tree = { order, boxes, least: new Int32Array(nodes) }
  await native.buildTree(points, scale, tree, threads)
  return tree
}

async function complete(problem: Problem, way: Way): Promise<NeighborSearch> {
  const { points } = problem
  const queries = problem.queries ?? points
  const search = {
    pointRows: everyRow(points),
    queries,
    queryRows: everyRow(queries),
    scale: new Float64Array(points.columns).fill(1),
    p: 2,
    labels: null,
    skip: -1,
    neighbors: 3,
    ...problem,
  }
  return { ...search, tree: way === 'tree' ? await buildTree(points, search.pointRows) : null }
}

function emptyLists({ queryRows, neighbors }: NeighborSearch): NeighborLists {
  const length = listRows(queryRows).length * neighbors
  return { rows: new Int32Array(length), squares: new Float64Array(length) }
}

async function find(problem: Problem, way: Way, threads = 2): Promise<NeighborLists> {
  const search = await complete(problem, way)
  const lists = emptyLists(search)
  await native.findNeighbors(search, lists, threads)
  return lists
}

/** The formula, one operation after the other: a squared distance, or the distance itself of another metric. */
function squareBetween(search: NeighborSearch, point: number, query: number): number {
  const { p } = search
  let sum = 0
  for (let j = 0; j < search.points.columns; j++) {
    const z = (at(search.points, point, j) - at(search.queries, query, j)) * search.scale[j]!
    if (p === Infinity) sum = Math.max(sum, Math.abs(z))
    else sum += p === 2 ? z * z : p === 1 ? Math.abs(z) : Math.abs(z) ** p
  }
  return p === 2 || p === 1 || p === Infinity ? sum : sum ** (1 / p)
}

function isPassedOver({ labels, skip, skips }: NeighborSearch, row: number): boolean {
  const label = labels === null ? row : labels[row]!
  if (skips !== undefined && skips !== null) return ((skips[label >> 3]! >> (label % 8)) & 1) === 1
  return labels !== null && label === skip
}

/** Bits for some labels. */
function bitsOf(labels: readonly number[], bytes: number): Uint8Array {
  const bits = new Uint8Array(bytes)
  for (const label of labels) bits[label >> 3]! |= 1 << (label % 8)
  return bits
}

function naive(search: NeighborSearch): NeighborLists {
  const { neighbors } = search
  const lists = emptyLists(search)
  const allowed = listRows(search.pointRows!).filter((row) => !isPassedOver(search, row))
  for (const [i, query] of listRows(search.queryRows).entries()) {
    const sorted = allowed
      .map((row) => ({ row, square: squareBetween(search, row, query) }))
      .sort((a, b) => a.square - b.square || a.row - b.row)
    for (let k = 0; k < neighbors; k++) {
      lists.rows[i * neighbors + k] = sorted[k]!.row
      lists.squares[i * neighbors + k] = sorted[k]!.square
    }
  }
  return lists
}

/** Both ways and any number of threads give what the naive search gives, to the last bit. */
async function assertNeighbors(problem: Problem, what: string): Promise<void> {
  const expected = naive(await complete(problem, 'all'))
  for (const way of ways) {
    for (const threads of [1, 2, 4]) {
      const got = await find(problem, way, threads)
      assert.deepEqual(got.rows, expected.rows, `rows of ${what}, ${way}, ${threads} threads`)
      assert.deepEqual(got.squares, expected.squares, `squares of ${what}, ${way}`)
    }
  }
}

function randomPoints(rows: number, columns: number, seed = 1): KernelMatrix {
  const random = randomNumbers(seed)
  return makeMatrix(rows, columns, () => random() * 4 - 2)
}

describe(`nearest neighbours (${native.simdLevel()})`, () => {
  for (const [rows, columns, neighbors] of [
    [1, 1, 1],
    [5, 3, 5],
    [63, 2, 1],
    [64, 1, 4],
    [65, 7, 2],
    [129, 4, 30],
    [500, 16, 7],
    [257, 26, 3],
    [131, 49, 131],
  ] as const) {
    test(`${neighbors} of ${rows} points of ${columns} columns are those of a naive search`, () =>
      assertNeighbors({ points: randomPoints(rows, columns), neighbors }, 'points'))
  }

  for (const p of [1, Infinity]) {
    for (const [rows, columns, neighbors] of [
      [65, 1, 4],
      [300, 3, 5],
      [131, 17, 40],
    ] as const) {
      test(`by the metric of order ${p}: ${neighbors} of ${rows} x ${columns}`, async () => {
        await assertNeighbors({ points: randomPoints(rows, columns), p, neighbors }, 'points')
        const grid = makeMatrix(rows, columns, (i, j) => (i * (j + 3)) % 4)
        const scale = Float64Array.from({ length: columns }, (_, j) => (j % 3) + 0.5)
        await assertNeighbors({ points: grid, p, neighbors, scale }, 'points with ties')
      })
    }
  }

  test('by metrics of any order: the nearest rows, and the same bytes by both ways', async () => {
    for (const p of [1.5, 3, 40]) {
      const problem = { points: randomPoints(300, 4), p, neighbors: 6 }
      const expected = naive(await complete(problem, 'all'))
      const [tree, all] = [await find(problem, 'tree'), await find(problem, 'all')]
      assert.deepEqual(tree, all)
      assert.deepEqual(all.rows, expected.rows)
      for (const [i, distance] of all.squares.entries())
        assert.ok(
          Math.abs(distance - expected.squares[i]!) <= 1e-14 * distance,
          `${p}: ${distance}`,
        )
    }
  })

  test('by other metrics, rows near and far that powers can not hold', async () => {
    for (const p of [1, 3, 50, Infinity]) {
      for (const size of [1e-290, 1e-30, 1e200, 1e306]) {
        const points = makeMatrix(9, 2, (i, j) => (j === 0 ? i * i : i % 3) * size)
        const search = { points, p, neighbors: 4, queryRows: ranges(0, 3) }
        const near = { ...search, points: makeMatrix(9, 2, (i, j) => (j === 0 ? i * i : i % 3)) }
        for (const way of ways)
          assert.deepEqual(
            (await find(search, way)).rows,
            (await find(near, way)).rows,
            `${p}, ${size}`,
          )
      }
    }
  })

  test('within a distance: means, shares and counts of a naive search', async () => {
    for (const p of [1, 2, 3, Infinity]) {
      const points = makeMatrix(200, 3, (i, j) => (i * (j + 5)) % 7)
      const search = { ...(await complete({ points, p }, 'all')), radius: 2 }
      const weights = Float64Array.from({ length: 200 }, (_, i) => (i % 4) / 2)
      const codes = Uint16Array.from({ length: 200 }, (_, i) => i % 3)
      const targets = makeMatrix(200, 2, (i, j) => i * (j + 1))
      const labels = Uint16Array.from({ length: 200 }, (_, i) => i % 5)
      for (const byDistance of [false, true]) {
        const results = []
        for (const way of ways) {
          const { tree } = await complete({ points, p }, way)
          const given = { ...search, tree, labels, skip: 1 }
          const answer = { weights, byDistance, counts: new Int32Array(200) }
          const means = { ...answer, targets, means: new Float64Array(400) }
          const shares = { ...answer, codes, classes: 3, means: new Float64Array(600) }
          await native.findWithin(given, means, 2)
          await native.findWithin(given, shares, way === 'tree' ? 1 : 3)
          results.push([means.means, shares.means, means.counts])
        }
        assert.deepEqual(results[0], results[1])
        const [means, shares, counts] = results[0] as [Float64Array, Float64Array, Int32Array]
        for (const query of [0, 77, 199]) {
          const found = Array.from({ length: 200 }, (_, row) => {
            const power = squareBetween(search, row, query)
            return { row, distance: p === 2 ? Math.sqrt(power) : power }
          }).filter(({ row, distance }) => distance <= 2 + 1e-12 && labels[row] !== 1)
          const hasExact = byDistance && found.some(({ distance }) => distance === 0)
          let [total, sum] = [0, 0]
          const votes = [0, 0, 0]
          for (const { row, distance } of found) {
            if (hasExact && distance > 0) continue
            const weight = weights[row]! / (byDistance && !hasExact ? distance : 1)
            total += weight
            sum += weight * row
            votes[codes[row]!]! += weight
          }
          assert.equal(counts[query], found.length)
          assert.ok(Math.abs(means[2 * query + 1]! - (2 * sum) / total) < 1e-9)
          for (const [code, vote] of votes.entries())
            assert.ok(Math.abs(shares[3 * query + code]! - vote / total) < 1e-12)
        }
      }
    }
  })

  test('queries may be other rows than the points, in any order and twice', () =>
    assertNeighbors(
      {
        points: randomPoints(200, 5),
        pointRows: ranges(3, 90, 120, 200),
        queries: randomPoints(40, 5, 2),
        queryRows: numbers(39, 0, 7, 7, 12),
      },
      'other rows',
    ))

  test('points may be listed by number', () =>
    assertNeighbors({ points: randomPoints(99, 3), pointRows: numbers(98, 3, 50, 7) }, 'numbers'))

  for (const dtype of dtypes) {
    test(`${dtype} values are searched in place`, () => {
      const random = randomNumbers(3)
      const value =
        dtype === 'bool' ? () => (random() < 0.5 ? 0 : 1) : () => Math.floor(random() * 90)
      return assertNeighbors({ points: makeMatrix(150, 5, value, { dtype }) }, dtype)
    })
  }

  for (const layout of Object.keys(layouts) as Layout[]) {
    test(`matrices whose layout is '${layout}' are searched in place`, () => {
      const random = randomNumbers(4)
      const points = makeMatrix(140, 3, random, { layout })
      return assertNeighbors({ points, queries: makeMatrix(9, 3, random, { layout }) }, layout)
    })
  }

  test('shared memory is searched like private memory', () => {
    const random = randomNumbers(5)
    return assertNeighbors({ points: makeMatrix(80, 2, random, { shared: true }) }, 'shared memory')
  })

  test('points at the same distance come in the order of their rows', () =>
    assertNeighbors(
      { points: makeMatrix(729, 3, (i, j) => Math.floor(i / 9 ** j) % 9), neighbors: 12 },
      'a grid',
    ))

  test('points that are all the same come in the order of their rows', async () => {
    await assertNeighbors({ points: makeMatrix(1000, 2, () => 0.1), neighbors: 4 }, 'one place')
    const search = await complete({ points: makeMatrix(20000, 2, () => 0.1) }, 'tree')
    const distances = await native.findNeighbors(search, emptyLists(search), 2)
    assert.ok(distances < 20000 * 200, `${distances} distances`)
  })

  test('duplicates of a few places are found by their rows', () =>
    assertNeighbors(
      { points: makeMatrix(600, 4, (i, j) => ((i % 7) * (j + 1)) % 5) },
      'duplicates',
    ))

  for (const columns of [2, 20]) {
    test(`points of ${columns} columns with the label of the queries are passed over`, async () => {
      const points = randomPoints(300, columns)
      const labels = Uint16Array.from({ length: 300 }, (_, row) => row % 3)
      for (let skip = -1; skip < 4; skip++)
        await assertNeighbors({ points, labels, skip }, `label ${skip}`)
    })

    test(`points of ${columns} columns with several labels are passed over, or of chosen rows`, async () => {
      const points = randomPoints(300, columns)
      const labels = Uint16Array.from({ length: 300 }, (_, row) =>
        row % 2 === 0 ? row % 7 : 65_535,
      )
      for (const skipped of [[], [3], [0, 2, 65_535], [4, 5, 6]])
        await assertNeighbors(
          { points, labels, skips: bitsOf(skipped, 8192) },
          `labels ${skipped.join()}`,
        )
      const rows = Array.from({ length: 200 }, (_, i) => Math.floor(1.5 * i))
      await assertNeighbors({ points, skips: bitsOf(rows, 38) }, 'chosen rows')
    })
  }

  test('places where all points are passed over are left out', async () => {
    // Two clouds side by side, one for each label: the neighbours of a point lie in the other one.
    const random = randomNumbers(5)
    const points = makeMatrix(700, 2, (i, j) => (j === 0 ? (i % 2) * 0.5 : random() * 4))
    const labels = Uint16Array.from({ length: 700 }, (_, row) => row % 2)
    for (const skip of [0, 1]) await assertNeighbors({ points, labels, skip }, `label ${skip}`)
    const queryRows = ranges(0, 30)
    await assertNeighbors({ points, labels, skip: 1, queryRows }, 'few queries')
    const near = makeMatrix(700, 2, (i) => (i % 2) * 0.5)
    await assertNeighbors({ points: near, labels, skip: 1, neighbors: 40 }, 'equal points')
  })

  for (const neighbors of [15, 16, 17, 18]) {
    test(`${neighbors} neighbours, points at the same distance among them`, () =>
      assertNeighbors(
        { points: makeMatrix(300, 2, (i, j) => (j === 0 ? i % 13 : i % 3)), neighbors },
        'a lattice',
      ))
  }

  test('every query set has its own scale, and a column of scale 0 does not count', async () => {
    const points = randomPoints(400, 6)
    for (const scale of [
      [1, 2, 4, 8, 16, 32],
      [0, 0, 1e-3, 1e3, 0, 1 / 3],
      [0, 0, 0, 0, 0, 0],
    ])
      await assertNeighbors({ points, scale: Float64Array.from(scale) }, `scale ${scale.join()}`)
  })

  for (const size of [2 ** -900, 2 ** -540, 2 ** 520, 2 ** 1000]) {
    test(`values of size ${size} have the neighbours that they have near 1`, async () => {
      const near = randomNumbers(7)
      const expected = await find({ points: makeMatrix(300, 3, near) }, 'all')
      for (const way of ways) {
        const far = randomNumbers(7)
        const got = await find({ points: makeMatrix(300, 3, () => far() * size) }, way)
        assert.deepEqual(got.rows, expected.rows, way)
      }
    })
  }

  for (const size of [1e-130, 1e-40, 1e-20, 1e18, 1e19, 1e30, 1e150]) {
    test(`values of size ${size} lose no neighbour to float32`, async () => {
      const random = randomNumbers(6)
      const mixed = makeMatrix(200, 18, (i) => (random() - 0.5) * (i % 9 === 0 ? size : 1))
      await assertNeighbors({ points: makeMatrix(200, 18, () => (random() - 0.5) * size) }, 'all')
      await assertNeighbors({ points: mixed }, 'some')
    })
  }

  test('a cloud far from the origin, and two far from each other, lose no neighbour', async () => {
    const random = randomNumbers(7)
    const far = makeMatrix(300, 17, () => 1e9 + random())
    const two = makeMatrix(300, 17, (i) => (i % 2 === 0 ? 1e6 : -1e6) + random())
    await assertNeighbors({ points: far }, 'one cloud')
    await assertNeighbors({ points: two }, 'two clouds')
  })

  test('a tree is the same for any number of threads', async () => {
    const points = randomPoints(5000, 3)
    const [first, ...others] = await Promise.all(
      [1, 2, 3, 8].map((threads) => buildTree(points, everyRow(points), { threads })),
    )
    for (const tree of others) assert.equal(bytesOf(tree), bytesOf(first!))
  })

  test('a tree that was built for one scale is exact for another', async () => {
    const points = randomPoints(500, 4)
    const scale = Float64Array.of(1e-6, 1, 1e6, 0)
    const search = {
      ...(await complete({ points }, 'all')),
      tree: await buildTree(points, everyRow(points), { scale }),
    }
    const lists = emptyLists(search)
    await native.findNeighbors(search, lists, 2)
    assert.equal(bytesOf(lists), bytesOf(naive(search)))
  })

  test('a tree in few columns leaves most distances out', async () => {
    const search = await complete({ points: randomPoints(20000, 2) }, 'tree')
    const distances = await native.findNeighbors(search, emptyLists(search), 2)
    assert.ok(distances < 20000 * 400, `${distances} distances`)
  })
})

describe(`means of neighbours (${native.simdLevel()})`, () => {
  const points = randomPoints(120, 3)
  const targets = makeMatrix(120, 2, (i, j) => Math.sin(i + j), { layout: 'columns' })
  const weights = Float64Array.from({ length: 120 }, (_, i) => 1 + (i % 4))

  async function means(
    answer: Partial<NeighborMeans>,
    problem: Partial<Problem> = {},
  ): Promise<KernelMatrix> {
    const search = await complete(
      { points, queryRows: ranges(10, 70), neighbors: 5, ...problem },
      'tree',
    )
    const out = makeMatrix(120, 4, () => 77)
    await native.findNeighbors(
      search,
      { targets, weights: null, byDistance: false, out, outColumn: 1, ...answer },
      2,
    )
    return answer.out ?? out
  }

  /** Means of the lists that the search gives, rows 10 to 70. */
  async function assertMeans(out: KernelMatrix, weigh: (row: number, square: number) => number) {
    const lists = await find({ points, queryRows: ranges(10, 70), neighbors: 5 }, 'all')
    for (let i = 0; i < 60; i++) {
      for (let target = 0; target < 2; target++) {
        let [sum, total] = [0, 0]
        for (let k = i * 5; k < i * 5 + 5; k++) {
          const weight = weigh(lists.rows[k]!, lists.squares[k]!)
          sum += weight * at(targets, lists.rows[k]!, target)
          total += weight
        }
        assert.equal(at(out, 10 + i, 1 + target), sum / total, `row ${10 + i}, target ${target}`)
      }
    }
  }

  test('all neighbours count the same, and other rows and columns stay as they are', async () => {
    const out = await means({})
    await assertMeans(out, () => 1)
    for (let i = 0; i < 120; i++)
      for (let j = 0; j < 4; j++)
        if (i < 10 || i >= 70 || j === 0 || j === 3) assert.equal(at(out, i, j), 77)
  })

  test('neighbours count what their weights say', async () =>
    assertMeans(await means({ weights }), (row) => weights[row]!))

  test('by distance, a query that is a point has its own target', async () =>
    assertMeans(await means({ byDistance: true }), (_, square) => (square === 0 ? 1 : 0)))

  test('by distance, nearer neighbours count more', async () => {
    const labels = Uint16Array.from({ length: 120 }, (_, row) => row)
    for (const row of [10, 42]) {
      const problem = { points, labels, skip: row, queryRows: numbers(row), neighbors: 5 }
      const lists = await find(problem, 'all')
      const out = await means({ byDistance: true, weights }, problem)
      let [sum, total] = [0, 0]
      for (const [k, near] of lists.rows.entries()) {
        const weight = weights[near]! / Math.sqrt(lists.squares[k]!)
        sum += weight * at(targets, near, 0)
        total += weight
      }
      assert.equal(at(out, row, 1), sum / total)
    }
  })

  test('predictions are rounded once when they go to float32', async () => {
    const double = await means({})
    const single = await means({ out: makeMatrix(120, 4, () => 77, { dtype: 'float32' }) })
    assert.equal(at(single, 33, 2), Math.fround(at(double, 33, 2)))
  })
})

for (const way of ways) {
  test(`worker.terminate() stops a search of minutes (${way})`, async () => {
    const source = `
      import { native } from ${JSON.stringify(new URL('../../src/native/index.ts', import.meta.url).href)}
      import { parentPort } from 'node:worker_threads'
      const [rows, columns] = [2 ** 18, 64]
      const data = Float64Array.from({ length: rows + columns }, (_, i) => Math.sin(i * i))
      const points = { data, dtype: 'float64', offset: 0, rows, columns, rowStride: 1, columnStride: 1 }
      const scale = new Float64Array(columns).fill(1)
      const all = { ranges: Float64Array.of(0, rows) }
      const nodes = native.treeNodes(rows)
      const tree = { order: Int32Array.from({ length: rows }, (_, i) => i),
        boxes: new Float64Array(nodes * 2 * columns), least: new Int32Array(nodes) }
      if (${way === 'tree'}) await native.buildTree(points, scale, tree, 2)
      const search = { points, queries: points, pointRows: all, queryRows: all, scale,
        tree: ${way === 'tree' ? 'tree' : 'null'}, labels: null, skip: -1, p: 2, neighbors: 1 }
      const lists = { rows: new Int32Array(rows), squares: new Float64Array(rows) }
      native.findNeighbors(search, lists, 2).catch(() => {})
      parentPort.postMessage('runs')
    `
    const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`))
    await once(worker, 'message')
    assert.equal(await worker.terminate(), 1)
  })
}

describe('what a neighbour search refuses', () => {
  const points = randomPoints(100, 3)
  const holed = (value: number) => makeMatrix(100, 3, (i, j) => (i === 70 && j === 2 ? value : i))

  for (const value of [Number.NaN, Infinity, -Infinity]) {
    for (const way of ways) {
      test(`${value} among the points (${way})`, async () => {
        await assert.rejects(find({ points: holed(value) }, way), {
          code: 'ERR_VALUE',
          message:
            `Expected finite numbers, got ${value} in \`X\` at row 70, column 2 (counted from 0). ` +
            'Leave such rows out, or fill in their values first.',
        })
        await find(
          { points: holed(value), pointRows: ranges(0, 70), queryRows: ranges(0, 70) },
          way,
        )
      })
      test(`${value} among the queries (${way})`, () =>
        assert.rejects(find({ points, queries: holed(value) }, way), { code: 'ERR_VALUE' }))
    }
  }

  for (const way of ways) {
    test(`more neighbours than points (${way})`, () =>
      assert.rejects(find({ points, neighbors: 101 }, way), {
        code: 'ERR_ROWS',
        message:
          'Expected at least 101 points to choose neighbours from, got 100. Use fewer neighbours or more rows.',
      }))

    test(`more neighbours than points of other labels (${way})`, () => {
      const labels = Uint16Array.from({ length: 100 }, (_, row) => (row < 60 ? 1 : 2))
      return assert.rejects(find({ points, labels, skip: 1, neighbors: 41 }, way), {
        code: 'ERR_ROWS',
        message: /got 40\./,
      })
    })
  }

  for (const [what, wrong] of [
    ['a scale that is too short', { scale: new Float64Array(2) }],
    ['labels that are too short', { labels: new Uint16Array(99) }],
    ['bits for too few labels', { labels: new Uint16Array(100), skips: new Uint8Array(13) }],
    ['bits for too few rows', { skips: new Uint8Array(12) }],
    ['queries of other columns', { queries: randomPoints(4, 2) }],
    ['no columns', { points: makeMatrix(3, 0, () => 0) }],
  ] as const) {
    test(what, () => assert.rejects(find({ points, ...wrong }, 'all'), { code: 'ERR_SHAPE' }))
  }

  test('query rows outside the queries', () =>
    assert.rejects(find({ points, queryRows: numbers(100) }, 'all'), { code: 'ERR_INDEX' }))

  test('labels and orders of another type', async () => {
    const search = await complete({ points }, 'tree')
    const wrong = { ...search, labels: new Int32Array(100) as unknown as Uint16Array }
    assert.throws(() => native.findNeighbors(wrong, emptyLists(search), 1), TypeError)
  })

  test('a tree whose memory is too small for its points', async () => {
    const tree = await buildTree(points, everyRow(points))
    const search = {
      ...(await complete({ points }, 'all')),
      tree: { ...tree, boxes: new Float64Array(1) },
    }
    assert.throws(() => native.findNeighbors(search, emptyLists(search), 1), { code: 'ERR_SHAPE' })
  })

  test('a tree whose rows lie outside the points', async () => {
    const tree = await buildTree(points, everyRow(points))
    tree.order.fill(1e6)
    const search = { ...(await complete({ points }, 'all')), tree }
    await assert.rejects(native.findNeighbors(search, emptyLists(search), 1), { code: 'ERR_INDEX' })
  })

  test('lists that are too short', async () => {
    const search = await complete({ points }, 'all')
    const lists = { rows: new Int32Array(299), squares: new Float64Array(300) }
    assert.throws(() => native.findNeighbors(search, lists, 1), { code: 'ERR_SHAPE' })
  })
})
