/** Arrays and rows in the form that native kernels take. */

import { OneCopyError } from '../../errors.ts'
import type { KernelMatrix, KernelRows } from '../../native/index.ts'
import { type Elements, requireAttached } from '../layout/elements.ts'
import type { NDArray } from './ndarray.ts'
import { requireArray } from './require-array.ts'
import type { Rows } from './row-selection.ts'

/**
 * An array as a matrix for a native kernel, without a copy.
 *
 * @param array - shape (n, d), or (n), which becomes (n, 1)
 * @throws OneCopyError `ERR_SHAPE` for any other number of axes, `ERR_DETACHED` when its memory is gone
 */
export function kernelMatrix(array: Elements): KernelMatrix {
  const { data, dtype, shape, strides, offset } = array
  if (shape.length !== 1 && shape.length !== 2)
    throw wrongAxes('the array', 'one or two axes', shape)
  requireAttached(array)
  return {
    data,
    dtype,
    offset,
    rows: shape[0]!,
    columns: shape[1] ?? 1,
    rowStride: strides[0]!,
    columnStride: strides[1] ?? 1,
  }
}

/** Rows in the form that native kernels take. */
export function kernelRows(rows: Rows): KernelRows {
  if ('numbers' in rows) return { numbers: rows.numbers }
  const ranges = new Float64Array(2 * rows.ranges.length)
  for (const [i, [start, stop]] of rows.ranges.entries()) ranges.set([start, stop], 2 * i)
  return { ranges }
}

/**
 * Returns the shape of a matrix.
 *
 * @param array - any array
 * @param name - what error texts call it
 * @throws TypeError when it is no array; OneCopyError `ERR_SHAPE` when it doesn't have two axes
 */
export function requireMatrix(array: NDArray, name = 'the matrix'): [n: number, d: number] {
  const { shape } = requireArray(array, name)
  if (shape.length === 2) return [shape[0]!, shape[1]!]
  const advice =
    ' A single row has shape (1, d), as after reshape(1, -1) or in [[1, 2]]; ' +
    'a single column has shape (n, 1), as after reshape(-1, 1) or in [[1], [2]].'
  throw wrongAxes(name, 'shape (n, d)', shape, shape.length === 1 ? advice : '')
}

/**
 * Returns the length of a vector.
 *
 * @param array - any array
 * @param name - what error texts call it
 * @throws TypeError when it is no array; OneCopyError `ERR_SHAPE` when it doesn't have one axis
 */
export function requireVector(array: NDArray, name = 'the vector'): number {
  const { shape } = requireArray(array, name)
  if (shape.length === 1) return shape[0]!
  throw wrongAxes(name, 'shape (n)', shape)
}

function wrongAxes(
  name: string,
  expected: string,
  shape: readonly number[],
  advice = '',
): OneCopyError {
  return new OneCopyError(
    'ERR_SHAPE',
    `Expected ${name} to have ${expected}, got shape [${shape.join(', ')}].${advice}`,
  )
}
