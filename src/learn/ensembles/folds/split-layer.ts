/** Splits the rows of a layer by its option `folds`. */

import type { NDArray } from '../../../arrays/index.ts'
import { type RowLabels, type Splitter, splitterFor } from '../../contract/splitter.ts'
import type { Label, LabelInput } from '../../inputs/labels.ts'
import { KFold } from '../../splits/k-fold.ts'
import { requireFolds, requireRefitRows } from '../../splits/require-folds.ts'
import { StratifiedKFold } from '../../splits/stratified-k-fold.ts'
import { type LayerFolds, planFits } from './layer-folds.ts'

/** What rows are split by. */
export interface SplitInputs {
  readonly X: NDArray
  /** Numbers, or labels of classes. */
  readonly y: NDArray | readonly Label[]
  /** The code of each row's class, which folds of a number have the same shares of; undefined: a regression. */
  readonly codes: NDArray | undefined
  readonly groups: RowLabels | undefined
  /** Seed of the shuffle of a number of folds. */
  readonly seed: number
}

/**
 * Splits all rows for a layer. Folds of a number are shuffled, those of classes within each class.
 *
 * @throws what the splitter and `requireFolds` throw
 */
export async function splitLayer(
  folds: number | Splitter,
  { X, y, codes, groups, seed }: SplitInputs,
): Promise<LayerFolds> {
  const [n] = X.shape as [number, number]
  if (typeof folds === 'number') {
    const options = { folds, shuffle: true, seed }
    const split =
      codes === undefined
        ? new KFold(options).split(n)
        : new StratifiedKFold(options).split(n, codes)
    return planFits(split, n)
  }
  // A list of labels has one type.
  const labels = y as LabelInput
  const splitter = await splitterFor(folds, X, labels)
  return planFits(
    requireFolds(splitter, n, { y: labels, groups }),
    n,
    requireRefitRows(splitter, n),
  )
}
