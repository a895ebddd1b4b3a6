/** Draws training and test rows at random, several times. */

import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator, requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { drawGroups, drawRows, drawStratified } from './draw-rows.ts'
import { requireRowCount } from './make-folds.ts'
import { requireSeed, seededRandom } from './random-order.ts'
import { classCodes, readGroups } from './read-groups.ts'
import { type SizeOptions, type SizeRule, splitSizes } from './split-sizes.ts'

/** Options of {@link ShuffleSplit}. */
export interface ShuffleSplitOptions extends SizeOptions {
  /** Number of splits, a whole number >= 1; default: 10. */
  readonly splits?: number
  /** Rows to test: a share of all in (0, 1), rounded up, or a count >= 1; default: 0.1, or all rows but those of `trainSize`. */
  readonly testSize?: number
  /** Rows to train on: a share of all in (0, 1), rounded down, or a count >= 1; default: all others. */
  readonly trainSize?: number
  /** Whether both parts have nearly the same share of each class; default: false. */
  readonly stratified?: boolean
  /** Whether whole groups are drawn; `testSize` and `trainSize` then count groups. Default: false. */
  readonly grouped?: boolean
  /** Seed, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/**
 * Draws test rows, and training rows among the others, anew for each split. A row may be tested several times, or never.
 *
 * @example
 * ```ts
 * const splitter = new ShuffleSplit({ splits: 20, testSize: 0.25, seed: 1 })
 * for (const { train, test } of splitter.split(X.shape[0])) await model.fit(X, y, { rows: train })
 * ```
 *
 * @see scikit-learn's `ShuffleSplit`, `StratifiedShuffleSplit` and `GroupShuffleSplit`: the same sizes, other rows
 */
export class ShuffleSplit extends BaseEstimator {
  splits: number
  testSize: number | undefined
  trainSize: number | undefined
  stratified: boolean
  grouped: boolean
  seed: number

  constructor(options: ShuffleSplitOptions = {}) {
    super()
    if (new.target === ShuffleSplit) requireLearnOptions('ShuffleSplit', options, names)
    const { splits = 10, stratified = false, grouped = false, seed = 0 } = options
    this.splits = splits
    this.testSize = options.testSize
    this.trainSize = options.trainSize
    this.stratified = stratified
    this.grouped = grouped
    this.seed = seed
  }

  /** Functions that are given `groups` refuse it, unless it is `grouped`. */
  get ignoresGroups(): boolean {
    return !this.grouped
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows
   * @param y - labels, shape (n), for `stratified`; otherwise ignored
   * @param groups - the group of each row, shape (n), for `grouped`; otherwise ignored
   * @throws OneCopyError `ERR_ROWS` when there are not enough rows, groups or rows of a class, `ERR_OPTION`, `ERR_VALUE`, `ERR_SHAPE`
   */
  split(n: number, y?: RowLabels, groups?: RowLabels): Fold[] {
    const splits = requireNumber(this, 'splits', { min: 1, integer: true })
    const random = seededRandom(requireSeed(this))
    const [isStratified, isGrouped] = [
      requireBoolean(this, 'stratified'),
      requireBoolean(this, 'grouped'),
    ]
    requireRowCount(n)
    if (isStratified && isGrouped) {
      throw new OneCopyError(
        'ERR_OPTION',
        'Expected ShuffleSplit to be `stratified` or `grouped`, got both. Use StratifiedGroupKFold.',
        { details: { name: 'stratified' } },
      )
    }
    const found = isGrouped ? readGroups('ShuffleSplit', n, groups) : undefined
    const rule = found === undefined ? shuffleRule : { ...shuffleRule, what: 'groups' }
    const sizes = splitSizes('ShuffleSplit', this, found?.labels.length ?? n, rule)
    const codes = isStratified ? classCodes('ShuffleSplit', n, y) : undefined
    const draw = (): Fold => {
      if (found !== undefined) return drawGroups(found, sizes, random)
      return codes === undefined ? drawRows(n, sizes, random) : drawStratified(codes, sizes, random)
    }
    return Array.from({ length: splits }, draw)
  }
}

registerEstimator(ShuffleSplit, 'onecopy.ShuffleSplit', import.meta.url)

const shuffleRule: SizeRule = { testShare: 0.1, round: Math.ceil }

const names: OptionNames<ShuffleSplitOptions> = {
  splits: true,
  testSize: true,
  trainSize: true,
  stratified: true,
  grouped: true,
  seed: true,
}
