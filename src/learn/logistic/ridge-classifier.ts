/** Classes by ridge regression. */

import { type NDArray, zeros } from '../../arrays/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import { requireBoolean, requireFitOptions, requireNumber } from '../contract/base-estimator.ts'
import { forget, type TableFitOptions } from '../contract/estimator.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { type EncodedLabels, readCodes, type Label } from '../inputs/labels.ts'
import { Ridge } from '../linear/ridge.ts'
import { checkInputs, readOptions } from '../statistics/read-moments.ts'
import {
  type ClassWeight,
  type ClassWeightOptions,
  classFactors,
  weighRows,
} from '../inputs/class-weights.ts'
import { LinearClassifier } from './linear-classifier.ts'
import { logisticHint } from './logistic-names.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link RidgeClassifier}. */
export interface RidgeClassifierOptions extends ClassWeightOptions {
  /** Penalty on the sum of squared coefficients, >= 0; default: 1. */
  readonly alpha?: number
  /** Whether the model has an intercept, which is not penalized; default: true. */
  readonly fitIntercept?: boolean
}

/**
 * Tells classes apart by ridge regression of 1 for a row's own class and -1 for the others. One pass over the rows; no
 * probabilities.
 *
 * @example
 * ```ts
 * const model = await new RidgeClassifier({ alpha: 0.1 }).fit(X, labels)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.linear_model.RidgeClassifier`
 */
export class RidgeClassifier<L extends Label = number> extends LinearClassifier<L> {
  static override readonly name: string = 'RidgeClassifier'
  alpha: number
  fitIntercept: boolean
  classWeight: ClassWeight

  constructor(options: RidgeClassifierOptions = {}) {
    super()
    if (new.target === RidgeClassifier)
      requireKnown('RidgeClassifier', options, names, logisticHint(names))
    this.alpha = options.alpha ?? 1
    this.fitIntercept = options.fitIntercept ?? true
    this.classWeight = options.classWeight ?? null
  }

  /** Nothing that is learned holds the list of rows. */
  get freesRows(): true {
    return true
  }

  /**
   * Learns from rows of `X` and their labels.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones. A byte for each row and
   *   class is made of them
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(
    X: FeatureInput,
    y: readonly string[],
    options?: TableFitOptions,
  ): Promise<RidgeClassifier<string>>
  fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: TableFitOptions,
  ): Promise<RidgeClassifier<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(
    X: Table,
    y: string | Column,
    options?: TableFitOptions,
  ): Promise<RidgeClassifier<number | string>>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const alpha = requireNumber(this, 'alpha', { min: 0 })
      const fitIntercept = requireBoolean(this, 'fitIntercept')
      const matrix = X
      const inputs = checkInputs(matrix, null, readOptions(options))
      const labels = readCodes(y, matrix.shape[0]!, inputs.groups[0]!, inputs.weights)
      const factors = classFactors(this, labels.classes, labels.weights)
      // Without the names of columns, so that errors about them name this class.
      const values = matrix.slice(null, null)
      const counted = weighRows(labels.codes, inputs.weights, factors)
      const ridge = await new Ridge({ alpha, fitIntercept }).fit(values, indicators(labels), {
        ...(options.rows && { rows: options.rows }),
        ...(counted && { weights: counted }),
      })
      const terms = ridge
        .linearTerms()
        .flatMap(({ coefficients, intercept }) => [intercept, ...coefficients])
      this.keepScores(labels, Float64Array.from(terms), inputs.columns)
      return this
    })
  }
}

registerEstimator(RidgeClassifier, 'onecopy.RidgeClassifier', import.meta.url)

const names: OptionNames<RidgeClassifierOptions> = {
  alpha: true,
  fitIntercept: true,
  classWeight: true,
}

/** 1 for a row's own class and -1 for the others; of two classes only the second one's column. */
function indicators({ classes, codes }: EncodedLabels): NDArray<'int8'> {
  const columns = classes.length <= 2 ? 1 : classes.length
  const targets = zeros([codes.length, columns], 'int8')
  const first = classes.length === 2 ? 1 : 0
  targets.data.fill(-1)
  const { data } = targets
  for (let row = 0; row < codes.length; row++) {
    const code = codes[row]!
    if (code >= first) data[row * columns + code - first] = 1
  }
  return targets
}
