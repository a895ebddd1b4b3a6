/** Copies an array to scratch memory. */

import { type NDArray, shared } from '../../../arrays/index.ts'

/** Copies rows to scratch memory. */
export function copyShared(values: NDArray<'float64'>): NDArray<'float64'> {
  const out = shared(values.shape, 'float64')
  out.data.set(values.copy().toTypedArray(), out.offset)
  return out
}
