/** Extremely randomized regression trees. */

import { RegressionForest, type RegressionTreeOptions } from './regression-forest.ts'
import type { ForestDrawOptions } from './tree-forest.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'

/** Options of {@link ExtraTreesRegressor}. */
export interface ExtraTreesRegressorOptions extends RegressionTreeOptions, ForestDrawOptions {}

/**
 * Extremely randomized trees: for each split every column that is looked at is cut at one place, drawn uniformly between the
 * values of the node's rows; the best of these cuts is taken. By default each tree learns from all rows.
 *
 * Values are known as bins, so a cut lies on an edge between bins. Missing values and results are as with
 * {@link RandomForestRegressor}.
 *
 * @example
 * ```ts
 * const model = await new ExtraTreesRegressor({ trees: 300, minSamplesLeaf: 3 }).fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.ExtraTreesRegressor` (its draws differ); Geurts et al., Extremely randomized trees, 2006
 */
export class ExtraTreesRegressor extends RegressionForest {
  static override readonly name: string = 'ExtraTreesRegressor'
  declare trees: number
  declare bootstrap: boolean
  declare oob: boolean

  constructor(options: ExtraTreesRegressorOptions = {}) {
    super(options, { of: ExtraTreesRegressor, draws: { bootstrap: false, randomCuts: true } })
  }
}

registerEstimator(ExtraTreesRegressor, 'onecopy.ExtraTreesRegressor', import.meta.url)
