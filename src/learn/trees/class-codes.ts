/** Classes of a target, and the number of each row's class. */

import { array, type NDArray } from '../../arrays/index.ts'
import { encodeLabels } from '../inputs/labels.ts'
import type { CheckedInputs } from '../statistics/read-moments.ts'

/** The classes of the rows that count. */
export interface ClassCodes {
  /** Distinct labels, ascending. */
  readonly classes: Float64Array
  /** Position of each row's label among them, shape (n); that of any class for rows that don't count. */
  readonly codes: NDArray
}

/**
 * Finds the classes of a target.
 *
 * @param y - labels that are numbers, shape (n) or (n, 1)
 * @throws what `encodeLabels` throws
 */
export function findClasses(y: NDArray, { weighedGroups }: CheckedInputs): ClassCodes {
  const { classes, codes } = encodeLabels(y, y.shape[0]!, weighedGroups[0]!, null)
  return { classes: classes as Float64Array, codes: array(codes) }
}
