/** Takes the predictions of a learner, also when it ignores `out`. */

import { NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'

/**
 * Copies what `predict` returned into `out`, unless it is `out` itself.
 *
 * @param returned - `out`, or an array with a prediction for every row of `rows`, in their order, or for every
 *   row of `X`
 * @param out - array for the predictions, shape (n): one element for every row of `X`
 * @param rows - rows that were to be predicted; default: all
 * @throws TypeError when `returned` is no array, OneCopyError `ERR_SHAPE` when it has another shape
 */
export function takePredictions(
  returned: unknown,
  out: NDArray,
  rows: Rows = allRows(out.shape[0]!),
): void {
  if (returned === out) return
  const [n] = out.shape as [number]
  const numbers = toRowNumbers(rows)
  if (!(returned instanceof NDArray))
    throw new TypeError(explain(show(returned), numbers.length, n))
  const { shape } = returned
  if (shape.length !== 1 || (shape[0] !== numbers.length && shape[0] !== n)) {
    throw new OneCopyError('ERR_SHAPE', explain(`shape (${shape.join(', ')})`, numbers.length, n), {
      details: { expected: [numbers.length], shape: [...shape] },
    })
  }
  // Copied first, because it may be a view of `out`.
  const values = Float64Array.from(returned.copy().toTypedArray(), Number)
  const onlyRows = values.length === numbers.length
  for (const [i, row] of numbers.entries()) out.set(values[onlyRows ? i : row]!, row)
}

function explain(got: string, rows: number, n: number): string {
  const shapes = rows === n ? `(${n})` : `(${rows}) or (${n})`
  return (
    `Expected predict() to return \`out\`, or an array of shape ${shapes}, got ${got}. ` +
    'Write the predictions to `out` and return it.'
  )
}
