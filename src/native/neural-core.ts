/** What the C++ core offers on neural networks. */

import type { KernelMatrix, KernelRows } from './kernel-core.ts'

/** What a network learns from. */
export interface NetworkRows {
  /** Shape (n, d), n < 2^31; finite in the chosen rows. */
  readonly x: KernelMatrix
  /** The network is one of (x - shift) / scale, shape (d) each; both null: of x. */
  readonly shift: Float64Array | null
  readonly scale: Float64Array | null
  /** The rows to learn from, at least one. */
  readonly rows: KernelRows
  /** Rows by whose loss training stops; none: by that of the rows to learn from. */
  readonly validation: KernelRows
  /** How many classes there are; 0: the network learns numbers. */
  readonly classes: number
  /** Number of each row's class, shape (n); null without classes. */
  readonly codes: Uint16Array | null
  /** Shape (n, m), finite in the chosen rows; null with classes. */
  readonly targets: KernelMatrix | null
  /** Weight of each row, above 0 in the chosen ones, shape (n); null: 1. */
  readonly factors: Float64Array | null
}

/** What the sums of a hidden unit become: themselves, 1 / (1 + e^-x), tanh x, or x where it is above 0. */
export type NetworkActivation = 'identity' | 'logistic' | 'tanh' | 'relu'

/** Hidden layers of a network. */
export interface NetworkShape {
  readonly activation: NetworkActivation
  /** Units of each hidden layer. */
  readonly hidden: readonly number[]
}

/** How a network learns. */
export interface NetworkTraining {
  /** Rows of a batch; at most all are. */
  readonly batchRows: number
  /** Most passes over the rows. */
  readonly epochs: number
  /** Stop after more than so many epochs whose loss is not lower by `tol` than the lowest before. */
  readonly patience: number
  readonly tol: number
  /** Step size of Adam, and the rates at which its moments are forgotten. */
  readonly rate: number
  readonly beta1: number
  readonly beta2: number
  /** Added to the root of the second moment, above 0. */
  readonly epsilon: number
  /** Penalty on half the sum of squared coefficients, relative to the sum of weights in a batch. */
  readonly alpha: number
  /** Whether each epoch takes the rows in another order. */
  readonly shuffles: boolean
  /** A whole number >= 0, for the first coefficients and the orders of the rows. */
  readonly seed: number
}

/** A trained network. */
export interface TrainedNetwork {
  /** For each layer a row for each of its inputs and one of intercepts, each with a value for each unit. */
  readonly coefficients: Float64Array
  /** Mean loss of each epoch, with the penalty. */
  readonly losses: Float64Array
  /** Mean loss of the validation rows after each epoch; empty without them. */
  readonly validationLosses: Float64Array
  /** After how many epochs the coefficients were taken: all, or those to the lowest loss of the validation rows. */
  readonly best: number
  /** Whether it stopped before `epochs`, as the loss got no lower. */
  readonly converged: boolean
  /** Whether the losses and coefficients are numbers; if not, they are of no use. */
  readonly isFinite: boolean
}

/** A network to predict by. */
export interface NetworkModel extends NetworkShape {
  /** Units of the last layer. */
  readonly outputs: number
  /** Whether each class has a unit; if not, the only one is of the second of two classes. Ignored for `'values'`. */
  readonly softmax: boolean
  /** As those of a {@link TrainedNetwork}. */
  readonly coefficients: Float64Array
  /** The sums of the last layer, the probability of each class, or the likeliest class. */
  readonly answer: 'values' | 'probabilities' | 'label'
  /** A number for each class, for `'label'`. */
  readonly labels: Float64Array | null
}

/**
 * Networks of dense layers; contract: `native/neural/neural.h`. The same bytes for any number of threads and every instruction set.
 * Wrong arguments throw at once or reject as those of `KernelCore` do.
 */
export interface NeuralCore {
  /** Trains a network by Adam: squared losses of numbers, log losses of classes. */
  trainNetwork(
    rows: NetworkRows,
    network: NetworkShape,
    training: NetworkTraining,
    threads: number,
  ): Promise<TrainedNetwork>
  /**
   * Writes the predictions of a network for rows of `x` to the rows of `out` that have their numbers.
   *
   * @param out - float64 or float32; one column for labels, otherwise one for each value or class
   * @throws OneCopyError `ERR_VALUE` naming a row of `x` with NaN or infinity; rows before it may have been written
   */
  networkPredict(
    x: KernelMatrix,
    rows: KernelRows,
    network: NetworkModel,
    out: KernelMatrix,
    threads: number,
  ): Promise<void>
}
