/** One tree that tells classes apart. */

import { ClassForest, type ClassTreeOptions } from './class-forest.ts'
import { registerEstimator } from '../../registration/register-estimator.ts'

/** Options of {@link DecisionTreeClassifier}. */
export type DecisionTreeClassifierOptions = ClassTreeOptions

/**
 * A tree that tells classes apart; a leaf predicts the shares of classes among its rows, by weight. Columns and missing values
 * are split as by {@link DecisionTreeRegressor}.
 *
 * @example
 * ```ts
 * const model = await new DecisionTreeClassifier({ maxDepth: 6 }).fit(X, labels)
 * ```
 *
 * @see scikit-learn's `sklearn.tree.DecisionTreeClassifier`
 */
export class DecisionTreeClassifier extends ClassForest {
  static override readonly name: string = 'DecisionTreeClassifier'
  constructor(options: DecisionTreeClassifierOptions = {}) {
    super(options, { of: DecisionTreeClassifier, draws: null })
  }
}

registerEstimator(DecisionTreeClassifier, 'onecopy.DecisionTreeClassifier', import.meta.url)
