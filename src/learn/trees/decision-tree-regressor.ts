/** One regression tree on binned values. */

import { type OptionNames, requireKnown } from '../../options.ts'
import { treeHint } from './foreign-options.ts'
import { type ForestDraws, TreeForest } from './tree-forest.ts'
import type { MaxFeatures, MonotonicConstraints } from './tree-options.ts'

/** Options of {@link DecisionTreeRegressor}. */
export interface DecisionTreeRegressorOptions {
  /** Most leaves, or null (default) for no limit; with one, the leaf that gains most is split next. */
  readonly maxLeafNodes?: number | null
  /** Most splits on the way to a leaf, or null (default) for no limit. */
  readonly maxDepth?: number | null
  /** Least rows with a weight above 0 in a leaf; default: 1. */
  readonly minSamplesLeaf?: number
  /** How many columns are looked at for each split, as a share of them or `'sqrt'` or `'log2'`; default: 1, all. */
  readonly maxFeatures?: MaxFeatures
  /** Most bins of a column, 2 to 255; default: 255. Missing values have one more. */
  readonly maxBins?: number
  /** For each column 1, -1 or 0: predictions must not fall, must not rise, or are free as it grows; default: null, free. */
  readonly monotonicCst?: MonotonicConstraints | null
  /** Seed of the draws of columns, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/**
 * A regression tree that lowers the squared error; a leaf predicts the weighted mean of its rows. Columns of at most `maxBins`
 * distinct values are split between any two of them, others at their quantiles. Missing values (NaN) go to the side of a
 * split where they lower the error.
 *
 * @example
 * ```ts
 * const model = await new DecisionTreeRegressor({ maxDepth: 6 }).fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.tree.DecisionTreeRegressor`
 */
export class DecisionTreeRegressor extends TreeForest {
  maxLeafNodes: number | null
  maxDepth: number | null
  minSamplesLeaf: number
  maxFeatures: MaxFeatures
  maxBins: number
  monotonicCst: MonotonicConstraints | null
  seed: number

  constructor(options: DecisionTreeRegressorOptions = {}) {
    super()
    if (new.target === DecisionTreeRegressor)
      requireKnown('DecisionTreeRegressor', options, names, treeHint(names))
    this.maxLeafNodes = options.maxLeafNodes ?? null
    this.maxDepth = options.maxDepth ?? null
    this.minSamplesLeaf = options.minSamplesLeaf ?? 1
    this.maxFeatures = options.maxFeatures ?? 1
    this.maxBins = options.maxBins ?? 255
    this.monotonicCst = options.monotonicCst ?? null
    this.seed = options.seed ?? 0
  }

  protected override requireDraws(): ForestDraws {
    return { trees: 1, bootstrap: false, oob: false }
  }
}

const names: OptionNames<DecisionTreeRegressorOptions> = {
  maxLeafNodes: true,
  maxDepth: true,
  minSamplesLeaf: true,
  maxFeatures: true,
  maxBins: true,
  monotonicCst: true,
  seed: true,
}
