/** Columns that lie apart, for trees: the same edges, bins and predictions as of one matrix. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import {
  type BinEdges,
  type KernelColumns,
  type KernelMatrix,
  native,
} from '../../src/native/index.ts'
import { at, dtypes, makeMatrix, numbers, randomNumbers, ranges } from './matrices.ts'

/** Small whole numbers, which every dtype holds, and a column of codes. */
function makeColumns(n: number): { apart: KernelColumns; together: KernelMatrix } {
  const random = randomNumbers(n)
  const list = dtypes.map((dtype, j) => ({
    ...makeMatrix(n, 1, () => Math.floor(random() * (dtype === 'bool' ? 2 : 100)), {
      dtype,
      layout: j % 2 === 0 ? 'rows' : 'gaps',
    }),
  }))
  const lookup = Float64Array.of(7, NaN, -3, 2.5)
  const codes = makeMatrix(n, 1, () => Math.floor(random() * 5) - 1, { dtype: 'int8' })
  const together = makeMatrix(n, list.length + 1, (i, j) => {
    if (j < list.length) return at(list[j]!, i, 0)
    const code = at(codes, i, 0)
    return code < 0 ? NaN : lookup[code]!
  })
  return { apart: { rows: n, list: [...list, { ...codes, lookup }] }, together }
}

const categorical = Int32Array.of(dtypes.length)

async function binsOf(x: KernelMatrix | KernelColumns, n: number, edges: BinEdges) {
  const columns = dtypes.length + 1
  const bins = new Uint8Array(n * Math.ceil(columns / 4) * 4)
  await native.binRows(x, ranges(0, n), { ...edges, categorical }, { bins, columns }, 2)
  return bins
}

describe('columns that lie apart', () => {
  for (const n of [1, 300, 40_000]) {
    test(`${n} rows of every dtype and of codes have the edges and bins of a matrix`, async () => {
      const { apart, together } = makeColumns(n)
      const rows =
        n === 300 ? numbers(...Array.from({ length: 200 }, (_, i) => 299 - i)) : ranges(0, n)
      const weights = n === 300 ? Float64Array.from({ length: n }, (_, i) => i % 3) : null
      const [edges, expected] = await Promise.all(
        [apart, together].map((x) => native.findEdges(x, rows, weights, 64, categorical, 2)),
      )
      assert.deepEqual(edges, expected)
      assert.deepEqual(await binsOf(apart, n, edges!), await binsOf(together, n, edges!))
    })
  }

  test('a code that stands for nothing is refused', async () => {
    const codes = makeMatrix(3, 1, (i) => i, { dtype: 'int8' })
    const x = { rows: 3, list: [{ ...codes, lookup: Float64Array.of(0, 1) }] }
    const expected = {
      code: 'ERR_FORMAT',
      message:
        'Expected codes below 2, the number of categories, in a column of the table, got 2. Its codes or its categories are damaged.',
    }
    await assert.rejects(native.findEdges(x, ranges(0, 3), null, 8, null, 1), expected)
    await assert.rejects(
      native.findEdges(
        { rows: 3, list: [{ ...codes, lookup: new Float64Array() }] },
        ranges(0, 3),
        null,
        8,
        null,
        1,
      ),
      { code: 'ERR_FORMAT' },
    )
  })

  test('lists of columns of other lengths, of several columns and of none are refused', () => {
    const find = (rows: number, list: readonly KernelMatrix[]) => () =>
      native.findEdges({ rows, list }, ranges(0, rows), null, 8, null, 1)
    const column = makeMatrix(3, 1, (i) => i)
    assert.throws(find(3, [column, makeMatrix(4, 1, (i) => i)]), { code: 'ERR_SHAPE' })
    assert.throws(find(3, [makeMatrix(3, 2, (i) => i)]), { code: 'ERR_SHAPE' })
    assert.throws(find(3, []), { code: 'ERR_SHAPE' })
    assert.throws(find(3, [{ ...column, rows: 3, offset: column.data.length - 1 }]), {
      code: 'ERR_SHAPE',
    })
  })
})
