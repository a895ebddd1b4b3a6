/** A forest of trees that tell classes apart. */

import { ClassForest, type ClassTreeOptions } from './class-forest.ts'
import type { ForestDrawOptions } from './tree-forest.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'

/** Options of {@link RandomForestClassifier}. */
export interface RandomForestClassifierOptions extends ClassTreeOptions, ForestDrawOptions {}

/**
 * A random forest that tells classes apart: the mean of the probabilities of trees that were grown on rows drawn with
 * replacement, each split on some columns drawn for it.
 *
 * `X` is binned, missing values are split and results are reproduced as by {@link RandomForestRegressor}. A leaf of one
 * class takes 8 bytes, others 8 more for each class.
 *
 * @example
 * ```ts
 * const model = await new RandomForestClassifier({ trees: 300, oob: true }).fit(X, labels)
 * console.log(model.oobScore_) // accuracy on rows that a tree has not seen
 * const probabilities = await model.predictProba(X)
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.RandomForestClassifier` (its draws differ); Breiman, Random forests, 2001
 */
export class RandomForestClassifier extends ClassForest {
  static override readonly name: string = 'RandomForestClassifier'
  declare trees: number
  declare bootstrap: boolean
  declare oob: boolean

  constructor(options: RandomForestClassifierOptions = {}) {
    super(options, { of: RandomForestClassifier, draws: { bootstrap: true, randomCuts: false } })
  }
}

registerEstimator(RandomForestClassifier, 'onecopy.RandomForestClassifier', import.meta.url)
