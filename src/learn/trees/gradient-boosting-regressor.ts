/** Boosted regression trees on binned values. */

import { rowRanges, toRowNumbers, type NDArray } from '../../arrays/index.ts'
import { kernelRows } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import {
  type BinEdges,
  type BoostedTrees,
  type BoostingOptions,
  kernelThreads,
  native,
  type TreeModel,
} from '../../native/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireBoolean, requireFitOptions, requireNumber } from '../contract/base-estimator.ts'
import { type Estimator, forget, type FitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { checkInputs, type CheckedInputs } from '../statistics/read-moments.ts'
import { valueAt } from '../statistics/sampled-means.ts'
import { binMatrix } from './binned-matrix.ts'
import { treeHint } from './foreign-options.ts'
import { growthOptions, requireOneTarget, TreeEnsemble } from './tree-ensemble.ts'
import {
  type MaxFeatures,
  type MonotonicConstraints,
  requireAbove,
  requireOneOf,
  requireTreeOptions,
} from './tree-options.ts'
import { splitValidation, type ValidationSplit } from './validation-rows.ts'

/** What a {@link GradientBoostingRegressor} can minimize. */
export type RegressionLoss = 'squared' | 'absolute' | 'quantile' | 'huber' | 'poisson'

/** Options of {@link GradientBoostingRegressor}. */
export interface GradientBoostingRegressorOptions {
  /**
   * What is minimized: `'squared'` (default) errors predict means, `'absolute'` ones medians, `'quantile'` the quantile that
   * the option of this name says; `'huber'` is squared up to `delta` and linear beyond; `'poisson'` is for counts, and
   * predicts what is never negative.
   */
  readonly loss?: RegressionLoss
  /** The quantile of the loss of this name, above 0 and below 1; default: 0.5. */
  readonly quantile?: number
  /** Where the Huber loss becomes linear, in units of `y`, above 0; default: 1. */
  readonly delta?: number
  /** What part of a tree's values is added, above 0; default: 0.1. Less needs more trees, and mostly predicts better. */
  readonly learningRate?: number
  /** Number of trees, or most of them with `earlyStopping`; default: 100. */
  readonly maxIter?: number
  /** Most leaves of a tree, or null for no limit; default: 31. */
  readonly maxLeafNodes?: number | null
  /** Most splits on the way to a leaf, or null (default) for no limit. */
  readonly maxDepth?: number | null
  /** Least rows with a weight above 0 in a leaf; default: 20. */
  readonly minSamplesLeaf?: number
  /** Least sum of second derivatives in a leaf, which is that of weights for most losses; default: 0.001. */
  readonly minChildWeight?: number
  /** What a split must lower the loss by, times 2; default: 0. */
  readonly minSplitGain?: number
  /** Penalty on squared values of leaves; default: 0. */
  readonly l2Regularization?: number
  /** Most bins of a column, 2 to 255; default: 255. Missing values have one more. */
  readonly maxBins?: number
  /** How many columns are looked at for each split, as a share of them or `'sqrt'` or `'log2'`; default: 1, all. */
  readonly maxFeatures?: MaxFeatures
  /** Share of the rows that each tree learns from, drawn anew for each; default: 1. */
  readonly subsample?: number
  /** For each column 1, -1 or 0: predictions must not fall, must not rise, or are free as it grows; default: null, free. */
  readonly monotonicCst?: MonotonicConstraints | null
  /** `'leafwise'` (default) splits the leaf that gains most, `'depthwise'` the one nearest to the root. */
  readonly growPolicy?: 'leafwise' | 'depthwise'
  /** Whether to stop, and keep the best number of trees, when the loss on rows set aside gets no better; default: false. */
  readonly earlyStopping?: boolean
  /** Share of the rows that are set aside for `earlyStopping`; default: 0.1. */
  readonly validationFraction?: number
  /** Trees without a better loss after which `earlyStopping` stops; default: 10. */
  readonly iterNoChange?: number
  /** How much lower a better loss is, for `earlyStopping`; default: 1e-7. */
  readonly tol?: number
  /** Seed of all draws, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/**
 * Gradient boosting: trees that are grown one after the other, each on the errors of those before.
 *
 * `X` is read twice, in place, and becomes one byte a value in shared memory for the time of the fit: bins at exact
 * quantiles, and one for missing values (NaN), which go to the side of a split where they lower the loss. ±Infinity is an
 * extreme value. The same data, options and seed give the same bytes on any number of threads; with the squared loss, no weights
 * and no draws also for any order of the rows.
 *
 * @example
 * ```ts
 * const model = new GradientBoostingRegressor({ maxIter: 500, earlyStopping: true })
 * await model.fit(X, y, { rows: fold.train })
 * const predicted = await model.predict(X, { rows: fold.test })
 * ```
 *
 * @see scikit-learn's `sklearn.ensemble.HistGradientBoostingRegressor`; Ke et al., LightGBM, NeurIPS 2017
 */
export class GradientBoostingRegressor extends TreeEnsemble implements Estimator {
  loss: RegressionLoss
  quantile: number
  delta: number
  learningRate: number
  maxIter: number
  maxLeafNodes: number | null
  maxDepth: number | null
  minSamplesLeaf: number
  minChildWeight: number
  minSplitGain: number
  l2Regularization: number
  maxBins: number
  maxFeatures: MaxFeatures
  subsample: number
  monotonicCst: MonotonicConstraints | null
  growPolicy: 'leafwise' | 'depthwise'
  earlyStopping: boolean
  validationFraction: number
  iterNoChange: number
  tol: number
  seed: number
  /** What is predicted before the first tree; with the Poisson loss its logarithm. */
  declare baseline_: number
  /** Number of trees that are kept. */
  declare bestIteration_: number
  /** Mean loss on the rows set aside, before the first tree and after each; empty without `earlyStopping`. */
  declare validationLosses_: Float64Array
  /** How the values of leaves become predictions. */
  declare map_: 'score' | 'exp'

  constructor(options: GradientBoostingRegressorOptions = {}) {
    super()
    if (new.target === GradientBoostingRegressor)
      requireKnown('GradientBoostingRegressor', options, names, treeHint(names))
    this.loss = options.loss ?? 'squared'
    this.quantile = options.quantile ?? 0.5
    this.delta = options.delta ?? 1
    this.learningRate = options.learningRate ?? 0.1
    this.maxIter = options.maxIter ?? 100
    this.maxLeafNodes = options.maxLeafNodes === undefined ? 31 : options.maxLeafNodes
    this.maxDepth = options.maxDepth ?? null
    this.minSamplesLeaf = options.minSamplesLeaf ?? 20
    this.minChildWeight = options.minChildWeight ?? 1e-3
    this.minSplitGain = options.minSplitGain ?? 0
    this.l2Regularization = options.l2Regularization ?? 0
    this.maxBins = options.maxBins ?? 255
    this.maxFeatures = options.maxFeatures ?? 1
    this.subsample = options.subsample ?? 1
    this.monotonicCst = options.monotonicCst ?? null
    this.growPolicy = options.growPolicy ?? 'leafwise'
    this.earlyStopping = options.earlyStopping ?? false
    this.validationFraction = options.validationFraction ?? 0.1
    this.iterNoChange = options.iterNoChange ?? 10
    this.tol = options.tol ?? 1e-7
    this.seed = options.seed ?? 0
  }

  /**
   * Grows the trees, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype and strides; NaN is a missing value
   * @param y - one target, shape (n) or (n, 1), finite and at most 1e100 in size
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(X: ArrayInput, y: ArrayInput, options: FitOptions = {}): Promise<this> {
    requireFitOptions(this, options)
    forget(this)
    const [matrix, target] = [asArray(X, '`X`'), asArray(y, '`y`')]
    const { rows, weights } = options
    const inputs = checkInputs(matrix, target, { weights, ...(rows && { groups: [rows] }) })
    requireOneTarget(this, inputs)
    const own = this.#requireOptions()
    const growth = requireTreeOptions(this, inputs.columns)
    const all = inputs.groups[0]!
    if (this.loss === 'poisson') requireCounts(target, inputs)
    const split = this.#split(inputs)
    const binned = await binMatrix(matrix, {
      rows: split.training,
      binned: all,
      weights: inputs.weights,
      maxBins: growth.maxBins,
    })
    try {
      const boosting = {
        ...growthOptions(binned, target, inputs, split.training, growth),
        ...own,
        validation: kernelRows(split.validation),
      }
      this.#learn(await native.boostTrees(boosting, kernelThreads()), binned.edges, inputs)
    } finally {
      binned.bins[Symbol.dispose]()
    }
    return this
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('baseline_', -Infinity, Infinity, false)
    values.number('bestIteration_', 0)
    values.floats('validationLosses_')
    values.oneOf('map_', ['score', 'exp'])
  }

  protected override scoreMap(): Pick<TreeModel, 'baselines' | 'factor' | 'map'> {
    return { baselines: Float64Array.of(this.baseline_), factor: 1, map: this.map_ }
  }

  #learn(grown: BoostedTrees, edges: BinEdges, inputs: CheckedInputs): void {
    const { losses } = grown
    const best = losses.length === 0 ? grown.starts.length - 1 : losses.indexOf(Math.min(...losses))
    this.keepTrees(grown, edges, inputs, best)
    this.baseline_ = grown.baselines[0]!
    this.bestIteration_ = best
    this.validationLosses_ = losses
    this.map_ = this.loss === 'poisson' ? 'exp' : 'score'
  }

  #split({ groups, weights }: CheckedInputs): ValidationSplit {
    if (!this.earlyStopping) return { training: groups[0]!, validation: rowRanges([]) }
    return splitValidation(groups[0]!, weights, {
      fraction: this.validationFraction,
      seed: this.seed,
    })
  }

  #requireOptions(): Omit<BoostingOptions, keyof ReturnType<typeof growthOptions> | 'validation'> {
    requireOneOf(this, 'loss', ['squared', 'absolute', 'quantile', 'huber', 'poisson'])
    requireOneOf(this, 'growPolicy', ['leafwise', 'depthwise'])
    requireBoolean(this, 'earlyStopping')
    requireAbove(this, 'validationFraction', { below: 1 })
    const quantile = requireAbove(this, 'quantile', { below: 1 })
    const delta = requireAbove(this, 'delta')
    return {
      loss: this.loss,
      lossParameter: this.loss === 'huber' ? delta : quantile,
      classes: 1,
      rounds: requireNumber(this, 'maxIter', { min: 1, max: 2 ** 31, integer: true }),
      rate: requireAbove(this, 'learningRate'),
      rowShare: requireAbove(this, 'subsample', { max: 1 }),
      patience: requireNumber(this, 'iterNoChange', { min: 1, integer: true }),
      tolerance: requireNumber(this, 'tol', { min: 0 }),
      l2: requireNumber(this, 'l2Regularization', { min: 0 }),
      leastHessian: requireNumber(this, 'minChildWeight', { min: 0 }),
      leastGain: requireNumber(this, 'minSplitGain', { min: 0 }),
      byLevel: this.growPolicy === 'depthwise',
    }
  }
}

const names: OptionNames<GradientBoostingRegressorOptions> = {
  loss: true,
  quantile: true,
  delta: true,
  learningRate: true,
  maxIter: true,
  maxLeafNodes: true,
  maxDepth: true,
  minSamplesLeaf: true,
  minChildWeight: true,
  minSplitGain: true,
  l2Regularization: true,
  maxBins: true,
  maxFeatures: true,
  subsample: true,
  monotonicCst: true,
  growPolicy: true,
  earlyStopping: true,
  validationFraction: true,
  iterNoChange: true,
  tol: true,
  seed: true,
}

/** Checks targets of the Poisson loss. @throws OneCopyError `ERR_VALUE` */
function requireCounts(y: NDArray, { weighedGroups }: CheckedInputs): void {
  for (const row of toRowNumbers(weighedGroups[0]!)) {
    const value = valueAt(y, row, 0)
    if (!(value < 0)) continue
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected targets >= 0 for the Poisson loss, got ${value} in \`y\` at row ${row} (counted from 0).`,
      { details: { row, value } },
    )
  }
}
