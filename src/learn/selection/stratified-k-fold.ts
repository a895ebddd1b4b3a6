/** Splits rows into folds that have the same share of each class. */

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import type { Rows } from '../../arrays/index.ts'
import { allRows, complement } from '../../arrays/internal.ts'
import type { OptionNames } from '../../options.ts'
import type { Column } from '../../tables/index.ts'
import { BaseEstimator, requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { targetOf } from '../features/column-inputs.ts'
import { encodeLabels, type LabelInput } from '../inputs/labels.ts'
import type { KFoldOptions } from './folds.ts'
import { stratifiedPositions } from './stratified-folds.ts'

/**
 * K-fold splitting in which each fold has nearly the same share of each class. Folds differ by at most one row of a class.
 * Without a shuffle, rows of a class are in the folds in their order.
 *
 * @example
 * ```ts
 * for (const { train, test } of new StratifiedKFold({ folds: 5 }).split(labels)) {
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
    if (new.target === StratifiedKFold) requireLearnOptions('StratifiedKFold', options, names)
    const { folds = 5, shuffle = false, seed = 0 } = options
    this.folds = folds
    this.shuffle = shuffle
    this.seed = seed
  }

  /**
   * Splits the rows of labels.
   *
   * @param y - labels, shape (n): numbers, a list of texts or of true and false, or a column of a table
   * @returns `folds` folds in order; every row is in exactly one test set. `toRowNumbers(fold.test)` of `onecopy/arrays` lists
   *   the numbers of its rows
   * @throws OneCopyError `ERR_ROWS` when no class has as many rows as there are folds, `ERR_VALUE` for a row without a label
   */
  split(y: LabelInput | Column): Fold[] {
    const folds = requireNumber(this, 'folds', { min: 2, integer: true })
    const seed = requireNumber(this, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true })
    const labels = targetOf(undefined, y, {})
    const n = lengthOf(labels)
    const { codes } = encodeLabels(labels, n, allRows(n), null)
    const order = requireBoolean(this, 'shuffle') ? shuffler(seed) : undefined
    return stratifiedPositions(codes, allRows(n), folds, order).map(({ test }) => ({
      test,
      get train(): Rows {
        return complement(test, n)
      },
    }))
  }
}

const names: OptionNames<KFoldOptions> = { folds: true, shuffle: true, seed: true }

/** How many rows labels are of; whatever has no length is refused as labels. */
function lengthOf(labels: LabelInput | undefined): number {
  if (labels === undefined) return 0
  return 'shape' in labels ? (labels.shape[0] ?? 0) : labels.length
}

/** Shuffles lists, each in another order (Fisher and Yates). */
function shuffler(seed: number): (list: Int32Array) => void {
  const random = xoroshiro128plus(seed)
  // The first outputs of neighbouring seeds are alike; later ones are not.
  for (let i = 0; i < 64; i++) random.next()
  return (list) => {
    for (let i = list.length - 1; i > 0; i--) {
      const other = Math.floor(uniformFloat64(random) * (i + 1))
      const value = list[i]!
      list[i] = list[other]!
      list[other] = value
    }
  }
}
