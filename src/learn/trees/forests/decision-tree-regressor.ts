/** One regression tree on binned values. */

import { RegressionForest, type RegressionTreeOptions } from './regression-forest.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'

/** Options of {@link DecisionTreeRegressor}. */
export type DecisionTreeRegressorOptions = RegressionTreeOptions

/**
 * A regression tree that lowers the squared error; a leaf predicts the weighted mean of its rows. Columns of at most `maxBins`
 * distinct values are split between any two of them, others at their quantiles. Missing values (NaN) go to the side of a
 * split where they lower the error.
 *
 * @example
 * ```ts
 * const model = await new DecisionTreeRegressor({ maxDepth: 6 }).fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.tree.DecisionTreeRegressor`
 */
export class DecisionTreeRegressor extends RegressionForest {
  static override readonly name: string = 'DecisionTreeRegressor'
  constructor(options: DecisionTreeRegressorOptions = {}) {
    super(options, { of: DecisionTreeRegressor, draws: null })
  }
}

registerEstimator(DecisionTreeRegressor, 'onecopy.DecisionTreeRegressor', import.meta.url)
