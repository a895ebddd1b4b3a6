/** Checks classes and the shape of a target among learned values. */

import type { LearnedValues } from './learned-values.ts'

/**
 * Refuses `classes_` that no fit can have found.
 *
 * @param kinds - whether labels can be texts and booleans too
 * @returns how many there are
 */
export function checkClasses(values: LearnedValues, kinds: 'all' | 'numbers' = 'all'): number {
  const labels = kinds === 'all' ? values.list('classes_') : values.floats('classes_')
  if (labels instanceof Float64Array) {
    if (labels.length === 0) throw values.refuse('classes_', 'at least one label')
    if (!ascend(values.floats('classes_')))
      throw values.refuse('classes_', 'labels that ascend', 'others')
    return labels.length
  }
  const kind = typeof labels[0]
  const fits =
    (kind === 'string' || kind === 'boolean') && labels.every((label) => typeof label === kind)
  if (!fits || !ascend(labels as string[]))
    throw values.refuse('classes_', 'labels of one type that ascend', 'others')
  return labels.length
}

/** Refuses a `targetShape_` that is neither that of a vector nor that of a matrix of one column. */
export function checkTargetShape(values: LearnedValues): void {
  const shape = values.list('targetShape_')
  if (shape.length > 1 || (shape.length === 1 && shape[0] !== 1))
    throw values.refuse('targetShape_', '[] or [1]')
}

function ascend(labels: ArrayLike<number | string>): boolean {
  for (let k = 1; k < labels.length; k++) if (!(labels[k]! > labels[k - 1]!)) return false
  return true
}
