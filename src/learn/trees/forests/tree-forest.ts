/** What forests and single trees share: trees grown independently. */

import type { NDArray } from '../../../arrays/index.ts'
import { OneCopyError } from '../../../errors.ts'
import { type ForestTrees, kernelThreads, native } from '../../../native/index.ts'
import { type OptionNames, requireKnown } from '../../../options.ts'
import { requireBoolean, requireNumber, requireOneOf } from '../../contract/base-estimator.ts'
import { type BinnedMatrix, binMatrix, withBins } from '../binned-matrix.ts'
import type {
  CategoricalFeatures,
  InteractionConstraints,
  MonotonicConstraints,
} from '../column-options.ts'
import { treeHint } from '../foreign-options.ts'
import { growthOptions, type TreeData, TreeEnsemble } from '../tree-ensemble.ts'
import {
  type Binning,
  type CommonTreeOptions,
  type MaxFeatures,
  requireTreeOptions,
  type SharedTreeOptions,
} from '../tree-options.ts'

/** Options of every tree and forest. */
export interface TreeGrowthOptions extends CommonTreeOptions {
  /** Most leaves of a tree, or null (default) for no limit; with one, the leaf that gains most is split next. */
  readonly maxLeafNodes?: number | null
  /** Least rows with a weight above 0 in a leaf; a row that a tree drew twice counts twice. Default: 1. */
  readonly minSamplesLeaf?: number
  /**
   * How many columns are looked at for each split, as a share of them or `'sqrt'` or `'log2'`; default: `'sqrt'` for forests of
   * classes, else 1, all. Where none of these can be split, others are looked at.
   */
  readonly maxFeatures?: MaxFeatures
  /**
   * How many rows of its node's mean are mixed into the mean of a category, when categories are put into groups. Categories with
   * fewer rows in a node are not told apart there. Default: 1.
   */
  readonly categorySmoothing?: number
}

/** Options of every forest. */
export interface ForestDrawOptions {
  /** Number of trees; default: 100. */
  readonly trees?: number
  /**
   * Whether each tree learns from as many rows as there are, drawn with replacement, else from all; default: true for
   * random forests, false for extremely randomized trees.
   */
  readonly bootstrap?: boolean
  /** Whether to predict each row by the trees that did not draw it; needs `bootstrap`. Default: false. */
  readonly oob?: boolean
}

/** What sets a class of trees apart from others. */
export interface ForestKind {
  readonly of: { readonly name: string }
  /** Its options. */
  readonly names: OptionNames<TreeGrowthOptions>
  /** Default of the option of this name. */
  readonly maxFeatures: MaxFeatures
  /** Default of `bootstrap`, and whether columns are cut at random; null: a single tree, which draws no rows. */
  readonly draws: { readonly bootstrap: boolean; readonly randomCuts: boolean } | null
}

/** What a forest learns to predict. */
export interface ForestTarget {
  /** Weights of rows, with those of their classes. */
  readonly weights: Float64Array | null
  /** Number of classes; 0: targets are numbers. */
  readonly classes: number
  readonly entropy: boolean
}

/** A model that predicts the mean of what its trees predict. */
export abstract class TreeForest extends TreeEnsemble implements SharedTreeOptions {
  maxLeafNodes: number | null
  maxDepth: number | null
  minSamplesLeaf: number
  maxFeatures: MaxFeatures
  categoricalFeatures: CategoricalFeatures | null
  categorySmoothing: number
  interactionConstraints: InteractionConstraints | null
  maxBins: number
  binning: Binning
  seed: number

  readonly #draws: ForestKind['draws']

  constructor(options: TreeGrowthOptions & ForestDrawOptions, kind: ForestKind) {
    super()
    if ((new.target as unknown) === kind.of)
      requireKnown(kind.of.name, options, kind.names, treeHint(kind.names))
    this.#draws = kind.draws
    this.maxLeafNodes = options.maxLeafNodes ?? null
    this.maxDepth = options.maxDepth ?? null
    this.minSamplesLeaf = options.minSamplesLeaf ?? 1
    this.maxFeatures = options.maxFeatures ?? kind.maxFeatures
    this.categoricalFeatures = options.categoricalFeatures ?? null
    this.categorySmoothing = options.categorySmoothing ?? 1
    this.interactionConstraints = options.interactionConstraints ?? null
    this.maxBins = options.maxBins ?? 255
    this.binning = options.binning ?? 'shared'
    this.seed = options.seed ?? 0
    if (kind.draws !== null) {
      const { trees = 100, bootstrap = kind.draws.bootstrap, oob = false } = options
      Object.assign(this, { trees, bootstrap, oob })
    }
  }

  /** Constraints of columns; null: none. */
  abstract get monotonicCst(): MonotonicConstraints | null

  /**
   * Grows the trees on native threads and keeps them.
   *
   * @returns what else they have, and out-of-bag predictions, or null
   */
  protected async growTrees(
    { X, y, inputs, shared }: TreeData<NDArray>,
    { weights, classes, entropy }: ForestTarget,
  ): Promise<{ grown: ForestTrees; outOfBag: Float64Array | null }> {
    const growth = requireTreeOptions(this, X)
    requireOneOf(this, 'binning', ['shared', 'perFold'])
    const { trees, bootstrap, oob } = drawsRows(this) ? requireDraws(this) : oneTree
    const randomCuts = this.#draws?.randomCuts ?? false
    const all = inputs.groups[0]!
    const makeBins = (): Promise<BinnedMatrix> =>
      binMatrix(X, { ...growth, rows: all, binned: all, weights: inputs.weights })
    return withBins(shared, makeBins, async (binned) => {
      const outOfBag = oob ? new Float64Array(X.shape[0] * Math.max(1, classes)) : null
      const forest = {
        ...growthOptions(binned, y, { ...inputs, weights }, all, growth),
        trees,
        bootstrap,
        randomCuts,
        classes,
        entropy,
        outOfBag,
        byLevel: false,
        leastGain: 0,
      }
      const grown = await native.growForest(forest, kernelThreads())
      await this.keepTrees(grown, binned.edges, inputs)
      return { grown, outOfBag }
    })
  }
}

/** The names of the options that every tree has. */
export const growthNames: OptionNames<TreeGrowthOptions> = {
  maxLeafNodes: true,
  maxDepth: true,
  minSamplesLeaf: true,
  maxFeatures: true,
  categoricalFeatures: true,
  categorySmoothing: true,
  interactionConstraints: true,
  maxBins: true,
  binning: true,
  seed: true,
}

/** The names of the options that every forest has. */
export const drawNames: OptionNames<ForestDrawOptions> = {
  trees: true,
  bootstrap: true,
  oob: true,
}

/** Whether a model is a forest, which has options of draws. */
function drawsRows(model: TreeForest): model is TreeForest & Required<ForestDrawOptions> {
  return 'trees' in model
}

const oneTree: Required<ForestDrawOptions> = { trees: 1, bootstrap: false, oob: false }

/**
 * Checks the options of draws.
 *
 * @throws TypeError, OneCopyError `ERR_OPTION`
 */
function requireDraws(forest: Required<ForestDrawOptions>): Required<ForestDrawOptions> {
  const trees = requireNumber(forest, 'trees', { min: 1, max: 2 ** 31, integer: true })
  const bootstrap = requireBoolean(forest, 'bootstrap')
  const oob = requireBoolean(forest, 'oob')
  if (oob && !bootstrap) {
    throw new OneCopyError(
      'ERR_OPTION',
      'Expected `bootstrap: true` with `oob: true`: without draws there are no rows that a tree has not seen.',
      { details: { name: 'oob' } },
    )
  }
  return { trees, bootstrap, oob }
}
