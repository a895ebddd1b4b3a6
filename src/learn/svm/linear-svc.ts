/** Linear support vector classification. */

import { type OptionNames, requireKnown } from '../../options.ts'
import { requireFitOptions, requireOneOf } from '../contract/base-estimator.ts'
import { forget, type TableFitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { Label } from '../inputs/labels.ts'
import type { ClassWeight, ClassWeightOptions } from '../inputs/class-weights.ts'
import { LinearClassifier } from '../logistic/linear-classifier.ts'
import {
  checkEnd,
  keepEnd,
  type LinearFit,
  type LinearMachineOptions,
  linearMachineNames,
  type LinearSolver,
  requireLinearOptions,
} from './linear-options.ts'
import { readClassRows, svmRowsOf } from './machine-rows.ts'
import { descend, fitClasses, useNewton } from './solve-linear.ts'
import { linearHint } from './svm-names.ts'
import type { Column, Table } from '../../tables/index.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link LinearSVC}. */
export interface LinearSVCOptions extends LinearMachineOptions, ClassWeightOptions {
  /** What a row costs on the wrong side of its margin: the distance, or its square; default: `'squaredHinge'`. */
  readonly loss?: 'hinge' | 'squaredHinge'
}

/**
 * Linear support vector classification: each class against all others, two classes by one function. It minimizes ½ ‖w‖² + C Σ weight
 * × loss, where w includes the intercept, and gives no probabilities.
 *
 * Up to 256 columns, squared losses are solved to the minimum itself by Newton's method: two passes over the rows for each of some ten steps.
 * Otherwise dual coordinate descent reads rows of `X` in place, sixteen together, in an order that depends on `seed` alone; columns of
 * similar size help it, so put a `StandardScaler` before it. Both need some five numbers for each row besides, and give the same bytes for any
 * number of threads. When `maxIter` passes don't reach `tol`, the model is usable, `converged_` is false, and the warning
 * `ONECOPY_NOT_CONVERGED` is emitted.
 *
 * @example
 * ```ts
 * const model = await new LinearSVC({ C: 0.1 }).fit(X, labels)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.svm.LinearSVC`: same objective and names
 */
export class LinearSVC<L extends Label = number> extends LinearClassifier<L> {
  static override readonly name: string = 'LinearSVC'
  loss: 'hinge' | 'squaredHinge'
  C: number
  fitIntercept: boolean
  interceptScaling: number
  classWeight: ClassWeight
  tol: number
  maxIter: number
  seed: number
  /** Passes over the rows; of several classes the most. */
  declare iterations_: number
  /** Whether all violations fell below `tol`. */
  declare converged_: boolean
  /** How it was solved: by Newton's method or coordinate descent. */
  declare solver_: LinearSolver

  constructor(options: LinearSVCOptions = {}) {
    super()
    if (new.target === LinearSVC) requireKnown('LinearSVC', options, names, linearHint(names))
    this.loss = options.loss ?? 'squaredHinge'
    this.C = options.C ?? 1
    this.fitIntercept = options.fitIntercept ?? true
    this.interceptScaling = options.interceptScaling ?? 1
    this.classWeight = options.classWeight ?? null
    this.tol = options.tol ?? 1e-4
    this.maxIter = options.maxIter ?? 1000
    this.seed = options.seed ?? 0
  }

  /** Nothing that is learned holds the list of rows. */
  get freesRows(): true {
    return true
  }

  /**
   * Learns from rows of `X` and their labels, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - labels, shape (n): numbers, or a list of texts or booleans; at most 1000 different ones
   * @returns the model itself
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`, `ERR_ROWS`, `ERR_OPTION`
   */
  fit(X: FeatureInput, y: readonly string[], options?: TableFitOptions): Promise<LinearSVC<string>>
  fit(
    X: FeatureInput,
    y: readonly boolean[],
    options?: TableFitOptions,
  ): Promise<LinearSVC<boolean>>
  fit(X: FeatureInput, y: ArrayInput, options?: TableFitOptions): Promise<this>
  fit(X: Table, y: string | Column, options?: TableFitOptions): Promise<LinearSVC<number | string>>
  async fit(X: FeatureInput, y: TargetInput, options: TableFitOptions = {}): Promise<unknown> {
    return fitInputs(this, { X, y, options }, async (X, y, options) => {
      requireFitOptions(this, options)
      forget(this)
      const loss = requireOneOf(this, 'loss', ['squaredHinge', 'hinge'], foreignLosses)
      const settings = requireLinearOptions(this, loss === 'squaredHinge')
      const rows = await readClassRows(this, X, y, options)
      const { labels, columns } = rows
      const isNewton = useNewton(loss === 'squaredHinge', columns)
      const found =
        labels.classes.length === 1
          ? nothingToTell(columns, isNewton)
          : isNewton
            ? await fitClasses(rows, settings)
            : await descend(svmRowsOf(rows, settings.C), settings)
      this.keepScores(labels, found.coefficients, columns)
      keepEnd(this, found, settings.stopping.tol)
      return this
    })
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    checkEnd(values)
  }
}

registerEstimator(LinearSVC, 'onecopy.LinearSVC', import.meta.url)

/** The machine of a single class. */
function nothingToTell(columns: number, isNewton: boolean): LinearFit {
  return {
    coefficients: new Float64Array(columns + 1),
    iterations: 0,
    converged: true,
    gap: 0,
    solver: isNewton ? 'newton' : 'descent',
  }
}

const names: OptionNames<LinearSVCOptions> = {
  loss: true,
  classWeight: true,
  ...linearMachineNames,
}

/** What scikit-learn calls the losses. */
const foreignLosses = { squared_hinge: 'squaredHinge', l2: 'squaredHinge', l1: 'hinge' }
