/** Extremely randomized trees that tell classes apart. */

import { type OptionNames, requireKnown } from '../../../options.ts'
import { treeHint } from '../foreign-options.ts'
import { ClassForest, type ClassTreeOptions } from './class-forest.ts'
import {
  drawNames,
  type ForestDrawOptions,
  type ForestDraws,
  growthNames,
  requireForestDraws,
} from './tree-forest.ts'

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
  trees: number
  bootstrap: boolean
  oob: boolean

  constructor(options: ExtraTreesClassifierOptions = {}) {
    super(options, 'sqrt')
    if (new.target === ExtraTreesClassifier)
      requireKnown('ExtraTreesClassifier', options, names, treeHint(names))
    this.trees = options.trees ?? 100
    this.bootstrap = options.bootstrap ?? false
    this.oob = options.oob ?? false
  }

  protected override requireDraws(): ForestDraws {
    return requireForestDraws(this, true)
  }
}

const names: OptionNames<ExtraTreesClassifierOptions> = {
  ...growthNames,
  ...drawNames,
  criterion: true,
  classWeight: true,
}
