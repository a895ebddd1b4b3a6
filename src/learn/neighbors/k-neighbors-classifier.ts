/** Predicts the class that most of the nearest rows have. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { Label } from '../inputs/labels.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { NearRowsClassifier, type TakeVotes } from './near-rows-classifier.ts'
import { insteadOfMetrics, neighborNames, type NeighborOptions } from './neighbor-options.ts'
import { countVotes } from './neighbor-votes.ts'
import { requireEnough } from './shared-neighbors.ts'

/** Options of {@link KNeighborsClassifier}. */
export interface KNeighborsClassifierOptions extends NeighborOptions {
  /**
   * Weights of votes: `'uniform'` (default) for equal ones, `'distance'` for 1 / distance. With `'distance'`, rows at distance 0 are
   * the only ones that vote when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
}

/**
 * Nearest-neighbour classification by Euclidean or other Minkowski distances. The search is exact. Of rows at the same distance, those with lower
 * numbers are nearer; of classes with the same votes, that of the nearest row among them wins.
 *
 * `fit` copies no row. The model keeps `X` and reads it in `predict`; don't change it as long as you use the model. Row weights
 * of `fit` multiply votes; a row of weight 0 is never a neighbour.
 *
 * @example
 * ```ts
 * const model = await new KNeighborsClassifier({ neighbors: 10 }).fit(X, labels)
 * const probabilities = await model.predictProba(newX) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.neighbors.KNeighborsClassifier` (where the first class wins when votes are equal)
 */
export class KNeighborsClassifier<L extends Label = number> extends NearRowsClassifier<
  L,
  KNeighborsClassifier<string>,
  KNeighborsClassifier<boolean>,
  KNeighborsClassifier<number | string>
> {
  static override readonly name: string = 'KNeighborsClassifier'
  neighbors: number

  constructor(options: KNeighborsClassifierOptions = {}) {
    super(options)
    if (new.target === KNeighborsClassifier)
      requireLearnOptions('KNeighborsClassifier', options, neighborNames, insteadOfMetrics)
    this.neighbors = options.neighbors ?? 5
  }

  protected override requireReach(): number {
    return requireNumber(this, 'neighbors', { min: 1, integer: true })
  }

  protected override trialNeighbors(): number {
    return this.neighbors
  }

  protected override countVotes(queries: NDArray, rows: Rows, take: TakeVotes): Promise<void> {
    const { X_: points, scale_: scale, p } = this
    // Before there is memory for them: a file may say any number.
    const neighbors = this.requireReach()
    requireEnough(this.index_.order.size, neighbors)
    const voters = {
      index: this.index_,
      codes: this.codes_.toTypedArray(),
      classes: this.classes_.length,
      weights: this.weights_,
      byDistance: this.weights === 'distance',
    }
    return countVotes(voters, { points, queries, rows, scale, p, neighbors }, take)
  }

  protected override totalOf(votes: Float64Array): number {
    return votes.reduce((sum, one) => sum + one, 0)
  }
}

registerEstimator(KNeighborsClassifier, 'onecopy.KNeighborsClassifier', import.meta.url)
