/** Where the elements of an array lie in its memory. */

import { OneCopyError, show } from '../../errors.ts'
import { dtypeOf, requireDType, typedArrayMaker } from '../layout/dtype.ts'
import type { Elements } from '../layout/elements.ts'
import { extentOf } from '../layout/layout.ts'
import type { Mapping } from '../memory/mapping.ts'

/** How elements lie in a typed array, and which mapping its memory belongs to. */
export interface ArrayPlace {
  /** Step of each axis in elements; default: C order. */
  readonly strides?: readonly number[]
  /** Element number of the first element; default 0. */
  readonly offset?: number
  /** The mapping behind `data`, if any. */
  readonly mapping?: Mapping | undefined
  /** Whether `[Symbol.dispose]()` of this array frees the whole mapping. Default false: it is a view. */
  readonly isOwner?: boolean
}

/**
 * Refuses elements outside their memory.
 *
 * @throws OneCopyError `ERR_SHAPE`; TypeError for memory of another dtype
 */
export function requireInside(array: Elements): void {
  const { dtype, data, shape, strides, offset } = array
  // The short way first: `dtypeOf` asks for one class after the other.
  const fits = data instanceof typedArrayMaker(requireDType(dtype))
  if (!fits && dtypeOf(data) !== (dtype === 'bool' ? 'uint8' : dtype))
    throw new TypeError(`Expected memory for ${dtype}, got ${show(data)}.`)
  const [start, stop] = extentOf(array)
  const whole =
    [offset, start, stop].every(Number.isSafeInteger) && strides.every(Number.isSafeInteger)
  if (whole && strides.length === shape.length && start >= 0 && stop <= data.length) return
  throw new OneCopyError(
    'ERR_SHAPE',
    `Shape [${shape.join(', ')}] with strides [${strides.join(', ')}] and offset ${offset} ` +
      `reaches outside its memory of ${data.length} elements.`,
  )
}
