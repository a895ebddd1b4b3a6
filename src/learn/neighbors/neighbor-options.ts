/** Options that all learners by nearest neighbours have. */

import type { OptionNames } from '../../options.ts'
import type { NeighborAlgorithm } from './neighbor-index.ts'

/** Options of every learner that keeps its rows. */
export interface NearRowsOptions {
  /** Weights of neighbours; default: `'uniform'`. */
  readonly weights?: 'uniform' | 'distance'
  /**
   * `'tree'` is a k-d tree, for few columns; `'brute'` compares with all rows; `'auto'` (default)
   * chooses by a trial on some rows. All give the same predictions, to the last bit.
   */
  readonly algorithm?: NeighborAlgorithm
  /**
   * Order of the Minkowski metric, at least 1: 2 (default) for Euclidean distances, 1 for sums of differences, Infinity for the
   * greatest difference.
   */
  readonly p?: number
}

/** Options of every learner by so many neighbours. */
export interface NeighborOptions extends NearRowsOptions {
  /** How many neighbours are used, a whole number >= 1; default: 5. */
  readonly neighbors?: number
}

/** Options of every learner by neighbours within a distance. */
export interface RadiusOptions extends NearRowsOptions {
  /** Greatest distance of a neighbour, from 0 to 1e150; default: 1. */
  readonly radius?: number
}

const nearRowsNames: OptionNames<NearRowsOptions> = { weights: true, algorithm: true, p: true }

/** Names of these options. */
export const neighborNames: OptionNames<NeighborOptions> = { ...nearRowsNames, neighbors: true }

/** Names of these options. */
export const radiusNames: OptionNames<RadiusOptions> = { ...nearRowsNames, radius: true }

/** What to do in place of scikit-learn's options that have no counterpart here. */
export const insteadOfMetrics = {
  metric:
    'choose a Minkowski metric by `p`: 2 for Euclidean distances, 1 for Manhattan ones, Infinity for Chebyshev ones',
  metric_params: 'choose a Minkowski metric by `p`',
  leaf_size: 'leaves of the tree hold up to 64 rows',
}

/** What scikit-learn calls the algorithms. */
export const foreignAlgorithms = { kd_tree: 'tree', ball_tree: 'tree' }
