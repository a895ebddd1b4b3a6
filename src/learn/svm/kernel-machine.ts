/** Base of support vector machines with kernels. */

import { array, type NDArray } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireMatrix } from '../../arrays/internal.ts'
import {
  kernelThreads,
  native,
  type SvmKernel,
  type SvmModel,
  type SvmSolutions,
} from '../../native/index.ts'
import { BaseEstimator, requireColumns } from '../contract/base-estimator.ts'
import { checkTargetShape } from '../contract/check-classes.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { fillFiniteRows } from '../features/fill-finite-rows.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureInput } from '../inputs/feature-input.ts'
import {
  checkKernel,
  copyRows,
  type KernelMachineOptions,
  kernelOf,
  type KernelSettings,
} from './machine-kernel.ts'
import { warnNotConverged } from './machine-options.ts'
import { type ClassRows, svmRowsOf, type TargetRows } from './machine-rows.ts'

/** Solved problems, and what they were solved with. */
export interface TrainedMachine extends SvmSolutions {
  readonly kernel: SvmKernel
  readonly settings: KernelSettings
}

/** How to decide by the vectors of a machine. */
export interface Decision extends Omit<SvmModel, 'kernel' | 'vectors'> {
  /** Shape of what one row is answered by. */
  readonly rowShape: readonly number[]
}

/** A sum of kernels with support vectors. */
export abstract class KernelMachine extends BaseEstimator {
  C: number
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
  /** The kernel with its options, `gamma` as a number. */
  declare kernel_: SvmKernel & { readonly [name: string]: string | number }
  /** Steps of two rows each, of all problems together. */
  declare iterations_: number
  /** Whether the violation of each problem fell below `tol`. */
  declare converged_: boolean
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: KernelMachineOptions) {
    super()
    this.C = options.C ?? 1
    this.kernel = options.kernel ?? 'rbf'
    this.degree = options.degree ?? 3
    this.gamma = options.gamma ?? 'scale'
    this.coef0 = options.coef0 ?? 0
    this.tol = options.tol ?? 1e-3
    this.maxIter = options.maxIter ?? 10_000_000
    this.cacheMiB = options.cacheMiB ?? 200
  }

  /** Solves the problems of some rows; keeps nothing. */
  protected async train(
    rows: ClassRows | TargetRows,
    settings: KernelSettings,
    epsilon = 0,
  ): Promise<TrainedMachine> {
    const kernel = await kernelOf(this, rows)
    const machine = svmRowsOf(rows, settings.C, epsilon)
    const found = await native.trainSvm(machine, kernel, settings.stopping, kernelThreads())
    return { ...found, kernel, settings }
  }

  /**
   * Copies the support vectors, keeps them and how they were found, and warns if that did not converge.
   *
   * @param support - their row numbers; kept, not copied
   */
  protected async keepVectors(
    { X, columns }: ClassRows | TargetRows,
    support: Int32Array,
    { kernel, settings, iterations, gaps }: TrainedMachine,
  ): Promise<void> {
    const vectors = await copyRows(X, support)
    this.supportVectors_ = array(vectors, { shape: [support.length, columns] })
    this.support_ = support
    this.kernel_ = { ...kernel }
    this.iterations_ = iterations.reduce((sum, steps) => sum + steps, 0)
    const gap = Math.max(0, ...gaps)
    const limit = settings.stopping.tol
    this.converged_ = gap < limit || gap === 0
    if (!this.converged_) warnNotConverged(this, { iterations: this.iterations_, gap, limit })
  }

  /** Writes what the vectors decide about rows of `X`. */
  protected decide(
    X: FeatureInput,
    { rowShape, ...decision }: Decision,
    options: PredictOptions,
  ): Promise<FloatArray> {
    const vectors = this.supportVectors_.toTypedArray()
    const model = { kernel: this.kernel_, vectors, ...decision }
    return predictFeatures(this, X, options, (X, options) => {
      const [, columns] = requireMatrix(X, '`X`')
      requireColumns(this, columns, this.supportVectors_.shape[1]!)
      return fillFiniteRows(X, rowShape, options, (part, rows, out) =>
        native.svmPredict(
          kernelMatrix(part),
          kernelRows(rows),
          model,
          kernelMatrix(out),
          kernelThreads(),
        ),
      )
    })
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const support = values.integers('support_', 2 ** 31)
    values.finiteArray('supportVectors_', { shape: [support.length, undefined] })
    checkKernel(values)
    values.number('iterations_', 0)
    values.oneOf('converged_', [true, false])
    checkTargetShape(values)
  }
}
