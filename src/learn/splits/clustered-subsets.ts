/** Splits clusters of rows into folds. */

import { NDArray } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator, requireBoolean } from '../contract/base-estimator.ts'
import { clone, type Configurable } from '../contract/estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels, Splitter } from '../contract/splitter.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { type KFoldOptions, requireFoldCount } from './k-fold.ts'
import { partSizes, requireRowCount } from './make-folds.ts'
import { requireSeed, seededRandom, shuffle } from './random-order.ts'
import { type Groups, readGroups } from './read-groups.ts'
import { dealRows } from './stratified-folds.ts'
import { cellFolds } from './subset-split.ts'

/** What finds clusters: a `KMeans`, or any estimator whose predictions are labels. */
export interface ClusterFinder extends Configurable {
  fit(X: NDArray, y?: NDArray): Promise<unknown>
  predict(X: NDArray): Promise<LabelInput>
}

/** A function that returns the cluster of each row: numbers, texts, or true and false. */
export type ClusterFunction = (X: FeatureInput, y?: TargetInput) => RowLabels | Promise<RowLabels>

/** Options of {@link ClusteredSubsets}. */
export interface ClusteredSubsetsOptions extends KFoldOptions {
  /**
   * What finds the clusters: an estimator such as a `KMeans`, of which a clone is fitted on all rows, or a function of `X` and `y`. Default: none;
   * then the groups of `split` are the clusters.
   */
  readonly clusters?: ClusterFinder | ClusterFunction
  /** Number of folds of each cluster, a whole number >= 2; default: 2. */
  readonly folds?: number
  /** Whether rows of a cluster are assigned to folds at random; default: false, in their order. */
  readonly shuffle?: boolean
}

/**
 * The folds of a subsemble whose partitions are clusters. A model learns from the rows of one cluster outside one fold, and is tested on the
 * rows of that fold in all clusters.
 *
 * @example
 * ```ts
 * const splitter = new ClusteredSubsets({ clusters: new KMeans({ clusters: 3 }), folds: 5 })
 * const folds = (await splitter.forData(X)).split(X.shape[0])
 * ```
 *
 * @see ML-Ensemble's `ClusteredSubsetIndex`, which trains on the rows of a fold in place of those outside it
 */
export class ClusteredSubsets extends BaseEstimator {
  clusters: ClusterFinder | ClusterFunction | undefined
  folds: number
  shuffle: boolean
  seed: number

  constructor(options: ClusteredSubsetsOptions = {}) {
    super()
    if (new.target === ClusteredSubsets)
      requireLearnOptions('ClusteredSubsets', options, names, instead)
    const { folds = 2, shuffle = false, seed = 0 } = options
    this.clusters = options.clusters
    this.folds = folds
    this.shuffle = shuffle
    this.seed = seed
  }

  /**
   * Finds the clusters of rows. An ensemble calls it before `split`.
   *
   * @param X - values, shape (n, d), or a table
   * @param y - target, for what `clusters` needs
   * @returns a splitter of these rows; this one itself without `clusters`
   * @throws TypeError when `clusters` is neither an estimator nor a function; OneCopyError `ERR_OPTION` when an estimator predicts fractions; otherwise
   *   what it throws
   */
  async forData(X: FeatureInput, y?: TargetInput): Promise<Splitter> {
    if (this.clusters === undefined) return this
    const labels = await findClusters(this.clusters, X, y)
    const { folds, shuffle, seed } = this
    const given = new ClusteredSubsets({ folds, shuffle, seed })
    return new FoundSubsets(given, labels)
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows
   * @param _y - ignored
   * @param groups - the cluster of each row, shape (n), without the option `clusters`: numbers, a list of texts or of true and false, or a column of a table
   * @returns the folds of the first cluster in order, then those of the second, by ascending numbers or texts. Every row is tested once in each
   *   partition
   * @throws OneCopyError `ERR_ROWS` for a cluster with fewer rows than folds, `ERR_VALUE` for a row without a cluster, `ERR_SHAPE`;
   *   TypeError without groups, and with `clusters`, which have not seen any data
   */
  split(n: number, _y?: RowLabels, groups?: RowLabels): Fold[] {
    const folds = requireFoldCount(this)
    const seed = requireSeed(this)
    const isRandom = requireBoolean(this, 'shuffle')
    requireRowCount(n)
    if (this.clusters !== undefined) {
      throw new TypeError(
        'ClusteredSubsets finds clusters in data: call split() of what `await splitter.forData(X)` returns.',
      )
    }
    const found = readGroups('ClusteredSubsets', n, groups)
    requireLargeClusters(found, folds)
    const { codes, sizes } = found
    const random = seededRandom(seed)
    const lists = Array.from(sizes, (size, cluster) => {
      const cells = new Int32Array(size)
      let filled = 0
      for (const [k, count] of partSizes(size, folds).entries())
        cells.fill(cluster * folds + k, filled, (filled += count))
      return isRandom ? shuffle(cells, random) : cells
    })
    return cellFolds(dealRows(codes, lists), sizes.length, folds)
  }
}

registerEstimator(ClusteredSubsets, 'onecopy.ClusteredSubsets', import.meta.url)

/** Splits rows whose clusters were found. */
class FoundSubsets implements Splitter {
  readonly #splitter: ClusteredSubsets
  readonly #clusters: RowLabels

  constructor(splitter: ClusteredSubsets, clusters: RowLabels) {
    this.#splitter = splitter
    this.#clusters = clusters
  }

  split(n: number): Fold[] {
    return this.#splitter.split(n, undefined, this.#clusters)
  }
}

async function findClusters(
  clusters: ClusterFinder | ClusterFunction,
  X: FeatureInput,
  y: TargetInput | undefined,
): Promise<RowLabels> {
  if (typeof clusters === 'function') return clusters(X, y)
  if (!isFinder(clusters)) {
    throw new TypeError(
      `Expected \`clusters\` of ClusteredSubsets to be an estimator such as a KMeans or a function, got ${show(clusters)}.`,
    )
  }
  const finder = clone(clusters)
  // Estimators of onecopy take tables and columns as well.
  await finder.fit(X as NDArray, y as NDArray | undefined)
  return requireWholeLabels(await finder.predict(X as NDArray), clusters)
}

/** A learner of numbers predicts a cluster of its own for almost every row. */
function requireWholeLabels(labels: RowLabels, finder: ClusterFinder): RowLabels {
  const values = labels instanceof NDArray ? labels.toTypedArray() : labels
  if (!(values instanceof Float64Array || values instanceof Float32Array)) return labels
  const row = values.findIndex((value) => value % 1 !== 0)
  if (row === -1) return labels
  throw new OneCopyError(
    'ERR_OPTION',
    `Expected \`clusters\` of ClusteredSubsets to predict a whole number for each row, its cluster, got ${values[row]} of ${finder.constructor.name} for row ${row} (counted from 0). Use an estimator that finds clusters or classes, such as a KMeans.`,
    { details: { row, value: values[row]! } },
  )
}

function isFinder(value: unknown): value is ClusterFinder {
  if (typeof value !== 'object' || value === null) return false
  return ['fit', 'predict', 'getParams'].every(
    (name) => name in value && typeof Reflect.get(value, name) === 'function',
  )
}

function requireLargeClusters({ sizes, labels }: Groups, folds: number): void {
  const small = sizes.findIndex((size) => size < folds)
  if (small === -1 && sizes.length > 0) return
  throw new OneCopyError(
    'ERR_ROWS',
    sizes.length === 0
      ? 'Expected at least one row to split clusters of, got none.'
      : `Expected at least ${folds} rows in each cluster for ${folds} folds, got ${sizes[small]} in cluster ${show(labels[small])}. Use fewer folds or clusters.`,
    { details: { folds, rows: sizes[small] ?? 0 } },
  )
}

const names: OptionNames<ClusteredSubsetsOptions> = {
  clusters: true,
  folds: true,
  shuffle: true,
  seed: true,
}

const instead = {
  partitions:
    'the number of clusters is an option of what finds them, as in `clusters: new KMeans({ clusters: 3 })`',
  partition_estimator: 'onecopy calls it `clusters`',
  estimator: 'onecopy calls it `clusters`',
  fit_estimator: 'pass a function: `clusters: (X) => fitted.predict(X)`',
  attr: 'pass a function: `clusters: (X) => fitted.transform(X)`',
  partition_on: 'pass a function of `X` and `y` as `clusters`',
}
