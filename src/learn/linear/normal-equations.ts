/** Least squares from moments, for well-conditioned problems. */

import { OneCopyError } from '../../errors.ts'
import { factorize, solve, type CholeskyFactor } from './cholesky.ts'
import { solveNonNegative } from './non-negative.ts'
import { usefulColumns } from '../statistics/lost-digits.ts'
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
  /** Number of columns that vary; the others have zeros here and get coefficients of 0. */
  readonly rank: number
  /** G, sums of products of columns, shape (d, d). */
  readonly gram: Float64Array
  /** q, sums of products of a target and the columns; one of shape (d) for each target. */
  readonly products: readonly Float64Array[]
  /** Sums of squares of the targets, one for each. */
  readonly targetSquares: readonly number[]
}

/**
 * Normal equations of rows, about the means when there is an intercept. Columns that don't vary
 * have zeros in place of their products.
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
  const products = Array.from({ length: targets }, () => new Float64Array(size))
  const useful = usefulColumns(moments, fitIntercept)
  for (const i of useful) {
    for (const j of useful) gram[i * size + j] = product(i, j)
    for (const [target, q] of products.entries()) q[i] = product(size + target, i)
  }
  for (let i = 0; i < size; i++) gram[i * size + i]! += alpha
  const targetSquares = products.map((_, target) => product(size + target, size + target))
  return { size, rank: useful.length, gram, products, targetSquares }
}

/** Tells whether normal equations would lose too many digits, or have no single solution. */
export function isIllConditioned(equations: NormalEquations): boolean {
  return factorizeWell(equations) === undefined
}

/**
 * Solves normal equations by Cholesky.
 *
 * @param name - name of the model for error texts
 * @param positive - whether coefficients must not be negative
 * @returns coefficients, one of shape (d) for each target
 * @throws OneCopyError `ERR_VALUE` when the equations are ill-conditioned
 */
export function solveNormalEquations(
  equations: NormalEquations,
  name: string,
  positive: boolean,
): Float64Array[] {
  const factor = factorizeWell(equations)
  if (factor === undefined) {
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected linearly independent columns, got columns of \`X\` that are (almost) linear combinations of others. ` +
        `Fit ${name} on the rows by fit().`,
      { details: { maxCondition } },
    )
  }
  const coefficients = equations.products.map((products) => solve(factor, products))
  const isNegative = (one: Float64Array): boolean => one.some((value) => value < 0)
  return positive && coefficients.some(isNegative)
    ? solveNonNegative(equations, name)
    : coefficients
}

function factorizeWell({ gram, size }: NormalEquations): CholeskyFactor | undefined {
  const factor = factorize(gram, size)
  return factor !== undefined && factor.condition <= maxCondition ? factor : undefined
}
