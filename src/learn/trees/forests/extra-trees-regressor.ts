/** Extremely randomized regression trees. */

import { type OptionNames, requireKnown } from '../../../options.ts'
import { treeHint } from '../foreign-options.ts'
import { RegressionForest, type RegressionTreeOptions } from './regression-forest.ts'
import {
  drawNames,
  type ForestDrawOptions,
  type ForestDraws,
  growthNames,
  requireForestDraws,
} from './tree-forest.ts'

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
  trees: number
  bootstrap: boolean
  oob: boolean

  constructor(options: ExtraTreesRegressorOptions = {}) {
    super(options, 1)
    if (new.target === ExtraTreesRegressor)
      requireKnown('ExtraTreesRegressor', options, names, treeHint(names))
    this.trees = options.trees ?? 100
    this.bootstrap = options.bootstrap ?? false
    this.oob = options.oob ?? false
  }

  protected override requireDraws(): ForestDraws {
    return requireForestDraws(this, true)
  }
}

const names: OptionNames<ExtraTreesRegressorOptions> = {
  ...growthNames,
  ...drawNames,
  monotonicCst: true,
}
