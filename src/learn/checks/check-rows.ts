/** Checks of row subsets, weights and given output. */

import { array, rowRanges, toRowNumbers, type NDArray, type Rows } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import {
  checkProblem,
  promise,
  promiseClose,
  valuesOf,
  type EstimatorCheck,
} from './check-subject.ts'

const someRows: readonly Rows[] = [
  rowRanges([[5, 33]]),
  rowRanges([
    [0, 9],
    [14, 15],
    [21, 40],
  ]),
  rowNumbers(Int32Array.from({ length: 25 }, (_, i) => (i * 7) % 40)),
]

/** Checks of row subsets, weights and `out`. */
export const rowChecks: readonly EstimatorCheck[] = [
  {
    name: 'fitting on selected rows gives the same result as fitting on copies of them',
    async run(subject) {
      const { X, y } = checkProblem()
      for (const rows of someRows) {
        const chosen = await subject.fit(X, y, { rows })
        const copied = await subject.fit(takeRows(X, rows), takeRows(y, rows))
        promiseClose(await chosen.answer(X), await copied.answer(X))
      }
    },
  },
  {
    name: 'selected rows give the same results as copies of them, in their order',
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer } = await subject.fit(X, y)
      for (const rows of someRows) {
        promiseClose(await answer(X, { rows }), await answer(takeRows(X, rows)))
      }
    },
  },
  {
    name: 'row numbers, a mask and ranges select the same rows',
    async run(subject) {
      const { X, y } = checkProblem()
      const ranges = await subject.fit(X, y, { rows: rowRanges([[5, 33]]) })
      const expected = await ranges.answer(X, { rows: rowRanges([[5, 33]]) })
      const mask = Array.from({ length: 40 }, (_, row) => row >= 5 && row < 33)
      const list = Array.from({ length: 28 }, (_, i) => i + 5)
      for (const rows of [list, Int32Array.from(list), mask, array(mask)]) {
        const { answer } = await subject.fit(X, y, { rows })
        promiseClose(await answer(X, { rows }), expected)
      }
    },
  },
  {
    name: 'the result for a row does not depend on the other rows',
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer } = await subject.fit(X, y)
      const all = await answer(X)
      for (let i = 0; i < 40; i++) {
        promiseClose(await answer(X.rows(i, i + 1)), all.rows(i, i + 1), 1e-12)
      }
    },
  },
  {
    name: 'results are written only to the selected rows of `out`',
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer } = await subject.fit(X, y)
      const all = await answer(X)
      for (const rows of someRows) {
        const out = array(new Float64Array(all.size).fill(-77), { shape: all.shape })
        promise((await answer(X, { rows, out })) === out, 'Expected `out` itself.')
        const written = new Set(toRowNumbers(rows))
        for (let i = 0; i < 40; i++) {
          const row = valuesOf(out.rows(i, i + 1))
          if (written.has(i)) promiseClose(out.rows(i, i + 1), all.rows(i, i + 1), 1e-12)
          else
            promise(
              row.every((value) => value === -77),
              `Row ${i} of \`out\` was written.`,
            )
        }
      }
    },
  },
  {
    name: '`out` may be float32 and have strides',
    async run(subject) {
      const { X, y } = checkProblem()
      const { answer } = await subject.fit(X, y)
      const all = await answer(X)
      const spaced = array(new Float32Array(all.size * 2), { shape: [...all.shape, 2] })
      const out = spaced.slice(...all.shape.map(() => null), 1)
      promiseClose(await answer(X, { out }), all, 1e-6)
      promise(String(valuesOf(out)) !== String(new Float64Array(all.size)), '`out` is empty.')
    },
  },
  {
    name: 'weights as a list work like a Float64Array',
    async run(subject) {
      const { X, y } = checkProblem()
      const list = Array.from({ length: 40 }, (_, i) => i % 3)
      const expected = await subject.fit(X, y, { weights: Float64Array.from(list) })
      const { answer } = await subject.fit(X, y, { weights: list })
      promiseClose(await answer(X), await expected.answer(X))
    },
  },
  {
    name: 'a weight of 2 counts a row twice, a weight of 0 not at all',
    async run(subject) {
      const { X, y } = checkProblem()
      const weights = Float64Array.from({ length: 40 }, (_, i) => i % 3)
      const weighted = await subject.fit(X, y, { weights })
      const repeated = rowNumbers(
        Int32Array.from(
          Array.from(weights, (weight, i) => Array(weight).fill(i) as number[]).flat(),
        ),
      )
      const copied = await subject.fit(takeRows(X, repeated), takeRows(y, repeated))
      promiseClose(await weighted.answer(X), await copied.answer(X))
    },
  },
]

/** Copies rows. */
function takeRows(values: NDArray, rows: Rows): NDArray<'float64'> {
  const numbers = toRowNumbers(rows)
  const taken = Array.from(numbers, (i) => [...valuesOf(values.rows(i, i + 1))]).flat()
  return array(Float64Array.from(taken), { shape: [numbers.length, ...values.shape.slice(1)] })
}
