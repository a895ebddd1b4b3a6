/** Writes predictions of some rows to the caller's or a new array. */

import { array, NDArray, type Rows, toRowNumbers, zeros } from '../../arrays/index.ts'
import {
  allRows,
  requireArray,
  requireAttached,
  requireRows,
  sharesElement,
} from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { FloatArray, PredictOptions } from './estimator.ts'
import { toFloat64 } from '../inputs/row-vectors.ts'

/** An array, or columns of a table: something with rows that are taken without a copy. */
interface RowSource<M> {
  readonly shape: readonly number[]
  rows(start: number, stop: number): M
}

/**
 * Writes values of some rows of `X` to the same rows of `out`. Other rows keep their values.
 */
export type WriteRows<M = NDArray> = (X: M, rows: Rows, out: NDArray) => Promise<void>

/**
 * Implements {@link PredictOptions} for a `predict` or `transform` that can write rows.
 *
 * @param X - values, shape (n, d)
 * @param rowShape - shape of the values of one row: [] for one number, [m] for m of them
 * @returns `options.out`, or a new float64 array with one row for every chosen row
 * @throws OneCopyError `ERR_SHAPE` when `out` doesn't fit, `ERR_DETACHED` when its memory was moved away
 */
export async function fillRows<M extends RowSource<M>>(
  X: M,
  rowShape: readonly number[],
  options: PredictOptions,
  write: WriteRows<M>,
): Promise<FloatArray> {
  const n = X.shape[0]!
  const { out } = options
  const rows = requireRows(options.rows, n)
  if (out !== undefined) {
    requireOutput(out, [n, ...rowShape])
    const predict = (own: PredictOptions): Promise<FloatArray> => fillRows(X, rowShape, own, write)
    if (X instanceof NDArray && sharesElement(X, out)) return writeLater(X, options, predict)
    await write(X, rows, out)
    requireAttached(out)
    return out
  }
  if ('ranges' in rows && rows.ranges.length <= 1) {
    const [start, stop] = rows.ranges[0] ?? [0, 0]
    const filled = zeros([stop - start, ...rowShape], 'float64')
    await write(X.rows(start, stop), allRows(stop - start), filled)
    return filled
  }
  const sparse = zeros([n, ...rowShape], 'float64')
  await write(X, rows, sparse)
  return gather(sparse, toRowNumbers(rows))
}

/**
 * Predicts to an `out` that shares memory with `X`: all rows are predicted before the first one is written.
 *
 * @param options - with `out`
 * @param predict - returns one row for every chosen row
 * @returns `options.out`
 */
export async function writeLater(
  X: NDArray,
  { out, ...others }: PredictOptions,
  predict: (options: PredictOptions) => Promise<FloatArray>,
): Promise<FloatArray> {
  const target = out!
  const n = X.shape[0]!
  const found = await predict(others)
  requireOutput(target, [n, ...found.shape.slice(1)])
  requireAttached(target)
  const values = found.toTypedArray()
  const m = found.shape[1] ?? 1
  const [rowStride, columnStride = 1] = target.strides as [number, number?]
  let source = 0
  for (const row of toRowNumbers(requireRows(others.rows, n))) {
    let at = target.offset + row * rowStride
    for (let k = 0; k < m; k++, at += columnStride) target.data[at] = Number(values[source++])
  }
  return target
}

/**
 * Refuses an `out` in memory that a model keeps and reads, which predictions would change.
 *
 * @param kept - by the names of learned values
 * @throws OneCopyError `ERR_OVERLAP`
 */
export function requireApart(
  model: object,
  out: NDArray | undefined,
  kept: Readonly<Record<string, NDArray>>,
): void {
  if (!(out instanceof NDArray)) return
  const name = Object.keys(kept).find((one) => sharesElement(out, kept[one]!))
  if (name === undefined) return
  throw new OneCopyError(
    'ERR_OVERLAP',
    `Expected \`out\` to share no memory with \`${name}\`, which ${model.constructor.name} reads in every prediction, got a view of the same elements. Give an array of its own.`,
    { details: { name } },
  )
}

/**
 * Checks an array that predictions are written to.
 *
 * @throws OneCopyError `ERR_SHAPE` or `ERR_DTYPE`
 */
export function requireOutput(out: NDArray, shape: readonly number[]): asserts out is FloatArray {
  requireArray(out, '`out`')
  if (out.ndim !== shape.length || shape.some((length, axis) => out.shape[axis] !== length)) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`out\` to have shape (${shape.join(', ')}), one row for every row of \`X\`, got (${out.shape.join(', ')}).`,
      { details: { expected: [...shape], shape: [...out.shape] } },
    )
  }
  if (!isFloatArray(out)) {
    throw new OneCopyError(
      'ERR_DTYPE',
      `Expected \`out\` to be float64 or float32, got ${out.dtype}.`,
      { details: { dtype: out.dtype } },
    )
  }
}

/** Predictions of any dtype as floats: floats themselves, others copied to float64. */
export function toFloats(values: NDArray): FloatArray {
  if (isFloatArray(values)) return values
  return array(toFloat64(values.toTypedArray()), { shape: [...values.shape] })
}

function isFloatArray(values: NDArray): values is FloatArray {
  return values.dtype === 'float64' || values.dtype === 'float32'
}

/** Picks rows of a C-contiguous float64 array into a new one. */
function gather(values: NDArray<'float64'>, numbers: Int32Array): NDArray<'float64'> {
  const width = values.shape.slice(1).reduce((product, length) => product * length, 1)
  const picked = zeros([numbers.length, ...values.shape.slice(1)], 'float64')
  const [from, to] = [values.data, picked.data]
  for (let i = 0, at = 0; i < numbers.length; i++) {
    const first = numbers[i]! * width
    for (let k = 0; k < width; k++) to[at++] = from[first + k]!
  }
  return picked
}
