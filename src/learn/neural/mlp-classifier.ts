/** Neural networks that predict classes. */

import type { NDArray } from '../../arrays/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import type { Column, Table } from '../../tables/index.ts'
import {
  requireFitOptions,
  requireFitted,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { checkClasses, checkTargetShape } from '../contract/check-classes.ts'
import {
  type FloatArray,
  forget,
  type TableFitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import type { ScaledEstimator, ScaledFitOptions } from '../contract/scaled-estimator.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { ClassWeight, ClassWeightOptions } from '../inputs/class-weights.ts'
import type { Classes, Label, LabelInput } from '../inputs/labels.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { NeuralNetwork } from './network.ts'
import { networkHint } from './network-names.ts'
import { type NetworkOptions, networkNames } from './network-options.ts'
import { type NetworkFitOptions, readNetworkClasses } from './network-rows.ts'

/** Options of {@link MLPClassifier}. */
export interface MLPClassifierOptions extends NetworkOptions, ClassWeightOptions {}

/**
 * A multilayer perceptron for classes: layers of units, each of which sums up all units of the layer before, and at the end one unit
 * for two classes or a softmax over several. Adam minimizes the mean log loss and a penalty on squared coefficients, a batch of
 * rows at a time. `y` holds labels: numbers, texts, or true and false.
 *
 * It reads `X` in place, whatever its layout, and copies a block of a few MB at a time. The order of the rows is a list of row
 * numbers that depends on `seed` alone. Each sum is made in one fixed order: the same data, options and seed give the same bytes
 * for any number of threads and every instruction set. Scale the columns first, as by a `StandardScaler` in a `Pipeline`, which
 * makes no scaled copy. Weights times a factor weaken the penalty by this factor and change nothing else.
 *
 * When `maxIter` epochs don't end the fall of the loss, the model is usable, `converged_` is false, and the warning
 * `ONECOPY_NOT_CONVERGED` is emitted. A loss that is no longer a number is refused with `ERR_VALUE`.
 *
 * @example
 * ```ts
 * const network = new MLPClassifier({ hiddenLayerSizes: [100], earlyStopping: true })
 * const model = await new Pipeline({ steps: { scale: new StandardScaler(), network } }).fit(X, labels)
 * const probabilities = await model.predictProba(X) // shape (n, classes)
 * ```
 *
 * @see scikit-learn's `sklearn.neural_network.MLPClassifier`: same objective and names; Kingma and Ba, Adam (2015)
 */
export class MLPClassifier<L extends Label = number>
  extends NeuralNetwork
  implements ScaledEstimator
{
  static override readonly name: string = 'MLPClassifier'
  classWeight: ClassWeight
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: MLPClassifierOptions = {}) {
    super(options)
    if (new.target === MLPClassifier)
      requireKnown('MLPClassifier', options, names, networkHint(names))
    this.classWeight = options.classWeight ?? null
  }

  /**
   * Learns from rows of `X` and their labels, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(
    X: FeatureInput,
    y: readonly string[],
    options?: TableFitOptions,
  ): Promise<MLPClassifier<string>>
  fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: TableFitOptions,
  ): Promise<MLPClassifier<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(
    X: Table,
    y: string | Column,
    options?: TableFitOptions,
  ): Promise<MLPClassifier<number | string>>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      return this.#fit(X, y, options)
    })
  }

  /** Learns what `fit` on scaled columns would, from raw ones. */
  async fitScaled(X: NDArray, y: LabelInput, options: ScaledFitOptions): Promise<this> {
    return this.#fit(X, y, options)
  }

  async #fit(X: NDArray, y: LabelInput | undefined, options: NetworkFitOptions): Promise<this> {
    forget(this)
    const settings = this.requireOptions()
    const data = await readNetworkClasses(this, X, y, options)
    await this.train({ ...data, targetShape: [] }, settings)
    this.classes_ = data.classes
    this.targetShape_ = data.targetShape
    return this
  }

  /**
   * Predicts the likeliest class of each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d); read in place
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coefs_')
    const softmax = this.classes_.length !== 2
    return predictLabels(this.classes_, options, (labels) =>
      this.predictAs({ answer: 'label', softmax, labels }, this.targetShape_, X, options),
    )
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predictProba(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coefs_')
    const { length } = this.classes_
    const model = { answer: 'probabilities', softmax: length !== 2, labels: null } as const
    return this.predictAs(model, [length], X, options)
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const classes = checkClasses(values)
    const outputs = values.finiteArrays('coefs_', 2).at(-1)!.shape[1]!
    if (outputs !== (classes === 2 ? 1 : classes))
      throw values.refuse('coefs_', `a last layer for ${classes} classes`, `${outputs} units`)
    checkTargetShape(values)
  }
}

registerEstimator(MLPClassifier, 'onecopy.MLPClassifier', import.meta.url)

const names: OptionNames<MLPClassifierOptions> = { classWeight: true, ...networkNames }
