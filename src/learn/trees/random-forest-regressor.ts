/** A forest of regression trees, each on rows drawn for it. */

import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import { treeHint } from './foreign-options.ts'
import { type ForestDraws, TreeForest } from './tree-forest.ts'
import type { MaxFeatures, MonotonicConstraints } from './tree-options.ts'

/** Options of {@link RandomForestRegressor}. */
export interface RandomForestRegressorOptions {
  /** Number of trees; default: 100. */
  readonly trees?: number
  /** Most leaves of a tree, or null (default) for no limit. */
  readonly maxLeafNodes?: number | null
  /** Most splits on the way to a leaf, or null (default) for no limit. */
  readonly maxDepth?: number | null
  /** Least rows in a leaf; a row that a tree drew twice counts twice. Default: 1. */
  readonly minSamplesLeaf?: number
  /** How many columns are looked at for each split, as a share of them or `'sqrt'` or `'log2'`; default: 1, all. */
  readonly maxFeatures?: MaxFeatures
  /** Whether each tree learns from as many rows as there are, drawn with replacement; default: true, else from all. */
  readonly bootstrap?: boolean
  /** Whether to predict each row by the trees that did not draw it; default: false. */
  readonly oob?: boolean
  /** Most bins of a column, 2 to 255; default: 255. Missing values have one more. */
  readonly maxBins?: number
  /** For each column 1, -1 or 0: predictions must not fall, must not rise, or are free as it grows; default: null, free. */
  readonly monotonicCst?: MonotonicConstraints | null
  /** Seed of all draws, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/**
 * A random forest: the mean of trees that were grown on rows drawn with replacement.
 *
 * `X` becomes one byte a value in shared memory for the time of the fit, and all trees learn from that; missing values (NaN)
 * go to the side of a split where they lower the error. A threshold lies midway between the bins that have rows on both sides. A
 * grown tree takes 8 bytes a node. The same data, options and seed give the same bytes on any number of threads.
 *
 * @example
 * ```ts
 * const model = await new RandomForestRegressor({ trees: 300, oob: true }).fit(X, y)
 * console.log(model.oobScore_) // R² on rows that a tree has not seen
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.RandomForestRegressor` (its draws differ); Breiman, Random forests, 2001
 */
export class RandomForestRegressor extends TreeForest {
  trees: number
  maxLeafNodes: number | null
  maxDepth: number | null
  minSamplesLeaf: number
  maxFeatures: MaxFeatures
  bootstrap: boolean
  oob: boolean
  maxBins: number
  monotonicCst: MonotonicConstraints | null
  seed: number

  constructor(options: RandomForestRegressorOptions = {}) {
    super()
    if (new.target === RandomForestRegressor)
      requireKnown('RandomForestRegressor', options, names, treeHint(names))
    this.trees = options.trees ?? 100
    this.maxLeafNodes = options.maxLeafNodes ?? null
    this.maxDepth = options.maxDepth ?? null
    this.minSamplesLeaf = options.minSamplesLeaf ?? 1
    this.maxFeatures = options.maxFeatures ?? 1
    this.bootstrap = options.bootstrap ?? true
    this.oob = options.oob ?? false
    this.maxBins = options.maxBins ?? 255
    this.monotonicCst = options.monotonicCst ?? null
    this.seed = options.seed ?? 0
  }

  protected override requireDraws(): ForestDraws {
    const trees = requireNumber(this, 'trees', { min: 1, max: 2 ** 31, integer: true })
    const bootstrap = requireBoolean(this, 'bootstrap')
    const oob = requireBoolean(this, 'oob')
    if (oob && !bootstrap) {
      throw new OneCopyError(
        'ERR_OPTION',
        'Expected `bootstrap: true` with `oob: true`: without draws there are no rows that a tree has not seen.',
        { details: { name: 'oob' } },
      )
    }
    return { trees, bootstrap, oob }
  }
}

const names: OptionNames<RandomForestRegressorOptions> = {
  trees: true,
  maxLeafNodes: true,
  maxDepth: true,
  minSamplesLeaf: true,
  maxFeatures: true,
  bootstrap: true,
  oob: true,
  maxBins: true,
  monotonicCst: true,
  seed: true,
}
