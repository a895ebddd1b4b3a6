/** What forests and single trees share: trees that are grown independently. */

import { type NDArray, rowRanges } from '../../arrays/index.ts'
import { rowNumbers } from '../../arrays/internal.ts'
import { kernelThreads, native } from '../../native/index.ts'
import { requireFitOptions } from '../contract/base-estimator.ts'
import { forget, type FitOptions } from '../contract/estimator.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { r2 } from '../selection/metrics.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { type BinnedMatrix, binMatrix, withBins } from './binned-matrix.ts'
import { growthOptions, requireOneTarget, type ScoreMap, TreeEnsemble } from './tree-ensemble.ts'
import {
  type MaxFeatures,
  type MonotonicConstraints,
  requireTreeOptions,
  type SharedTreeOptions,
} from './tree-options.ts'

/** How the trees of a forest are drawn. */
export interface ForestDraws {
  readonly trees: number
  readonly bootstrap: boolean
  readonly oob: boolean
}

/** A model that predicts the mean of what its trees predict. */
export abstract class TreeForest extends TreeEnsemble implements SharedTreeOptions {
  abstract maxLeafNodes: number | null
  abstract maxDepth: number | null
  abstract minSamplesLeaf: number
  abstract maxFeatures: MaxFeatures
  abstract monotonicCst: MonotonicConstraints | null
  abstract seed: number
  /**
   * For each row of `X`, the mean of the trees that did not draw it, shape (n); NaN for a row that all trees drew or
   * none learned from. Only with `oob`.
   */
  declare oobPrediction_: Float64Array
  /** R² of these predictions where there are any, NaN when there are none. Only with `oob`. */
  declare oobScore_: number

  /**
   * Grows the trees, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype and strides; NaN is a missing value
   * @param y - one target, shape (n) or (n, 1), finite and at most 1e100 in size
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(X: ArrayInput, y: ArrayInput, options: FitOptions = {}): Promise<this> {
    requireFitOptions(this, options)
    return this.grow(asArray(X, '`X`'), asArray(y, '`y`'), options)
  }

  protected override async grow(
    matrix: NDArray,
    target: NDArray,
    options: FitOptions,
    shared?: BinnedMatrix,
  ): Promise<this> {
    forget(this)
    const { rows, weights } = options
    const inputs = checkInputs(matrix, target, { weights, ...(rows && { groups: [rows] }) })
    requireOneTarget(this, inputs)
    const growth = requireTreeOptions(this, inputs.columns)
    const { trees, bootstrap, oob } = this.requireDraws()
    const all = inputs.groups[0]!
    const makeBins = (): Promise<BinnedMatrix> =>
      binMatrix(matrix, {
        rows: all,
        binned: all,
        weights: inputs.weights,
        maxBins: growth.maxBins,
      })
    await withBins(shared, makeBins, async (binned) => {
      const outOfBag = oob ? new Float64Array(matrix.shape[0]!) : null
      const forest = {
        ...growthOptions(binned, target, inputs, all, growth),
        trees,
        bootstrap,
        outOfBag,
        byLevel: false,
        leastGain: 0,
        classes: 0,
        entropy: false,
      }
      await this.keepTrees(await native.growForest(forest, kernelThreads()), binned.edges, inputs)
      if (outOfBag !== null) this.#keepOutOfBag(outOfBag, target, inputs.weights)
    })
    return this
  }

  /** Checks how many trees are grown on which rows. @throws TypeError, OneCopyError `ERR_OPTION` */
  protected abstract requireDraws(): ForestDraws

  protected override scoreMap(): ScoreMap {
    return { baselines: new Float64Array(1), factor: 1 / this.treeCount, map: 'score' }
  }

  #keepOutOfBag(outOfBag: Float64Array, y: NDArray, weights: Float64Array | null): void {
    this.oobPrediction_ = outOfBag
    const known = Int32Array.from(outOfBag.keys()).filter((row) => !Number.isNaN(outOfBag[row]))
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
