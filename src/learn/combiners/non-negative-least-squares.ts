/** Weights of learners by least squares. */

import type { NDArray } from '../../arrays/index.ts'
import { Matrix } from 'ml-matrix'
import type { OptionNames } from '../../options.ts'
import { requireBoolean } from '../contract/base-estimator.ts'
import type { Combiner, FoundWeights } from '../contract/combiner.ts'
import { forget } from '../contract/estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { requireSamples } from '../contract/moments-estimator.ts'
import { LinearModel } from '../linear/linear-model.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { Moments } from '../statistics/moments.ts'
import { condenseMoments, type CondensedRows } from './condense-moments.ts'
import { convexWeights, nonNegativeWeights } from './solve-weights.ts'

/** Options of {@link NonNegativeLeastSquares}. */
export interface NonNegativeLeastSquaresOptions {
  /**
   * Whether the weights sum to 1, so that predictions lie between those of the learners; default: false. It is the minimum under
   * this condition, not the free one divided by its sum.
   */
  readonly convex?: boolean
}

/**
 * Weighs learners by least squares: minimizes Σ weight (y - Z w)² over w >= 0, without an intercept. The columns are predictions of
 * learners. Made for {@link SuperLearner.addMeta}, where all folds share one pass over the predictions; it reads no row twice. Of learners
 * that predict the same, one gets the weight.
 *
 * For probabilities of classes a learner has one weight for all classes, and the squared errors of all classes are summed (the Brier
 * score): see {@link CombinedClassifier}.
 *
 * @example
 * ```ts
 * const ensemble = new SuperLearner({ folds: 10 })
 *   .add([new Ridge(), new RandomForestRegressor()])
 *   .addMeta(new NonNegativeLeastSquares({ convex: true }))
 * await ensemble.fit(X, y)
 * console.log(ensemble.weights) // { ridge: 0.3, 'random-forest-regressor': 0.7 }
 * ```
 *
 * @see R's `SuperLearner`, whose method.NNLS divides the free weights by their sum and whose method.CC_LS is `convex`;
 *   Lawson, Hanson: Solving least squares problems, SIAM (1995), chapter 23
 */
export class NonNegativeLeastSquares extends LinearModel implements Combiner {
  static override readonly name: string = 'NonNegativeLeastSquares'
  convex: boolean

  constructor(options: NonNegativeLeastSquaresOptions = {}) {
    super()
    if (new.target === NonNegativeLeastSquares)
      requireLearnOptions('NonNegativeLeastSquares', options, names)
    const { convex = false } = options
    this.convex = convex
  }

  /** The weight of each column: the coefficients. */
  get weights_(): NDArray<'float64'> {
    return this.coef_
  }

  override fitMoments(moments: Moments): this {
    const solve = this.#solver()
    requireSamples(this, moments, 'some')
    const { X, targets } = condenseMoments(moments)
    const coefficients = targets.map((target) => solve(X, target))
    forget(this)
    this.learn(coefficients, new Float64Array(targets.length), moments.targetShape)
    return this
  }

  weighClassMoments(moments: readonly Moments[]): FoundWeights {
    const solve = this.#solver()
    const { X, targets } = stackRows(moments.map(condenseMoments))
    return { weights: solve(X, targets[0]!) }
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const coefficients = values.array('coef_', {
      dtype: 'float64',
      shape: [undefined],
      orShape: [undefined, undefined],
    })
    const wrong = (coefficients.toTypedArray() as Float64Array).find((value) => value < 0)
    if (wrong !== undefined) throw values.refuse('coef_', 'numbers >= 0', `${wrong}`)
  }

  #solver(): (X: Matrix, target: Float64Array) => Float64Array {
    const solve = requireBoolean(this, 'convex') ? convexWeights : nonNegativeWeights
    return (X, target) => solve(X, target, this.constructor.name)
  }
}

registerEstimator(NonNegativeLeastSquares, 'onecopy.NonNegativeLeastSquares', import.meta.url)

const names: OptionNames<NonNegativeLeastSquaresOptions> = { convex: true }

/** Rows of several problems of one target as those of a single one. */
function stackRows(parts: readonly CondensedRows[]): CondensedRows {
  const target = Float64Array.from(parts.flatMap(({ targets }) => [...targets[0]!]))
  return { X: new Matrix(parts.flatMap(({ X }) => X.to2DArray())), targets: [target] }
}
