/** Trains on the first rows, and tests those behind them. */

import type { RowSelection } from '../../arrays/index.ts'
import { rowRange } from '../../arrays/internal.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { makeFold, requireRowCount } from './make-folds.ts'
import { type SizeOptions, type SizeRule, type SplitSizes, splitSizes } from './split-sizes.ts'

/** Options of {@link BlendSplit}. */
export interface BlendSplitOptions extends SizeOptions {
  /** Rows to test: a share of all in (0, 1), rounded down, or a count >= 1; default: 0.5, or all rows but those of `trainSize`. */
  readonly testSize?: number
  /** Rows to train on: a share of all in (0, 1), rounded down, or a count >= 1; default: all others. */
  readonly trainSize?: number
}

/**
 * One fold of a blend: the first rows are trained on, and the rows behind them are tested. An ensemble fits each learner once, on
 * the first rows, and its meta learner on the predictions of the others.
 *
 * @example
 * ```ts
 * const [fold] = new BlendSplit({ testSize: 0.4 }).split(10)
 * console.log(fold!.train, fold!.test) // { ranges: [ [ 0, 6 ] ] } { ranges: [ [ 6, 10 ] ] }
 * ```
 *
 * @see ML-Ensemble's `BlendIndex`: the same rows
 */
export class BlendSplit extends BaseEstimator {
  testSize: number | undefined
  trainSize: number | undefined

  constructor(options: BlendSplitOptions = {}) {
    super()
    if (new.target === BlendSplit) requireLearnOptions('BlendSplit', options, names, instead)
    this.testSize = options.testSize
    this.trainSize = options.trainSize
  }

  /** Functions that are given `groups` refuse it. */
  get ignoresGroups(): true {
    return true
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows
   * @param _y - ignored
   * @param _groups - ignored
   * @returns one fold; rows behind the tested ones are in neither part
   * @throws OneCopyError `ERR_ROWS` when a part is empty or there are not enough rows, `ERR_OPTION`
   */
  split(n: number, _y?: RowLabels, _groups?: RowLabels): [Fold] {
    const { test, train } = this.#sizes(n)
    return [makeFold({ train: rowRange(0, train), test: rowRange(train, train + test) }, n)]
  }

  /** The training rows: a blend keeps the models that it was learned from. */
  refitRows(n: number): RowSelection {
    return rowRange(0, this.#sizes(n).train)
  }

  #sizes(n: number): SplitSizes {
    return splitSizes('BlendSplit', this, requireRowCount(n), sizeRule)
  }
}

registerEstimator(BlendSplit, 'onecopy.BlendSplit', import.meta.url)

const sizeRule: SizeRule = { testShare: 0.5, round: Math.floor }

const names: OptionNames<BlendSplitOptions> = { testSize: true, trainSize: true }

const instead = {
  shuffle: 'rows are taken in their order; ShuffleSplit({ splits: 1 }) draws them',
  seed: 'rows are taken in their order; ShuffleSplit({ splits: 1 }) draws them',
}
