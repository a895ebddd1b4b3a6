/** Linear support vector regression. */

import { type OptionNames, requireKnown } from '../../options.ts'
import { requireFitOptions, requireNumber, requireOneOf } from '../contract/base-estimator.ts'
import { forget, type TableFitOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { type ArrayInput, toArray } from '../inputs/as-array.ts'
import { LinearPredictor } from '../linear/linear-predictor.ts'
import {
  checkEnd,
  keepEnd,
  type LinearMachineOptions,
  linearMachineNames,
  type LinearSolver,
  requireLinearOptions,
} from './linear-options.ts'
import { readTargetRows, svmRowsOf } from './machine-rows.ts'
import { descend, fitTargets, useNewton } from './solve-linear.ts'
import { linearHint } from './svm-names.ts'
import { fitInputs } from '../features/fit-inputs.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import { registerEstimator } from '../registration/register-estimator.ts'

/** Options of {@link LinearSVR}. */
export interface LinearSVROptions extends LinearMachineOptions {
  /** Residuals up to here cost nothing, >= 0; default: 0. */
  readonly epsilon?: number
  /** What a residual costs beyond `epsilon`: the excess, or its square; default: `'epsilonInsensitive'`. */
  readonly loss?: 'epsilonInsensitive' | 'squaredEpsilonInsensitive'
}

/**
 * Linear support vector regression: minimizes ½ ‖w‖² + C Σ weight × loss, where w includes the intercept and the loss is that of
 * residuals beyond `epsilon`.
 *
 * It is solved as `LinearSVC` is: squares by Newton's method, absolute values by dual coordinate descent over rows in place, which columns of
 * similar size help. Put a `StandardScaler` before it, and scale `y` when its values are far from 1.
 *
 * @example
 * ```ts
 * const model = await new LinearSVR({ epsilon: 0.1 }).fit(X, y)
 * const predicted = await model.predict(X)
 * ```
 *
 * @see scikit-learn's `sklearn.svm.LinearSVR`: same objective and names
 */
export class LinearSVR extends LinearPredictor {
  static override readonly name: string = 'LinearSVR'
  epsilon: number
  loss: 'epsilonInsensitive' | 'squaredEpsilonInsensitive'
  C: number
  fitIntercept: boolean
  interceptScaling: number
  tol: number
  maxIter: number
  seed: number
  /** Passes over the rows. */
  declare iterations_: number
  /** Whether all violations fell below `tol`. */
  declare converged_: boolean
  /** How it was solved: by Newton's method or coordinate descent. */
  declare solver_: LinearSolver

  constructor(options: LinearSVROptions = {}) {
    super()
    if (new.target === LinearSVR) requireKnown('LinearSVR', options, names, linearHint(names))
    this.epsilon = options.epsilon ?? 0
    this.loss = options.loss ?? 'epsilonInsensitive'
    this.C = options.C ?? 1
    this.fitIntercept = options.fitIntercept ?? true
    this.interceptScaling = options.interceptScaling ?? 1
    this.tol = options.tol ?? 1e-4
    this.maxIter = options.maxIter ?? 1000
    this.seed = options.seed ?? 0
  }

  /** Nothing that is learned holds the list of rows. */
  get freesRows(): true {
    return true
  }

  /**
   * Learns from rows of `X` and `y`, on native threads beside the event loop.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place, lists are copied once
   * @param y - target, shape (n)
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
      forget(this)
      const loss = requireOneOf(this, 'loss', losses, foreignLosses)
      const epsilon = requireNumber(this, 'epsilon', { min: 0 })
      const isSquared = loss === 'squaredEpsilonInsensitive'
      const settings = requireLinearOptions(this, isSquared)
      const rows = await readTargetRows(this, X, toArray(y, '`y`'), options)
      const size = rows.numbers.reduce(
        (most, row) => Math.max(most, Math.abs(rows.targets[row]!)),
        0,
      )
      const { maxIter, tol } = settings.stopping
      const stopping = { maxIter, tol: tol * size }
      const found = useNewton(isSquared, rows.columns)
        ? await fitTargets(rows, epsilon, settings)
        : await descend(svmRowsOf(rows, settings.C, epsilon), { ...settings, stopping })
      const { coefficients } = found
      this.learn([coefficients.slice(1)], coefficients.slice(0, 1), rows.targetShape)
      keepEnd(this, found, stopping.tol)
      return this
    })
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    checkEnd(values)
  }
}

registerEstimator(LinearSVR, 'onecopy.LinearSVR', import.meta.url)

const names: OptionNames<LinearSVROptions> = { epsilon: true, loss: true, ...linearMachineNames }

const losses = ['epsilonInsensitive', 'squaredEpsilonInsensitive'] as const

/** What scikit-learn calls the losses. */
const foreignLosses = {
  epsilon_insensitive: 'epsilonInsensitive',
  squared_epsilon_insensitive: 'squaredEpsilonInsensitive',
}
