/** Exact quantiles in bounded memory: against sorting. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { array, type NDArray } from '../../../src/arrays/index.ts'
import { allRows, rowNumbers } from '../../../src/arrays/internal.ts'
import { columnQuantiles } from '../../../src/learn/statistics/quantiles.ts'
import { normalQuantile } from '../../../src/learn/statistics/normal-quantile.ts'

const fractions = [0, 0.1, 0.25, 0.5, 0.75, 1]

/** NumPy's default quantile of sorted values. */
function naive(sorted: Float64Array, fraction: number): number {
  const position = fraction * (sorted.length - 1)
  const low = sorted[Math.floor(position)]!
  const high = sorted[Math.min(Math.floor(position) + 1, sorted.length - 1)]!
  const share = position % 1
  if (share === 0) return low
  return share >= 0.5 ? high - (high - low) * (1 - share) : low + (high - low) * share
}

function sortedColumn(X: NDArray<'float64'>, column: number): Float64Array {
  return Float64Array.from(X.column(column).copy().toTypedArray(), (value) => value + 0).sort()
}

async function quantilesOf(X: NDArray): Promise<Float64Array[]> {
  const rows = allRows(X.shape[0]!)
  return columnQuantiles({ X, rows, weights: null, skipMissing: false }, fractions)
}

test('quantiles of small columns are those of sorted values', async () => {
  const value = fc.oneof(
    fc.double({ noNaN: true, min: -1e300, max: 1e300 }),
    fc.constantFrom(0, -0, 1, 5e-324, -5e-324, 1 + 2 ** -52, -1),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 40 }), async (values) => {
      const X = array(Float64Array.from(values), { shape: [values.length, 1] })
      const [found] = await quantilesOf(X)
      const expected = fractions.map((fraction) => naive(sortedColumn(X, 0), fraction))
      assert.deepEqual([...found!], expected)
    }),
    { seed: 1, numRuns: 300 },
  )
})

// More rows than are sorted at once, so that ranges of bits are counted first.
const n = 300_000
const columns: Record<string, (i: number) => number> = {
  'spread over all magnitudes': (i) => Math.sin(i) * 10 ** (((i * 7919) % 600) - 300),
  'few values': (i) => (i * 7919) % 5,
  'a constant': () => -3.5,
  'equal in all but their last bits': (i) => 1 + ((i * 7919) % n) * 2 ** -52,
  'negative, equal in their upper bits': (i) => -1 - ((i * 7919) % n) * 2 ** -52,
  'one outlier': (i) => (i === 17 ? 1e300 : (i % 1000) / 1000),
  'zeros of both signs': (i) => (i % 2 === 0 ? -0 : 0),
  uniform: (i) => ((i * 7919) % n) / n,
  'ninth, in a second group': (i) => i,
}

test('quantiles of long columns are those of sorted values', async () => {
  const makers = Object.values(columns)
  const d = makers.length
  const X = array(
    Float64Array.from({ length: n * d }, (_, at) => makers[at % d]!(Math.floor(at / d))),
    { shape: [n, d] },
  )
  const found = await quantilesOf(X)
  for (const [column, name] of Object.keys(columns).entries()) {
    const sorted = sortedColumn(X, column)
    const expected = fractions.map((fraction) => naive(sorted, fraction))
    assert.deepEqual([...found[column]!], expected, name)
  }
})

test('many ranks of a column longer than what is sorted at once', async () => {
  const length = 1_300_000
  const X = array(
    Float64Array.from({ length }, (_, i) => Math.sin(i)),
    { shape: [length, 1] },
  )
  const rows = allRows(length)
  const many = Array.from({ length: 101 }, (_, q) => q / 100)
  const [found] = await columnQuantiles({ X, rows, weights: null, skipMissing: false }, many)
  const sorted = sortedColumn(X, 0)
  assert.deepEqual(
    [...found!],
    many.map((fraction) => naive(sorted, fraction)),
  )
})

test('whole weights count repetitions, in short and in long columns', async () => {
  for (const length of [50, 200_000]) {
    const values = Float64Array.from({ length }, (_, i) => Math.cos(i * i))
    const weights = Float64Array.from({ length }, (_, i) => 1 + (i % 3))
    const repeated = Array.from(
      values,
      (value, i) => Array(weights[i]).fill(value) as number[],
    ).flat()
    const X = array(values, { shape: [length, 1] })
    const given = { X, rows: allRows(length), weights, skipMissing: false }
    const [weighted] = await columnQuantiles(given, fractions)
    const copies = array(Float64Array.from(repeated), { shape: [repeated.length, 1] })
    assert.deepEqual(weighted, (await quantilesOf(copies))[0])
  }
})

test('other weights may be scaled: quantiles stand where the cumulative weight passes the fraction', async () => {
  const X = array([[1], [2], [3], [4]])
  const given = (weights: number[]) => ({
    X,
    rows: rowNumbers(Int32Array.from([3, 1, 0, 2])),
    weights: Float64Array.from(weights),
    skipMissing: false,
  })
  const halves = await columnQuantiles(given([0.5, 0.5, 0.5, 0.5]), [0.5, 0.6])
  assert.deepEqual([...halves[0]!], [2.5, 3])
  const heavy = await columnQuantiles(given([0.1, 0.2, 0.1, 0.7]), [0, 0.5, 1])
  assert.deepEqual([...heavy[0]!], [1, 4, 4])
})

test('NaN is left out, or refused with its place', async () => {
  const X = array([[1], [Number.NaN], [3]])
  const rows = allRows(3)
  const skipped = await columnQuantiles({ X, rows, weights: null, skipMissing: true }, [0.5])
  assert.deepEqual([...skipped[0]!], [2])
  await assert.rejects(quantilesOf(X), {
    code: 'ERR_VALUE',
    message: /NaN in `X` at row 1, column 0/,
  })
  const infinite = array([[Number.NaN], [Infinity]])
  await assert.rejects(
    columnQuantiles({ X: infinite, rows: allRows(2), weights: null, skipMissing: true }, [0.5]),
    { code: 'ERR_VALUE', message: /Infinity in `X` at row 1, column 0/ },
  )
  const empty = array([[Number.NaN]])
  const none = await columnQuantiles(
    { X: empty, rows: allRows(1), weights: null, skipMissing: true },
    [0.5],
  )
  assert.equal(none[0]!.length, 0)
})

test('quantiles of the normal distribution have 15 digits', () => {
  const known: [number, number][] = [
    [0.25, -0.6744897501960817],
    [0.9, 1.2815515655446004],
    [0.001, -3.090232306167813],
    [1e-7, -5.1993375821928165],
    [1e-20, -9.262340089798407],
    [0.5, 0],
  ]
  for (const [p, x] of known)
    assert.ok(Math.abs(normalQuantile(p) - x) <= 2e-15 * Math.abs(x), `${p}`)
  assert.deepEqual([normalQuantile(0), normalQuantile(1)], [-Infinity, Infinity])
})
