/** Tells whether an estimator keeps memory that it was fitted on. */

import type { NDArray } from '../../arrays/index.ts'
import { collectLearned } from '../contract/estimator.ts'

/** Whether a learned value lies in the memory of an array, as the rows of nearest neighbours do. */
export function keepsMemory(estimator: object, { buffer }: NDArray): boolean {
  const keeps = (value: unknown): boolean => {
    if (typeof value !== 'object' || value === null) return false
    if ('buffer' in value) return value.buffer === buffer
    return Object.values(value).some(keeps)
  }
  return keeps(collectLearned(estimator))
}
