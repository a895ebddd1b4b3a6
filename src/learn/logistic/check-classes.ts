/** Checks the classes among learned values. */

import type { LearnedValues } from '../contract/learned-values.ts'

/**
 * Refuses `classes_` that no fit can have found.
 *
 * @returns how many there are
 */
export function checkClasses(values: LearnedValues): number {
  const labels = values.list('classes_')
  if (labels instanceof Float64Array) {
    if (labels.length === 0) throw values.refuse('classes_', 'at least one label')
    return values.floats('classes_').length
  }
  const kind = typeof labels[0]
  const fits =
    (kind === 'string' || kind === 'boolean') && labels.every((label) => typeof label === kind)
  if (!fits) throw values.refuse('classes_', 'labels of one type')
  return labels.length
}
