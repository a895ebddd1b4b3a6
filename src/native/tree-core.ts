/** The C++ core's interface for trees. */

import type { KernelColumns, KernelMatrix, KernelRows } from './kernel-core.ts'

/**
 * Edges between the bins of each of d columns: a value x of column j is in bin b when `edges[b - 1] < x <=
 * edges[b]`, counted within that column.
 */
export interface BinEdges {
  /** Ascending within a column; at most 254 of each. */
  readonly edges: Float64Array
  /** Where each column's edges begin, and where the last one's end; shape (d + 1). */
  readonly starts: Int32Array
  /**
   * Numbers of the columns with categories, ascending; default: none. Their edges are the categories: each has the bin of its
   * number, and all other values are in bin 255.
   */
  readonly categorical?: Int32Array
}

/** A matrix of n rows as bins. */
export interface BinnedRows {
  /** Row by row, each filled up to a multiple of 4 bytes; NaN is in bin 255, everything else in lower ones. */
  readonly bins: Uint8Array
  readonly columns: number
}

/** What trees are grown on, and how. */
export interface GrowthOptions {
  readonly binned: BinnedRows
  readonly edges: BinEdges
  /** Shape (n) or (n, 1). */
  readonly y: KernelMatrix
  /** Shape (n), or null: all 1. */
  readonly weights: Float64Array | null
  /** Those learned from; rows of weight 0 are passed over. */
  readonly rows: KernelRows
  /** Most leaves of a tree, which grows best first; 0: no limit, depth first. */
  readonly maxLeaves: number
  /** Most splits on the way to a leaf; 0: no limit. */
  readonly maxDepth: number
  /** With a limit of leaves: whether upper nodes are split first, not those that gain most. */
  readonly byLevel: boolean
  /** Columns that are looked at for each split. */
  readonly columnsPerNode: number
  /** About how many bytes histograms may take; trees don't depend on it. */
  readonly histogramBytes: number
  /** How many bytes copies of columns may take, a byte a row; trees don't depend on it. */
  readonly columnBytes: number
  /** 1, -1 or 0 for each column: whether predictions must not fall, not rise, or are free; null: all free. */
  readonly monotone: Int8Array | null
  /** A whole number. */
  readonly seed: number
  /** Least rows of a leaf. */
  readonly leastCount: number
  /** What a split must gain. */
  readonly leastGain: number
  /** Columns that may be on one path, as sets that together hold every column; null: no limit. */
  readonly together: ColumnSets | null
  /** Rows that stand for the node's mean in that of a category; categories with fewer are not told apart. */
  readonly categorySmoothing: number
  /** Whether a column is cut at one random place for each split, as extremely randomized trees are; forests only. */
  readonly randomCuts: boolean
}

/** Sets of column numbers that ascend, one set after the other, and where each begins and the last one ends. */
export interface ColumnSets {
  readonly columns: Int32Array
  readonly starts: Float64Array
}

/** A boosted model that boosting continues, on the same bins. */
export interface KnownTrees {
  readonly slots: BigUint64Array
  readonly starts: Float64Array
  readonly baselines: Float64Array
  /** What the splits of each column have gained. */
  readonly gains: Float64Array
}

/** How trees are boosted. */
export interface BoostingOptions extends GrowthOptions {
  /** Classes are numbered from 0 in `y`. */
  readonly loss:
    | 'squared'
    | 'absolute'
    | 'quantile'
    | 'huber'
    | 'poisson'
    | 'gamma'
    | 'tweedie'
    | 'logistic'
    | 'softmax'
  /** Of the quantile, Huber and Tweedie losses. */
  readonly lossParameter: number
  /** Of the softmax loss, else 1. */
  readonly classes: number
  /** To grow, beyond those that are known. */
  readonly rounds: number
  /** The model to continue; null: none. */
  readonly known: KnownTrees | null
  readonly rate: number
  /** Share of the rows that each tree is grown on. */
  readonly rowShare: number
  /** Rows that tell when to stop; without any, all rounds are run. */
  readonly validation: KernelRows
  /** Rounds without a better loss, after which it stops. */
  readonly patience: number
  /** How much lower a better loss is. */
  readonly tolerance: number
  readonly l1: number
  readonly l2: number
  /** Most size of a leaf's value, before it is multiplied by `rate`. */
  readonly mostValue: number
  /** Least sum of hessians of a leaf. */
  readonly leastHessian: number
}

/** How a forest is grown. */
export interface ForestOptions extends GrowthOptions {
  readonly trees: number
  /** Whether each tree learns from as many rows as there are, drawn with replacement. */
  readonly bootstrap: boolean
  /** Classes are numbered from 0 in `y`; 0: targets are numbers. */
  readonly classes: number
  /** Whether classes are told apart by entropy, not by Gini's impurity. */
  readonly entropy: boolean
  /** Where out-of-bag predictions go, shape (n) or (n, classes): NaN for a row that there is none of; null: not wanted. */
  readonly outOfBag: Float64Array | null
}

/** Trees that have grown; see `native/trees/grow/slots.h`. */
export interface GrownTrees {
  /** For `takeTrees`. */
  readonly trees: object
  /** Where each tree begins among the slots, and where the last one ends. */
  readonly starts: Float64Array
  /** What the splits of each column have gained, shape (d); of boosting up to the least loss on validation rows. */
  readonly gains: Float64Array
}

/** A forest; of classes, a leaf holds its class, or -1 - i when value i of its tree's shares begins its own. */
export interface ForestTrees extends GrownTrees {
  /** Shares of classes in leaves of several, one tree after the other. */
  readonly shares: Float64Array
  /** Where each tree's shares begin, and where the last one's end. */
  readonly shareStarts: Float64Array
}

/** Boosted trees: those of a round stand together, one for each class. */
export interface BoostedTrees extends GrownTrees {
  /** Scores before the first tree, one for each class. */
  readonly baselines: Float64Array
  /** Mean loss on the validation rows, before the first round and after each; empty without them. */
  readonly losses: Float64Array
}

/** Trees that predict. */
export interface TreeModel {
  readonly edges: BinEdges
  readonly slots: BigUint64Array
  readonly starts: Float64Array
  /** One for each score; tree t adds to score t modulo their number. */
  readonly baselines: Float64Array
  /** What leaves' values are multiplied by. */
  readonly factor: number
  /**
   * How scores become predictions; `logistic` makes probabilities of two classes of one score, `label` the label of the likeliest
   * class, `mean` the mean of what class trees say.
   */
  readonly map: 'score' | 'exp' | 'logistic' | 'softmax' | 'label' | 'mean'
  /** Of class trees; see {@link ForestTrees}. */
  readonly shares?: Float64Array
  readonly shareStarts?: Float64Array
  /** Of each class, for the map to labels; of two classes there may be one score. */
  readonly labels?: Float64Array
}

/**
 * Trees; contract: `native/trees/bins/edges.h`, `native/trees/bins/bins.h`, `native/trees/boosting/boosting.h`,
 * `native/trees/ensembles/forest.h`, `native/trees/ensembles/predict_trees.h`. Every instruction set and every number of
 * threads give the same bytes. Wrong arguments throw at once, as those of {@link KernelCore} do.
 */
export interface TreeCore {
  /**
   * Finds edges at the exact quantiles of the values of some rows: midway between neighbours in a column with at most
   * `maxBins` distinct values. They don't depend on the order of the rows.
   *
   * @param x - shape (n, d), n < 2^31
   * @param weights - shape (n), or null; rows of weight 0 are passed over, others count alike
   * @param maxBins - 2 to 255
   * @param categorical - numbers of columns with categories, ascending, which are the most frequent values, at most `maxBins`
   *   and 254; null: none
   */
  findEdges(
    x: KernelMatrix | KernelColumns,
    rows: KernelRows,
    weights: Float64Array | null,
    maxBins: number,
    categorical: Int32Array | null,
    threads: number,
  ): Promise<BinEdges>

  /**
   * Writes the bins of some rows; other rows are left alone.
   *
   * @param x - shape (n, d), n < 2^31
   * @param binned - with room for n rows and d columns
   */
  binRows(
    x: KernelMatrix | KernelColumns,
    rows: KernelRows,
    edges: BinEdges,
    binned: BinnedRows,
    threads: number,
  ): Promise<void>

  /** Boosts trees. Rejects with `ERR_VALUE` for a target that isn't finite or is above 1e100 in size, and weights above 1e12 apart. */
  boostTrees(options: BoostingOptions, threads: number): Promise<BoostedTrees>

  /** Grows a forest; its trees predict the mean target, or the shares of classes, of the rows in a leaf. Rejects as `boostTrees` does. */
  growForest(options: ForestOptions, threads: number): Promise<ForestTrees>

  /** Moves trees that have grown to their place, which has room for all of them; once. */
  takeTrees(trees: object, slots: BigUint64Array): Promise<void>

  /**
   * Predicts rows: writes to the same rows of `out`. Rejects with `ERR_FORMAT` when trees are damaged.
   *
   * @param x - shape (n, d)
   * @param out - float64 or float32, shape (n, scores), (n, 2) with the logistic map, (n) or (n, 1) with labels
   */
  predictTrees(
    model: TreeModel,
    x: KernelMatrix | KernelColumns,
    rows: KernelRows,
    out: KernelMatrix,
    threads: number,
  ): Promise<void>
}
