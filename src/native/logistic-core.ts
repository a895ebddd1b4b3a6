/** What the C++ core offers on logistic regression. */

import type { KernelMatrix, KernelRows } from './kernel-core.ts'

/** Rows that logistic models are compared with. */
export interface LogisticRows {
  /** Shape (n, d). */
  readonly x: KernelMatrix
  /** Number of each row's class, shape (n). */
  readonly codes: Uint16Array
  /** Shape (n), or null: all 1. Rows of weight 0 take no part. */
  readonly weights: Float64Array | null
  /** G subsets of the n rows; they may overlap. */
  readonly groups: readonly KernelRows[]
  /** Taken from every value, shape (d). */
  readonly shift: Float64Array
}

/** Models whose sums are wanted. */
export interface LogisticModels {
  /** Number of models, M. */
  readonly count: number
  /** Scores of each, S: 1 for two classes, otherwise one for each class. */
  readonly scores: number
  /** Shape (M, S, 1 + d), the intercept first. */
  readonly coefficients: Float64Array
  /** Factors of the weights of each class's rows, shape (M, classes). */
  readonly classWeights: Float64Array
  /** Whether second derivatives are wanted too. */
  readonly withHessians: boolean
}

/** Sums over G groups of rows for M models. */
export interface LogisticSums {
  /** Sum of the weights, shape (G, M). */
  readonly weight: Float64Array
  /** Of weight × log loss, shape (G, M). */
  readonly loss: Float64Array
  /** Of the weights of rows whose own class is the likeliest, shape (G, M). */
  readonly right: Float64Array
  /** Least score of a row's own class less the greatest other one (0 for two classes), shape (G, M). */
  readonly margin: Float64Array
  /** First derivatives of `loss`, shape (G, M, S, 1 + d). */
  readonly gradient: Float64Array
  /** Second derivatives, shape (G, M, S (1 + d), S (1 + d)); empty when they are not wanted. */
  readonly hessian: Float64Array
}

/** A model to predict by. */
export interface LogisticModel {
  readonly scores: number
  /** Shape (S, 1 + d), the intercept first. */
  readonly coefficients: Float64Array
  /**
   * Shape (S, d), or null for linear functions. A score is then the intercept less the sum of coefficient × (value - mean)².
   */
  readonly means: Float64Array | null
  readonly answer: 'label' | 'probability' | 'score'
  /** A number for each class, for `'label'`. */
  readonly labels: Float64Array
}

/** Extremes of columns. */
export interface ColumnRanges {
  /** Shape (d); Infinity without rows. */
  readonly minimum: Float64Array
  /** Shape (d); -Infinity without rows. */
  readonly maximum: Float64Array
  /** Whether all values are finite. */
  readonly isFinite: boolean
}

/**
 * Logistic regression; contract: `native/logistic/logistic.h`. The same bytes for any number of threads and every instruction set.
 * Wrong arguments throw at once or reject as those of `KernelCore` do.
 */
export interface LogisticCore {
  /** Losses, first and second derivatives of models on each group of rows, in one pass. */
  logisticSums(rows: LogisticRows, models: LogisticModels, threads: number): Promise<LogisticSums>
  /**
   * Writes what a model says about rows of `x` to the rows of `out` that have their numbers.
   *
   * @param out - float64 or float32; one column for labels, one for each class for probabilities, S for scores
   * @throws OneCopyError `ERR_VALUE` naming a row of `x` with NaN or infinity; rows before it may have been written
   */
  logisticPredict(
    x: KernelMatrix,
    rows: KernelRows,
    model: LogisticModel,
    out: KernelMatrix,
    threads: number,
  ): Promise<void>
  /** The least and greatest value of each column of `x`, over rows whose weight is not 0. */
  columnRanges(
    x: KernelMatrix,
    weights: Float64Array | null,
    rows: KernelRows,
    threads: number,
  ): Promise<ColumnRanges>
}
