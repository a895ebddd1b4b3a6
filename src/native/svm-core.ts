/** What the C++ core offers on support vector machines. */

import type { KernelMatrix, KernelRows } from './kernel-core.ts'

/** What a machine learns from. */
export interface SvmRows {
  /** Shape (n, d), n < 2^31; finite in the chosen rows. */
  readonly x: KernelMatrix
  /** The rows to learn from. */
  readonly rows: KernelRows
  /** How many classes there are; 0: the machine learns numbers. */
  readonly classes: number
  /** Number of each row's class, shape (n); null without classes. */
  readonly codes: Uint16Array | null
  /** Shape (n); null with classes. */
  readonly targets: Float64Array | null
  /** What an error costs, above 0. */
  readonly cost: number
  /** Multiplied with that for each row, above 0 in the chosen ones, shape (n); null: 1. */
  readonly factors: Float64Array | null
  /** Errors up to here cost nothing; 0 with classes. */
  readonly epsilon: number
}

/** A kernel of two rows p and q. */
export interface SvmKernel {
  /** e^(-gamma |p - q|²); p · q; (gamma p · q + coef0)^degree; tanh(gamma p · q + coef0). */
  readonly name: 'rbf' | 'linear' | 'poly' | 'sigmoid'
  readonly gamma: number
  readonly coef0: number
  /** A whole number >= 0. */
  readonly degree: number
}

/** When a search ends. */
export interface SvmStopping {
  /** At this violation of the conditions of a minimum. */
  readonly tol: number
  /** After so many steps of two variables, or passes over the rows. */
  readonly maxIter: number
}

/** Solved problems: of each pair of classes (0, 1), (0, 2) … (1, 2) …, or of the numbers. */
export interface SvmSolutions {
  /** The variables of each problem: of rows of the first class, then of those of the second, each in the order of the rows. */
  readonly variables: Float64Array
  /** Shape (problems), like the others. A decision is a sum of variable × kernel, plus the intercept; above 0 for the first class. */
  readonly intercepts: Float64Array
  readonly iterations: Float64Array
  /** Violation at the end. */
  readonly gaps: Float64Array
}

/** Options of a linear machine. */
export interface LinearSvmOptions {
  /** Whether errors cost their square. */
  readonly squared: boolean
  /** Value of the column of the intercept, which is penalized like the others; 0: none. */
  readonly intercept: number
  /** A whole number >= 0, for the order in which rows are visited. */
  readonly seed: number
}

/** Solved linear problems: of each class against the others, of two classes of the second one only, or of the numbers. */
export interface LinearSvmSolutions {
  /** Shape (problems, 1 + d), the intercept first. */
  readonly coefficients: Float64Array
  /** Passes over the rows, shape (problems). */
  readonly iterations: Float64Array
  /** Greatest violation in the last pass over all rows, shape (problems). */
  readonly gaps: Float64Array
  /** Whether all problems converged. */
  readonly converged: boolean
}

/** A machine to decide by. */
export interface SvmModel {
  readonly kernel: SvmKernel
  /** Where the vectors of each class begin, and the end, shape (classes + 1). */
  readonly starts: Int32Array
  /** Shape (s, d). */
  readonly vectors: Float64Array
  /**
   * Shape (classes - 1, s): a vector of class a counts row b - 1 of its column against a later class b, row b against an earlier one.
   */
  readonly coefficients: Float64Array
  /** Of each pair of classes. */
  readonly intercepts: Float64Array
  /** The class with most votes, the decision of each pair, or the votes of each class, with the sum of its decisions as a fraction. */
  readonly answer: 'label' | 'pairs' | 'classes'
  /** A number for each class, for `'label'`. */
  readonly labels: Float64Array | null
}

/**
 * Support vector machines; contract: `native/svm/svm.h`. The same bytes for any number of threads, any cache and every instruction
 * set. Wrong arguments throw at once or reject as those of `KernelCore` do.
 */
export interface SvmCore {
  /** Solves the dual problems of a machine with a kernel. */
  trainSvm(
    rows: SvmRows,
    kernel: SvmKernel,
    stopping: SvmStopping & {
      /** Bound of the kernels that are kept; two rows of them always are. */
      readonly cacheBytes: number
    },
    threads: number,
  ): Promise<SvmSolutions>
  /** Solves the dual problems of linear machines. */
  trainLinearSvm(
    rows: SvmRows,
    options: LinearSvmOptions,
    stopping: SvmStopping,
    threads: number,
  ): Promise<LinearSvmSolutions>
  /**
   * Writes the decisions of a machine for rows of `x` to the rows of `out` that have their numbers.
   *
   * @param out - float64 or float32; one column for labels, otherwise one for each pair or class
   * @throws OneCopyError `ERR_VALUE` naming a row of `x` with NaN or infinity; rows before it may have been written
   */
  svmPredict(
    x: KernelMatrix,
    rows: KernelRows,
    model: SvmModel,
    out: KernelMatrix,
    threads: number,
  ): Promise<void>
}
