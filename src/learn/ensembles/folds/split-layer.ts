/** Splits the rows of a layer by its option `folds`. */

import type { NDArray } from '../../../arrays/index.ts'
import { type RowLabels, type Splitter, splitterFor } from '../../contract/splitter.ts'
import { KFold } from '../../splits/k-fold.ts'
import { requireFolds, requireRefitRows } from '../../splits/require-folds.ts'
import { type LayerFolds, planFits } from './layer-folds.ts'

/** What rows are split by. */
export interface SplitInputs {
  readonly X: NDArray
  readonly y: NDArray
  readonly groups: RowLabels | undefined
  /** Seed of the shuffle of a number of folds. */
  readonly seed: number
}

/**
 * Splits all rows for a layer. Folds of a number are shuffled.
 *
 * @throws what the splitter and `requireFolds` throw
 */
export async function splitLayer(
  folds: number | Splitter,
  { X, y, groups, seed }: SplitInputs,
): Promise<LayerFolds> {
  const [n] = X.shape as [number, number]
  if (typeof folds === 'number')
    return planFits(new KFold({ folds, shuffle: true, seed }).split(n), n)
  const splitter = await splitterFor(folds, X, y)
  return planFits(requireFolds(splitter, n, { y, groups }), n, requireRefitRows(splitter, n))
}
