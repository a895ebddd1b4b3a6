/** Logistic regression: two classes or several, with or without penalties. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireFitOptions, requirePositive } from '../contract/base-estimator.ts'
import { forget, type FitOptions, type TableFitOptions } from '../contract/estimator.ts'
import type { FoldFit, FoldSharing } from '../contract/fold-sharing.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { Label, LabelInput } from '../inputs/labels.ts'
import { classFactors } from '../inputs/class-weights.ts'
import type { ScaledEstimator, ScaledFitOptions } from '../contract/scaled-estimator.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import { fitLogistic, type LogisticSettings } from './fit-logistic.ts'
import {
  hasInverse,
  LogisticClassifier,
  type LogisticOptions,
  logisticOptionNames,
} from './logistic-classifier.ts'
import { fitLogisticFolds, type LogisticFolds } from './logistic-folds.ts'
import { logisticHint } from './logistic-names.ts'
import { type LogisticData, readLogisticData } from './logistic-data.ts'
import { readOptions } from '../statistics/read-moments.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link LogisticRegression}. */
export interface LogisticRegressionOptions extends LogisticOptions {
  /** Penalty on the coefficients: squares, absolute values, both, or none; default: `'l2'`. The intercept is not penalized. */
  readonly penalty?: 'l2' | 'l1' | 'elasticnet' | null
  /** Inverse weight of the penalty, above 0: less means smaller coefficients; default: 1. */
  readonly C?: number
}

/**
 * Logistic regression: minimizes C Σ weight × log loss + ½ ‖w‖² for two classes, or for several by one softmax over all of
 * them.
 *
 * With a single class, `fit` learns to predict it always. `y` holds labels: numbers, texts, or true and false. Up to 512 coefficients it is solved by Newton's method, about three passes over many
 * rows; then by L-BFGS. It reads `X` in place, needs no scaled columns, and gives the same bytes for any number of threads.
 *
 * Without a penalty, classes that columns tell apart without error have no best model: `fit` refuses them with `ERR_VALUE`. When
 * `maxIter` steps don't reach `tol`, the model is usable, `converged_` is false, and the warning `ONECOPY_NOT_CONVERGED` is
 * emitted.
 *
 * @example
 * ```ts
 * const model = await new LogisticRegression({ C: 0.1 }).fit(X, labels)
 * const probabilities = await model.predictProba(X) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.LogisticRegression`: same objective and names
 */
export class LogisticRegression<L extends Label = number>
  extends LogisticClassifier<L>
  implements ScaledEstimator
{
  static override readonly name: string = 'LogisticRegression'
  penalty: 'l2' | 'l1' | 'elasticnet' | null
  C: number

  constructor(options: LogisticRegressionOptions = {}) {
    super(options)
    if (new.target === LogisticRegression)
      requireKnown('LogisticRegression', options, names, logisticHint(names))
    this.penalty = options.penalty === undefined ? 'l2' : options.penalty
    this.C = options.C ?? 1
  }

  /**
   * Learns from rows of `X` and their labels, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(
    X: FeatureInput,
    y: readonly string[],
    options?: TableFitOptions,
  ): Promise<LogisticRegression<string>>
  fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: TableFitOptions,
  ): Promise<LogisticRegression<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(
    X: Table,
    y: string | Column,
    options?: TableFitOptions,
  ): Promise<LogisticRegression<number | string>>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      return this.#fit(X, y, options)
    })
  }

  /** Learns what `fit` on scaled columns would, from raw ones. */
  async fitScaled(X: NDArray, y: LabelInput, options: ScaledFitOptions): Promise<this> {
    forget(this)
    const { map, ...others } = options
    return this.#fit(X, y, others, map)
  }

  async #fit(
    X: NDArray,
    y: LabelInput | undefined,
    options: FitOptions,
    map?: AffineMap,
  ): Promise<this> {
    this.#requireOptions()
    const { fitIntercept } = this
    const read = { fitIntercept, map, ...readOptions(options) }
    const data = await readLogisticData(X, y, read)
    this.learn(data, this.tol, await fitLogistic(data, this.#settingsOf(data)))
    return this
  }

  /** Fits the models of all folds together: each starts at the model of all rows. */
  foldSharing(): FoldSharing<LogisticFolds> {
    return {
      kind: `onecopy/logistic-regression/${JSON.stringify(this.getParams())}`,
      inThread: true,
      perCase: true,
      scaling: 'mapped',
      freesRows: true,
      make: (data) => fitLogisticFolds(data, this.fitIntercept, (rows) => this.#settingsOf(rows)),
    }
  }

  /** Takes the model of a fold. A fold whose training rows lack a class is fitted by itself. */
  async fitFold(
    { all, folds }: LogisticFolds,
    X: NDArray,
    y: NDArray,
    { fold, rows, weights, map }: FoldFit,
  ): Promise<this> {
    const fitted = fold === null ? all : folds[fold]
    forget(this)
    if (fitted === undefined) return this.#fit(X, y, { rows, ...(weights && { weights }) }, map)
    this.learn(fitted.data, this.tol, fitted.fit)
    return this
  }

  #settingsOf({ classes, weights }: LogisticData): LogisticSettings {
    return { ...this.#requireOptions(), classFactors: classFactors(this, classes, weights) }
  }

  #requireOptions(): Omit<LogisticSettings, 'classFactors'> {
    const { share, ...stopping } = this.requireLogisticOptions(['l2', 'l1', 'elasticnet', null])
    const C = requirePositive(this, 'C')
    if (!hasInverse(C)) {
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected \`C\` of ${this.constructor.name} to have a finite inverse, got ${C}.`,
        { details: { name: 'C' } },
      )
    }
    return { ...stopping, l1: share / C, l2: this.penalty === null ? 0 : (1 - share) / C }
  }
}

registerEstimator(LogisticRegression, 'onecopy.LogisticRegression', import.meta.url)

const names: OptionNames<LogisticRegressionOptions> = {
  penalty: true,
  C: true,
  ...logisticOptionNames,
}
