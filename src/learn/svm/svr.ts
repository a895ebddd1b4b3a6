/** Support vector regression with kernels. */

import { type OptionNames, requireKnown } from '../../options.ts'
import {
  requireFitOptions,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import {
  type FloatArray,
  forget,
  type TableFitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { KernelMachine } from './kernel-machine.ts'
import {
  type KernelMachineOptions,
  kernelMachineNames,
  requireKernelOptions,
  supportOf,
} from './machine-kernel.ts'
import { readTargetRows } from './machine-rows.ts'
import { kernelHint } from './svm-names.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link SVR}. */
export interface SVROptions extends KernelMachineOptions {
  /** Residuals up to here cost nothing, >= 0; default: 0.1. */
  readonly epsilon?: number
}

/**
 * Support vector regression: a sum of kernels with the support vectors, which are the training rows that aren't predicted to within
 * `epsilon`.
 *
 * Sequential minimal optimization reads rows of `X` in place, whatever their layout, and keeps kernels of rows within `cacheMiB`. The
 * model is a copy of the support vectors: it doesn't need `X` any more. Scale the columns first, as by a `StandardScaler`. Time grows with the
 * square of the number of rows or faster: use it for up to some 100,000.
 *
 * @example
 * ```ts
 * const model = await new SVR({ C: 10, epsilon: 0.2 }).fit(X, y)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.svm.SVR`: same objective and names; with weights, `gamma: 'scale'` takes the variance of weighted rows
 */
export class SVR extends KernelMachine {
  static override readonly name: string = 'SVR'
  epsilon: number
  /** What each support vector counts in a prediction, shape (s). */
  declare dualCoef_: Float64Array
  declare intercept_: number

  constructor(options: SVROptions = {}) {
    super(options)
    if (new.target === SVR) requireKnown('SVR', options, names, kernelHint(names))
    this.epsilon = options.epsilon ?? 0.1
  }

  /**
   * Learns from rows of `X` and `y`, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - target, shape (n)
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(
    X: FeatureInput,
    y: TargetInput<ArrayInput>,
    options: TableFitOptions = {},
  ): Promise<this> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const settings = requireKernelOptions(this)
      const epsilon = requireNumber(this, 'epsilon', { min: 0 })
      const rows = await readTargetRows(this, X, toArray(y, '`y`'), options)
      const trained = await this.train(rows, settings, epsilon)
      const { support, coefficients } = supportOf(rows.numbers, trained.variables)
      await this.keepVectors(rows, support, trained)
      this.dualCoef_ = coefficients
      this.intercept_ = trained.intercepts[0]!
      this.targetShape_ = rows.targetShape
      return this
    })
  }

  /**
   * Predicts the target of rows of `X`.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n), or (n, 1) when the target had that shape
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'supportVectors_')
    const { length } = this.support_
    const decision = {
      answer: 'pairs',
      rowShape: this.targetShape_,
      starts: Int32Array.of(0, length, length),
      coefficients: this.dualCoef_,
      intercepts: Float64Array.of(this.intercept_),
      labels: null,
    } as const
    return this.decide(X, decision, options)
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.floats('dualCoef_', values.integers('support_', 2 ** 31).length)
    values.finite('intercept_')
  }
}

registerEstimator(SVR, 'onecopy.SVR', import.meta.url)

const names: OptionNames<SVROptions> = { epsilon: true, ...kernelMachineNames }
