/** Linear predictions against a naive sum. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { native, type KernelMatrix, type KernelRows } from '../../src/native/index.ts'
import {
  assertNear,
  at,
  dtypes,
  layouts,
  listRows,
  makeMatrix,
  numbers,
  randomNumbers,
  ranges,
  type Layout,
} from './matrices.ts'

interface Models {
  coefficients: Float64Array
  intercepts: Float64Array
}

function makeModels(count: number, columns: number, random: () => number): Models {
  return {
    coefficients: Float64Array.from({ length: count * columns }, () => random() - 0.5),
    intercepts: Float64Array.from({ length: count }, () => random()),
  }
}

/** Predicts into `out` and compares all of it: what should have changed, and what should not. */
async function assertPredictions(
  x: KernelMatrix,
  rows: KernelRows,
  { coefficients, intercepts }: Models,
  out: KernelMatrix,
  outColumns: number[],
): Promise<void> {
  const before = out.data.slice()
  const columns = Int32Array.from(outColumns)
  await native.affinePredict(x, rows, coefficients, intercepts, out, columns, 2)
  const expected = before
  const exact = out.dtype === 'float64' ? 1e-14 : 1e-7
  const sizes = new Map<number, number>()
  for (const i of listRows(rows)) {
    for (const [l, column] of outColumns.entries()) {
      let [sum, size] = [intercepts[l]!, Math.abs(intercepts[l]!)]
      for (let j = 0; j < x.columns; j++) {
        sum += at(x, i, j) * coefficients[l * x.columns + j]!
        size += Math.abs(at(x, i, j) * coefficients[l * x.columns + j]!)
      }
      const place = out.offset + i * out.rowStride + column * out.columnStride
      expected[place] = sum
      sizes.set(place, size)
    }
  }
  for (const [place, value] of expected.entries()) {
    const size = sizes.get(place) ?? 0
    assertNear(Number(out.data[place]), Number(value), size * exact, `element ${place}`)
  }
}

describe(`affinePredict (${native.simdLevel()})`, () => {
  const random = randomNumbers(2)

  test('every number of columns and models', async () => {
    for (const d of [0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 50]) {
      for (const models of [0, 1, 2, 3, 5]) {
        const n = 130 + d
        const x = makeMatrix(n, d, () => random())
        const out = makeMatrix(n, models + 1, () => 7)
        const columns = Array.from({ length: models }, (_, l) => models - l)
        await assertPredictions(x, ranges(0, n), makeModels(models, d, random), out, columns)
      }
    }
  })

  test('rows that are not asked for are left alone', async () => {
    const x = makeMatrix(300, 6, () => random())
    for (const rows of [ranges(), ranges(1, 2, 100, 250), numbers(299, 3, 3, 0)]) {
      const out = makeMatrix(300, 3, () => 7, { layout: 'gaps' })
      await assertPredictions(x, rows, makeModels(2, 6, random), out, [2, 0])
    }
  })

  for (const layout of Object.keys(layouts) as Layout[]) {
    test(`into float64 and float32, layout ${layout}`, async () => {
      for (const dtype of ['float64', 'float32'] as const) {
        const x = makeMatrix(90, 5, () => random(), { layout })
        const out = makeMatrix(90, 4, () => 7, { dtype, layout, shared: true })
        await assertPredictions(x, ranges(4, 90), makeModels(3, 5, random), out, [0, 1, 3])
      }
    })
  }

  test('from every element type', async () => {
    for (const dtype of dtypes) {
      const x = makeMatrix(70, 9, (i, j) => (dtype === 'bool' ? (i + j) % 2 : i + j), { dtype })
      const out = makeMatrix(70, 1, () => 0)
      await assertPredictions(x, ranges(0, 70), makeModels(1, 9, random), out, [0])
    }
  })

  test('NaN and infinities pass through', async () => {
    const values = [NaN, Infinity, -Infinity, -0]
    const x = makeMatrix(4, 2, (i, j) => (j === 0 ? values[i]! : 1))
    const out = makeMatrix(4, 1, () => 0)
    await native.affinePredict(
      x,
      ranges(0, 4),
      Float64Array.of(2, 0),
      Float64Array.of(1),
      out,
      Int32Array.of(0),
      1,
    )
    assert.deepEqual(
      [0, 1, 2, 3].map((i) => at(out, i, 0)),
      [NaN, Infinity, -Infinity, 1],
    )
  })

  test('a prediction depends on its row alone: any rows, models and threads, the same bytes', async () => {
    const n = 10_001
    const x = makeMatrix(n, 23, () => random())
    const { coefficients, intercepts } = makeModels(3, 23, random)
    const predict = async (rows: KernelRows, models: number[], threads: number) => {
      const out = makeMatrix(n, 3, () => 0)
      await native.affinePredict(
        x,
        rows,
        Float64Array.from(
          models.flatMap((l) => Array.from(coefficients.slice(l * 23, l * 23 + 23))),
        ),
        Float64Array.from(models, (l) => intercepts[l]!),
        out,
        Int32Array.from(models),
        threads,
      )
      return out
    }
    const all = await predict(ranges(0, n), [0, 1, 2], 1)
    for (const threads of [2, 3, 4])
      assert.deepEqual((await predict(ranges(0, n), [0, 1, 2], threads)).data, all.data)
    for (const models of [[0], [1], [2], [2, 0]]) {
      const some = await predict(ranges(777, 5001), models, 2)
      for (let i = 777; i < 5001; i++)
        for (const l of models) assert.equal(at(some, i, l), at(all, i, l))
    }
  })
})
