/** Forests and single trees that tell classes apart. */

import { requireOneOf } from '../../contract/base-estimator.ts'
import { array, type NDArray, shared as sharedArray } from '../../../arrays/index.ts'
import {
  type Estimator,
  forget,
  type FitOptions,
  type PredictOptions,
} from '../../contract/estimator.ts'
import { checkClasses } from '../../contract/check-classes.ts'
import type { LearnedValues } from '../../contract/learned-values.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import { checkInputs } from '../../statistics/read-moments.ts'
import type { LeafRule } from '../check-trees.ts'
import { findClasses } from '../class-codes.ts'
import { type ClassWeight, weighClasses } from '../class-weight.ts'
import type { BinnedMatrix } from '../binned-matrix.ts'
import { requireOneTarget, type ScoreMap } from '../tree-ensemble.ts'
import { type MaxFeatures } from '../tree-options.ts'
import { TreeForest, type TreeGrowthOptions } from './tree-forest.ts'

/** Options of every tree and forest that tells classes apart. */
export interface ClassTreeOptions extends TreeGrowthOptions {
  /** What splits lower: Gini's impurity (`'gini'`, default) or `'entropy'`. */
  readonly criterion?: 'gini' | 'entropy'
  /**
   * What rows of a class count more: a weight by label, where others are 1, or `'balanced'`, which gives all classes
   * the same total weight. Default: null, all 1.
   */
  readonly classWeight?: ClassWeight
}

/** How far from 1 rounding takes the sum of shares of 1000 classes, and more. */
const mostRounding = 1e-9

/** A model that predicts the mean of the shares of classes in the leaves of its trees. */
export abstract class ClassForest extends TreeForest implements Estimator {
  criterion: 'gini' | 'entropy'
  classWeight: ClassWeight
  /** Labels of the classes, ascending. */
  declare classes_: Float64Array
  /** Shares of classes in leaves of several, tree by tree; a leaf of one class has its number in its node. */
  declare leafShares_: NDArray<'float64'>
  /** Where each tree's shares begin, and where the last one's end. */
  declare leafShareStarts_: Float64Array
  /**
   * For each row of `X`, the probabilities that the trees predict which did not draw it, shape (n, classes); NaN for a row
   * that all trees drew or none learned from. Only with `oob`.
   */
  declare oobProbabilities_: NDArray<'float64'>
  /** Share of rows, by weight, whose label these predict, where there are any; NaN when there are none. Only with `oob`. */
  declare oobScore_: number

  constructor(options: ClassTreeOptions, maxFeatures: MaxFeatures) {
    super(options, maxFeatures)
    this.criterion = options.criterion ?? 'gini'
    this.classWeight = options.classWeight ?? null
  }

  /** Columns can't be constrained. */
  override get monotonicCst(): null {
    return null
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
    requireOneOf(this, 'criterion', ['gini', 'entropy'])
    const found = findClasses(target, inputs)
    const { grown, outOfBag } = await this.growTrees(matrix, inputs, {
      y: found.codes,
      weights: weighClasses(this, found, inputs),
      classes: found.classes.length,
      entropy: this.criterion === 'entropy',
      shared,
    })
    this.classes_ = found.classes
    this.leafShares_ = sharedArray([grown.shares.length], 'float64')
    this.leafShares_.toTypedArray().set(grown.shares)
    this.leafShareStarts_ = grown.shareStarts
    if (outOfBag !== null) this.#keepOutOfBag(outOfBag, found.codes, inputs.weights)
    return this
  }

  /**
   * Predicts the probability of each class: the mean of its shares in the leaves that a row comes to.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predictProba(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    return this.predictBy(
      () => ({ ...this.scoreMap(), map: 'mean' }),
      () => [this.classes_.length],
      X,
      options,
    )
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const classes = checkClasses(values, 'numbers')
    const shares = values.array('leafShares_', { dtype: 'float64', shape: [undefined] })
    const flat = shares.toTypedArray() as Float64Array
    for (let first = 0; first < flat.length; first += classes) {
      let total = 0
      for (let k = first; k < first + classes; k++) total += flat[k]! >= 0 ? flat[k]! : Number.NaN
      if (Math.abs(total - 1) <= mostRounding) continue
      const own = flat.subarray(first, first + classes).join(', ')
      throw values.refuse(
        'leafShares_',
        `shares of ${classes} classes, not negative, that sum to 1`,
        `${own} from position ${first} on`,
      )
    }
  }

  protected override leafRule(values: LearnedValues): LeafRule {
    const classes = checkClasses(values, 'numbers')
    const { size } = values.array('leafShares_', { dtype: 'float64', shape: [undefined] })
    const starts = values.floats('leafShareStarts_', values.floats('treeStarts_').length)
    const ascend = starts.every(
      (start, t) => start % classes === 0 && (t === 0 ? start === 0 : start >= starts[t - 1]!),
    )
    if (!ascend || starts.at(-1) !== size) {
      throw values.refuse(
        'leafShareStarts_',
        `multiples of ${classes} that ascend from 0 to ${size}`,
        'others',
      )
    }
    return {
      isLeaf: (value, tree) => {
        if (value >= 0) return Number.isInteger(value) && value < classes
        const place = -1 - value
        return place % classes === 0 && place >= 0 && place < starts[tree + 1]! - starts[tree]!
      },
      expected: 'the number of a class, or of shares',
    }
  }

  protected override scoreMap(): ScoreMap {
    return {
      baselines: new Float64Array(this.classes_.length),
      factor: 1 / this.treeCount,
      map: 'label',
      labels: this.classes_,
      shares: this.leafShares_.toTypedArray(),
      shareStarts: this.leafShareStarts_,
    }
  }

  #keepOutOfBag(outOfBag: Float64Array, codes: NDArray, weights: Float64Array | null): void {
    const classes = this.classes_.length
    const rows = outOfBag.length / classes
    this.oobProbabilities_ = array(outOfBag, { shape: [rows, classes] })
    let [right, all] = [0, 0]
    for (let row = 0; row < rows; row++) {
      const own = outOfBag.subarray(row * classes, (row + 1) * classes)
      if (Number.isNaN(own[0])) continue
      const weight = weights?.[row] ?? 1
      all += weight
      if (own.indexOf(Math.max(...own)) === codes.get(row)) right += weight
    }
    this.oobScore_ = right / all
  }
}
