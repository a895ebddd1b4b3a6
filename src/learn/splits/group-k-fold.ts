/** Splits groups of rows into folds of nearly equal size. */

import { BaseEstimator, requireBoolean } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { type KFoldOptions, kFoldNames, requireFoldCount } from './k-fold.ts'
import { holdOutGroups, requireEnoughRows, requireRowCount } from './make-folds.ts'
import { requireSeed, seededRandom, shuffle } from './random-order.ts'
import { readGroups, requireEnoughGroups } from './read-groups.ts'

/** Options of splitters that keep groups together. */
export interface GroupKFoldOptions extends Omit<KFoldOptions, 'shuffle'> {
  /** Whether groups that are alike go to folds in random order; default: false. */
  readonly shuffle?: boolean
}

/**
 * K-fold splitting in which all rows of a group, such as a patient or a customer, are in the same fold. The largest groups are dealt
 * first, each to the fold with the fewest rows so far.
 *
 * @example
 * ```ts
 * for (const { train, test } of new GroupKFold({ folds: 5 }).split(n, undefined, patients)) {
 *   await model.fit(X, y, { rows: train })
 * }
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.GroupKFold`: the same folds; among more than 16 groups, those of equal size may be
 *   dealt otherwise, because NumPy's sort depends on the machine there
 */
export class GroupKFold extends BaseEstimator {
  folds: number
  shuffle: boolean
  seed: number

  constructor(options: GroupKFoldOptions = {}) {
    super()
    if (new.target === GroupKFold) requireLearnOptions('GroupKFold', options, kFoldNames)
    const { folds = 5, shuffle = false, seed = 0 } = options
    this.folds = folds
    this.shuffle = shuffle
    this.seed = seed
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows
   * @param _y - ignored
   * @param groups - the group of each row, shape (n): numbers, a list of texts or of true and false, or a column of a table
   * @returns `folds` folds; every row is in exactly one test set
   * @throws OneCopyError `ERR_ROWS` when there are fewer groups than folds, `ERR_VALUE` for a row without a group, `ERR_SHAPE`;
   *   TypeError without groups
   */
  split(n: number, _y?: RowLabels, groups?: RowLabels): Fold[] {
    const folds = requireFoldCount(this)
    const seed = requireSeed(this)
    const isRandom = requireBoolean(this, 'shuffle')
    requireEnoughRows(requireRowCount(n), folds)
    const found = readGroups('GroupKFold', n, groups)
    requireEnoughGroups(found, folds)
    const { codes, sizes } = found
    // Of groups of one size the last is dealt first, as by an ascending stable sort that is read backwards.
    const order = Array.from(sizes.keys()).reverse()
    if (isRandom) shuffle(order, seededRandom(seed))
    order.sort((a, b) => sizes[b]! - sizes[a]!)
    return holdOutGroups(codes, balance(order, sizes, folds), folds)
  }
}

registerEstimator(GroupKFold, 'onecopy.GroupKFold', import.meta.url)

/** Gives each group in turn to the fold with the fewest rows; the first of several. */
function balance(order: readonly number[], sizes: Int32Array, folds: number): Int32Array {
  const foldOf = new Int32Array(sizes.length)
  const rows = new Float64Array(folds)
  for (const group of order) {
    let lightest = 0
    for (let fold = 1; fold < folds; fold++) if (rows[fold]! < rows[lightest]!) lightest = fold
    foldOf[group] = lightest
    rows[lightest]! += sizes[group]!
  }
  return foldOf
}
