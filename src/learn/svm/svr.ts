/** Support vector regression with kernels. */

import { array, type NDArray } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireMatrix } from '../../arrays/internal.ts'
import { kernelThreads, native, type SvmKernel } from '../../native/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { checkTargetShape } from '../contract/check-classes.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import {
  checkKernel,
  copyRows,
  kernelDefaults,
  type KernelMachineOptions,
  kernelMachineNames,
  kernelOf,
  requireKernelOptions,
  supportOf,
  warnOfKernel,
} from './machine-kernel.ts'
import { readTargetRows, svmRowsOf } from './machine-rows.ts'
import { kernelHint } from './svm-names.ts'

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
export class SVR extends BaseEstimator {
  static override readonly name: string = 'SVR'
  C: number
  epsilon: number
  kernel: 'rbf' | 'linear' | 'poly' | 'sigmoid'
  degree: number
  gamma: 'scale' | 'auto' | number
  coef0: number
  tol: number
  maxIter: number
  cacheMiB: number
  /** Copies of the support vectors, shape (s, d). */
  declare supportVectors_: NDArray<'float64'>
  /** Their row numbers in the `X` of `fit`, shape (s). */
  declare support_: Int32Array
  /** What each counts in a prediction, shape (s). */
  declare dualCoef_: Float64Array
  declare intercept_: number
  /** The kernel with its options, `gamma` as a number. */
  declare kernel_: SvmKernel & { readonly [name: string]: string | number }
  /** Steps of two rows each. */
  declare iterations_: number
  /** Whether the violation fell below `tol`. */
  declare converged_: boolean
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: SVROptions = {}) {
    super()
    if (new.target === SVR) requireKnown('SVR', options, names, kernelHint(names))
    const { C, kernel, degree, gamma, coef0, tol, maxIter, cacheMiB } = {
      ...kernelDefaults,
      ...options,
    }
    this.C = C
    this.epsilon = options.epsilon ?? 0.1
    this.kernel = kernel
    this.degree = degree
    this.gamma = gamma
    this.coef0 = coef0
    this.tol = tol
    this.maxIter = maxIter
    this.cacheMiB = cacheMiB
  }

  /**
   * Learns from rows of `X` and `y`, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - target, shape (n)
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  async fit(X: ArrayInput, y: ArrayInput, options: FitOptions = {}): Promise<this> {
    return keepInputs({ X, y, options }, async () => {
      requireFitOptions(this, options)
      forget(this)
      const { C, stopping } = requireKernelOptions(this)
      const epsilon = requireNumber(this, 'epsilon', { min: 0 })
      const rows = await readTargetRows(this, asArray(X, '`X`'), asArray(y, '`y`'), options)
      const kernel = await kernelOf(this, rows)
      const machine = svmRowsOf(rows, C, epsilon)
      const found = await native.trainSvm(machine, kernel, stopping, kernelThreads())
      const { support, coefficients } = supportOf(rows.numbers, found.variables)
      const vectors = await copyRows(rows.X, support)
      this.supportVectors_ = array(vectors, { shape: [support.length, rows.columns] })
      this.support_ = support
      this.dualCoef_ = coefficients
      this.intercept_ = found.intercepts[0]!
      this.kernel_ = { ...kernel }
      this.iterations_ = found.iterations[0]!
      this.converged_ = found.gaps[0]! < stopping.tol || found.gaps[0] === 0
      this.targetShape_ = rows.targetShape
      if (!this.converged_) warnOfKernel(this, this.iterations_, found.gaps[0]!, stopping.tol)
      return this
    })
  }

  /**
   * Predicts the target of rows of `X`. A row with NaN is predicted as NaN.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n), or (n, 1) when the target had that shape
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predict(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'supportVectors_')
    const matrix = asArray(X, '`X`')
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, this.supportVectors_.shape[1]!)
    const model = {
      kernel: this.kernel_,
      starts: Int32Array.of(0, this.support_.length, this.support_.length),
      vectors: this.supportVectors_.toTypedArray(),
      coefficients: this.dualCoef_,
      intercepts: Float64Array.of(this.intercept_),
      answer: 'pairs',
      labels: null,
    } as const
    return fillRows(matrix, this.targetShape_, options, (part, rows, out) =>
      native.svmPredict(
        kernelMatrix(part),
        kernelRows(rows),
        model,
        kernelMatrix(out),
        kernelThreads(),
      ),
    )
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const support = values.integers('support_', 2 ** 31)
    const vectors = values.array('supportVectors_', { shape: [support.length, undefined] })
    values.finiteArray('supportVectors_', { shape: vectors.shape })
    values.floats('dualCoef_', support.length)
    values.finite('intercept_')
    checkKernel(values)
    values.number('iterations_', 0)
    values.oneOf('converged_', [true, false])
    checkTargetShape(values)
  }
}

const names: OptionNames<SVROptions> = { epsilon: true, ...kernelMachineNames }
