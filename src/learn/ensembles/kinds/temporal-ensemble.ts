/** Stacks learners that are fitted on rows before those they predict. */

import type { OptionNames } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { Splitter } from '../../contract/splitter.ts'
import type { Label } from '../../inputs/labels.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'
import { TemporalSplit, type TemporalSplitOptions } from '../../splits/temporal-split.ts'
import type { SuperLearnerOptions } from '../super-learner/super-learner-options.ts'
import { SuperLearner } from '../super-learner/super-learner.ts'
import { commonNames, givenOptions, insteadOfFolds } from './common-options.ts'

/** Options of {@link TemporalEnsemble}. */
export interface TemporalEnsembleOptions
  extends Omit<SuperLearnerOptions, 'folds'>, TemporalSplitOptions {}

/**
 * An ensemble for rows in the order of time: every step of rows is predicted by models of the rows before it. The first `burnIn` rows have
 * no predictions, and no later layer learns from them.
 *
 * @example
 * ```ts
 * const ensemble = new TemporalEnsemble({ stepSize: 7, burnIn: 365 })
 *   .add([new Ridge(), new KNeighborsRegressor()])
 *   .addMeta(new LinearRegression())
 * await ensemble.fit(X, y)
 * ```
 *
 * @see ML-Ensemble's `TemporalEnsemble`
 */
export class TemporalEnsemble<L extends Label = number> extends SuperLearner<L> {
  static override readonly name: string = 'TemporalEnsemble'
  stepSize: number | undefined
  burnIn: number | undefined
  window: number | undefined
  lag: number | undefined

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: TemporalEnsembleOptions = {}) {
    if (new.target === TemporalEnsemble)
      requireLearnOptions('TemporalEnsemble', options, names, insteadOfFolds('stepSize'))
    const { stepSize, burnIn, window, lag, ...others } = options
    super(others)
    this.stepSize = stepSize
    this.burnIn = burnIn
    this.window = window
    this.lag = lag
  }

  /** Each step of rows is predicted by models of the rows before it. */
  protected override splitter(): Splitter {
    const { stepSize, burnIn, window, lag } = this
    return new TemporalSplit(givenOptions({ stepSize, burnIn, window, lag }))
  }
}

registerEstimator(TemporalEnsemble, 'onecopy.TemporalEnsemble', import.meta.url)

const names: OptionNames<TemporalEnsembleOptions> = {
  ...commonNames,
  stepSize: true,
  burnIn: true,
  window: true,
  lag: true,
}
