/** What models of trees share: grown trees, importances, predictions. */

import { NDArray, type Rows, shared } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import {
  type BinEdges,
  type GrownTrees,
  type GrowthOptions,
  kernelThreads,
  native,
  type TreeModel,
} from '../../native/index.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
  requireOneOf,
} from '../contract/base-estimator.ts'
import {
  type FloatArray,
  forget,
  type FitOptions,
  type TableFitOptions,
  type LearnedState,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { FoldFit, FoldSharing, SharingEstimator } from '../contract/fold-sharing.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import {
  columnsOf,
  type FeatureInput,
  type Features,
  type TargetInput,
} from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { checkInputs, type CheckedInputs, requireTarget } from '../statistics/read-moments.ts'
import { type BinColumns, readColumns, spreadColumns } from './bin-columns.ts'
import { binnedMatrix, type BinnedMatrix } from './binned-matrix.ts'
import type { CategoricalFeatures } from './column-options.ts'
import { innerNodes, TreeNodes } from './tree-nodes.ts'
import { checkTrees, type LeafRule } from './check-trees.ts'
import { explainRows, type ShapOptions, type ShapValues } from './shap-values.ts'
import { type Binning, type CheckedTreeOptions } from './tree-options.ts'
import { fitFeatures } from '../features/fit-inputs.ts'
import { withFeatures } from '../features/predict-features.ts'

/** How what trees say becomes predictions. */
export type ScoreMap = Omit<TreeModel, 'edges' | 'slots' | 'starts'>

/** What trees learn from, on its way through `fit`. */
export interface TreeData<Target = LabelInput | undefined> {
  /** Values, shape (n, d), or columns of a table. */
  readonly X: Features
  readonly y: Target
  /** What is known of all inputs but the target. */
  readonly inputs: CheckedInputs
  /** Bins of all rows; undefined: those of the rows to learn from are made. */
  readonly shared: BinnedMatrix | undefined
  /** Learned values of the model that boosting continues. */
  readonly from: LearnedState | undefined
  /** Rows outside those to learn from that boosting may validate on; undefined: all others. */
  readonly heldOut: Rows | undefined
}

/** A model that adds up what trees say. */
export abstract class TreeEnsemble
  extends BaseEstimator
  implements SharingEstimator<BinnedMatrix>, BinColumns
{
  abstract maxBins: number
  abstract binning: Binning
  abstract categoricalFeatures: CategoricalFeatures | null
  /** All trees in shared memory, 8 bytes a node; see `native/trees/grow/slots.h` for what a node holds. */
  declare nodes_: NDArray<'uint64'>
  /** Where each tree begins among the nodes, and where the last one ends. */
  declare treeStarts_: Float64Array
  /** Edges between the bins of all columns, one column after the other; of a column with categories these are its values. */
  declare binEdges_: Float64Array
  /** Where each column's edges begin, and where the last one's end; shape (d + 1). */
  declare binStarts_: Int32Array
  /** Numbers of the columns with categories, ascending. */
  declare categoricalColumns_: Int32Array
  /**
   * The column of `X` that each binned column is made of, where a model of another library has several of one. `binStarts_`,
   * `categoricalColumns_` and nodes count binned columns. Absent after `fit`.
   */
  declare binColumns_?: Int32Array
  /** Numbers of binned columns of numbers of which nodes of another library send several intervals left. Absent after `fit`. */
  declare setColumns_?: Int32Array
  /** What the splits of each column have gained in all trees, shape (d). */
  declare featureGains_: Float64Array
  /** The same as shares of all; shape (d). All 0 when nothing was split. */
  declare featureImportances_: Float64Array
  /** Shape of one row of `y`: [] for a vector, [1] for a matrix. */
  declare targetShape_: readonly number[]

  /** Bins are made of columns. */
  get readsColumns(): true {
    return true
  }

  /** Columns of texts of a table are columns with categories. */
  get takesCategories(): true {
    return true
  }

  /** Number of trees. */
  get treeCount(): number {
    requireFitted(this, 'nodes_')
    return this.treeStarts_.length - 1
  }

  /**
   * Grows the trees, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype and strides; NaN is a missing value. Or a table: its columns
   *   of texts are categories, and cells without a value are missing values; bins are made of its columns in place
   * @param y - one target, finite and at most 1e100 in size; shape (n) or (n, 1). For classifiers labels of at most 1000
   *   classes: finite numbers, or a list of texts or of true and false
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(X: FeatureInput, y: TargetInput<ArrayInput>, options?: TableFitOptions): Promise<this>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<this> {
    return this.fitFrom(undefined, X, y, options)
  }

  /** Fits as `fit` does, continuing from the learned values of a model. */
  protected async fitFrom(
    from: LearnedState | undefined,
    X: FeatureInput,
    y: TargetInput,
    options: TableFitOptions,
  ): Promise<this> {
    return fitFeatures(this, { X, y, options, known: from }, async (features, target, options) => {
      requireFitOptions(this, options)
      return this.#grow(features, target, options, { from, shared: undefined, heldOut: undefined })
    })
  }

  foldSharing(): FoldSharing<BinnedMatrix> | undefined {
    requireOneOf(this, 'binning', ['shared', 'perFold'])
    return this.binning === 'shared' ? binnedMatrix(this) : undefined
  }

  fitFold(shared: BinnedMatrix, X: NDArray, y: NDArray, fit: FoldFit): Promise<this> {
    const { rows, test, weights } = fit
    const options = weights === undefined ? { rows } : { rows, weights }
    return this.#grow(X, y, options, { shared, from: undefined, heldOut: test })
  }

  async #grow(
    given: Features,
    y: LabelInput | undefined,
    { rows, weights }: FitOptions,
    known: Pick<TreeData, 'shared' | 'from' | 'heldOut'>,
  ): Promise<this> {
    forget(this)
    const X = columnsOf(given) ?? given
    const inputs = checkInputs(X, null, { weights, ...(rows && { groups: [rows] }) })
    await this.learn({ X, y, inputs, ...known })
    return this
  }

  /** Grows the trees and keeps what was learned. */
  protected abstract learn(data: TreeData): Promise<void>

  /**
   * Predicts rows of `X`, read in place. A missing value (NaN) goes the way that missing values of its column went at
   * training; where there were none, the way of the greater part.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @returns shape (n), or (n, 1) when the target had shape (n, 1)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    return this.predictBy(
      () => this.scoreMap(),
      () => this.targetShape_,
      X,
      options,
    )
  }

  /**
   * Predicts rows by a map of scores.
   *
   * @param rowShape - shape of what one row is predicted as; asked for once the model is known to be fitted
   */
  protected async predictBy(
    scoreMap: () => ScoreMap,
    rowShape: () => readonly number[],
    X: FeatureInput,
    options: PredictOptions,
  ): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'nodes_')
    const { edges, columns: read } = readColumns(this)
    const model = {
      edges,
      slots: this.nodes_.toTypedArray(),
      starts: this.treeStarts_,
      ...scoreMap(),
    }
    return withFeatures(this, X, options, (features) => {
      const [, columns] =
        features instanceof NDArray ? requireMatrix(features, '`X`') : features.shape
      requireColumns(this, columns, this.featureGains_.length)
      return fillRows(features, rowShape(), options, (part, rows, out) =>
        native.predictTrees(
          model,
          spreadColumns(part, read),
          kernelRows(rows),
          kernelMatrix(out),
          kernelThreads(),
        ),
      )
    })
  }

  /**
   * Explains predictions by Shapley values: what each column adds to a row's score, compared with background rows. They are
   * exact: with `base` the values of a row add up to its score. Scores are predictions, but logarithms of them for losses such as
   * Poisson's, log odds and other scores of classes for boosted classifiers, and probabilities for forests of classes.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_ROWS`
   *
   * @example
   * ```ts
   * const { values, base } = await model.shapValues(X, { background: X.rows(0, 100), rows: [7] })
   * ```
   *
   * @see Lundberg et al., From local explanations to global understanding, 2020; shap's `TreeExplainer` with `data`
   */
  async shapValues(X: FeatureInput, options: ShapOptions): Promise<ShapValues> {
    requireFitted(this, 'nodes_')
    const { baselines, factor, shares, shareStarts } = this.scoreMap()
    const trees = {
      nodes: this.nodes_.toTypedArray(),
      treeStarts: this.treeStarts_,
      binEdges: this.binEdges_,
      binStarts: this.binStarts_,
      binColumns: this.binColumns_,
      columns: this.featureGains_.length,
      categorical: this.categoricalColumns_,
      scores: baselines.length,
      baselines,
      factor,
      shares,
      shareStarts,
    }
    return explainRows(this, trees, X, options)
  }

  /**
   * Counts the splits of each column in all trees.
   *
   * @returns shape (d)
   * @throws OneCopyError `ERR_NOT_FITTED`
   * @see LightGBM's `feature_importance(importance_type='split')`, XGBoost's `get_score(importance_type='weight')`
   */
  splitCounts(): Float64Array {
    requireFitted(this, 'nodes_')
    const counts = new Float64Array(this.featureGains_.length)
    const { binColumns_: columns } = this
    const nodes = new TreeNodes(this.nodes_.toTypedArray())
    for (let t = 0; t < this.treeCount; t++)
      for (const at of innerNodes(nodes, this.treeStarts_[t]!, this.treeStarts_[t + 1]!))
        counts[columns?.[nodes.columnOf(at)] ?? nodes.columnOf(at)]!++
    return counts
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    checkTrees(values, this.leafRule(values))
  }

  /** What leaves of learned values can hold. */
  protected abstract leafRule(values: LearnedValues): LeafRule

  /** How the values of leaves become predictions. */
  protected abstract scoreMap(): ScoreMap

  /**
   * Keeps grown trees.
   *
   * @param count - how many of them, from the first one on
   */
  protected async keepTrees(
    grown: GrownTrees,
    edges: BinEdges,
    { targetShape }: CheckedInputs,
    count = grown.starts.length - 1,
  ): Promise<void> {
    this.treeStarts_ = grown.starts.slice(0, count + 1)
    this.nodes_ = await takeNodes(grown, this.treeStarts_[count]!)
    this.keepGrowth(grown, edges, targetShape)
  }

  /** Keeps what is known of columns and targets. */
  protected keepGrowth(
    grown: Pick<GrownTrees, 'gains'>,
    edges: BinEdges,
    targetShape: readonly number[],
  ): void {
    this.featureGains_ = grown.gains
    const total = grown.gains.reduce((sum, gain) => sum + gain, 0)
    this.featureImportances_ = grown.gains.map((gain) => (total > 0 ? gain / total : 0))
    this.binEdges_ = edges.edges
    this.binStarts_ = edges.starts
    this.categoricalColumns_ = edges.categorical ?? new Int32Array()
    this.targetShape_ = targetShape
  }
}

/** Moves trees to shared memory; only the first `kept` of their nodes. */
export async function takeNodes(
  { trees, starts }: GrownTrees,
  kept: number,
): Promise<NDArray<'uint64'>> {
  const grown = starts.at(-1)!
  const nodes = shared([kept], 'uint64')
  if (grown === kept) {
    await native.takeTrees(trees, nodes.toTypedArray())
  } else {
    const all = new BigUint64Array(grown)
    await native.takeTrees(trees, all)
    nodes.toTypedArray().set(all.subarray(0, kept))
  }
  return nodes
}

/** What a tree learner hands to the native core, whatever it grows. */
export function growthOptions(
  { bins, edges }: BinnedMatrix,
  y: NDArray,
  { columns, weights }: CheckedInputs,
  rows: Rows,
  options: CheckedTreeOptions,
): Omit<GrowthOptions, 'byLevel' | 'leastGain' | 'randomCuts'> {
  return {
    binned: { bins: bins.toTypedArray(), columns },
    edges,
    y: kernelMatrix(y),
    weights,
    rows: kernelRows(rows),
    histogramBytes: mostHistogramBytes,
    columnBytes: Math.max(leastColumnBytes, bins.size / 4),
    maxLeaves: options.maxLeaves,
    maxDepth: options.maxDepth,
    columnsPerNode: options.columnsPerNode,
    monotone: options.monotone,
    together: options.together,
    categorySmoothing: options.categorySmoothing,
    seed: options.seed,
    leastCount: options.leastCount,
  }
}

/** Histograms of more nodes than this are made anew when they are needed; trees don't depend on it. */
const mostHistogramBytes = 64 * 2 ** 20

/** Columns that are often split on are copied, up to a quarter of the bins or this, whichever is more. */
const leastColumnBytes = 8 * 2 ** 20

/**
 * Checks that there is one target, of numbers.
 *
 * @throws TypeError, OneCopyError `ERR_SHAPE`
 */
export function requireNumbers(learner: object, data: TreeData): TreeData<NDArray> {
  const y = toArray(data.y, '`y`')
  const targetShape = requireTarget(y, data.X.shape[0])
  const targets = targetShape[0] ?? 1
  if (targets === 1) return { ...data, y, inputs: { ...data.inputs, targetShape } }
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`y\` to have one target, shape (n), to fit ${learner.constructor.name} on, got ${targets}.` +
      (targets > 1 ? ' Fit one model for each.' : ''),
    { details: { targets } },
  )
}
