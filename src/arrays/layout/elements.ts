/** Strided elements in a typed array. */

import { OneCopyError } from '../../errors.ts'
import { type DType, type TypedArrayOf, typedArrayMaker } from './dtype.ts'
import { cStrides, countElements, extentOf, isCContiguous, type Layout } from './layout.ts'

/** Where elements lie, and of which type they are. */
export interface Elements<D extends DType = DType> extends Layout {
  readonly dtype: D
  /** Typed array that holds the elements, usually over a whole buffer. */
  readonly data: TypedArrayOf<D>
  /** The mapped memory behind `data`, which its owner may have freed. */
  readonly mapping?: { readonly isGone: boolean } | undefined
}

/** Fresh zeros of a shape in C order; `ERR_MEMORY` when there is no room. */
export function zeroElements<D extends DType>(dtype: D, shape: readonly number[]): Elements<D> {
  return { dtype, data: allocate(dtype, shape), shape, strides: cStrides(shape), offset: 0 }
}

function allocate<D extends DType>(dtype: D, shape: readonly number[]): TypedArrayOf<D> {
  try {
    return new (typedArrayMaker(dtype))(countElements(shape))
  } catch (cause) {
    throw new OneCopyError(
      'ERR_MEMORY',
      `No room for ${dtype} of shape [${shape.join(', ')}] in private memory. ` +
        'For large arrays use shared() with a scratch folder, or createArray().',
      { cause },
    )
  }
}

/**
 * Whether all elements still lie in their memory: its buffer was neither moved away nor made shorter, and its pages were
 * not freed.
 */
export function isAttached(elements: Elements): boolean {
  return extentOf(elements)[1] <= elements.data.length && elements.mapping?.isGone !== true
}

/**
 * Refuses elements whose memory is gone.
 *
 * @throws OneCopyError `ERR_DETACHED`
 */
export function requireAttached(elements: Elements): void {
  if (!isAttached(elements)) throw detachedError(elements)
}

/** The error of an array whose memory is gone. */
export function detachedError({ dtype, data, shape, mapping }: Elements): OneCopyError {
  const array = `The memory of this array, ${dtype} of shape [${shape.join(', ')}],`
  if (mapping?.isGone === true) {
    return new OneCopyError(
      'ERR_DETACHED',
      `${array} was freed by [Symbol.dispose](). Dispose of a shared array after its last use.`,
    )
  }
  return new OneCopyError(
    'ERR_DETACHED',
    `${array} has only ${data.length} elements left: ` +
      'its buffer was resized, or transferred by transfer() or in a message. Make the array from a copy.',
  )
}

/** The elements as one flat typed array in C order, without a copy; undefined when they have gaps. */
export function flatElements<D extends DType>(elements: Elements<D>): TypedArrayOf<D> | undefined {
  if (!isCContiguous(elements)) return undefined
  const { data } = elements
  const [start, stop] = extentOf(elements)
  if (start === 0 && stop === data.length) return data
  return data.subarray(start, stop) as TypedArrayOf<D>
}

/** The most elements of a JavaScript array. */
const mostListed = 2 ** 32 - 1

/**
 * Elements as nested JavaScript arrays; the bare scalar for no axes.
 *
 * @throws OneCopyError `ERR_SHAPE` when an axis is longer than a JavaScript array can be
 */
export function nestElements<D extends DType>(elements: Elements<D>): unknown {
  const { data, shape, strides } = elements
  if (shape.some((length) => length > mostListed)) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected axes of at most ${mostListed} elements for nested lists, got shape [${shape.join(', ')}]. Take a slice first.`,
    )
  }
  const nest = (axis: number, position: number): unknown => {
    if (axis === shape.length) return data[position]
    return Array.from({ length: shape[axis]! }, (_, i) =>
      nest(axis + 1, position + i * strides[axis]!),
    )
  }
  return nest(0, elements.offset)
}
