/** Predicts the class that most of the rows within a distance have. */

import { array, type NDArray } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
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
import { insteadOfMetrics, radiusNames, type RadiusOptions } from './neighbor-options.ts'
import { RadiusModel } from './radius-model.ts'
import type { SharedNeighbors } from './shared-neighbors.ts'

/** Options of {@link RadiusNeighborsClassifier}. */
export interface RadiusNeighborsClassifierOptions extends RadiusOptions {
  /**
   * Weights of votes: `'uniform'` (default) for equal ones, `'distance'` for 1 / distance. With `'distance'`, rows at distance 0 are
   * the only ones that vote when there are any.
   */
  readonly weights?: 'uniform' | 'distance'
  /**
   * Class of a row without neighbours: one of the classes, or `'mostFrequent'` for that with the greatest weight in `fit`. Default: null,
   * such rows are refused.
   */
  readonly outlierLabel?: Label | null
}

/**
 * Classification by the votes of all rows within a distance. The search is exact. Of classes with the same votes the first one wins.
 *
 * `fit` copies no row. The model keeps `X` and reads it in `predict`; don't change it as long as you use the model. Row weights of
 * `fit` multiply votes; a row of weight 0 is never a neighbour. A search holds 16 bytes for each neighbour of up to eight rows in each
 * thread.
 *
 * @example
 * ```ts
 * const model = await new RadiusNeighborsClassifier({ radius: 2, outlierLabel: 'mostFrequent' }).fit(X, labels)
 * const probabilities = await model.predictProba(newX) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.neighbors.RadiusNeighborsClassifier`
 */
export class RadiusNeighborsClassifier<L extends Label = number> extends RadiusModel {
  static override readonly name: string = 'RadiusNeighborsClassifier'
  outlierLabel: Label | null
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Number of each row's class, shape (n). */
  declare codes_: NDArray<'uint16'>
  /** Number of the class of rows without neighbours; -1: there is none. */
  declare outlierCode_: number
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: RadiusNeighborsClassifierOptions = {}) {
    super(options)
    if (new.target === RadiusNeighborsClassifier)
      requireLearnOptions('RadiusNeighborsClassifier', options, names, insteadOfMetrics)
    this.outlierLabel = options.outlierLabel ?? null
  }

  /**
   * Builds an index of the rows.
   *
   * @param X - values, shape (n, d), n < 2^31, any real dtype; kept, not copied, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_OPTION`, `ERR_ROWS`
   */
  fit(
    X: ArrayInput,
    y: readonly string[],
    options?: FitOptions,
  ): Promise<RadiusNeighborsClassifier<string>>
  fit(
    X: ArrayInput,
    y: readonly boolean[],
    options?: FitOptions,
  ): Promise<RadiusNeighborsClassifier<boolean>>
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
      const outlierCode = this.#requireOutlierCode(labels)
      await this.indexRows(matrix, array(labels.codes), chosen!, inputs.weights)
      return this.#learn(labels, outlierCode)
    })
  }

  /**
   * Predicts the class with the most votes of each row's neighbours.
   *
   * @param X - values, shape (any, d)
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_OVERLAP` when `out` lies in what the model keeps, `ERR_VALUE` for a row
   *   without neighbours when there is no `outlierLabel`
   */
  async predict(X: ArrayInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    const { targetShape_: shape } = this
    return predictLabels(this.classes_, options, (labels) =>
      this.#share(X, shape, options, (out, row, shares) => {
        const label = labels[shares.indexOf(Math.max(...shares))]!
        if (shape.length === 0) out.set(label, row)
        else out.set(label, row, 0)
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
  async predictProba(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'index_')
    return this.#share(X, [this.classes_.length], options, (out, row, shares) => {
      for (const [code, share] of shares.entries()) out.set(share, row, code)
    })
  }

  /** Refuses learned values that no fit can have given; doesn't read `X_`, which may be a large file. */
  checkLearned(values: LearnedValues): void {
    const count = checkClasses(values)
    const n = this.checkRows(values)
    const codes = values.array('codes_', { dtype: 'uint16', shape: [n] }).toTypedArray()
    if (codes.some((code) => Number(code) >= count))
      throw values.refuse('codes_', `numbers of ${count} classes`, 'greater ones')
    const outlier = values.number('outlierCode_', -1)
    if (!Number.isInteger(outlier) || outlier >= count)
      throw values.refuse(
        'outlierCode_',
        `-1 or the number of one of ${count} classes`,
        `${outlier}`,
      )
    checkTargetShape(values)
  }

  async fitFold(shared: SharedNeighbors, X: NDArray, y: NDArray, fit: FoldFit): Promise<this> {
    forget(this)
    this.requireOptions()
    const labels = encodeLabels(y, X.shape[0]!, fit.rows, fit.weights ?? null)
    const outlierCode = this.#requireOutlierCode(labels)
    await this.indexFold(shared, X, fit)
    return this.#learn(labels, outlierCode)
  }

  #learn({ classes, codes, shape }: EncodedLabels, outlierCode: number): this {
    this.classes_ = classes
    this.codes_ = array(codes)
    this.outlierCode_ = outlierCode
    this.targetShape_ = shape
    return this
  }

  #requireOutlierCode({ classes, weights }: EncodedLabels): number {
    const { outlierLabel } = this
    if (outlierLabel === null) return -1
    const code = [...classes].indexOf(outlierLabel)
    if (code !== -1) return code
    if (outlierLabel === 'mostFrequent') return weights.indexOf(Math.max(...weights))
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`outlierLabel\` of ${this.constructor.name} to be one of the classes, 'mostFrequent' or null, got ${show(outlierLabel)}.`,
      { details: { name: 'outlierLabel' } },
    )
  }

  #share(
    X: ArrayInput,
    rowShape: readonly number[],
    options: PredictOptions,
    write: (out: NDArray, row: number, shares: Float64Array) => void,
  ): Promise<NDArray> {
    const matrix = this.requireQueries(X, options.out)
    const { length: width } = this.classes_
    const what = { codes: this.codes_.toTypedArray(), classes: width, width }
    return fillRows(matrix, rowShape, options, (queries, rows, out) =>
      this.averageWithin({ queries, rows }, what, (row, shares, count) => {
        requireAttached(out)
        if (count === 0) {
          if (this.outlierCode_ === -1) throw noNeighbors(this, row)
          shares.fill(0)
          shares[this.outlierCode_] = 1
        }
        write(out, row, shares)
      }),
    )
  }
}

const names: OptionNames<RadiusNeighborsClassifierOptions> = { ...radiusNames, outlierLabel: true }

function noNeighbors({ radius }: { readonly radius: number }, row: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected neighbours within ${radius} of every row, got none for row ${row} (counted from 0). ` +
      "Raise `radius`, or set `outlierLabel` to the class of such rows, such as 'mostFrequent'.",
    { details: { row, radius } },
  )
}
