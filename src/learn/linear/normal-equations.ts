/** Least squares from moments, when float64 can bear it. */

import { OneCopyError } from '../../errors.ts'
import { factorize, solve, type CholeskyFactor } from './cholesky.ts'
import type { Moments } from '../statistics/moments.ts'

/**
 * The worst condition of the correlation matrix that normal equations are solved with: they lose
 * about that many digits of 16, which leaves ten.
 */
const maxCondition = 1e6

/** Normal equations of least squares: G w = q for every target. */
export interface NormalEquations {
  /** Number of columns, d. */
  readonly size: number
  /** G, sums of products of columns, shape (d, d). */
  readonly gram: Float64Array
  /** q, sums of products of a target and the columns; one of shape (d) for each target. */
  readonly products: readonly Float64Array[]
  /** Sums of squares of the targets, one for each. */
  readonly targetSquares: readonly number[]
}

/**
 * Normal equations of rows, about the means when there is an intercept.
 *
 * @param alpha - added to the diagonal of the Gram matrix (the ridge penalty), >= 0
 */
export function normalEquations(
  moments: Moments,
  fitIntercept: boolean,
  alpha = 0,
): NormalEquations {
  const { columns: size, targets, mean, cross, weight } = moments
  const p = mean.length
  const about = fitIntercept ? 0 : weight
  const product = (i: number, j: number): number => cross[i * p + j]! + about * mean[i]! * mean[j]!
  const gram = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) gram[i * size + j] = product(i, j)
    gram[i * size + i]! += alpha
  }
  const products = Array.from({ length: targets }, (_, target) =>
    Float64Array.from({ length: size }, (_, i) => product(size + target, i)),
  )
  const targetSquares = products.map((_, target) => product(size + target, size + target))
  return { size, gram, products, targetSquares }
}

/** Tells whether normal equations would lose too many digits, or have no single solution. */
export function isIllConditioned(equations: NormalEquations): boolean {
  return factorizeWell(equations) === undefined
}

/**
 * Solves normal equations by Cholesky.
 *
 * @param name - who asks, for the error
 * @returns coefficients, one of shape (d) for each target
 * @throws OneCopyError `ERR_ILL_CONDITIONED` when float64 can't bear it
 */
export function solveNormalEquations(equations: NormalEquations, name: string): Float64Array[] {
  const factor = factorizeWell(equations)
  if (factor === undefined) {
    throw new OneCopyError(
      'ERR_ILL_CONDITIONED',
      `Expected columns that moments can tell apart, got columns of \`X\` that are (almost) linear combinations of others. ` +
        `Fit ${name} on the rows by fit(), or on a QrFactor of them by fitFactor().`,
      { details: { maxCondition } },
    )
  }
  return equations.products.map((products) => solve(factor, products))
}

/** Counts the columns that vary; the others get coefficients of 0. */
export function countVarying({ gram, size }: NormalEquations): number {
  let count = 0
  for (let i = 0; i < size; i++) if (gram[i * size + i] !== 0) count++
  return count
}

function factorizeWell({ gram, size }: NormalEquations): CholeskyFactor | undefined {
  const factor = factorize(gram, size)
  return factor !== undefined && factor.condition <= maxCondition ? factor : undefined
}
