/** What boosted models share: options, rows set aside, growth. */

import type { NDArray, Rows, RowSelection } from '../../arrays/index.ts'
import { allRows, kernelRows } from '../../arrays/internal.ts'
import {
  type BoostedTrees,
  type BoostingOptions,
  kernelThreads,
  native,
} from '../../native/index.ts'
import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { requireBoolean, requireNumber, requireOneOf } from '../contract/base-estimator.ts'
import type { LearnedState, TableFitOptions } from '../contract/estimator.ts'
import type { FoldFit, FoldSharing } from '../contract/fold-sharing.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { mergeRepeated } from './merge-repeated.ts'
import { heldOutRows, partRows } from '../inputs/validation-rows.ts'
import { type BinnedMatrix, binMatrix, withBins } from './binned-matrix.ts'
import type {
  CategoricalFeatures,
  InteractionConstraints,
  MonotonicConstraints,
} from './column-options.ts'
import { foreignPolicies } from './foreign-options.ts'
import { growthOptions, type TreeData, TreeEnsemble } from './tree-ensemble.ts'
import {
  type Binning,
  type CheckedTreeOptions,
  type CommonTreeOptions,
  type MaxFeatures,
  requireAbove,
  requireTreeOptions,
} from './tree-options.ts'
import {
  type BoostedState,
  checkConstraints,
  type GrowthRules,
  interactionsOf,
  joinTrees,
  knownTrees,
  signsOfColumns,
  takeState,
} from './continued-trees.ts'

/** Options of every boosted model. */
export interface BoostingModelOptions extends CommonTreeOptions {
  /** What part of a tree's values is added, above 0; default: 0.1. Less needs more trees, and mostly predicts better. */
  readonly learningRate?: number
  /** Number of trees, or most of them with `earlyStopping`; default: 100. */
  readonly maxIter?: number
  /** Most leaves of a tree, or null for no limit; default: 31. */
  readonly maxLeafNodes?: number | null
  /** Least rows with a weight above 0 in a leaf; a row that `rows` lists twice is one of them. Default: 20. */
  readonly minSamplesLeaf?: number
  /** Least sum of second derivatives in a leaf, which is that of weights for most losses; default: 0.001. */
  readonly minChildWeight?: number
  /** What a split must lower the loss by, times 2; default: 0. */
  readonly minSplitGain?: number
  /** Penalty on values of leaves: the gradient of a leaf counts as so much smaller; default: 0. */
  readonly l1Regularization?: number
  /** Penalty on squared values of leaves; default: 0. */
  readonly l2Regularization?: number
  /** Most size of a leaf's value, before it is multiplied by `learningRate`; default: null, any. */
  readonly maxLeafValue?: number | null
  /**
   * How many rows of its node's mean are mixed into the mean of a category, when categories are put into groups. Categories with
   * fewer rows in a node are not told apart there. Default: 10.
   */
  readonly categorySmoothing?: number
  /** How many columns are looked at for each split, as a share of them or `'sqrt'` or `'log2'`; default: 1, all. */
  readonly maxFeatures?: MaxFeatures
  /** Share of the rows that each tree learns from, drawn anew for each; default: 1. */
  readonly subsample?: number
  /**
   * For each column 1, -1 or 0: predictions must not fall, must not rise, or are free as it grows. A list, or by names in a
   * table, as in `{ age: 1 }`, where other columns are free. A classifier keeps it for two classes only. Default: null, free.
   */
  readonly monotonicCst?: MonotonicConstraints | null
  /** `'leafwise'` (default) splits the leaf that gains most, `'depthwise'` the one nearest to the root. */
  readonly growPolicy?: 'leafwise' | 'depthwise'
  /** Whether to stop, and keep the best number of trees, when the loss on rows set aside gets no better; default: false. */
  readonly earlyStopping?: boolean
  /** Share of the rows that are set aside for `earlyStopping`; default: 0.1. */
  readonly validationFraction?: number
  /**
   * Rows that are set aside for `earlyStopping` in place of a share: row numbers of `X`, a mask, or ranges. They must be among
   * the rows that `fit` is given; in an ensemble each fold uses those that it does not hold out. `'heldOut'`: the rows of `X` that
   * `fit` is not given, such as those that a fold holds out, and a share where there are none. Default: null, a share.
   */
  readonly validationRows?: RowSelection | 'heldOut' | null
  /** Trees without a better loss after which `earlyStopping` stops; default: 10. */
  readonly iterNoChange?: number
  /** How much lower a better loss is, for `earlyStopping`; default: 1e-7. */
  readonly tol?: number
}

/** Options of `fit` of a boosted model. */
export interface BoostingFitOptions extends TableFitOptions {
  /**
   * A fitted model of the same class, which may be this one: its trees are kept, and `maxIter` more are grown on what they leave
   * over. On the same rows this makes the model that one fit of all trees makes. The bins are those of that model; the loss,
   * `categoricalFeatures`, `monotonicCst` and `interactionConstraints` must be.
   */
  readonly continueFrom?: GradientBoosting
}

/** What is minimized, in the form that the native core takes. */
export type Objective = Pick<BoostingOptions, 'loss' | 'lossParameter' | 'classes'>

/** A model of trees that are grown one after the other. */
export abstract class GradientBoosting extends TreeEnsemble {
  learningRate: number
  maxIter: number
  maxLeafNodes: number | null
  maxDepth: number | null
  minSamplesLeaf: number
  minChildWeight: number
  minSplitGain: number
  l1Regularization: number
  l2Regularization: number
  maxLeafValue: number | null
  categoricalFeatures: CategoricalFeatures | null
  categorySmoothing: number
  interactionConstraints: InteractionConstraints | null
  maxBins: number
  binning: Binning
  maxFeatures: MaxFeatures
  subsample: number
  monotonicCst: MonotonicConstraints | null
  growPolicy: 'leafwise' | 'depthwise'
  earlyStopping: boolean
  validationFraction: number
  validationRows: RowSelection | 'heldOut' | null
  iterNoChange: number
  tol: number
  seed: number
  /** Number of rounds whose trees are kept: one tree each, or one for each of several classes. */
  declare bestIteration_: number
  /** Mean loss on the rows set aside, before the first tree and after each round; empty without `earlyStopping`. */
  declare validationLosses_: Float64Array
  /** For each column 1, -1 or 0: the `monotonicCst` that all trees were grown by, shape (d). */
  declare monotonicSigns_: Int32Array
  /** The sets of columns that all trees were grown by: `'any'`, `'pairwise'`, `'noInteractions'`, or a text such as `'[0, 1], [2]'`. */
  declare interactions_: string

  constructor(options: BoostingModelOptions) {
    super()
    this.learningRate = options.learningRate ?? 0.1
    this.maxIter = options.maxIter ?? 100
    this.maxLeafNodes = options.maxLeafNodes === undefined ? 31 : options.maxLeafNodes
    this.maxDepth = options.maxDepth ?? null
    this.minSamplesLeaf = options.minSamplesLeaf ?? 20
    this.minChildWeight = options.minChildWeight ?? 1e-3
    this.minSplitGain = options.minSplitGain ?? 0
    this.l1Regularization = options.l1Regularization ?? 0
    this.l2Regularization = options.l2Regularization ?? 0
    this.maxLeafValue = options.maxLeafValue ?? null
    this.categoricalFeatures = options.categoricalFeatures ?? null
    this.categorySmoothing = options.categorySmoothing ?? 10
    this.interactionConstraints = options.interactionConstraints ?? null
    this.maxBins = options.maxBins ?? 255
    this.binning = options.binning ?? 'shared'
    this.maxFeatures = options.maxFeatures ?? 1
    this.subsample = options.subsample ?? 1
    this.monotonicCst = options.monotonicCst ?? null
    this.growPolicy = options.growPolicy ?? 'leafwise'
    this.earlyStopping = options.earlyStopping ?? false
    this.validationFraction = options.validationFraction ?? 0.1
    this.validationRows = options.validationRows ?? null
    this.iterNoChange = options.iterNoChange ?? 10
    this.tol = options.tol ?? 1e-7
    this.seed = options.seed ?? 0
  }

  /** Does what `fit` does, which this class overrides. */
  override get readsColumns(): true {
    return true
  }

  override fit(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    options?: BoostingFitOptions,
  ): Promise<this>
  override async fit(
    X: FeatureInput,
    y: TargetInput,
    { continueFrom, ...options }: BoostingFitOptions = {},
  ): Promise<this> {
    const from = continueFrom === undefined ? undefined : takeState(this, continueFrom)
    return this.fitFrom(from, X, y, options)
  }

  /** Does what `fit` does, which this class overrides. */
  override foldSharing(): FoldSharing<BinnedMatrix> | undefined {
    const sharing = super.foldSharing()
    if (sharing === undefined || !this.earlyStopping) return sharing
    // `fit` finds the edges of bins without the rows that it sets aside.
    const others = { ...sharing }
    delete others.makeOfRows
    return others
  }

  override fitFold(shared: BinnedMatrix, X: NDArray, y: NDArray, fit: FoldFit): Promise<this> {
    return super.fitFold(shared, X, y, fit)
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('bestIteration_', 0)
    values.floats('validationLosses_')
    checkConstraints(values)
  }

  /** Checks the options, grows the trees on native threads and keeps them; returns what else was learned. */
  protected async boost(
    { X, y, inputs: given, shared, from, heldOut }: TreeData<NDArray>,
    objective: Objective,
    startOf: (from: LearnedState) => Float64Array,
  ): Promise<BoostedTrees> {
    const inputs = mergeRepeated(given, X.shape[0])
    const own = this.#requireOptions()
    const growth = requireTreeOptions(this, X)
    const rules = this.#growthRules(growth, inputs.columns, objective)
    requireOneOf(this, 'binning', ['shared', 'perFold'])
    const split = partRows(this, inputs, X.shape[0], heldOut)
    const { known = null, edges } =
      from === undefined
        ? {}
        : knownTrees(this, from as unknown as BoostedState, startOf(from), rules)
    const makeBins = (): Promise<BinnedMatrix> =>
      binMatrix(X, {
        ...growth,
        rows: split.training,
        binned: heldOut === undefined ? inputs.groups[0]! : allRows(X.shape[0]),
        weights: inputs.weights,
        edges,
      })
    return withBins(shared, makeBins, async (binned) => {
      const boosting = {
        ...growthOptions(binned, y, inputs, split.training, growth),
        ...own,
        ...objective,
        randomCuts: false,
        validation: kernelRows(split.validation),
        known,
      }
      const grown = await native.boostTrees(boosting, kernelThreads())
      const { losses, baselines } = grown
      const trees = (known?.starts.length ?? 1) - 1 + (grown.starts.length - 1)
      const best =
        losses.length === 0 ? trees / baselines.length : losses.indexOf(Math.min(...losses))
      const { nodes, starts } = await joinTrees(known, grown, best * baselines.length)
      this.treeStarts_ = starts
      this.nodes_ = nodes
      this.keepGrowth(grown, binned.edges, inputs.targetShape)
      this.monotonicSigns_ = rules.signs
      this.interactions_ = rules.interactions
      this.bestIteration_ = best
      this.validationLosses_ = losses
      return grown
    })
  }

  /** Rows that `fit` is not given, or those that its fold holds out, where these are validated on; undefined when not, or when there are none. */
  protected heldOutRows({ inputs, X, heldOut }: TreeData<unknown>): Rows | undefined {
    return heldOutRows(this, inputs, X.shape[0], heldOut)
  }

  /** Constraints of the trees. @throws OneCopyError `ERR_OPTION` for directions of columns with several classes */
  #growthRules(
    { categorical, monotone, together }: CheckedTreeOptions,
    columns: number,
    { classes }: Objective,
  ): GrowthRules {
    if (monotone !== null && classes > 2) {
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected 2 classes with \`monotonicCst\` of ${this.constructor.name}, got ${classes}: a tree for each class can't keep it. ` +
          'Leave monotonicCst out, or fit one model of 2 classes for each class.',
        { details: { name: 'monotonicCst', classes } },
      )
    }
    const interactions = interactionsOf(this.interactionConstraints, together)
    return { columns, categorical, signs: signsOfColumns(monotone, columns), interactions }
  }

  #requireOptions(): Omit<
    BoostingOptions,
    keyof ReturnType<typeof growthOptions> | 'randomCuts' | 'validation' | 'known' | keyof Objective
  > {
    requireOneOf(this, 'growPolicy', ['leafwise', 'depthwise'], foreignPolicies)
    requireBoolean(this, 'earlyStopping')
    requireAbove(this, 'validationFraction', { below: 1 })
    return {
      rounds: requireNumber(this, 'maxIter', { min: 1, max: 2 ** 31, integer: true }),
      rate: requireAbove(this, 'learningRate'),
      rowShare: requireAbove(this, 'subsample', { max: 1 }),
      patience: requireNumber(this, 'iterNoChange', { min: 1, max: 2 ** 31, integer: true }),
      tolerance: requireNumber(this, 'tol', { min: 0 }),
      l1: requireNumber(this, 'l1Regularization', { min: 0 }),
      l2: requireNumber(this, 'l2Regularization', { min: 0 }),
      mostValue: this.maxLeafValue === null ? Infinity : requireAbove(this, 'maxLeafValue'),
      leastHessian: requireNumber(this, 'minChildWeight', { min: 0 }),
      leastGain: requireNumber(this, 'minSplitGain', { min: 0 }),
      byLevel: this.growPolicy === 'depthwise',
    }
  }
}

/** The names of the options that every boosted model has. */
export const boostingNames: OptionNames<BoostingModelOptions> = {
  learningRate: true,
  maxIter: true,
  maxLeafNodes: true,
  maxDepth: true,
  minSamplesLeaf: true,
  minChildWeight: true,
  minSplitGain: true,
  l1Regularization: true,
  l2Regularization: true,
  maxLeafValue: true,
  categoricalFeatures: true,
  categorySmoothing: true,
  interactionConstraints: true,
  maxBins: true,
  binning: true,
  maxFeatures: true,
  subsample: true,
  monotonicCst: true,
  growPolicy: true,
  earlyStopping: true,
  validationFraction: true,
  validationRows: true,
  iterNoChange: true,
  tol: true,
  seed: true,
}
