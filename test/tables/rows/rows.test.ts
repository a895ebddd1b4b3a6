/** Selections, groups and orders against a naive reading of the table. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, toRowNumbers } from '../../../src/arrays/index.ts'
import {
  aggregate,
  CategoryColumn,
  type Column,
  type Condition,
  copyRows,
  countValues,
  crossCounts,
  describeTable,
  findRows,
  groupRows,
  matchRows,
  NumberColumn,
  sampleRows,
  sortRows,
  Table,
  TextColumn,
} from '../../../src/tables/index.ts'
import { compareCells, plainValue, randomTable, withThreads } from './random-table.ts'

const runs = { numRuns: 150 }

function cellOf(column: Column, row: number): unknown {
  if (column.isMissing(row)) return null
  const value = column.get(row)
  return value instanceof Date ? value.getTime() : value === 0 ? 0 : value
}

/** Conditions that go with a column: values from it, and bounds. */
function conditionFor(table: Table, name: string): fc.Arbitrary<Condition> {
  const column = table.column(name)
  const values = [
    ...(column.kind === 'number' ? [0, 0.5, -1, 2n ** 53n, Infinity, -Infinity, 2n ** 63n] : []),
    ...(column.kind === 'category' ? ['a', 'c', ''] : []),
    ...(column.kind === 'boolean' ? [true] : []),
    ...(column.kind === 'date' ? [new Date(0), new Date(1)] : []),
  ]
  for (let row = 0; row < Math.min(5, table.rows); row++)
    if (!column.isMissing(row)) values.push(column.get(row) as never)
  const value = fc.constantFrom(...values)
  const ranges = fc.record(
    { from: value, to: value, above: value, below: value },
    { requiredKeys: ['from'] },
  )
  const list = fc.array(fc.oneof(value, fc.constant(null)), { maxLength: 12 })
  const plain =
    column.kind === 'boolean'
      ? fc.oneof(value, fc.constant(null), list)
      : fc.oneof(value, fc.constant(null), list, ranges)
  return plain.map((one) => ({ [name]: one }))
}

function isWithin(table: Table, row: number, condition: Condition): boolean {
  return Object.entries(condition).every(([name, wanted]) => {
    if (name === 'and') return (wanted as Condition[]).every((one) => isWithin(table, row, one))
    if (name === 'or') return (wanted as Condition[]).some((one) => isWithin(table, row, one))
    if (name === 'not') return !isWithin(table, row, wanted as Condition)
    const column = table.column(name)
    const cell = column.isMissing(row) ? null : column.get(row)
    const value = (cell instanceof Date ? cell.getTime() : cell) as number | null
    const plain = (x: unknown): number => (x instanceof Date ? x.getTime() : x) as number
    if (Array.isArray(wanted))
      return wanted.some((one) => plain(one) == value && (one === null) === (value === null))
    if (typeof wanted !== 'object' || wanted === null || wanted instanceof Date)
      return value === null ? wanted === null : wanted !== null && plain(wanted) == value
    if (value === null) return false
    const { from, to, above, below } = wanted as Record<string, unknown>
    return (
      (from === undefined || value >= plain(from)) &&
      (to === undefined || value <= plain(to)) &&
      (above === undefined || value > plain(above)) &&
      (below === undefined || value < plain(below))
    )
  })
}

test('findRows finds what a test of each cell finds, as data and as a function, for 1, 2 and 7 threads', async () => {
  const cases = randomTable(['x', 'y']).chain((table) =>
    fc
      .tuple(conditionFor(table, 'x'), conditionFor(table, 'y'), fc.integer({ min: 0, max: 5 }))
      .map(([a, b, form]) => {
        const forms: Condition[] = [
          a,
          { ...a, ...b },
          { or: [a, b] },
          { not: a },
          { and: [a, { not: { or: [b, a] } }] },
          {},
        ]
        return { table, condition: forms[form]! }
      }),
  )
  await fc.assert(
    fc.asyncProperty(cases, async ({ table, condition }) => {
      const expected = Array.from({ length: table.rows }, (_, row) => row).filter((row) =>
        isWithin(table, row, condition),
      )
      for (const rows of await withThreads(() => findRows(table, condition)))
        assert.deepEqual([...toRowNumbers(rows)], expected)
      const numbers = new Set(expected)
      let row = 0
      const same = await findRows(table, () => numbers.has(row++))
      assert.deepEqual([...toRowNumbers(same)], expected)
    }),
    runs,
  )
})

test('sortRows orders as a stable sort of cells does, missing ones last, for 1, 2 and 7 threads', async () => {
  const cases = fc.tuple(randomTable(['x', 'y']), fc.boolean(), fc.boolean())
  await fc.assert(
    fc.asyncProperty(cases, async ([table, first, second]) => {
      const [x, y] = [table.column('x'), table.column('y')]
      const expected = Array.from({ length: table.rows }, (_, row) => row).sort(
        (a, b) => compareCells(x, a, b, first) || compareCells(y, a, b, second),
      )
      const by = [
        { name: 'x', descending: first },
        { name: 'y', descending: second },
      ]
      for (const order of await withThreads(() => sortRows(table, by)))
        assert.deepEqual(order.toArray(), expected)
      const rows = Int32Array.from(expected.filter((row) => row % 3 !== 1)).reverse()
      const some = await sortRows(table, by, { rows })
      const stable = [...rows].sort(
        (a, b) => compareCells(x, a, b, first) || compareCells(y, a, b, second),
      )
      assert.deepEqual(some.toArray(), stable)
    }),
    runs,
  )
})

test('groupRows makes the groups of a naive map, in the order of their keys, for 1, 2 and 7 threads', async () => {
  await fc.assert(
    fc.asyncProperty(randomTable(['x', 'y']), fc.boolean(), async (table, isSome) => {
      const columns = [table.column('x'), table.column('y')]
      const all = Array.from({ length: table.rows }, (_, row) => row)
      const rows = isSome ? all.filter((row) => row % 3 !== 1) : all
      const sorted = rows.toSorted((a, b) => {
        for (const column of columns) {
          const order = compareCells(column, a, b)
          if (order !== 0) return order
        }
        return a - b
      })
      const expected: number[][] = []
      for (const row of sorted) {
        const last = expected.at(-1)
        const isSame =
          last !== undefined && columns.every((one) => compareCells(one, last[0]!, row) === 0)
        if (isSame) last.push(row)
        else expected.push([row])
      }
      const options = isSome ? { rows } : {}
      for (const groups of await withThreads(() => groupRows(table, ['x', 'y'], options))) {
        assert.deepEqual(
          [...groups].map((one) => [...toRowNumbers(one.rows)]),
          expected,
        )
        assert.deepEqual(
          [...groups.sizes],
          expected.map((one) => one.length),
        )
        for (const [g, [row]] of expected.entries())
          assert.deepEqual(groups.key(g), { x: columns[0]!.get(row!), y: columns[1]!.get(row!) })
      }
    }),
    runs,
  )
})

test('groups of keys in runs are ranges, and have the rows that a list of numbers has', async () => {
  const rows = 40_000
  const codes = Int8Array.from({ length: rows }, (_, i) => Math.floor(i / 9000) % 3)
  const table = new Table([new CategoryColumn('chromosome', array(codes), ['1', '2', 'X'])])
  const groups = await groupRows(table, 'chromosome')
  assert.equal(groups.isRanges, true)
  assert.deepEqual(groups.rows(0), {
    ranges: [
      [0, 9000],
      [27_000, 36_000],
    ],
  })
  assert.deepEqual([...groups.sizes], [18_000, 13_000, 9000])
})

test('aggregate computes what sums over the rows of each group give, for 1, 2 and 7 threads', async () => {
  const cases = fc.tuple(
    randomTable(['k', 'x']),
    randomTable(['x'], ['float64', 'int32', 'int64', 'uint64', 'float32']),
  )
  await fc.assert(
    fc.asyncProperty(
      cases,
      async ([
        {
          rows,
          columns: [k],
        },
        other,
      ]) => {
        const size = Math.min(rows, other.rows)
        const table = new Table([k!.rows(0, size), other.column('x').rows(0, size)])
        const x = table.column('x', 'number')
        const groups = await groupRows(table, 'k')
        const results = await withThreads(() =>
          aggregate(groups, { x: ['count', 'sum', 'mean', 'std', 'min', 'max'] }),
        )
        for (const result of results) {
          for (const [g, group] of [...groups].entries()) {
            const present = [...toRowNumbers(group.rows)].filter((row) => !x.isMissing(row))
            const values = present.map((row) => plainValue(x, row))
            const get = (name: string): unknown => result.column(`x_${name}`).get(g)
            assert.equal(get('count'), values.length)
            const isWide = typeof values[0] === 'bigint'
            const sum = isWide
              ? Number((values as bigint[]).reduce((a, b) => a + b, 0n))
              : (values as number[]).reduce((a, b) => a + b, 0)
            near(get('sum'), sum)
            near(get('mean'), sum / values.length)
            const least = present.toSorted((a, b) => compareCells(x, a, b) || a - b)[0]
            assert.equal(result.column('x_min').isMissing(g), least === undefined)
            if (least !== undefined) assert.deepEqual(zero(get('min')), zero(x.get(least)))
            const most = present.toSorted((a, b) => -compareCells(x, a, b) || a - b)[0]
            if (most !== undefined) assert.deepEqual(zero(get('max')), zero(x.get(most)))
            const numbers = values.map(Number)
            const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length
            const squares = numbers.reduce((a, v) => a + (v - mean) ** 2, 0)
            if (Number.isFinite(squares))
              near(get('std'), values.length < 2 ? NaN : Math.sqrt(squares / (values.length - 1)))
          }
          for (const column of result.columns)
            assert.deepEqual(column.toArray(), results[0]!.column(column.name).toArray())
        }
      },
    ),
    runs,
  )
})

function zero(value: unknown): unknown {
  return value === 0 ? 0 : value
}

function near(got: unknown, expected: number): void {
  const value = got as number
  if (Object.is(zero(value), zero(expected)) || (Number.isNaN(expected) && Number.isNaN(value)))
    return
  assert.ok(
    Math.abs(value - expected) <= 1e-9 * Math.max(1, Math.abs(expected)),
    `${value} is not ${expected}`,
  )
}

test('matchRows finds the row of each key that a map finds, and refuses keys that occur twice', async () => {
  const cases = fc.tuple(randomTable(['a', 'b']), fc.infiniteStream(fc.boolean()))
  await fc.assert(
    fc.asyncProperty(cases, async ([left]) => {
      const columns = left.columns
      const keyOf = (row: number): string | undefined =>
        columns.some((one) => one.isMissing(row))
          ? undefined
          : columns.map((one) => String(cellOf(one, row))).join('|')
      const firsts = new Map<string, number>()
      for (let row = 0; row < left.rows; row++) {
        const key = keyOf(row)
        if (key !== undefined && !firsts.has(key) && row % 2 === 0) firsts.set(key, row)
      }
      const chosen = [...firsts.values()].reverse()
      const right = await copyRows(left, chosen)
      const expected = Array.from({ length: left.rows }, (_, row) => {
        const key = keyOf(row)
        return key === undefined ? -1 : chosen.indexOf(firsts.get(key) ?? -1)
      })
      for (const found of await withThreads(() => matchRows(left, right, ['a', 'b'])))
        assert.deepEqual(found.toArray(), expected)
      if (chosen.length === 0) return
      const twice = await copyRows(left, [...chosen, chosen[0]!])
      await assert.rejects(matchRows(left, twice, ['a', 'b']), { code: 'ERR_VALUE' })
    }),
    runs,
  )
})

test('matchRows compares numbers across dtypes exactly, and texts across categories', async () => {
  const ids = new NumberColumn('id', array([2n ** 53n + 1n, 7n, -1n], { dtype: 'int64' }))
  const floats = new NumberColumn('id', array([2 ** 53, 7, 7.5, -1]))
  assert.deepEqual(
    (await matchRows(new Table([floats]), new Table([ids]), 'id')).toArray(),
    [-1, 1, -1, 2],
  )
  const left = new Table([
    new CategoryColumn('city', array([0, 1, -1], { dtype: 'int8' }), ['Rome', 'Oslo']),
  ])
  const right = new Table([
    new CategoryColumn('name', array([0, 1], { dtype: 'int8' }), ['Oslo', 'Rome']),
  ])
  assert.deepEqual((await matchRows(left, right, { city: 'name' })).toArray(), [1, 0, -1])
})

test('copyRows copies every cell, of ranges and numbers, with texts', async () => {
  await fc.assert(
    fc.asyncProperty(randomTable(['x', 'y']), async ({ columns, rows }) => {
      const texts = Array.from({ length: rows }, (_, i) => (i % 3 === 0 ? null : 'ä'.repeat(i % 5)))
      const table = new Table([...columns, TextColumn.from('t', texts)], rows)
      const numbers = Array.from({ length: rows }, (_, i) => (i * 7) % rows)
      for (const chosen of [numbers, { ranges: [[0, rows >> 1] as const] }]) {
        const list = [...toRowNumbers(chosen)]
        for (const copy of await withThreads(() => copyRows(table, chosen))) {
          assert.equal(copy.rows, list.length)
          for (const column of table.columns)
            for (const [i, row] of list.entries()) {
              const copied = copy.column(column.name)
              assert.equal(copied.isMissing(i), column.isMissing(row))
              assert.deepEqual(copied.get(i), column.get(row))
            }
        }
      }
    }),
    { numRuns: 60 },
  )
})

test('describeTable gives exact quartiles, counts and extremes', async () => {
  await fc.assert(
    fc.asyncProperty(randomTable(['x', 'y']), async (table) => {
      const [first, ...others] = await withThreads(() => describeTable(table))
      for (const other of others) assert.deepEqual(other, first)
      for (const [c, about] of first!.entries()) {
        const column = table.columns[c]!
        const present = Array.from({ length: table.rows }, (_, row) => row).filter(
          (row) => !column.isMissing(row),
        )
        assert.equal(about.count, present.length)
        assert.equal(about.missing, table.rows - present.length)
        assert.equal(about.distinct, new Set(present.map((row) => cellOf(column, row))).size)
        if (about.quartiles === undefined) continue
        const sorted = present.map((row) => Number(plainValue(column, row))).sort((a, b) => a - b)
        for (const [q, got] of about.quartiles.entries()) {
          const at = ((sorted.length - 1) * (q + 1)) / 4
          const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
          const expected =
            sorted.length === 0 ? NaN : low === high ? low : low + (high - low) * (at % 1)
          assert.equal(zero(got), zero(expected))
        }
      }
    }),
    runs,
  )
})

test('T24: countValues and crossCounts count codes as a map of values does', async () => {
  await fc.assert(
    fc.asyncProperty(randomTable(['x', 'y']), async (table) => {
      const [x, y] = [table.column('x'), table.column('y')]
      const counted = new Map<unknown, number>()
      const pairs = new Map<string, number>()
      const showPair = (a: unknown, b: unknown): string => `${String(a)}|${String(b)}`
      for (let row = 0; row < table.rows; row++) {
        const [a, b] = [cellOf(x, row), cellOf(y, row)]
        counted.set(a, (counted.get(a) ?? 0) + 1)
        pairs.set(showPair(a, b), (pairs.get(showPair(a, b)) ?? 0) + 1)
      }
      for (const counts of await withThreads(() => countValues(x))) {
        const got = Array.from({ length: counts.rows }, (_, i) => [
          cellOf(counts.column('x'), i),
          counts.column('count').get(i),
        ])
        assert.deepEqual(new Map(got as [unknown, number][]), counted)
        const sizes = got.filter(([value]) => value !== null).map(([, size]) => size as number)
        assert.deepEqual(
          sizes,
          sizes.toSorted((a, b) => b - a),
        )
      }
      const cross = await crossCounts(x, y)
      const plain = (value: unknown): unknown =>
        value instanceof Date
          ? value.getTime()
          : Number.isNaN(value)
            ? null
            : value === 0
              ? 0
              : value
      for (const [i, a] of cross.rowKeys.entries())
        for (const [j, b] of cross.columnKeys.entries())
          assert.equal(cross.counts.get(i, j), pairs.get(showPair(plain(a), plain(b))) ?? 0)
    }),
    runs,
  )
})

test('sampleRows chooses different rows, the same ones for the same seed, each as often as others', () => {
  const table = new Table([new NumberColumn('x', array(new Float64Array(20)))])
  const times = new Float64Array(20)
  for (let seed = 0; seed < 4000; seed++) {
    const rows = [...toRowNumbers(sampleRows(table, 5, { seed }))]
    assert.deepEqual(rows, [...toRowNumbers(sampleRows(table, 5, { seed }))])
    assert.equal(new Set(rows).size, 5)
    assert.deepEqual(
      rows,
      rows.toSorted((a, b) => a - b),
    )
    for (const row of rows) times[row]!++
  }
  // Binomial with a standard deviation of 27.
  for (const count of times) assert.ok(Math.abs(count - 1000) < 140, String([...times]))
  assert.deepEqual([...toRowNumbers(sampleRows(table, 2, { rows: [3, 1] }))], [3, 1])
  assert.throws(() => sampleRows(table, 21), {
    message: 'Expected a number of rows from 0 to 20, as many as there are, got 21.',
  })
})

test('T10: after a filter, only groups with rows come back', async () => {
  const codes = array(Int8Array.of(0, 1, 2, 1, 0))
  const table = new Table([new CategoryColumn('k', codes, ['a', 'b', 'c', 'never'])])
  const rows = await findRows(table, { k: ['b', 'c'] })
  const groups = await groupRows(table, 'k', { rows })
  assert.deepEqual(
    [...groups].map(({ key, size }) => [key.k, size]),
    [
      ['b', 2],
      ['c', 1],
    ],
  )
})

test('results of many rows are the same bytes for 1, 2 and 7 threads', async () => {
  const rows = 300_001
  const x = Float64Array.from({ length: rows }, (_, i) => Math.sin(i * i) * 10 ** (i % 9))
  const k = Int16Array.from({ length: rows }, (_, i) => (i * 7919) % 1000)
  const wide = BigInt64Array.from(k, (v, i) => BigInt(v) * 2n ** 40n + BigInt(i % 3))
  const table = new Table([
    new NumberColumn('x', array(x)),
    new NumberColumn('k', array(k)),
    new NumberColumn('w', array(wide)),
  ])
  const results = await withThreads(async () => {
    const groups = await groupRows(table, ['k', 'w'])
    const sums = await aggregate(groups, { x: ['mean', 'std', 'sum'] })
    const found = await findRows(table, { x: { from: 0 }, k: [1, 5, 999] })
    return {
      order: (await sortRows(table, ['x', 'w'])).toArray(),
      groups: [...groups.sizes],
      sums: sums.columns.map((column) => column.toArray()),
      found: [...toRowNumbers(found)],
      described: await describeTable(table),
    }
  })
  const order = results[0]!.order as number[]
  assert.equal(results[0]!.groups.length, 3000)
  for (let i = 1; i < rows; i++) assert.ok(x[order[i - 1]!]! <= x[order[i]!]!)
  for (const other of results.slice(1)) assert.deepEqual(other, results[0])
})

test('errors say what was expected, and the way out', async () => {
  const table = new Table([
    new NumberColumn('age', array([1, 2])),
    TextColumn.from('note', ['a', 'b']),
    new CategoryColumn('city', array(Int8Array.of(0, 9)), ['Rome']),
  ])
  await assert.rejects(findRows(table, { ages: 1 }), {
    code: 'ERR_INDEX',
    message:
      "Expected names of columns, `and`, `or` or `not` in the condition, got 'ages'. Did you mean 'age'?",
  })
  await assert.rejects(findRows(table, { age: 'x' }), {
    name: 'TypeError',
    message: "Expected numbers in the condition for column 'age', got 'x'.",
  })
  await assert.rejects(findRows(table, { age: NaN }), /NaN is a missing value: write null/)
  await assert.rejects(
    findRows(table, { age: { min: 1 } as never }),
    /Expected `from`, `to`, `above` or `below`/,
  )
  await assert.rejects(
    groupRows(table, 'note'),
    /table\.column\('note', 'text'\)\.toCategories\(\)/,
  )
  await assert.rejects(findRows(table, { city: 'Rome' }), { code: 'ERR_FORMAT' })
  await assert.rejects(
    findRows(table, () => 1 as never),
    /Expected true or false from the condition for row 0, got 1/,
  )
})
