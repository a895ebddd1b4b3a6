/** The objective of logistic regression: sums over rows and penalties. */

import { OneCopyError } from '../../errors.ts'

/** Penalties, and which coefficients there are. */
export interface Objective {
  /** Scores of the model: 1 for two classes, otherwise one for each class. */
  readonly scores: number
  /** Coefficients of a score, the intercept first: 1 + d. */
  readonly width: number
  /** Weight of the sum of absolute coefficients, >= 0. */
  readonly l1: number
  /** Weight of half the sum of squared coefficients, >= 0. */
  readonly l2: number
  /** 1 for each of the `width` coefficients that can differ from 0. */
  readonly isFree: Uint8Array
  /** Greatest less least value of each column, shape (width); 1 for the intercept. */
  readonly spread: Float64Array
}

/** Sums over the training rows at one point. */
export interface PointSums {
  /** Sum of the weights. */
  readonly weight: number
  readonly loss: number
  /** Shape (scores, width). */
  readonly gradient: Float64Array
  /** Shape (scores * width, scores * width); undefined when it was not asked for. */
  readonly hessian?: Float64Array | undefined
  /** Least score of a row's own class less the greatest other one. */
  readonly margin: number
}

/** A point at which sums are wanted. */
export interface PointRequest {
  /** Shape (scores, width). */
  readonly coefficients: Float64Array
  readonly withHessian: boolean
}

/** What a minimizer found. */
export interface Minimum {
  /** Shape (scores, width), the intercept first. */
  readonly coefficients: Float64Array
  readonly iterations: number
  readonly converged: boolean
  /** Root mean square of the last change of scores, weighted by second derivatives. */
  readonly lastStep: number
}

/** When to stop. */
export interface Stopping {
  /** Least root mean square of a change of scores that is worth a step. */
  readonly tol: number
  readonly maxIter: number
}

/**
 * A search for the minimum: yields points at which it wants sums over the rows, and is given them. So several searches can
 * share one pass over the data.
 */
export type Minimizer = Generator<PointRequest, Minimum, PointSums>

/** Whether a place in the coefficients is that of an intercept, which is not penalized. */
export function isIntercept({ width }: Objective, place: number): boolean {
  return place % width === 0
}

/** The penalties at a point. */
export function penaltyAt(objective: Objective, theta: Float64Array): number {
  let [squares, absolute] = [0, 0]
  for (let i = 0; i < theta.length; i++) {
    if (isIntercept(objective, i)) continue
    squares += theta[i]! * theta[i]!
    absolute += Math.abs(theta[i]!)
  }
  return 0.5 * objective.l2 * squares + objective.l1 * absolute
}

/** The gradient of loss and squares; 0 for coefficients that are not free. */
export function smoothGradient(
  objective: Objective,
  theta: Float64Array,
  { gradient }: PointSums,
): Float64Array {
  return gradient.map((slope, i) => {
    if (objective.isFree[i % objective.width] === 0) return 0
    return isIntercept(objective, i) ? slope : slope + objective.l2 * theta[i]!
  })
}

/**
 * Refuses classes that a model without penalty tells apart perfectly.
 *
 * @throws OneCopyError `ERR_VALUE`
 */
export function refuseSeparation({ l1, l2 }: Objective, isSeparated: boolean): void {
  if (l1 > 0 || l2 > 0 || !isSeparated) return
  throw new OneCopyError(
    'ERR_VALUE',
    'Expected classes that overlap, got columns of `X` that tell a class apart without error: the likelihood then grows with ' +
      "the coefficients without end. Use a penalty, such as penalty: 'l2'.",
  )
}

/**
 * Refuses sums that are not finite: no step can be made by them.
 *
 * @throws OneCopyError `ERR_VALUE`
 */
export function requireFiniteSums({ loss, gradient, hessian }: PointSums): void {
  const isFinite =
    Number.isFinite(loss) &&
    gradient.every(Number.isFinite) &&
    (hessian === undefined || hessian.every(Number.isFinite))
  if (!isFinite) throw notFinite()
}

/** The error for sums of products that are too large. */
export function notFinite(): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    'Expected values and weights whose products float64 can hold, got a loss or derivatives that are not finite. ' +
      'Rescale the columns of `X`, or use smaller weights.',
  )
}
