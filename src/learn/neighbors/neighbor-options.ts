/** Options that all learners by nearest neighbours have. */

import { requireOneOf } from '../contract/base-estimator.ts'

/** What to do in place of scikit-learn's options that have no counterpart here. */
export const insteadOfMetrics = {
  metric: 'distances are Euclidean',
  p: 'distances are Euclidean',
  leaf_size: 'leaves of the tree hold up to 64 rows',
}

/** What scikit-learn calls the algorithms. */
const foreignAlgorithms = { kd_tree: 'tree', ball_tree: 'tree' }

/** Checks `weights` and `algorithm`. @throws OneCopyError `ERR_OPTION` */
export function requireChoices(learner: {
  readonly weights: unknown
  readonly algorithm: unknown
}): void {
  requireOneOf(learner, 'weights', ['uniform', 'distance'])
  requireOneOf(learner, 'algorithm', ['auto', 'tree', 'brute'], foreignAlgorithms)
}
