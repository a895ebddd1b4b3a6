/** What logistic classifiers share: learned values, predictions. */

import { array, type NDArray } from '../../arrays/index.ts'
import { kernelMatrix, kernelRows, requireMatrix } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { kernelThreads, type LogisticModel, native } from '../../native/index.ts'
import type { OptionNames } from '../../options.ts'
import {
  BaseEstimator,
  requireBoolean,
  requireColumns,
  requireFitted,
  requireNumber,
  requirePredictOptions,
} from '../contract/base-estimator.ts'
import type { PredictOptions } from '../contract/estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { reportNotConverged } from '../contract/not-converged.ts'
import { fillRows } from '../contract/write-output.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { type Classes, decodeLabels, type Label } from '../inputs/labels.ts'
import { checkClasses } from './check-classes.ts'
import type { ClassWeight } from './class-weights.ts'
import type { LogisticFit, LogisticSolver } from './fit-logistic.ts'
import type { LogisticData } from './logistic-data.ts'
import type { Stopping } from './penalty-terms.ts'

/** Options of every logistic classifier. */
export interface LogisticOptions {
  /** With `'elasticnet'`: share of the penalty on absolute values, in [0, 1]; default: 0.5. */
  readonly l1Ratio?: number
  /** Whether the model has an intercept; default: true. */
  readonly fitIntercept?: boolean
  /** How much the rows of each class count: `{ [label]: weight }`, or `'balanced'`; default: null, all the same. */
  readonly classWeight?: ClassWeight
  /** Stop when the next step would change scores by less than this, as a root mean square; default: 1e-8. */
  readonly tol?: number
  /** Most steps; default: 1000. */
  readonly maxIter?: number
}

/** Labels that are predicted: numbers in an array, others as a list. */
export type PredictedLabels<L extends Label> = [L] extends [number] ? NDArray : L[]

/** A classifier by one linear function of the columns for each class, or by one function for two classes. */
export abstract class LogisticClassifier<L extends Label> extends BaseEstimator {
  abstract penalty: 'l2' | 'l1' | 'elasticnet' | null
  l1Ratio: number
  fitIntercept: boolean
  classWeight: ClassWeight
  tol: number
  maxIter: number
  /** Labels of the classes: numbers ascending in a Float64Array, or a list. */
  declare classes_: Classes
  /** Coefficients, shape (1, d) for two classes, which are those of the second one, otherwise (classes, d). */
  declare coef_: NDArray<'float64'>
  /** Intercepts, shape (1) or (classes). */
  declare intercept_: Float64Array
  /** Steps that were made. */
  declare iterations_: number
  /** Whether the last step was short enough. */
  declare converged_: boolean
  /** How it was solved: by Newton's method or L-BFGS. */
  declare solver_: LogisticSolver
  /** Shape of one row of `y`: [] for a vector or list, [1] for a matrix. */
  declare targetShape_: readonly number[]

  constructor(options: LogisticOptions) {
    super()
    this.l1Ratio = options.l1Ratio ?? 0.5
    this.fitIntercept = options.fitIntercept ?? true
    this.classWeight = options.classWeight ?? null
    this.tol = options.tol ?? 1e-8
    this.maxIter = options.maxIter ?? 1000
  }

  /**
   * Predicts the likeliest class of each row; of several the first in `classes_`.
   *
   * @param X - values, shape (n, d); read in place
   * @returns labels: an array of shape (n) when they are numbers, otherwise a list, for which there is no `out`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predict(X: ArrayInput, options: PredictOptions = {}): Promise<PredictedLabels<L>> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coef_')
    const { classes_: classes } = this
    const labels = classes instanceof Float64Array ? classes : Float64Array.from(classes.keys())
    if (classes !== labels && options.out !== undefined) {
      throw new OneCopyError(
        'ERR_OPTION',
        `Expected no \`out\` for labels that are not numbers, got one. Use the list that predict() returns.`,
        { details: { name: 'out' } },
      )
    }
    const predicted = await this.#predict('label', this.targetShape_, X, options, labels)
    return (classes === labels ? predicted : decodeLabels(classes, predicted)) as PredictedLabels<L>
  }

  /**
   * Predicts the probability of each class.
   *
   * @param X - values, shape (n, d); read in place
   * @returns shape (n, classes), in the order of `classes_`; each row sums to 1
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  async predictProba(X: ArrayInput, options: PredictOptions = {}): Promise<NDArray> {
    requirePredictOptions(this, 'predict', options)
    requireFitted(this, 'coef_')
    const { length } = this.classes_
    if (length === 1) return this.#predict('label', [1], X, options, Float64Array.of(1))
    return this.#predict('probability', [length], X, options)
  }

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const count = checkClasses(values)
    const scores = count <= 2 ? 1 : count
    const coefficients = values.array('coef_', { dtype: 'float64', shape: [scores, undefined] })
    if (coefficients.size === 0) throw values.refuse('coef_', 'finite numbers', 'none')
    const flat = coefficients.toTypedArray() as Float64Array
    const wrong = flat.findIndex((value) => !Number.isFinite(value))
    if (wrong !== -1) throw values.refuse('coef_', 'finite numbers', `${flat[wrong]}`)
    values.floats('intercept_', scores)
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
        `Expected \`penalty\` of ${this.constructor.name} to be ${penalties.slice(0, -1).map(show).join(', ')} or ${show(penalties.at(-1))}, got ${show(penalty)}.`,
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
    { classes, shape, columns }: LogisticData,
    tol: number,
    { coefficients, iterations, converged, lastStep, solver }: LogisticFit,
  ): void {
    const width = columns + 1
    const scores = coefficients.length / width
    const values = new Float64Array(scores * columns)
    for (let s = 0; s < scores; s++)
      values.set(coefficients.subarray(s * width + 1, (s + 1) * width), s * columns)
    this.classes_ = classes
    this.coef_ = array(values, { shape: [scores, columns] })
    this.intercept_ = Float64Array.from({ length: scores }, (_, s) => coefficients[s * width]!)
    this.iterations_ = iterations
    this.converged_ = converged
    this.solver_ = solver
    this.targetShape_ = shape
    if (converged) return
    const advice = 'Raise maxIter or tol, lower C, or scale the columns of `X`.'
    const note = { iterations, gap: lastStep, limit: tol, measure: 'a next step', advice }
    reportNotConverged(this.constructor.name, note)
  }

  async #predict(
    answer: LogisticModel['answer'],
    rowShape: readonly number[],
    X: ArrayInput,
    options: PredictOptions,
    labels: Float64Array = new Float64Array(this.classes_.length),
  ): Promise<NDArray> {
    const matrix = asArray(X, '`X`')
    const [, columns] = requireMatrix(matrix, '`X`')
    requireColumns(this, columns, this.coef_.shape[1]!)
    const scores = this.intercept_.length
    const values = this.coef_.toTypedArray()
    const coefficients = new Float64Array(scores * (columns + 1))
    for (let s = 0; s < scores; s++) {
      coefficients[s * (columns + 1)] = this.intercept_[s]!
      coefficients.set(values.subarray(s * columns, (s + 1) * columns), s * (columns + 1) + 1)
    }
    const both = labels.length === 1 ? Float64Array.of(labels[0]!, labels[0]!) : labels
    const model = { scores, coefficients, answer, labels: both }
    return fillRows(matrix, rowShape, options, (part, rows, out) =>
      native.logisticPredict(
        kernelMatrix(part),
        kernelRows(rows),
        model,
        kernelMatrix(out),
        kernelThreads(),
      ),
    )
  }
}

/** Names of these options. */
export const logisticOptionNames: OptionNames<LogisticOptions> = {
  l1Ratio: true,
  fitIntercept: true,
  classWeight: true,
  tol: true,
  maxIter: true,
}
