/** Boosted trees that tell classes apart. */

import type { NDArray } from '../../arrays/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import {
  type Estimator,
  forget,
  type FitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import { checkClasses } from '../contract/check-classes.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { addedLeaves, type LeafRule } from './check-trees.ts'
import { findClasses } from './class-codes.ts'
import { type ClassWeight, weighClasses } from './class-weight.ts'
import type { BinnedMatrix } from './binned-matrix.ts'
import { treeHint } from './foreign-options.ts'
import { boostingNames, type BoostingModelOptions, GradientBoosting } from './gradient-boosting.ts'
import { requireOneTarget, type ScoreMap } from './tree-ensemble.ts'

/** Options of {@link GradientBoostingClassifier}. */
export interface GradientBoostingClassifierOptions extends BoostingModelOptions {
  /**
   * What rows of a class count more: a weight by label, where others are 1, or `'balanced'`, which gives all classes
   * the same total weight. Default: null, all 1.
   */
  readonly classWeight?: ClassWeight
}

/**
 * Gradient boosting of the log loss: one tree a round for two classes, one for each class when there are more.
 *
 * `y` holds labels, which are numbers; `predict` answers with labels, `predictProba` with a column for each of `classes_`.
 * Binning, missing values and reproducibility are those of {@link GradientBoostingRegressor}.
 *
 * @example
 * ```ts
 * const model = await new GradientBoostingClassifier({ maxIter: 200 }).fit(X, labels)
 * const probabilities = await model.predictProba(X)
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.HistGradientBoostingClassifier`
 */
export class GradientBoostingClassifier extends GradientBoosting implements Estimator {
  classWeight: ClassWeight
  /** Labels of the classes, ascending. */
  declare classes_: Float64Array
  /** Scores before the first tree: log odds of the second of two classes, else the logarithm of each class's share. */
  declare baselines_: Float64Array

  constructor(options: GradientBoostingClassifierOptions = {}) {
    super(options)
    if (new.target === GradientBoostingClassifier)
      requireKnown('GradientBoostingClassifier', options, names, treeHint(names))
    this.classWeight = options.classWeight ?? null
  }

  protected override async grow(
    matrix: NDArray,
    target: NDArray,
    options: FitOptions,
    shared?: BinnedMatrix,
  ): Promise<this> {
    forget(this)
    const { rows, weights } = options
    const inputs = checkInputs(matrix, target, { weights, ...(rows && { groups: [rows] }) })
    requireOneTarget(this, inputs)
    const found = findClasses(target, inputs)
    const { classes, codes } = found
    const weighed = { ...inputs, weights: weighClasses(this, found, inputs) }
    const loss = classes.length === 2 ? 'logistic' : 'softmax'
    const objective = { loss, lossParameter: 0, classes: classes.length } as const
    const { baselines } = await this.boost(matrix, codes, weighed, { objective, shared })
    this.classes_ = classes
    this.baselines_ = baselines
    return this
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predictProba(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    return this.predictBy(
      () => ({
        baselines: this.baselines_,
        factor: 1,
        map: this.classes_.length === 2 ? 'logistic' : 'softmax',
      }),
      () => [this.classes_.length],
      X,
      options,
    )
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const classes = checkClasses(values, 'numbers')
    values.floats('baselines_', classes === 2 ? 1 : classes)
  }

  protected override leafRule(values: LearnedValues): LeafRule {
    return addedLeaves(values, [...values.floats('baselines_')])
  }

  protected override scoreMap(): ScoreMap {
    return { baselines: this.baselines_, factor: 1, map: 'label', labels: this.classes_ }
  }
}

const names: OptionNames<GradientBoostingClassifierOptions> = {
  ...boostingNames,
  classWeight: true,
}
