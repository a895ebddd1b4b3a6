/** K-fold splitting, several times. */

import { rowNumbers } from '../../arrays/internal.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator, requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { type KFoldOptions, randomTests, requireFoldCount } from './k-fold.ts'
import { holdOut, requireEnoughRows, requireRowCount } from './make-folds.ts'
import { requireSeed, seededRandom, shuffle } from './random-order.ts'
import { classCodes } from './read-groups.ts'
import { stratifiedTests } from './stratified-folds.ts'

/** Options of {@link RepeatedKFold}. */
export interface RepeatedKFoldOptions extends Omit<KFoldOptions, 'shuffle'> {
  /** How many times the rows are split into folds, a whole number >= 1; default: 10. */
  readonly repeats?: number
  /** Whether each fold has nearly the same share of each class; default: false. */
  readonly stratified?: boolean
}

/**
 * Shuffled K-fold splitting, several times, each time in another order. So each row is tested `repeats` times; an ensemble
 * then learns from the mean of its predictions.
 *
 * @example
 * ```ts
 * const folds = new RepeatedKFold({ folds: 5, repeats: 3, stratified: true }).split(labels.length, labels)
 * console.log(folds.length) // 15
 * ```
 *
 * @see scikit-learn's `RepeatedKFold` and `RepeatedStratifiedKFold` (their random folds differ)
 */
export class RepeatedKFold extends BaseEstimator {
  folds: number
  repeats: number
  stratified: boolean
  seed: number

  constructor(options: RepeatedKFoldOptions = {}) {
    super()
    if (new.target === RepeatedKFold)
      requireLearnOptions('RepeatedKFold', options, names, {
        shuffle: 'each repeat is shuffled by `seed`',
      })
    const { folds = 5, repeats = 10, stratified = false, seed = 0 } = options
    this.folds = folds
    this.repeats = repeats
    this.stratified = stratified
    this.seed = seed
  }

  /** Functions that are given `groups` refuse it. */
  get ignoresGroups(): true {
    return true
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows, at least `folds`
   * @param y - labels, shape (n), for `stratified`; otherwise ignored
   * @param _groups - ignored
   * @returns `folds` folds for each repeat. Those of the first repeat are the folds of a shuffled {@link KFold}, or
   *   {@link StratifiedKFold}, of the same seed
   * @throws OneCopyError `ERR_ROWS`, and with `stratified` as {@link StratifiedKFold.split}
   */
  split(n: number, y?: RowLabels, _groups?: RowLabels): Fold[] {
    const folds = requireFoldCount(this)
    const repeats = requireNumber(this, 'repeats', { min: 1, integer: true })
    const random = seededRandom(requireSeed(this))
    const isStratified = requireBoolean(this, 'stratified')
    requireEnoughRows(requireRowCount(n), folds)
    const codes = isStratified ? classCodes('RepeatedKFold', n, y) : undefined
    const made: Fold[] = []
    for (let repeat = 0; repeat < repeats; repeat++) {
      const tests =
        codes === undefined
          ? randomTests(n, folds, random)
          : stratifiedTests(codes, folds, (list) => shuffle(list, random)).map(rowNumbers)
      made.push(...tests.map((test) => holdOut(test, n)))
    }
    return made
  }
}

registerEstimator(RepeatedKFold, 'onecopy.RepeatedKFold', import.meta.url)

const names: OptionNames<RepeatedKFoldOptions> = {
  folds: true,
  repeats: true,
  stratified: true,
  seed: true,
}
