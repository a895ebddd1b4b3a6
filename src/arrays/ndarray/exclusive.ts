/** Marks views that only one task writes to. */

import { show } from '../../errors.ts'
import type { DType } from '../layout/dtype.ts'
import { NDArray } from './ndarray.ts'
import { requireShared } from './require-shared.ts'

const marked = new WeakSet<NDArray>()
let isUsed = false

/**
 * Marks an argument as the output of its task alone. Two tasks in flight may not have exclusive views of the same
 * element: the later one is refused before it starts (`ERR_OVERLAP`). In a list of tasks, overlaps are found before any
 * task starts, for any number of workers.
 *
 * Only exclusive views are compared with each other, not what other tasks read. Views of the result are not exclusive.
 *
 * @param view - in shared memory: of an array made by `shared()`, or of a file in mode `'r+'`
 * @returns a view of the same elements
 * @throws OneCopyError `ERR_UNSENDABLE` for memory in which workers' writes are not visible; TypeError for other values
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
