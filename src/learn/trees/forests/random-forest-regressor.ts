/** A forest of regression trees, each on rows drawn for it. */

import { RegressionForest, type RegressionTreeOptions } from './regression-forest.ts'
import type { ForestDrawOptions } from './tree-forest.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'

/** Options of {@link RandomForestRegressor}. */
export interface RandomForestRegressorOptions extends RegressionTreeOptions, ForestDrawOptions {}

/**
 * A random forest: the mean of trees that were grown on rows drawn with replacement.
 *
 * `X` becomes one byte a value in shared memory for the time of the fit, and all trees learn from that; missing values (NaN)
 * go to the side of a split where they lower the error. A threshold lies midway between the bins that have rows on both sides. A
 * grown tree takes 8 bytes a node. The same data, options and seed give the same bytes on any number of threads.
 *
 * @example
 * ```ts
 * const model = await new RandomForestRegressor({ trees: 300, oob: true }).fit(X, y)
 * console.log(model.oobScore_) // R² on rows that a tree has not seen
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.RandomForestRegressor` (its draws differ); Breiman, Random forests, 2001
 */
export class RandomForestRegressor extends RegressionForest {
  static override readonly name: string = 'RandomForestRegressor'
  declare trees: number
  declare bootstrap: boolean
  declare oob: boolean

  constructor(options: RandomForestRegressorOptions = {}) {
    super(options, { of: RandomForestRegressor, draws: { bootstrap: true, randomCuts: false } })
  }
}

registerEstimator(RandomForestRegressor, 'onecopy.RandomForestRegressor', import.meta.url)
