/** Weights of learners by greedy selection. */

import type { OptionNames } from '../../options.ts'
import { requireNumber } from '../contract/base-estimator.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { type CombinerScorer, SelectingCombiner } from './selecting-combiner.ts'

/** Options of {@link GreedySelection}. */
export interface GreedySelectionOptions {
  /** How many learners are chosen, the same ones counted again; a whole number >= 1; default: 25. */
  readonly size?: number
  /**
   * The measure that the mean of the chosen learners improves: a name or a scorer, which gets labels of classes as they are. Default: null,
   * which is `'rmse'` for numbers and `'logLoss'` for probabilities of classes. For `'rmse'` a step reads no rows.
   */
  readonly scorer?: CombinerScorer
}

/**
 * Weighs learners by choosing them one after the other: each time the one that makes the mean of all chosen ones best. A learner may be
 * chosen several times; its weight is its share among the chosen ones. Of equally good learners it takes one that it has
 * chosen before, then the first. What it chose after the best mean is left out. The columns are predictions of learners; made for
 * {@link SuperLearner.addMeta}.
 *
 * @example
 * ```ts
 * const meta = await new GreedySelection({ size: 25, scorer: 'mae' }).fit(Z, y)
 * console.log(meta.weights_, meta.order_)
 * ```
 *
 * @see Caruana, Niculescu-Mizil, Crew, Ksikes: Ensemble selection from libraries of models, ICML (2004)
 */
export class GreedySelection extends SelectingCombiner {
  static override readonly name: string = 'GreedySelection'
  size: number
  scorer: CombinerScorer

  constructor(options: GreedySelectionOptions = {}) {
    super()
    if (new.target === GreedySelection) requireLearnOptions('GreedySelection', options, names)
    const { size = 25, scorer = null } = options
    this.size = size
    this.scorer = scorer
  }

  protected override requireSteps(): number {
    return requireNumber(this, 'size', { min: 1, integer: true })
  }
}

registerEstimator(GreedySelection, 'onecopy.GreedySelection', import.meta.url)

const names: OptionNames<GreedySelectionOptions> = { size: true, scorer: true }
