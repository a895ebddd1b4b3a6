/** Targets as steps get them: numbers in an array, other labels listed. */

import { NDArray } from '../../arrays/index.ts'
import { type ArrayInput, asArray } from './as-array.ts'
import { type LabelInput, requireLabelCount } from './labels.ts'

/** Numbers, or labels that are texts or true and false. */
export type Target = NDArray | readonly string[] | readonly boolean[]

/**
 * Reads a target that a classifier may learn from.
 *
 * @param y - an NDArray is returned itself, a typed array is wrapped; lists are copied once: those of texts or of true and
 *   false stay lists, so that a classifier predicts the same labels
 * @throws what `asArray` throws
 */
export function readTarget(y: LabelInput | undefined): Target {
  if (isTexts(y)) return y.slice()
  const isBooleans = Array.isArray(y) && typeof y[0] === 'boolean'
  return isBooleans ? (y as readonly boolean[]).slice() : asArray(y as ArrayInput, '`y`')
}

/** The target for a transformer: true counts as 1 and false as 0; texts stay a list. */
export function targetOfTransformer(target: Target): NDArray | readonly string[] {
  return isTexts(target) ? target : asArray(target, '`y`')
}

/** Tells whether a target is a list that starts with a text. */
export function isTexts(y: LabelInput | undefined): y is readonly string[] {
  return Array.isArray(y) && typeof y[0] === 'string'
}

/**
 * The array of a target that is numbers; null for a list of labels, whose length is checked.
 *
 * @param n - number of rows of `X`
 * @throws OneCopyError `ERR_SHAPE` for a list of another length
 */
export function numbersOf(target: Target, n: number): NDArray | null {
  if (target instanceof NDArray) return target
  requireLabelCount(target.length, n)
  return null
}
