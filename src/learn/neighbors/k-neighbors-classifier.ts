/** Predicts the class that most of the nearest rows have. */

import { array, type NDArray } from '../../arrays/index.ts'
import {
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import type { FoldFit } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import {
  type Classes,
  type EncodedLabels,
  encodeLabels,
  type Label,
  type LabelInput,
} from '../inputs/labels.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { NeighborModel } from './neighbor-model.ts'
import { insteadOfMetrics, neighborNames, type NeighborOptions } from './neighbor-options.ts'
import { countVotes, type Voters, writeShares } from './neighbor-votes.ts'
import type { SharedNeighbors } from './shared-neighbors.ts'

/** Options of {@link KNeighborsClassifier}. */
export interface KNeighborsClassifierOptions extends NeighborOptions {
  /**
   * Weights of votes: `'uniform'` (default) for equal ones, `'distance'` for 1 / distance. With `'distance'`, rows at distance 0 are
   * the only ones that vote when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
}

/**
 * Nearest-neighbour classification by Euclidean or other Minkowski distances. The search is exact. Of rows at the same distance, those with lower
 * numbers are nearer; of classes with the same votes, that of the nearest row among them wins.
 *
 * `fit` copies no row. The model keeps `X` and reads it in `predict`; don't change it as long as you use the model. Row weights
 * of `fit` multiply votes; a row of weight 0 is never a neighbour.
 *
 * @example
 * ```ts
 * const model = await new KNeighborsClassifier({ neighbors: 10 }).fit(X, labels)
 * const probabilities = await model.predictProba(newX) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.neighbors.KNeighborsClassifier` (where the first class wins when votes are equal)
 */
export class KNeighborsClassifier<L extends Label = number> extends NeighborModel {
  static override readonly name: string = 'KNeighborsClassifier'
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Number of each row's class, shape (n). */
  declare codes_: NDArray<'uint16'>
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: KNeighborsClassifierOptions = {}) {
    super(options)
    if (new.target === KNeighborsClassifier)
      requireLearnOptions('KNeighborsClassifier', options, neighborNames, insteadOfMetrics)
  }

  /**
   * Builds an index of the rows.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype; kept, not copied, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_OPTION`, `ERR_ROWS` when there are fewer rows than neighbours
   */
  fit(
    X: ArrayInput,
    y: readonly string[],
    options?: FitOptions,
  ): Promise<KNeighborsClassifier<string>>
  fit(
    X: ArrayInput,
    y: readonly boolean[],
    options?: FitOptions,
  ): Promise<KNeighborsClassifier<boolean>>
  fit(X: ArrayInput, y: ArrayInput, options?: FitOptions): Promise<this>
  async fit(X: ArrayInput, y: LabelInput, options: FitOptions = {}): Promise<unknown> {
    return keepInputs({ X, y, options }, async () => {
      requireFitOptions(this, options)
      forget(this)
      const matrix = asArray(X, '`X`')
      const { rows, weights } = options
      this.requireOptions()
      const inputs = checkInputs(matrix, null, { weights, ...(rows && { groups: [rows] }) })
      const [chosen] = inputs.groups
      const labels = encodeLabels(y, matrix.shape[0]!, chosen!, inputs.weights)
      await this.indexRows(matrix, array(labels.codes), chosen!, inputs.weights)
      return this.#learn(labels)
    })
  }

  /**
   * Predicts the class with the most votes of each row's neighbours.
   *
   * @param X - values, shape (any, d)
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`, `ERR_OVERLAP` when `out` lies in what the model keeps
   */
  async predict(X: ArrayInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    const { targetShape_: shape } = this
    return predictLabels(this.classes_, options, (labels) =>
      this.#vote(X, shape, options, (out) => (row, _votes, winner) => {
        if (shape.length === 0) out.set(labels[winner]!, row)
        else out.set(labels[winner]!, row, 0)
      }),
    )
  }

  /**
   * Predicts the share of the votes that each class has.
   *
   * @param X - values, shape (any, d)
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE`, `ERR_OVERLAP` when `out` lies in what the model keeps
   */
  async predictProba(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    return this.#vote(X, [this.classes_.length], options, writeShares)
  }

  /** Refuses learned values that no fit can have given; doesn't read `X_`, which may be a large file. */
  checkLearned(values: LearnedValues): void {
    const count = checkClasses(values)
    const n = this.checkRows(values)
    const codes = values.array('codes_', { dtype: 'uint16', shape: [n] }).toTypedArray()
    if (codes.some((code) => Number(code) >= count))
      throw values.refuse('codes_', `numbers of ${count} classes`, 'greater ones')
    checkTargetShape(values)
  }

  async fitFold(shared: SharedNeighbors, X: NDArray, y: NDArray, fit: FoldFit): Promise<this> {
    forget(this)
    this.requireOptions()
    const labels = encodeLabels(y, X.shape[0]!, fit.rows, fit.weights ?? null)
    await this.indexFold(shared, X, fit)
    return this.#learn(labels)
  }

  #learn({ classes, codes, shape }: EncodedLabels): this {
    this.classes_ = classes
    this.codes_ = array(codes)
    this.targetShape_ = shape
    return this
  }

  #vote(
    X: ArrayInput,
    rowShape: readonly number[],
    options: PredictOptions,
    writer: (out: NDArray) => Parameters<typeof countVotes>[2],
  ): Promise<NDArray> {
    const matrix = this.requireQueries(X, options.out)
    const voters: Voters = {
      index: this.index_,
      codes: this.codes_.toTypedArray(),
      classes: this.classes_.length,
      weights: this.weights_,
      byDistance: this.weights === 'distance',
    }
    const { X_: points, scale_: scale, p, neighbors } = this
    return fillRows(matrix, rowShape, options, (queries, rows, out) =>
      countVotes(voters, { points, queries, rows, scale, p, neighbors }, writer(out)),
    )
  }
}
