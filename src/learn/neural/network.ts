/** Base of neural networks: options, coefficients, predictions. */

import { array, type NDArray, type RowSelection } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import {
  kernelThreads,
  native,
  type NetworkActivation,
  type NetworkModel,
  type NetworkShape,
  type TrainedNetwork,
} from '../../native/index.ts'
import { BaseEstimator, requireColumns } from '../contract/base-estimator.ts'
import {
  type FloatArray,
  clone,
  collectLearned,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { reportNotConverged } from '../contract/not-converged.ts'
import type { RawColumnsLearner } from '../contract/scaled-estimator.ts'
import { fillFiniteRows } from '../features/fill-finite-rows.ts'
import { predictFeatures } from '../features/predict-features.ts'
import type { FeatureInput } from '../inputs/feature-input.ts'
import type { AffineMap } from '../statistics/column-maps.ts'
import { type NetworkOptions, requireNetworkOptions } from './network-options.ts'
import type { NetworkData } from './network-rows.ts'

/** Sums of greater coefficients times activations may be infinite. */
const mostSize = 1e150

/** A network of dense layers. */
export abstract class NeuralNetwork extends BaseEstimator implements RawColumnsLearner {
  hiddenLayerSizes: readonly number[]
  activation: NetworkActivation
  alpha: number
  batchSize: number | 'auto'
  learningRate: number
  maxIter: number
  shuffle: boolean
  beta1: number
  beta2: number
  epsilon: number
  earlyStopping: boolean
  validationFraction: number
  validationRows: RowSelection | 'heldOut' | null
  iterNoChange: number
  tol: number
  seed: number
  /** Coefficients of each layer, shape (units before, units). */
  declare coefs_: readonly NDArray<'float64'>[]
  /** Intercepts of each layer, shape (units). */
  declare intercepts_: readonly Float64Array[]
  /** The activation that it was fitted with. */
  declare activation_: NetworkActivation
  /** Mean loss of each epoch with the penalty; that of a batch is taken before its step. */
  declare lossCurve_: Float64Array
  /** Mean loss on the rows set aside, after each epoch; empty without `earlyStopping`. */
  declare validationLosses_: Float64Array
  /** Epochs. */
  declare iterations_: number
  /** Number of epochs after which the coefficients were taken. */
  declare bestIteration_: number
  /** Whether it stopped before `maxIter`, as the loss got no better. */
  declare converged_: boolean

  constructor(options: NetworkOptions) {
    super()
    this.hiddenLayerSizes = options.hiddenLayerSizes ?? [100]
    this.activation = options.activation ?? 'relu'
    this.alpha = options.alpha ?? 1e-4
    this.batchSize = options.batchSize ?? 'auto'
    this.learningRate = options.learningRate ?? 1e-3
    this.maxIter = options.maxIter ?? 200
    this.shuffle = options.shuffle ?? true
    this.beta1 = options.beta1 ?? 0.9
    this.beta2 = options.beta2 ?? 0.999
    this.epsilon = options.epsilon ?? 1e-8
    this.earlyStopping = options.earlyStopping ?? false
    this.validationFraction = options.validationFraction ?? 0.1
    this.validationRows = options.validationRows ?? null
    this.iterNoChange = options.iterNoChange ?? 10
    this.tol = options.tol ?? 1e-4
    this.seed = options.seed ?? 0
  }

  /**
   * A network of raw columns that predicts what this one predicts of scaled ones. Rounding may differ.
   *
   * @returns undefined when its coefficients would be too large
   */
  ofRawColumns({ shift, scale }: AffineMap): this | undefined {
    const [before, ...coefs] = this.coefs_
    const [, units] = before!.shape as [number, number]
    const own = before!.toTypedArray().map((value, at) => value / scale[Math.floor(at / units)]!)
    const intercepts = this.intercepts_[0]!.map((intercept, u) => {
      let sum = intercept
      for (let j = 0; j < shift.length; j++) sum -= own[j * units + u]! * shift[j]!
      return sum
    })
    if (![...own, ...intercepts].every((value) => Math.abs(value) <= mostSize)) return undefined
    return Object.assign(clone(this), collectLearned(this), {
      coefs_: [array(own, { shape: [...before!.shape] }), ...coefs],
      intercepts_: [intercepts, ...this.intercepts_.slice(1)],
    })
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const coefs = values.finiteArrays('coefs_', 2)
    const intercepts = values.arrayList('intercepts_', Float64Array)
    const areChained = coefs.every((one, l) => l === 0 || one.shape[0] === coefs[l - 1]!.shape[1])
    if (!areChained) throw values.refuse('coefs_', 'layers that fit together', 'others')
    const fits = coefs.every((one, l) => intercepts[l]?.length === one.shape[1])
    if (!fits || intercepts.length !== coefs.length)
      throw values.refuse('intercepts_', 'one number for each unit', 'others')
    for (const list of [...coefs.map((one) => one.toTypedArray()), ...intercepts]) {
      const wrong = list.find((value) => !(Math.abs(value) <= mostSize))
      if (wrong !== undefined)
        throw values.refuse('coefs_', `numbers of at most ${mostSize} in size`, `${wrong}`)
    }
    values.oneOf('activation_', ['relu', 'tanh', 'logistic', 'identity'])
    values.floats('lossCurve_')
    values.floats('validationLosses_')
    values.number('iterations_', 1)
    values.number('bestIteration_', 1)
    values.oneOf('converged_', [true, false])
  }

  /** Checks the options; called before any data is read. */
  protected requireOptions(): ReturnType<typeof requireNetworkOptions> {
    return requireNetworkOptions(this)
  }

  /** Trains on native threads and keeps what was learned. */
  protected async train(
    { rows, columns, targetShape }: NetworkData,
    { shape, training }: ReturnType<typeof requireNetworkOptions>,
  ): Promise<void> {
    const found = await native.trainNetwork(rows, shape, training, kernelThreads())
    if (!found.isFinite) throw this.#explainDivergence(found)
    const scores = targetShape.reduce((product, length) => product * length, 1)
    const outputs = rows.classes === 0 ? scores : rows.classes === 2 ? 1 : rows.classes
    this.#keep(shape, [columns, ...shape.hidden, outputs], found)
    const { iterations_: iterations, converged_: isDone } = this
    if (isDone) return
    const losses = found.validationLosses.length > 0 ? found.validationLosses : found.losses
    const gap = lastFall(losses, training.tol)
    const needed = training.patience + 1
    reportNotConverged(this.constructor.name, {
      iterations,
      gap,
      limit: training.tol,
      ...(gap === Infinity && {
        why: `, and only ${needed} in a row without a better loss would show that it no longer falls`,
      }),
      measure: 'a last fall of the loss',
      advice: 'Raise maxIter, learningRate or tol, or scale the columns of `X`.',
    })
  }

  /** Predicts values, probabilities or labels of rows. */
  protected async predictAs(
    { answer, softmax, labels }: Pick<NetworkModel, 'answer' | 'softmax' | 'labels'>,
    rowShape: readonly number[],
    X: FeatureInput,
    options: PredictOptions,
  ): Promise<FloatArray> {
    const model: NetworkModel = {
      activation: this.activation_,
      hidden: this.coefs_.slice(1).map((one) => one.shape[0]!),
      outputs: this.coefs_.at(-1)!.shape[1]!,
      coefficients: joinLayers(this.coefs_, this.intercepts_),
      answer,
      softmax,
      labels,
    }
    return predictFeatures(this, X, options, (X, options) => {
      const [, columns] = requireMatrix(X, '`X`')
      requireColumns(this, columns, this.coefs_[0]!.shape[0]!)
      return fillFiniteRows(X, rowShape, options, (part, rows, out) =>
        native.networkPredict(
          kernelMatrix(part),
          kernelRows(rows),
          model,
          kernelMatrix(out),
          kernelThreads(),
        ),
      )
    })
  }

  #keep(shape: NetworkShape, widths: readonly number[], found: TrainedNetwork): void {
    const coefs: NDArray<'float64'>[] = []
    const intercepts: Float64Array[] = []
    let at = 0
    for (const [l, units] of widths.slice(1).entries()) {
      const inputs = widths[l]!
      const end = at + inputs * units
      coefs.push(array(found.coefficients.slice(at, end), { shape: [inputs, units] }))
      intercepts.push(found.coefficients.slice(end, end + units))
      at = end + units
    }
    this.coefs_ = coefs
    this.intercepts_ = intercepts
    this.activation_ = shape.activation
    this.lossCurve_ = found.losses
    this.validationLosses_ = found.validationLosses
    this.iterations_ = found.losses.length
    this.bestIteration_ = found.best
    this.converged_ = found.converged
  }

  #explainDivergence({ losses }: TrainedNetwork): OneCopyError {
    return new OneCopyError(
      'ERR_VALUE',
      `Expected the loss of ${this.constructor.name} to stay finite, got coefficients that float64 can't hold sums of, in epoch ${losses.length} (counted from 1). ` +
        'Scale the columns of `X` first, as by a StandardScaler, and large targets too, or lower learningRate.',
      { details: { epoch: losses.length } },
    )
  }
}

/** By how much the loss fell last, when it fell by at least `tol`; Infinity when it never did. */
function lastFall(losses: Float64Array, tol: number): number {
  let [best, fall] = [Infinity, Infinity]
  for (const loss of losses) {
    if (best < Infinity && best - loss >= tol) fall = best - loss
    best = Math.min(best, loss)
  }
  return fall
}

/** All coefficients as the core takes them: layer by layer, each with its intercepts at the end. */
function joinLayers(
  coefs: readonly NDArray<'float64'>[],
  intercepts: readonly Float64Array[],
): Float64Array {
  const parts = coefs.flatMap((one, l) => [one.toTypedArray(), intercepts[l]!])
  const joined = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    joined.set(part, at)
    at += part.length
  }
  return joined
}
