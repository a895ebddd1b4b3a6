/** Checks the array that an operation writes its results to. */

import { OneCopyError } from '../../errors.ts'
import { type DType, itemSize } from '../layout/dtype.ts'
import { type Elements, requireAttached, zeroElements } from '../layout/elements.ts'
import { broadcastStrides, countElements, type Layout } from '../layout/layout.ts'
import { NDArray } from './ndarray.ts'
import { requireArray } from './require-array.ts'
import { memoryOf, sharesElement } from './shares-element.ts'

/** Where results go. */
export interface OutOptions<Out extends NDArray | undefined = NDArray | undefined> {
  /**
   * An array of the result's shape, of any layout, that takes the results; it may be an input. After an error it may be
   * written in part. Default: a new array in private memory.
   */
  readonly out?: Out
}

/**
 * Returns `out`, or a new array.
 *
 * @param form - what the result is
 * @param name - the function, for the error's text
 * @throws TypeError when it is no array; OneCopyError `ERR_SHAPE`, `ERR_DTYPE`, `ERR_DETACHED`
 */
export function requireOut(
  out: NDArray | undefined,
  { shape, dtype }: { readonly shape: readonly number[]; readonly dtype: DType },
  name: string,
): NDArray {
  if (out === undefined) return new NDArray(shape, dtype, zeroElements(dtype, shape).data)
  requireArray(out, '`out`')
  requireAttached(out)
  if (out.ndim !== shape.length || out.shape.some((length, axis) => length !== shape[axis]))
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`out\` of ${name} to have shape [${shape.join(', ')}], got [${out.shape.join(', ')}].`,
    )
  requireDistinct(out, name)
  if (canWrite(dtype, out.dtype)) return out
  throw new OneCopyError(
    'ERR_DTYPE',
    `Expected \`out\` of ${name} to have a dtype for ${dtype}, got ${out.dtype}. Convert the result with astype('${out.dtype}'${
      dtype.startsWith('float') || out.dtype.startsWith('float') ? ", { rounding: 'nearest' }" : ''
    }).`,
  )
}

/**
 * Whether results may be written to a dtype, whose range is checked for each: not floats to integers, nor integers to floats that round
 * them.
 */
function canWrite(from: DType, to: DType): boolean {
  if (from === to) return true
  if (to === 'bool') return false
  if (from.startsWith('float') || !to.startsWith('float'))
    return from.startsWith('float') === to.startsWith('float')
  return itemSize(from) < itemSize(to)
}

/** Refuses an array in which two indices are one element. */
function requireDistinct(out: NDArray, name: string): void {
  if (countElements(out.shape) === 0) return
  const axes = out.shape
    .map((length, axis) => ({ length, step: Math.abs(out.strides[axis]!) }))
    .filter(({ length }) => length > 1)
    .sort((a, b) => a.step - b.step)
  let reach = 0
  for (const { length, step } of axes) {
    if (step <= reach)
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected \`out\` of ${name} to have an element of its own for each result, got strides [${out.strides.join(', ')}] for shape [${out.shape.join(', ')}]. Use an array that is not broadcast.`,
      )
    reach += (length - 1) * step
  }
}

/**
 * An input as elements of the shape of `out`. When it shares memory with `out` in another order, it is copied first, so that no
 * result is read as an input.
 */
export function inputFor(input: NDArray, out: NDArray): Elements {
  const source = isSafe(input, out) ? input : input.copy()
  const { dtype, data, offset } = source
  return { dtype, data, offset, shape: out.shape, strides: broadcastStrides(source, out.shape) }
}

/** Whether results can be written while the input is read: each result takes the place of its own element, or of none. */
function isSafe(input: NDArray, out: NDArray): boolean {
  return hasSamePlace(input, out) || !sharesElement(input, out)
}

function hasSamePlace(a: NDArray, b: NDArray): boolean {
  return (
    memoryOf(a) === memoryOf(b) &&
    a.dtype === b.dtype &&
    a.offset + a.data.byteOffset / a.data.BYTES_PER_ELEMENT ===
      b.offset + b.data.byteOffset / b.data.BYTES_PER_ELEMENT &&
    hasSameSteps(a, b)
  )
}

function hasSameSteps(a: Layout, b: Layout): boolean {
  return (
    a.shape.length === b.shape.length &&
    a.shape.every(
      (length, axis) =>
        length === b.shape[axis] && (length === 1 || a.strides[axis] === b.strides[axis]),
    )
  )
}
