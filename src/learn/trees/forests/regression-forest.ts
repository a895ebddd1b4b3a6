/** Forests and single trees that predict numbers. */

import { type NDArray, rowRanges } from '../../../arrays/index.ts'
import { rowNumbers } from '../../../arrays/internal.ts'
import type { OptionNames } from '../../../options.ts'
import type { Estimator } from '../../contract/estimator.ts'
import type { LearnedValues } from '../../contract/learned-values.ts'
import { r2 } from '../../scores/numbers/squared-errors.ts'
import { addedLeaves, type LeafRule } from '../check-trees.ts'
import { requireNumbers, type ScoreMap, type TreeData } from '../tree-ensemble.ts'
import type { MonotonicConstraints } from '../column-options.ts'
import {
  drawNames,
  type ForestKind,
  growthNames,
  TreeForest,
  type TreeGrowthOptions,
} from './tree-forest.ts'
import { placesWhere } from '../../inputs/row-vectors.ts'

/** Options of every tree and forest that predicts numbers. */
export interface RegressionTreeOptions extends TreeGrowthOptions {
  /**
   * For each column 1, -1 or 0: predictions must not fall, must not rise, or are free as it grows. A list, or by names in a
   * table, as in `{ age: 1 }`, where other columns are free. Default: null, free.
   */
  readonly monotonicCst?: MonotonicConstraints | null
}

/** A model that predicts the mean of the means in the leaves of its trees. */
export abstract class RegressionForest extends TreeForest implements Estimator {
  override monotonicCst: MonotonicConstraints | null
  /**
   * For each row of `X`, the mean of the trees that did not draw it, shape (n); NaN for a row that all trees drew or
   * none learned from. Only with `oob`.
   */
  declare oobPrediction_: Float64Array
  /** R² of these predictions where there are any, NaN when there are none. Only with `oob`. */
  declare oobScore_: number

  constructor(options: RegressionTreeOptions, kind: Omit<ForestKind, 'names' | 'maxFeatures'>) {
    const names: OptionNames<RegressionTreeOptions> = { ...growthNames, monotonicCst: true }
    super(options, { ...kind, names: { ...names, ...(kind.draws && drawNames) }, maxFeatures: 1 })
    this.monotonicCst = options.monotonicCst ?? null
  }

  protected override async learn(given: TreeData): Promise<void> {
    const data = requireNumbers(this, given)
    const { weights } = data.inputs
    const { outOfBag } = await this.growTrees(data, { weights, classes: 0, entropy: false })
    if (outOfBag !== null) this.#keepOutOfBag(outOfBag, data.y, weights)
  }

  protected override leafRule(values: LearnedValues): LeafRule {
    return addedLeaves(values, [0])
  }

  protected override scoreMap(): ScoreMap {
    return { baselines: new Float64Array(1), factor: 1 / this.treeCount, map: 'score' }
  }

  #keepOutOfBag(outOfBag: Float64Array, y: NDArray, weights: Float64Array | null): void {
    this.oobPrediction_ = outOfBag
    const known = placesWhere(outOfBag, (value) => !Number.isNaN(value))
    if (known.length === 0) {
      this.oobScore_ = Number.NaN
      return
    }
    const truth = y.ndim === 1 ? y : y.column(0)
    const rows =
      known.length === outOfBag.length ? rowRanges([[0, known.length]]) : rowNumbers(known)
    this.oobScore_ = r2(truth, outOfBag, { rows, ...(weights && { weights }) })
  }
}
