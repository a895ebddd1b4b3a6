/** Arrays moved to shared memory, for tests. */

import { type DType, NDArray, shared } from '../../src/arrays/index.ts'

/** A shared array with the values of another. */
export function share<D extends DType>(array: NDArray<D>): NDArray<D> {
  const { shape, dtype } = array
  const copy = shared(shape, dtype)
  copy.data.set(array.copy().data as never)
  return copy
}
