/** What logistic classifiers share: options, probabilities. */

import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import {
  requireBoolean,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { reportNotConverged } from '../contract/not-converged.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import type { Label } from '../inputs/labels.ts'
import type { ClassWeight, ClassWeightOptions } from '../inputs/class-weights.ts'
import type { LogisticFit, LogisticSolver } from './fit-logistic.ts'
import { LinearClassifier } from './linear-classifier.ts'
import type { LogisticData } from './logistic-data.ts'
import type { Stopping } from './penalty-terms.ts'

/** Options of every logistic classifier. */
export interface LogisticOptions extends ClassWeightOptions {
  /** With `'elasticnet'`: share of the penalty on absolute values, in [0, 1]; default: 0.5. */
  readonly l1Ratio?: number
  /** Whether the model has an intercept; default: true. */
  readonly fitIntercept?: boolean
  /** Stop when the next step would change scores by less than this, as a root mean square; default: 1e-8. */
  readonly tol?: number
  /** Most steps; default: 1000. */
  readonly maxIter?: number
}

/** A classifier by the logistic function of one score, or the softmax of several. */
export abstract class LogisticClassifier<L extends Label> extends LinearClassifier<L> {
  abstract penalty: 'l2' | 'l1' | 'elasticnet' | null
  l1Ratio: number
  fitIntercept: boolean
  classWeight: ClassWeight
  tol: number
  maxIter: number
  /** Steps that were made. */
  declare iterations_: number
  /** Whether the last step was short enough. */
  declare converged_: boolean
  /** How it was solved: by Newton's method or L-BFGS. */
  declare solver_: LogisticSolver
  constructor(options: LogisticOptions) {
    super()
    this.l1Ratio = options.l1Ratio ?? 0.5
    this.fitIntercept = options.fitIntercept ?? true
    this.classWeight = options.classWeight ?? null
    this.tol = options.tol ?? 1e-8
    this.maxIter = options.maxIter ?? 1000
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`, `ERR_VALUE` for NaN and infinity
   */
  async predictProba(X: ArrayInput, options: PredictOptions = {}): Promise<FloatArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coef_')
    const { length } = this.classes_
    if (length === 1) return this.predictAs('label', [1], X, options, Float64Array.of(1))
    return this.predictAs('probability', [length], X, options)
  }

  override checkLearned(values: LearnedValues): void {
    super.checkLearned(values)
    values.number('iterations_', 0)
    values.oneOf('converged_', [true, false])
    values.oneOf('solver_', ['newton', 'lbfgs'])
  }

  /** Checks the options that all have, and returns the share of the penalty on absolute values. */
  protected requireLogisticOptions(penalties: readonly unknown[]): Stopping & { share: number } {
    const { penalty } = this
    if (!penalties.includes(penalty)) {
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected \`penalty\` of ${this.constructor.name} to be ${penalties.slice(0, -1).map(show).join(', ')} or ${show(penalties.at(-1))}, got ${show(penalty)}.${adviseNone(penalty, penalties)}`,
        { details: { name: 'penalty' } },
      )
    }
    const ratio = requireNumber(this, 'l1Ratio', { min: 0, max: 1 })
    requireBoolean(this, 'fitIntercept')
    return {
      share: penalty === 'l1' ? 1 : penalty === 'elasticnet' ? ratio : 0,
      tol: requireNumber(this, 'tol', { min: 0 }),
      maxIter: requireNumber(this, 'maxIter', { min: 1, integer: true }),
    }
  }

  /** Keeps a fitted model. */
  protected learn(
    data: LogisticData,
    tol: number,
    { coefficients, iterations, converged, lastStep, solver }: LogisticFit,
  ): void {
    this.keepScores(data, coefficients, data.columns)
    this.iterations_ = iterations
    this.converged_ = converged
    this.solver_ = solver
    if (converged) return
    const advice = 'Raise maxIter or tol, lower C, or scale the columns of `X`.'
    const note = { iterations, gap: lastStep, limit: tol, measure: 'a next step', advice }
    reportNotConverged(this.constructor.name, note)
  }
}

/** What scikit-learn's text for no penalty is called here. */
function adviseNone(penalty: unknown, penalties: readonly unknown[]): string {
  if (penalty !== 'none' && penalty !== 'None') return ''
  return penalties.includes(null)
    ? ' onecopy calls it null.'
    : ' LogisticRegression({ penalty: null }) has no penalty to choose.'
}

/** Whether a number is the inverse weight of a penalty: the inverse of the least numbers above 0 is not finite. */
export function hasInverse(C: unknown): boolean {
  return typeof C === 'number' && C > 0 && C < Infinity && 1 / C < Infinity
}

/** Names of these options. */
export const logisticOptionNames: OptionNames<LogisticOptions> = {
  l1Ratio: true,
  fitIntercept: true,
  classWeight: true,
  tol: true,
  maxIter: true,
}
