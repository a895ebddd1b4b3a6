/** Support vector classification with kernels. */

import { array, type NDArray } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireMatrix } from '../../arrays/internal.ts'
import { kernelThreads, native, type SvmKernel, type SvmModel } from '../../native/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import {
  BaseEstimator,
  requireColumns,
  requireFitOptions,
  requireFitted,
  requireOneOf,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import { forget, type FitOptions, type PredictOptions } from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import type { Classes, Label, LabelInput } from '../inputs/labels.ts'
import type { ClassWeight } from '../inputs/class-weights.ts'
import { joinPairs } from './join-pairs.ts'
import {
  checkKernel,
  copyRows,
  kernelDefaults,
  type KernelMachineOptions,
  kernelMachineNames,
  kernelOf,
  requireKernelOptions,
  warnOfKernel,
} from './machine-kernel.ts'
import { type ClassRows, readClassRows, svmRowsOf } from './machine-rows.ts'
import { kernelHint } from './svm-names.ts'

/** Options of {@link SVC}. */
export interface SVCOptions extends KernelMachineOptions {
  /** How much the rows of each class count: `{ [label]: weight }`, or `'balanced'`; default: null, all the same. */
  readonly classWeight?: ClassWeight
  /** What `decisionFunction` gives for more than two classes: a column for each class, or for each pair; default: `'ovr'`. */
  readonly decisionFunctionShape?: 'ovr' | 'ovo'
}

/**
 * Support vector classification: a machine for each pair of classes, which vote. Each is a sum of kernels with the support vectors, the training
 * rows that are near a border or on its wrong side.
 *
 * Sequential minimal optimization reads rows of `X` in place, whatever their layout, and keeps kernels of rows within `cacheMiB`. The
 * model is a copy of the support vectors: it doesn't need `X` any more. Scale the columns first, as by a `StandardScaler`. Time grows with the
 * square of the number of rows or faster: use it for up to some 100,000. It gives no probabilities.
 *
 * @example
 * ```ts
 * const model = await new SVC({ C: 10 }).fit(X, labels)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.svm.SVC`: same objective and names; with weights, `gamma: 'scale'` takes the variance of weighted rows
 */
export class SVC<L extends Label = number> extends BaseEstimator {
  static override readonly name: string = 'SVC'
  C: number
  kernel: 'rbf' | 'linear' | 'poly' | 'sigmoid'
  degree: number
  gamma: 'scale' | 'auto' | number
  coef0: number
  classWeight: ClassWeight
  decisionFunctionShape: 'ovr' | 'ovo'
  tol: number
  maxIter: number
  cacheMiB: number
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Copies of the support vectors, class by class, shape (s, d). */
  declare supportVectors_: NDArray<'float64'>
  /** Their row numbers in the `X` of `fit`, shape (s). */
  declare support_: Int32Array
  /** How many there are of each class. */
  declare supportCounts_: Int32Array
  /**
   * What each counts, shape (classes - 1, s): against the other classes in their order. Of two classes, above 0 for the second one; of more, the
   * first of a pair.
   */
  declare dualCoef_: NDArray<'float64'>
  /** Intercepts of the pairs (0, 1), (0, 2) … (1, 2) …. */
  declare intercept_: Float64Array
  /** The kernel with its options, `gamma` as a number. */
  declare kernel_: SvmKernel & { readonly [name: string]: string | number }
  /** Steps of two rows each, of all pairs together. */
  declare iterations_: number
  /** Whether the violation of each pair fell below `tol`. */
  declare converged_: boolean
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: SVCOptions = {}) {
    super()
    if (new.target === SVC) requireKnown('SVC', options, names, kernelHint(names))
    const { C, kernel, degree, gamma, coef0, tol, maxIter, cacheMiB } = {
      ...kernelDefaults,
      ...options,
    }
    this.C = C
    this.kernel = kernel
    this.degree = degree
    this.gamma = gamma
    this.coef0 = coef0
    this.classWeight = options.classWeight ?? null
    this.decisionFunctionShape = options.decisionFunctionShape ?? 'ovr'
    this.tol = tol
    this.maxIter = maxIter
    this.cacheMiB = cacheMiB
  }

  /**
   * Learns from rows of `X` and their labels, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(X: ArrayInput, y: readonly string[], options?: FitOptions): Promise<SVC<string>>
  fit(X: ArrayInput, y: readonly boolean[], options?: FitOptions): Promise<SVC<boolean>>
  fit(X: ArrayInput, y: ArrayInput, options?: FitOptions): Promise<this>
  async fit(X: ArrayInput, y: LabelInput, options: FitOptions = {}): Promise<unknown> {
    return keepInputs({ X, y, options }, async () => {
      requireFitOptions(this, options)
      forget(this)
      const { C, stopping } = requireKernelOptions(this)
      this.#requireShape()
      const rows = await readClassRows(this, asArray(X, '`X`'), y, options)
      const kernel = await kernelOf(this, rows)
      const machine = svmRowsOf(rows, C)
      const found = await native.trainSvm(machine, kernel, stopping, kernelThreads())
      await this.#keep(rows, found)
      this.kernel_ = { ...kernel }
      this.iterations_ = found.iterations.reduce((sum, steps) => sum + steps, 0)
      const gap = Math.max(0, ...found.gaps)
      this.converged_ = gap < stopping.tol || gap === 0
      if (!this.converged_) warnOfKernel(this, this.iterations_, gap, stopping.tol)
      return this
    })
  }

  /**
   * Predicts the class that wins most pairs for each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d); read in place
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predict(X: ArrayInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'supportVectors_')
    return predictLabels(this.classes_, options, (labels) =>
      this.#decide('label', this.targetShape_, X, options, labels),
    )
  }

  /**
   * Tells how far on the side of its class each row is.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n) for two classes, above 0 for the second one. For more, shape (n, classes): the votes of each class, and as
   *   fractions how sure they are; with `'ovo'` a column for each pair, above 0 for the first of the two
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async decisionFunction(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'supportVectors_')
    const { length } = this.classes_
    if (length <= 2) return this.#decide('pairs', [], X, options, null)
    return this.#requireShape() === 'ovr'
      ? this.#decide('classes', [length], X, options, null)
      : this.#decide('pairs', [(length * (length - 1)) / 2], X, options, null)
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const classes = checkClasses(values)
    const support = values.integers('support_', 2 ** 31)
    const counts = values.integers('supportCounts_', 2 ** 31)
    const total = counts.reduce((sum, count) => sum + count, 0)
    if (counts.length !== classes || total !== support.length)
      throw values.refuse('supportCounts_', `${classes} numbers that sum to ${support.length}`)
    const vectors = values.array('supportVectors_', { shape: [support.length, undefined] })
    values.finiteArray('supportVectors_', { shape: vectors.shape })
    values.finiteArray('dualCoef_', { shape: [classes - 1, support.length] })
    values.floats('intercept_', (classes * (classes - 1)) / 2)
    checkKernel(values)
    values.number('iterations_', 0)
    values.oneOf('converged_', [true, false])
    checkTargetShape(values)
  }

  #requireShape(): 'ovr' | 'ovo' {
    return requireOneOf(this, 'decisionFunctionShape', ['ovr', 'ovo'])
  }

  /** Keeps the support vectors of all pairs. */
  async #keep(
    { X, columns, numbers, labels }: ClassRows,
    { variables, intercepts }: { variables: Float64Array; intercepts: Float64Array },
  ): Promise<void> {
    const count = labels.classes.length
    const joined = joinPairs({ numbers, codes: labels.codes, classes: count, variables })
    const { support, counts, coefficients } = joined
    const vectors = await copyRows(X, support)
    // As in scikit-learn, what two classes count is above 0 for the second one.
    const sign = count === 2 ? -1 : 1
    const size = support.length
    this.classes_ = labels.classes
    this.supportVectors_ = array(vectors, { shape: [size, columns] })
    this.support_ = support
    this.supportCounts_ = counts
    this.dualCoef_ = array(
      coefficients.map((value) => sign * value),
      { shape: [count - 1, size] },
    )
    this.intercept_ = intercepts.map((value) => sign * value)
    this.targetShape_ = labels.shape
  }

  #decide(
    answer: SvmModel['answer'],
    rowShape: readonly number[],
    X: ArrayInput,
    options: PredictOptions,
    given: Float64Array | null,
  ): Promise<NDArray> {
    const matrix = asArray(X, '`X`')
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, this.supportVectors_.shape[1]!)
    const { length } = this.classes_
    const starts = new Int32Array(Math.max(length, 2) + 1)
    for (const [k, count] of this.supportCounts_.entries()) starts[k + 1] = starts[k]! + count
    if (length === 1) starts[2] = starts[1]!
    // A single class is two with one label. Of two, the second one's decision is above 0.
    const labels =
      given === null ? null : length === 1 ? Float64Array.of(given[0]!, given[0]!) : given
    const model: SvmModel = {
      kernel: this.kernel_,
      starts,
      vectors: this.supportVectors_.toTypedArray(),
      coefficients: length === 1 ? new Float64Array(starts[2]!) : this.dualCoef_.toTypedArray(),
      intercepts: length === 1 ? Float64Array.of(0) : this.intercept_,
      answer,
      labels: length === 2 ? (labels?.toReversed() ?? null) : labels,
    }
    return fillRows(matrix, rowShape, options, (part, rows, out) =>
      native.svmPredict(
        kernelMatrix(part),
        kernelRows(rows),
        model,
        kernelMatrix(out),
        kernelThreads(),
      ),
    )
  }
}

const names: OptionNames<SVCOptions> = {
  classWeight: true,
  decisionFunctionShape: true,
  ...kernelMachineNames,
}
