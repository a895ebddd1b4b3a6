/** The learners that `onecopy fit` fits. */

import {
  ElasticNet,
  KNeighborsRegressor,
  Lasso,
  LinearRegression,
  Ridge,
  StandardScaler,
  SuperLearner,
  type SuperLearnerOptions,
} from '../../learn/index.ts'

/** How strong penalties are, as parts of the variances that they act against. */
const strength = 0.001

/** What the ensemble's penalties are measured by. */
export interface TargetScale {
  readonly rows: number
  /** Standard deviation of the target. */
  readonly deviation: number
}

/**
 * Five learners on standardized columns, and a ridge regression that combines them. A learner that
 * can't be fitted to a table is left out and named in the scores.
 *
 * Penalties follow the target's scale: a fixed one would do nothing to prices, and wipe out every
 * coefficient for a target between 0 and 1. That of the meta learner keeps learners which predict
 * nearly the same from getting weights such as 120 and -119, which one odd row turns into nonsense.
 */
export function defaultEnsemble(
  { rows, deviation }: TargetScale,
  options: SuperLearnerOptions,
): SuperLearner {
  const learners = [
    new LinearRegression(),
    new Ridge(),
    new Lasso({ alpha: strength * deviation }),
    // `strength * deviation` on |w| as in the lasso, and `strength` on w², which has no unit.
    new ElasticNet({ alpha: strength * (deviation + 1), l1Ratio: deviation / (deviation + 1) }),
    new KNeighborsRegressor(),
  ]
  return new SuperLearner({ ...options, scorer: 'rmse', onError: 'skip' })
    .add(learners, { preprocess: new StandardScaler() })
    .addMeta(new Ridge({ alpha: strength * rows * deviation ** 2 }))
}
