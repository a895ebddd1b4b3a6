/** Joins arrays along an axis. */

import { OneCopyError, show } from '../../errors.ts'
import { type OptionTypes, requireOptions } from '../../options.ts'
import type { DType } from '../layout/dtype.ts'
import { requireAttached } from '../layout/elements.ts'
import { requireAxis } from '../layout/slices.ts'
import { convertElements } from '../math/convert-elements.ts'
import { promote } from '../math/promotion.ts'
import type { NDArray } from './ndarray.ts'
import { inputFor, type OutOptions, requireOut } from './output.ts'
import { requireArray } from './require-array.ts'
import { sharesElement } from './shares-element.ts'

/** Options of {@link concatenate}. */
export interface ConcatenateOptions<
  Out extends NDArray | undefined = NDArray | undefined,
> extends OutOptions<Out> {
  /** The axis along which arrays follow each other; a negative one counts from the end. Default 0. */
  readonly axis?: number | undefined
}

/**
 * Joins arrays along an axis that they have. Dtypes are joined as by {@link add}.
 *
 * @param arrays - at least one, of equal lengths on all other axes
 * @param options - `axis`, and `out`, which takes the elements
 * @returns `out`, or a new array in private memory
 * @throws OneCopyError `ERR_SHAPE` for no arrays, other lengths, arrays without axes, or an `out` of another shape; `ERR_DTYPE` for
 *   dtypes that have none in common without rounding, or values that the dtype of `out` can't hold; `ERR_DETACHED`
 */
export function concatenate<Out extends NDArray>(
  arrays: readonly NDArray[],
  options: ConcatenateOptions<Out> & { readonly out: Out },
): Out
export function concatenate<D extends DType>(
  arrays: readonly NDArray<D>[],
  options?: ConcatenateOptions<undefined>,
): NDArray<D>
export function concatenate(arrays: readonly NDArray[], options: ConcatenateOptions = {}): NDArray {
  requireOptions('concatenate', options, concatenateTypes)
  const first = requireArrays(arrays)
  const axis = requireAxis(options.axis ?? 0, first.ndim)
  const total = arrays.reduce((sum, array) => sum + lengthAlong(array, first, axis), 0)
  const dtype = arrays.map((array) => array.dtype).reduce((a, b) => promote(a, b, name))
  const out = requireOut(options.out, { shape: first.shape.with(axis, total), dtype }, name)
  // What shares memory with a part that is written before it is copied first.
  const sources = arrays.map((array) => (sharesElement(array, out) ? array.copy() : array))
  let start = 0
  for (const source of sources) {
    const stop = start + source.shape[axis]!
    const part = out.slice(
      ...out.shape.map((_, i) => (i === axis ? ([start, stop] as const) : null)),
    )
    convertElements(
      inputFor(source, part),
      part,
      { name, advice: 'Convert the arrays first, for example with astype().' },
      'nearest',
    )
    start = stop
  }
  return out
}

const name = 'concatenate()'
const concatenateTypes: OptionTypes<ConcatenateOptions> = {
  axis: [(axis) => typeof axis === 'number', 'the number of an axis'],
  out: true,
}

function requireArrays(arrays: readonly NDArray[]): NDArray {
  if (!Array.isArray(arrays))
    throw new TypeError(
      `Expected the arrays as one list, as in concatenate([A, B]), got ${show(arrays)}.`,
    )
  for (const [i, array] of arrays.entries())
    requireAttached(requireArray(array, `array ${i} of ${name}`))
  const [first] = arrays
  if (first === undefined)
    throw new OneCopyError('ERR_SHAPE', `Expected at least one array for ${name}, got none.`)
  if (first.ndim === 0)
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected arrays with an axis for ${name}, got shape []. Use reshape(1) first.`,
    )
  return first
}

function lengthAlong({ shape }: NDArray, first: NDArray, axis: number): number {
  const fits =
    shape.length === first.ndim &&
    shape.every((length, i) => i === axis || length === first.shape[i])
  if (fits) return shape[axis]!
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected arrays for ${name} that differ in length only on axis ${axis}, got shapes [${first.shape.join(', ')}] and [${shape.join(', ')}].`,
  )
}
