/** Marks views as outputs that belong to one task alone. */

import { show } from '../../errors.ts'
import type { DType } from '../layout/dtype.ts'
import { NDArray } from './ndarray.ts'
import { requireShared } from './require-shared.ts'

const marked = new WeakSet<NDArray>()
let isUsed = false

/**
 * Marks an argument as its task's own output: no other task in flight may have an exclusive view of one of its
 * elements. Overlapping ones are refused before they start (`ERR_OVERLAP`), those in one list of
 * tasks before any of them starts, whatever the number of workers.
 *
 * Only exclusive views are held against each other; what other tasks read is not. Views of the result are not
 * exclusive themselves.
 *
 * @param view - in shared memory: of an array made by `shared()`, or of a file in mode `'r+'`
 * @returns a view of the same elements
 * @throws OneCopyError `ERR_UNSENDABLE` for memory in which no worker's writes are seen; TypeError for other values
 *
 * @example
 * ```ts
 * const Z = shared([1000, 4], 'float64')
 * await parallel.run(models.map((model, j) => delayed(predictInto)(model, X, exclusive(Z.column(j)))))
 * ```
 */
export function exclusive<D extends DType>(view: NDArray<D>): NDArray<D> {
  if (!(view instanceof NDArray))
    throw new TypeError(`Expected \`exclusive\` to get an NDArray, got ${show(view)}.`)
  requireShared(view, 'an exclusive view')
  const same = view.slice()
  marked.add(same)
  isUsed = true
  return same
}

/** Whether there is any exclusive view in this thread, so that looking for one makes sense. */
export function usesExclusive(): boolean {
  return isUsed
}

/** Whether an array is what {@link exclusive} returned. */
export function isExclusive(array: NDArray): boolean {
  return marked.has(array)
}
