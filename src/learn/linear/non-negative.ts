/** Least squares without negative coefficients, from normal equations. */

import { OneCopyError } from '../../errors.ts'
import { factorize, solve } from './cholesky.ts'

/** Violations of a sign below this part of the largest scaled coefficient are rounding errors. */
const tolerance = 1e-12

/** Exchanges that don't lower the number of violations before columns are exchanged one by one. */
const mostAttempts = 3

/** Equations G w = q for every target, whose solutions are wanted without negative coefficients. */
export interface SignedEquations {
  /** Number of columns, d. */
  readonly size: number
  /** G, shape (d, d). */
  readonly gram: Float64Array
  /** q, one of shape (d) for each target. */
  readonly products: readonly Float64Array[]
}

/**
 * Solves well-conditioned normal equations for coefficients >= 0, each target by itself. Columns with a wrong sign change sides together,
 * mostly in some ten solutions; where that doesn't lower their number, one by one, which ends.
 *
 * @param name - name of the model for error texts
 * @returns coefficients, one of shape (d) for each target; 0 for columns that don't vary
 * @see Kim, Park: Fast nonnegative matrix factorization, SIAM J. Sci. Comput. 33 (2011); Portúgal, Júdice, Vicente (1994)
 */
export function solveNonNegative(equations: SignedEquations, name: string): Float64Array[] {
  const { gram, size } = equations
  const columns = Array.from({ length: size }, (_, j) => j).filter((j) => gram[j * size + j]! > 0)
  const lengths = columns.map((j) => Math.sqrt(gram[j * size + j]!))
  const m = columns.length
  const scaled = new Float64Array(m * m)
  for (let a = 0; a < m; a++)
    for (let b = 0; b < m; b++)
      scaled[a * m + b] = gram[columns[a]! * size + columns[b]!]! / lengths[a]! / lengths[b]!
  return equations.products.map((products) => {
    const q = Float64Array.from(columns, (j, a) => products[j]! / lengths[a]!)
    const found = pivot(scaled, q, name)
    const coefficients = new Float64Array(size)
    for (const [a, j] of columns.entries()) coefficients[j] = found[a]! / lengths[a]!
    return coefficients
  })
}

/** Minimizes ½ xᵀGx - qᵀx over x >= 0, where G has a diagonal of ones. */
function pivot(G: Float64Array, q: Float64Array, name: string): Float64Array {
  const m = q.length
  const isFree = new Uint8Array(m).fill(1)
  let [least, attempts] = [m + 1, mostAttempts]
  for (let round = 0; round < 50 + 20 * m; round++) {
    const x = solveFree(G, q, isFree)
    const wrong = violations(G, q, x, isFree)
    if (wrong.length === 0) return x.map((value) => Math.max(0, value))
    if (wrong.length < least) [least, attempts] = [wrong.length, mostAttempts]
    else attempts--
    for (const j of attempts >= 0 ? wrong : wrong.slice(-1)) isFree[j] = 1 - isFree[j]!
  }
  throw explainSigns(name)
}

/** The error for coefficients whose signs rounding errors keep from settling. */
export function explainSigns(name: string): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected columns that are no linear combinations of others, so that ${name} has one solution without negative coefficients, got ones whose signs don't settle. ` +
      'Leave out columns that are nearly the same, or use a greater penalty where there is one.',
  )
}

/** The solution in which columns that are not free have coefficients of 0. */
function solveFree(G: Float64Array, q: Float64Array, isFree: Uint8Array): Float64Array {
  const m = q.length
  const free = Int32Array.from(isFree.keys()).filter((j) => isFree[j] === 1)
  const part = new Float64Array(free.length ** 2)
  for (const [a, i] of free.entries())
    for (const [b, j] of free.entries()) part[a * free.length + b] = G[i * m + j]!
  const x = new Float64Array(m)
  // A part of a well-conditioned matrix is conditioned as well.
  const factor = factorize(part, free.length)!
  const own = solve(
    factor,
    Float64Array.from(free, (j) => q[j]!),
  )
  for (const [a, j] of free.entries()) x[j] = own[a]!
  return x
}

/** Columns whose coefficient is negative, or that would lower the loss by a positive one. */
function violations(
  G: Float64Array,
  q: Float64Array,
  x: Float64Array,
  isFree: Uint8Array,
): number[] {
  const m = q.length
  const limit = tolerance * x.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const wrong: number[] = []
  for (let j = 0; j < m; j++) {
    if (isFree[j] === 1) {
      if (x[j]! < -limit) wrong.push(j)
      continue
    }
    let rest = q[j]!
    for (let k = 0; k < m; k++) rest -= G[j * m + k]! * x[k]!
    if (rest > limit) wrong.push(j)
  }
  return wrong
}
