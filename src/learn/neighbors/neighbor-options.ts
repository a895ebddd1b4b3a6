/** Options that all learners by nearest neighbours have. */

import type { OptionNames } from '../../options.ts'
import type { NeighborAlgorithm } from './neighbor-index.ts'

/** Options of every such learner. */
export interface NeighborOptions {
  /** How many neighbours are used, a whole number >= 1; default: 5. */
  readonly neighbors?: number
  /** Weights of neighbours; default: `'uniform'`. */
  readonly weights?: 'uniform' | 'distance'
  /**
   * `'tree'` is a k-d tree, for few columns; `'brute'` compares with all rows; `'auto'` (default)
   * chooses by a trial on some rows. All give the same predictions, to the last bit.
   */
  readonly algorithm?: NeighborAlgorithm
}

/** Names of these options. */
export const neighborNames: OptionNames<NeighborOptions> = {
  neighbors: true,
  weights: true,
  algorithm: true,
}

/** What to do in place of scikit-learn's options that have no counterpart here. */
export const insteadOfMetrics = {
  metric: 'distances are Euclidean',
  p: 'distances are Euclidean',
  leaf_size: 'leaves of the tree hold up to 64 rows',
}

/** What scikit-learn calls the algorithms. */
export const foreignAlgorithms = { kd_tree: 'tree', ball_tree: 'tree' }
