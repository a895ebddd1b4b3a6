/** Support vector classification with kernels. */

import { array, type NDArray } from '../../arrays/index.ts'
import { type OptionNames, requireKnown } from '../../options.ts'
import {
  requireFitOptions,
  requireFitted,
  requireOneOf,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import { checkClasses } from '../contract/check-classes.ts'
import {
  type FloatArray,
  forget,
  type TableFitOptions,
  type PredictOptions,
} from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type PredictedLabels, predictLabels } from '../contract/predict-labels.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { Classes, Label } from '../inputs/labels.ts'
import type { ClassWeight, ClassWeightOptions } from '../inputs/class-weights.ts'
import { joinPairs } from './join-pairs.ts'
import { type Decision, KernelMachine, type TrainedMachine } from './kernel-machine.ts'
import {
  type KernelMachineOptions,
  kernelMachineNames,
  requireKernelOptions,
} from './machine-kernel.ts'
import { type ClassRows, readClassRows } from './machine-rows.ts'
import { kernelHint } from './svm-names.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link SVC}. */
export interface SVCOptions extends KernelMachineOptions, ClassWeightOptions {
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
export class SVC<L extends Label = number> extends KernelMachine {
  static override readonly name: string = 'SVC'
  classWeight: ClassWeight
  decisionFunctionShape: 'ovr' | 'ovo'
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** How many support vectors there are of each class; in `supportVectors_` they stand class by class. */
  declare supportCounts_: Int32Array
  /**
   * What each counts, shape (classes - 1, s): against the other classes in their order. Of two classes, above 0 for the second one; of more, the
   * first of a pair.
   */
  declare dualCoef_: NDArray<'float64'>
  /** Intercepts of the pairs (0, 1), (0, 2) … (1, 2) …. */
  declare intercept_: Float64Array

  constructor(options: SVCOptions = {}) {
    super(options)
    if (new.target === SVC) requireKnown('SVC', options, names, kernelHint(names))
    this.classWeight = options.classWeight ?? null
    this.decisionFunctionShape = options.decisionFunctionShape ?? 'ovr'
  }

  /**
   * Learns from rows of `X` and their labels, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(X: FeatureInput, y: readonly string[], options?: TableFitOptions): Promise<SVC<string>>
  fit(X: FeatureInput, y: readonly boolean[], options?: TableFitOptions): Promise<SVC<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(X: Table, y: string | Column, options?: TableFitOptions): Promise<SVC<number | string>>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const settings = requireKernelOptions(this)
      this.#requireShape()
      const rows = await readClassRows(this, X, y, options)
      await this.#keep(rows, await this.train(rows, settings))
      return this
    })
  }

  /**
   * Predicts the class that wins most pairs for each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d); read in place
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predict(X: FeatureInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'supportVectors_')
    return predictLabels(this.classes_, options, (labels) =>
      this.decide(
        X,
        { ...this.#decision(labels), answer: 'label', rowShape: this.targetShape_ },
        options,
      ),
    )
  }

  /**
   * Tells how far on the side of its class each row is.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n) for two classes, above 0 for the second one. For more, shape (n, classes): the votes of each class, and as
   *   fractions how sure they are; with `'ovo'` a column for each pair, above 0 for the first of the two
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async decisionFunction(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'supportVectors_')
    const { length } = this.classes_
    const answer = length > 2 && this.#requireShape() === 'ovr' ? 'classes' : 'pairs'
    const columns = answer === 'classes' ? length : (length * (length - 1)) / 2
    const rowShape = length <= 2 ? [] : [columns]
    return this.decide(X, { ...this.#decision(null), answer, rowShape }, options)
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    const classes = checkClasses(values)
    const { length } = values.integers('support_', 2 ** 31)
    const counts = values.integers('supportCounts_', 2 ** 31)
    const total = counts.reduce((sum, count) => sum + count, 0)
    if (counts.length !== classes || total !== length)
      throw values.refuse('supportCounts_', `${classes} numbers that sum to ${length}`)
    values.finiteArray('dualCoef_', { shape: [classes - 1, length] })
    values.floats('intercept_', (classes * (classes - 1)) / 2)
  }

  #requireShape(): 'ovr' | 'ovo' {
    return requireOneOf(this, 'decisionFunctionShape', ['ovr', 'ovo'])
  }

  /** Keeps the support vectors of all pairs. */
  async #keep(rows: ClassRows, trained: TrainedMachine): Promise<void> {
    const { numbers, labels } = rows
    const count = labels.classes.length
    const { variables } = trained
    const joined = joinPairs({ numbers, codes: labels.codes, classes: count, variables })
    await this.keepVectors(rows, joined.support, trained)
    // As in scikit-learn, what two classes count is above 0 for the second one.
    const sign = count === 2 ? -1 : 1
    this.classes_ = labels.classes
    this.supportCounts_ = joined.counts
    this.dualCoef_ = array(
      joined.coefficients.map((value) => sign * value),
      { shape: [count - 1, joined.support.length] },
    )
    this.intercept_ = trained.intercepts.map((value) => sign * value)
    this.targetShape_ = labels.shape
  }

  /**
   * How the vectors decide.
   *
   * @param given - a number for each class, to answer with; null for decisions
   */
  #decision(given: Float64Array | null): Omit<Decision, 'answer' | 'rowShape'> {
    const { length } = this.classes_
    const starts = new Int32Array(Math.max(length, 2) + 1)
    for (const [k, count] of this.supportCounts_.entries()) starts[k + 1] = starts[k]! + count
    if (length === 1) {
      // A single class is two with one label.
      starts[2] = starts[1]!
      return {
        starts,
        coefficients: new Float64Array(starts[2]),
        intercepts: Float64Array.of(0),
        labels: given === null ? null : Float64Array.of(given[0]!, given[0]!),
      }
    }
    return {
      starts,
      coefficients: this.dualCoef_.toTypedArray(),
      intercepts: this.intercept_,
      // Of two classes, the second one's decision is above 0.
      labels: length === 2 ? (given?.toReversed() ?? null) : given,
    }
  }
}

registerEstimator(SVC, 'onecopy.SVC', import.meta.url)

const names: OptionNames<SVCOptions> = {
  classWeight: true,
  decisionFunctionShape: true,
  ...kernelMachineNames,
}
