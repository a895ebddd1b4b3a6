/** Base of classifiers by the votes of near rows. */

import { array, type NDArray, type Rows } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import {
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import {
  type FloatArray,
  forget,
  type TableFitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { FoldFit } from '../contract/fold-sharing.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import { fillRows } from '../contract/write-output.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { type Classes, type EncodedLabels, encodeLabels, type Label } from '../inputs/labels.ts'
import { checkInputs } from '../statistics/read-moments.ts'
import { NearRowsModel } from './near-rows-model.ts'
import type { SharedNeighbors } from './shared-neighbors.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'

/**
 * Takes the votes of a row's neighbours.
 *
 * @param votes - of each class; they change afterwards
 * @param winner - number of the class that is predicted
 */
export type TakeVotes = (row: number, votes: Float64Array, winner: number) => void

/**
 * A learner that predicts the class which most of the near rows have. `L` is the type of labels; `Texts` and `Booleans` are
 * the class of the model when they are texts, or true and false.
 */
export abstract class NearRowsClassifier<
  L extends Label,
  Texts,
  Booleans,
  Either,
> extends NearRowsModel {
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Number of each row's class, shape (n). */
  declare codes_: NDArray<'uint16'>
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  /**
   * Builds an index of the rows.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype; kept, not copied, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS` also for fewer rows than neighbours, `ERR_OPTION`
   */
  fit(X: FeatureInput, y: readonly string[], options?: TableFitOptions): Promise<Texts>
  fit(X: FeatureInput, y: readonly boolean[], options?: TableFitOptions): Promise<Booleans>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(X: Table, y: string | Column, options?: TableFitOptions): Promise<Either>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const matrix = X
      const { rows, weights } = options
      this.requireOptions()
      const inputs = checkInputs(matrix, null, { weights, ...(rows && { groups: [rows] }) })
      const [chosen] = inputs.groups
      const labels = encodeLabels(y, matrix.shape[0]!, chosen!, inputs.weights)
      this.requireLabels(labels)
      await this.indexRows(matrix, array(labels.codes), chosen!, inputs.weights)
      return this.keepLabels(labels)
    })
  }

  /**
   * Predicts the class with the most votes of each row's neighbours.
   *
   * @param X - values, shape (any, d)
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_OVERLAP` when `out` lies in what the model keeps, `ERR_VALUE` also for
   *   a row without neighbours
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    const { targetShape_: shape } = this
    return predictLabels(this.classes_, options, (labels) =>
      this.#vote(X, shape, options, (out, row, _votes, winner) => {
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
   * @throws OneCopyError as `predict` does
   */
  async predictProba(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    return this.#vote(X, [this.classes_.length], options, (out, row, votes) => {
      const total = this.totalOf(votes)
      for (const [code, one] of votes.entries()) out.set(one / total, row, code)
    })
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
    this.requireLabels(labels)
    await this.indexFold(shared, X, fit)
    return this.keepLabels(labels)
  }

  /** Checks options against the classes, before the index is built. */
  protected requireLabels(_labels: EncodedLabels): void {}

  /** Keeps what `fit` has found out about labels. */
  protected keepLabels({ classes, codes, shape }: EncodedLabels): this {
    this.classes_ = classes
    this.codes_ = array(codes)
    this.targetShape_ = shape
    return this
  }

  /**
   * Counts the votes of the neighbours of some rows.
   *
   * @param take - called for each row
   */
  protected abstract countVotes(queries: NDArray, rows: Rows, take: TakeVotes): Promise<void>

  /** What votes are divided by to make shares. */
  protected abstract totalOf(votes: Float64Array): number

  #vote(
    X: FeatureInput,
    rowShape: readonly number[],
    options: PredictOptions,
    write: (out: NDArray, ...taken: Parameters<TakeVotes>) => void,
  ): Promise<FloatArray> {
    return predictFeatures(this, X, options, (X, options) =>
      fillRows(this.requireQueries(X, options.out), rowShape, options, (queries, rows, out) =>
        this.countVotes(queries, rows, (row, votes, winner) => {
          requireAttached(out)
          write(out, row, votes, winner)
        }),
      ),
    )
  }
}
