/** Splits rows into folds that have the same share of each class. */

import { rowNumbers } from '../../arrays/internal.ts'
import { BaseEstimator, requireBoolean } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { RowScratch } from '../inputs/row-scratch.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { type KFoldOptions, kFoldNames, requireFoldCount } from './k-fold.ts'
import { holdOut, requireEnoughRows, requireRowCount } from './make-folds.ts'
import { requireSeed, seededRandom, shuffle } from './random-order.ts'
import { classCodes } from './read-groups.ts'
import { stratifiedTests } from './stratified-folds.ts'

/**
 * K-fold splitting in which each fold has nearly the same share of each class. Folds differ by at most one row of a class.
 * Without a shuffle, rows of a class are in the folds in their order.
 *
 * @example
 * ```ts
 * for (const { train, test } of new StratifiedKFold({ folds: 5 }).split(labels.length, labels)) {
 *   const model = await new LogisticRegression().fit(X, labels, { rows: train })
 *   console.log(accuracy(labels, await model.predict(X, { rows: test }), { rows: test }))
 * }
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.StratifiedKFold`: the same folds without a shuffle; its random folds differ
 */
export class StratifiedKFold extends BaseEstimator {
  folds: number
  shuffle: boolean
  seed: number

  constructor(options: KFoldOptions = {}) {
    super()
    if (new.target === StratifiedKFold) requireLearnOptions('StratifiedKFold', options, kFoldNames)
    const { folds = 5, shuffle = false, seed = 0 } = options
    this.folds = folds
    this.shuffle = shuffle
    this.seed = seed
  }

  /** Functions that are given `groups` refuse it. */
  get ignoresGroups(): true {
    return true
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows
   * @param y - labels, shape (n): numbers, a list of texts or of true and false, or a column of a table; at most 1000 different ones
   * @param _groups - ignored
   * @returns `folds` folds in order; every row is in exactly one test set. `toRowNumbers(fold.test)` of `onecopy/arrays` lists
   *   the numbers of its rows
   * @throws OneCopyError `ERR_ROWS` when no class has as many rows as there are folds, `ERR_VALUE` for a row without a label,
   *   `ERR_SHAPE`; TypeError without labels
   */
  split(n: number, y?: RowLabels, _groups?: RowLabels): Fold[] {
    const folds = requireFoldCount(this)
    const seed = requireSeed(this)
    const isRandom = requireBoolean(this, 'shuffle')
    requireEnoughRows(requireRowCount(n), folds)
    const random = seededRandom(seed)
    const order = isRandom
      ? (list: Uint16Array | Uint32Array): void => void shuffle(list, random)
      : undefined
    const scratch = new RowScratch()
    try {
      const codes = classCodes('StratifiedKFold', n, y, scratch.uint16(n))
      return stratifiedTests(codes, folds, order).map((test) => holdOut(rowNumbers(test), n))
    } finally {
      scratch[Symbol.dispose]()
    }
  }
}

registerEstimator(StratifiedKFold, 'onecopy.StratifiedKFold', import.meta.url)
