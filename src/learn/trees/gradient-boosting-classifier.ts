/** Boosted trees that tell classes apart. */

import type { NDArray } from '../../arrays/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import type { FloatArray, Estimator, PredictOptions } from '../contract/estimator.ts'
import { checkClasses } from '../contract/check-classes.ts'
import type { FoldFit } from '../contract/fold-sharing.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { Classes } from '../inputs/labels.ts'
import type { Column, Table } from '../../tables/index.ts'
import type { BinnedMatrix } from './binned-matrix.ts'
import { addedLeaves, type LeafRule } from './check-trees.ts'
import {
  classNumbers,
  predictClasses,
  weighClasses,
  withClasses,
  type WithLabels,
} from './class-labels.ts'
import type { ClassWeight, ClassWeightOptions } from '../inputs/class-weights.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { treeHint } from './foreign-options.ts'
import {
  type BoostingFitOptions,
  boostingNames,
  type BoostingModelOptions,
  GradientBoosting,
} from './gradient-boosting.ts'
import type { ScoreMap, TreeData } from './tree-ensemble.ts'

/** Options of {@link GradientBoostingClassifier}. */
export interface GradientBoostingClassifierOptions
  extends BoostingModelOptions, ClassWeightOptions {}

/**
 * Gradient boosting of the log loss: one tree a round for two classes, one for each class when there are more.
 *
 * `y` holds labels: numbers, or a list of texts or of true and false. `predict` answers with labels, `predictProba` with a column
 * for each of `classes_`.
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
  static override readonly name: string = 'GradientBoostingClassifier'
  classWeight: ClassWeight
  /** Labels of the classes, ascending; a list when they are texts or true and false. */
  declare classes_: Float64Array
  /** Scores before the first tree: log odds of the second of two classes, else the logarithm of each class's share. */
  declare baselines_: Float64Array

  constructor(options: GradientBoostingClassifierOptions = {}) {
    super(options)
    if (new.target === GradientBoostingClassifier)
      requireKnown('GradientBoostingClassifier', options, names, treeHint(names))
    this.classWeight = options.classWeight ?? null
  }

  /** Does what `fit` does, which this class overrides. */
  override get readsColumns(): true {
    return true
  }

  override fit(
    X: FeatureInput,
    y: readonly string[],
    options?: BoostingFitOptions,
  ): Promise<WithLabels<this, string>>
  override fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: BoostingFitOptions,
  ): Promise<WithLabels<this, boolean>>
  override fit(X: FeatureInput, y: ArrayInput, options?: BoostingFitOptions): Promise<this>
  override fit(
    X: Table,
    y: string | Column,
    options?: BoostingFitOptions,
  ): Promise<WithLabels<this, number | string>>
  override fit(X: FeatureInput, y: TargetInput, options?: BoostingFitOptions): Promise<unknown> {
    return super.fit(X, y as ArrayInput, options)
  }

  /** Does what `fit` does, which this class overrides. */
  override fitFold(shared: BinnedMatrix, X: NDArray, y: NDArray, fit: FoldFit): Promise<this> {
    return super.fitFold(shared, X, y, fit)
  }

  /**
   * Predicts the likeliest class of each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @returns labels: an array of shape (n) or (n, 1) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  override async predict(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    return predictClasses(this, options, () => super.predict(X, options))
  }

  protected override async learn(data: TreeData): Promise<void> {
    const n = data.X.shape[0]
    const heldOut = this.heldOutRows(data)
    const first = data.from?.['classes_'] as Classes | undefined
    return withClasses(data.y, n, data.inputs, { heldOut, first }, async (found) => {
      const { classes, codes } = found
      const inputs = { ...found.inputs, weights: weighClasses(this, found) }
      const loss = classes.length === 2 ? 'logistic' : 'softmax'
      const objective = { loss, lossParameter: 0, classes: classes.length } as const
      const { baselines } = await this.boost(
        { ...data, y: codes, inputs, heldOut: found.heldOut },
        objective,
        (from) => from['baselines_'] as Float64Array,
      )
      this.classes_ = classes as Float64Array
      this.baselines_ = baselines
    })
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predictProba(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
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
    const classes = checkClasses(values)
    values.floats('baselines_', classes === 2 ? 1 : classes)
  }

  protected override leafRule(values: LearnedValues): LeafRule {
    return addedLeaves(values, [...values.floats('baselines_')])
  }

  protected override scoreMap(): ScoreMap {
    return {
      baselines: this.baselines_,
      factor: 1,
      map: 'label',
      labels: classNumbers(this.classes_),
    }
  }
}

registerEstimator(GradientBoostingClassifier, 'onecopy.GradientBoostingClassifier', import.meta.url)

const names: OptionNames<GradientBoostingClassifierOptions> = {
  ...boostingNames,
  classWeight: true,
}
