/** The splitter that a number of folds stands for. */

import type { RowLabels, Splitter } from '../../contract/splitter.ts'
import type { EnsembleTask } from '../../outputs/ensemble-task.ts'
import { GroupKFold } from '../../splits/group-k-fold.ts'
import { KFold } from '../../splits/k-fold.ts'
import { StratifiedGroupKFold } from '../../splits/stratified-group-k-fold.ts'
import { StratifiedKFold } from '../../splits/stratified-k-fold.ts'

/** A splitter that shuffles by `seed`, keeps rows of a group together, and gives each fold the same share of each class. */
export function shuffledFolds(
  folds: number,
  seed: number,
  task: EnsembleTask,
  groups: RowLabels | undefined,
): Splitter {
  const options = { folds, shuffle: true, seed }
  const isOfClasses = task === 'classification'
  if (groups !== undefined)
    return isOfClasses ? new StratifiedGroupKFold(options) : new GroupKFold(options)
  return isOfClasses ? new StratifiedKFold(options) : new KFold(options)
}
