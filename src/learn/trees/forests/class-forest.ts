/** Forests and single trees that tell classes apart. */

import { requireOneOf } from '../../contract/base-estimator.ts'
import { array, type NDArray, shared as sharedArray } from '../../../arrays/index.ts'
import type { OptionNames } from '../../../options.ts'
import type {
  FloatArray,
  Estimator,
  TableFitOptions,
  PredictOptions,
} from '../../contract/estimator.ts'
import { checkClasses } from '../../contract/check-classes.ts'
import type { FoldFit } from '../../contract/fold-sharing.ts'
import type { LearnedValues } from '../../contract/learned-values.ts'
import type { ArrayInput } from '../../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../../inputs/feature-input.ts'
import type { Column, Table } from '../../../tables/index.ts'
import type { BinnedMatrix } from '../binned-matrix.ts'
import type { LeafRule } from '../check-trees.ts'
import {
  type ClassCodes,
  classNumbers,
  predictClasses,
  weighClasses,
  withClasses,
  type WithLabels,
} from '../class-labels.ts'
import type { ClassWeight, ClassWeightOptions } from '../../inputs/class-weights.ts'
import type { ScoreMap, TreeData } from '../tree-ensemble.ts'
import {
  drawNames,
  type ForestKind,
  growthNames,
  TreeForest,
  type TreeGrowthOptions,
} from './tree-forest.ts'

/** Options of every tree and forest that tells classes apart. */
export interface ClassTreeOptions extends TreeGrowthOptions, ClassWeightOptions {
  /** What splits lower: Gini's impurity (`'gini'`, default) or `'entropy'`. */
  readonly criterion?: 'gini' | 'entropy'
}

const classNames: OptionNames<ClassTreeOptions> = {
  ...growthNames,
  criterion: true,
  classWeight: true,
}

/** How far from 1 rounding takes the sum of shares of 1000 classes, and more. */
const mostRounding = 1e-9

/** A model that predicts the mean of the shares of classes in the leaves of its trees. */
export abstract class ClassForest extends TreeForest implements Estimator {
  criterion: 'gini' | 'entropy'
  classWeight: ClassWeight
  /** Labels of the classes, ascending; a list when they are texts or true and false. */
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

  constructor(options: ClassTreeOptions, kind: Omit<ForestKind, 'names' | 'maxFeatures'>) {
    super(options, {
      ...kind,
      names: { ...classNames, ...(kind.draws && drawNames) },
      maxFeatures: kind.draws ? 'sqrt' : 1,
    })
    this.criterion = options.criterion ?? 'gini'
    this.classWeight = options.classWeight ?? null
  }

  /** Does what `fit` does, which this class overrides. */
  override get readsColumns(): true {
    return true
  }

  /** Columns can't be constrained. */
  override get monotonicCst(): null {
    return null
  }

  override fit(
    X: FeatureInput,
    y: readonly string[],
    options?: TableFitOptions,
  ): Promise<WithLabels<this, string>>
  override fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: TableFitOptions,
  ): Promise<WithLabels<this, boolean>>
  override fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  override fit(
    X: Table,
    y: string | Column,
    options?: TableFitOptions,
  ): Promise<WithLabels<this, number | string>>
  override fit(X: FeatureInput, y: TargetInput, options?: TableFitOptions): Promise<unknown> {
    return super.fit(X, y as ArrayInput, options)
  }

  /** Does what `fit` does, which this class overrides. */
  override fitFold(shared: BinnedMatrix, X: NDArray, y: NDArray, fit: FoldFit): Promise<this> {
    return super.fitFold(shared, X, y, fit)
  }

  /**
   * Predicts the likeliest class of each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @returns labels: an array of shape (n) or (n, 1) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  override async predict(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    return predictClasses(this, options, () => super.predict(X, options))
  }

  protected override async learn(data: TreeData): Promise<void> {
    requireOneOf(this, 'criterion', ['gini', 'entropy'], { log_loss: 'entropy' })
    return withClasses(data.y, data.X.shape[0], data.inputs, {}, (found) =>
      this.#growOnClasses(data, found),
    )
  }

  async #growOnClasses(data: TreeData, found: ClassCodes): Promise<void> {
    const { codes: y, inputs } = found
    const { grown, outOfBag } = await this.growTrees(
      { ...data, y, inputs },
      {
        weights: weighClasses(this, found),
        classes: found.classes.length,
        entropy: this.criterion === 'entropy',
      },
    )
    this.classes_ = found.classes as Float64Array
    this.leafShares_ = sharedArray([grown.shares.length], 'float64')
    this.leafShares_.toTypedArray().set(grown.shares)
    this.leafShareStarts_ = grown.shareStarts
    if (outOfBag !== null) this.#keepOutOfBag(outOfBag, y, inputs.weights)
  }

  /**
   * Predicts the probability of each class: the mean of its shares in the leaves that a row comes to.
   *
   * @param X - values, shape (n, d), any real dtype and strides
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predictProba(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    return this.predictBy(
      () => ({ ...this.scoreMap(), map: 'mean' }),
      () => [this.classes_.length],
      X,
      options,
    )
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const classes = checkClasses(values)
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
    const classes = checkClasses(values)
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
      labels: classNumbers(this.classes_),
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
