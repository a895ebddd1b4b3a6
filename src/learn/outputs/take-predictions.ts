/** Takes the predictions of a learner, also when it ignores `out`. */

import { NDArray, type Rows, toRowNumbers } from '../../arrays/index.ts'
import { allRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { toFloat64 } from '../inputs/row-vectors.ts'

/**
 * Copies what a learner returned into `out`, unless it is `out` itself.
 *
 * @param returned - `out`, or an array with a prediction for every row of `rows`, in their order, or for every
 *   row of `X`
 * @param out - array for the predictions, shape (n) or (n, m): one row for every row of `X`
 * @param rows - rows that were to be predicted; default: all
 * @param method - the learner's method that returned it; default: `'predict'`
 * @throws TypeError when `returned` is no array, OneCopyError `ERR_SHAPE` when it has another shape
 */
export function takePredictions(
  returned: unknown,
  out: NDArray,
  rows: Rows = allRows(out.shape[0]!),
  method = 'predict',
): void {
  if (returned === out) return
  const [n, m] = out.shape as [number, number?]
  const numbers = toRowNumbers(rows)
  const refuse = (got: string): string => explain(method, got, [numbers.length, n], m)
  if (!(returned instanceof NDArray)) throw new TypeError(refuse(show(returned)))
  const { shape } = returned
  const isAll = shape[0] === n
  // A single target may be returned as a vector.
  const fits =
    shape.length === 1 ? (m ?? 1) === 1 : shape.length === 2 && m !== undefined && shape[1] === m
  if (!fits || (shape[0] !== numbers.length && !isAll)) {
    throw new OneCopyError('ERR_SHAPE', refuse(`shape (${shape.join(', ')})`), {
      details: {
        expected: m === undefined ? [numbers.length] : [numbers.length, m],
        shape: [...shape],
      },
    })
  }
  // Copied first, because it may be a view of `out`.
  const values = toFloat64(returned.copy().toTypedArray())
  const onlyRows = shape[0] === numbers.length
  for (let i = 0; i < numbers.length; i++) {
    const row = numbers[i]!
    const from = onlyRows ? i : row
    if (m === undefined) out.set(values[from]!, row)
    else for (let k = 0; k < m; k++) out.set(values[from * m + k]!, row, k)
  }
}

function explain(
  method: string,
  got: string,
  [count, n]: readonly [number, number],
  m: number | undefined,
): string {
  const shapeOf = (rows: number): string => (m === undefined ? `(${rows})` : `(${rows}, ${m})`)
  const shapes = count === n ? shapeOf(n) : `${shapeOf(count)} or ${shapeOf(n)}`
  return (
    `Expected ${method}() to return \`out\`, or an array of shape ${shapes}, got ${got}. ` +
    'Write the predictions to `out` and return it.'
  )
}
