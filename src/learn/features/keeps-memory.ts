/** What memory an estimator keeps. */

import { NDArray } from '../../arrays/index.ts'
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

/** The arrays that an estimator reads in every prediction, by the names of learned values. */
export function keptArrays(estimator: object): Record<string, NDArray> {
  const entries = Object.entries(collectLearned(estimator))
  return Object.fromEntries(
    entries.filter((entry): entry is [string, NDArray] => entry[1] instanceof NDArray),
  )
}
