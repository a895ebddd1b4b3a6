/** The one learner with the best score. */

import type { OptionNames } from '../../options.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { type CombinerScorer, SelectingCombiner } from './selecting-combiner.ts'

/** Options of {@link BestLearner}. */
export interface BestLearnerOptions {
  /**
   * The measure: a name or a scorer, which gets labels of classes as they are. Default: null, which is `'rmse'` for numbers and `'logLoss'`
   * for probabilities of classes.
   */
  readonly scorer?: CombinerScorer
}

/**
 * Predicts as the learner with the best score does: the discrete super learner. Of equally good ones it takes the first. The columns are
 * predictions of learners; made for {@link SuperLearner.addMeta}.
 *
 * @example
 * ```ts
 * const ensemble = await new SuperLearner()
 *   .add([new Ridge(), new KNeighborsRegressor()])
 *   .addMeta(new BestLearner({ scorer: 'mae' }))
 *   .fit(X, y)
 * ```
 *
 * @see van der Laan, Polley, Hubbard: Super Learner (2007), doi.org/10.2202/1544-6115.1309
 */
export class BestLearner extends SelectingCombiner {
  static override readonly name: string = 'BestLearner'
  scorer: CombinerScorer

  constructor(options: BestLearnerOptions = {}) {
    super()
    if (new.target === BestLearner) requireLearnOptions('BestLearner', options, names)
    this.scorer = options.scorer ?? null
  }

  protected override requireSteps(): number {
    return 1
  }
}

registerEstimator(BestLearner, 'onecopy.BestLearner', import.meta.url)

const names: OptionNames<BestLearnerOptions> = { scorer: true }
