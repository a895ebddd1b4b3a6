/** Splits rows in the order of time. */

import type { RowSelection } from '../../arrays/index.ts'
import { allRows, rowRange } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator, requireNumber } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { makeFold, requireRowCount } from './make-folds.ts'

/** Options of {@link TemporalSplit}. */
export interface TemporalSplitOptions {
  /** Rows that each fold tests, a whole number >= 1; default: 1. */
  readonly stepSize?: number
  /** Rows before the first that is tested, a whole number >= 1; default: `stepSize`. */
  readonly burnIn?: number
  /** Most rows that a fold trains on; the first fold trains on all rows before it. Default: all rows before it. */
  readonly window?: number
  /** Rows between the last that is trained on and the first that is tested, a whole number >= 0; default: 0. */
  readonly lag?: number
}

/**
 * Splitting of rows in the order of time. Each fold tests the next `stepSize` rows, and trains on rows before them. The first
 * `burnIn` rows are not tested.
 *
 * @example
 * ```ts
 * const folds = new TemporalSplit({ stepSize: 7, burnIn: 365, window: 365 }).split(730)
 * console.log(folds[1]) // { train: { ranges: [ [ 7, 372 ] ] }, test: { ranges: [ [ 372, 379 ] ] } }
 * ```
 *
 * @see ML-Ensemble's `TemporalIndex`: the same rows; scikit-learn's `TimeSeriesSplit` divides rows into a number of folds instead
 */
export class TemporalSplit extends BaseEstimator {
  stepSize: number
  burnIn: number | undefined
  window: number | undefined
  lag: number

  constructor(options: TemporalSplitOptions = {}) {
    super()
    if (new.target === TemporalSplit) requireLearnOptions('TemporalSplit', options, names, instead)
    const { stepSize = 1, lag = 0 } = options
    this.stepSize = stepSize
    this.burnIn = options.burnIn
    this.window = options.window
    this.lag = lag
  }

  /** Functions that are given `groups` refuse it. */
  get ignoresGroups(): true {
    return true
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows, above `burnIn` and `stepSize`; the first is the oldest
   * @param _y - ignored
   * @param _groups - ignored
   * @returns folds in the order of time; the last may test fewer than `stepSize` rows
   * @throws OneCopyError `ERR_ROWS` when there are not enough rows, `ERR_OPTION` for a `lag` that leaves no row to train on
   */
  split(n: number, _y?: RowLabels, _groups?: RowLabels): Fold[] {
    const { stepSize, burnIn, window, lag } = this.#requireOptions()
    requireRowCount(n)
    for (const [name, value] of Object.entries({ burnIn, stepSize })) {
      if (n > value) continue
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected more than ${value} rows for \`${name}\` of ${value} of TemporalSplit, got ${n}.`,
        { details: { [name]: value, rows: n } },
      )
    }
    const folds: Fold[] = []
    for (let start = burnIn; start < n; start += stepSize) {
      const stop = start - lag
      const first = start === burnIn ? 0 : Math.max(0, stop - window)
      const test = rowRange(start, Math.min(start + stepSize, n))
      folds.push(makeFold({ train: rowRange(first, stop), test }, n))
    }
    return folds
  }

  /** The last `window` rows, or all: a final model predicts rows that come later. */
  refitRows(n: number): RowSelection {
    const { window } = this.#requireOptions()
    return window < n ? rowRange(n - window, n) : allRows(n)
  }

  #requireOptions(): Required<TemporalSplitOptions> {
    const stepSize = requireNumber(this, 'stepSize', { min: 1, integer: true })
    const count = (name: 'burnIn' | 'window'): number | undefined =>
      this[name] === undefined ? undefined : requireNumber(this, name, { min: 1, integer: true })
    const [burnIn = stepSize, window = Infinity] = [count('burnIn'), count('window')]
    const lag = requireNumber(this, 'lag', { min: 0, integer: true })
    if (lag < burnIn) return { stepSize, burnIn, window, lag }
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`lag\` of TemporalSplit to be less than \`burnIn\`, ${burnIn}, so that the first fold has rows to train on, got ${lag}.`,
      { details: { name: 'lag', value: lag } },
    )
  }
}

registerEstimator(TemporalSplit, 'onecopy.TemporalSplit', import.meta.url)

const names: OptionNames<TemporalSplitOptions> = {
  stepSize: true,
  burnIn: true,
  window: true,
  lag: true,
}

const instead = {
  folds: 'set `stepSize`, the rows of each fold',
  splits: 'set `stepSize`, the rows of each fold',
  n_splits: 'set `stepSize`, the rows of each fold',
}
