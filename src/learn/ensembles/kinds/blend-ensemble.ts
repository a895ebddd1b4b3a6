/** Stacks learners that are fitted on the first rows only. */

import type { OptionNames } from '../../../options.ts'
import { requireLearnOptions } from '../../contract/foreign-options.ts'
import type { Splitter } from '../../contract/splitter.ts'
import type { Label } from '../../inputs/labels.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'
import { BlendSplit, type BlendSplitOptions } from '../../splits/blend-split.ts'
import type { SuperLearnerOptions } from '../super-learner/super-learner-options.ts'
import { SuperLearner } from '../super-learner/super-learner.ts'
import { commonNames, givenOptions, insteadOfFolds } from './common-options.ts'

/** Options of {@link BlendEnsemble}. */
export interface BlendEnsembleOptions
  extends Omit<SuperLearnerOptions, 'folds'>, BlendSplitOptions {}

/**
 * A blend: every learner is fitted once, on the first rows, and predicts the rows behind them, from which the meta learner learns. Each
 * further layer splits the rows that the layer before has predicted.
 *
 * @example
 * ```ts
 * const ensemble = new BlendEnsemble({ testSize: 0.3 })
 *   .add([new Ridge(), new KNeighborsRegressor()])
 *   .addMeta(new LinearRegression())
 * await ensemble.fit(X, y)
 * ```
 *
 * @see ML-Ensemble's `BlendEnsemble`
 */
export class BlendEnsemble<L extends Label = number> extends SuperLearner<L> {
  static override readonly name: string = 'BlendEnsemble'
  testSize: number | undefined
  trainSize: number | undefined

  /** @throws TypeError or OneCopyError `ERR_OPTION` for an invalid option */
  constructor(options: BlendEnsembleOptions = {}) {
    if (new.target === BlendEnsemble)
      requireLearnOptions('BlendEnsemble', options, names, insteadOfFolds('testSize'))
    const { testSize, trainSize, ...others } = options
    super(others)
    this.testSize = testSize
    this.trainSize = trainSize
  }

  /** One fold: the last rows are predicted by models of the first ones. */
  protected override splitter(): Splitter {
    const { testSize, trainSize } = this
    return new BlendSplit(givenOptions({ testSize, trainSize }))
  }
}

registerEstimator(BlendEnsemble, 'onecopy.BlendEnsemble', import.meta.url)

const names: OptionNames<BlendEnsembleOptions> = {
  ...commonNames,
  testSize: true,
  trainSize: true,
}
