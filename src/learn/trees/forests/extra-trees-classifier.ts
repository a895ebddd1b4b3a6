/** Extremely randomized trees that tell classes apart. */

import { ClassForest, type ClassTreeOptions } from './class-forest.ts'
import type { ForestDrawOptions } from './tree-forest.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'

/** Options of {@link ExtraTreesClassifier}. */
export interface ExtraTreesClassifierOptions extends ClassTreeOptions, ForestDrawOptions {}

/**
 * Extremely randomized trees that tell classes apart. Splits are drawn as by {@link ExtraTreesRegressor}, on some columns
 * drawn for each; probabilities are those of {@link RandomForestClassifier}. By default each tree learns from all rows.
 *
 * @example
 * ```ts
 * const model = await new ExtraTreesClassifier({ trees: 300 }).fit(X, labels)
 * const probabilities = await model.predictProba(X)
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.ExtraTreesClassifier` (its draws differ); Geurts et al., Extremely randomized trees, 2006
 */
export class ExtraTreesClassifier extends ClassForest {
  static override readonly name: string = 'ExtraTreesClassifier'
  declare trees: number
  declare bootstrap: boolean
  declare oob: boolean

  constructor(options: ExtraTreesClassifierOptions = {}) {
    super(options, { of: ExtraTreesClassifier, draws: { bootstrap: false, randomCuts: true } })
  }
}

registerEstimator(ExtraTreesClassifier, 'onecopy.ExtraTreesClassifier', import.meta.url)
