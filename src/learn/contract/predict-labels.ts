/** Predictions of classifiers as labels. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { type Classes, decodeLabels, type Label } from '../inputs/labels.ts'
import type { FloatArray, PredictOptions } from './estimator.ts'

/** Labels that are predicted: numbers in an array, others as a list; either of them for labels that may be both. */
export type PredictedLabels<L extends Label> = [L] extends [number]
  ? FloatArray
  : number extends L
    ? FloatArray | L[]
    : L[]

/**
 * Predicts labels.
 *
 * @param predict - predicts a number for each row, given the number of each class
 * @throws OneCopyError `ERR_OPTION` for an `out` when labels are not numbers
 */
export async function predictLabels<L extends Label>(
  classes: Classes,
  { out }: PredictOptions,
  predict: (labels: Float64Array) => Promise<FloatArray>,
): Promise<PredictedLabels<L>> {
  if (classes instanceof Float64Array) return (await predict(classes)) as PredictedLabels<L>
  requireNoOutput(out)
  const codes = await predict(Float64Array.from(classes.keys()))
  return decodeLabels(classes, codes) as PredictedLabels<L>
}

/**
 * Refuses an array to write labels to that are not numbers.
 *
 * @throws OneCopyError `ERR_OPTION`
 */
export function requireNoOutput(out: NDArray | undefined): void {
  if (out === undefined) return
  throw new OneCopyError(
    'ERR_OPTION',
    'Expected no `out` for labels that are not numbers, got one. Use the list that predict() returns.',
    { details: { name: 'out' } },
  )
}
