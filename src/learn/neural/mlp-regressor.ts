/** Neural networks that predict numbers. */

import type { NDArray } from '../../arrays/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import {
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import {
  type FloatArray,
  type Estimator,
  forget,
  type TableFitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { ScaledEstimator, ScaledFitOptions } from '../contract/scaled-estimator.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { NeuralNetwork } from './network.ts'
import { networkHint } from './network-names.ts'
import { type NetworkOptions, networkNames } from './network-options.ts'
import { type NetworkFitOptions, readNetworkTargets } from './network-rows.ts'

/** Options of {@link MLPRegressor}. */
export interface MLPRegressorOptions extends NetworkOptions {}

/**
 * A multilayer perceptron for one or several numbers: layers of units, each of which sums up all units of the layer before. Adam
 * minimizes ½ the mean squared error, summed over the targets, and a penalty on squared coefficients, a batch of rows at a time.
 *
 * It reads `X` in place, whatever its layout, and copies a block of a few MB at a time. The order of the rows is a list of row
 * numbers that depends on `seed` alone. Each sum is made in one fixed order: the same data, options and seed give the same bytes
 * for any number of threads and every instruction set. Scale the columns first, as by a `StandardScaler` in a `Pipeline`, which
 * makes no scaled copy; scale large targets too. Weights times a factor weaken the penalty by this factor
 * and change nothing else.
 *
 * When `maxIter` epochs don't end the fall of the loss, the model is usable, `converged_` is false, and the warning
 * `ONECOPY_NOT_CONVERGED` is emitted. A loss that is no longer a number is refused with `ERR_VALUE`.
 *
 * @example
 * ```ts
 * const network = new MLPRegressor({ hiddenLayerSizes: [50, 50], maxIter: 500 })
 * const model = await new Pipeline({ steps: { scale: new StandardScaler(), network } }).fit(X, y)
 * ```
 *
 * @see scikit-learn's `sklearn.neural_network.MLPRegressor`: same objective and names for one target; Kingma and Ba, Adam (2015)
 */
export class MLPRegressor extends NeuralNetwork implements Estimator, ScaledEstimator {
  static override readonly name: string = 'MLPRegressor'
  /** Shape of one row of `y`: [] for a vector, [m] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: MLPRegressorOptions = {}) {
    super(options)
    if (new.target === MLPRegressor)
      requireKnown('MLPRegressor', options, names, networkHint(names))
  }

  /**
   * Learns from rows of `X` and `y`, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - target, shape (n) or (n, m); read in place
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
      return this.#fit(X, toArray(y, '`y`'), options)
    })
  }

  /** Learns what `fit` on scaled columns would, from raw ones. */
  async fitScaled(X: NDArray, y: LabelInput, options: ScaledFitOptions): Promise<this> {
    return this.#fit(X, toArray(y, '`y`'), options)
  }

  async #fit(X: NDArray, y: NDArray, options: NetworkFitOptions): Promise<this> {
    forget(this)
    const settings = this.requireOptions()
    const data = await readNetworkTargets(this, X, y, options)
    await this.train(data, settings)
    this.targetShape_ = data.targetShape
    return this
  }

  /**
   * Predicts the target of each row.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n), or (n, m) when the target had shape (n, m)
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coefs_')
    const values = { answer: 'values', softmax: false, labels: null } as const
    return this.predictAs(values, this.targetShape_, X, options)
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const outputs = values.finiteArrays('coefs_', 2).at(-1)!.shape[1]!
    const shape = values.list('targetShape_')
    if (shape.length > 1 || (shape[0] ?? 1) !== outputs)
      throw values.refuse('targetShape_', outputs === 1 ? '[] or [1]' : `[${outputs}]`)
  }
}

registerEstimator(MLPRegressor, 'onecopy.MLPRegressor', import.meta.url)

const names: OptionNames<MLPRegressorOptions> = networkNames
