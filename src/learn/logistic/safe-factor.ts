/** Cholesky factors of matrices that may be close to singular. */

import { factorize, type CholeskyFactor } from '../linear/cholesky.ts'

/** The worst condition of a matrix, scaled to a diagonal of ones, that is used as it is. */
const maxCondition = 1e12

/**
 * Factorizes a symmetric matrix without negative eigenvalues. Where it is close to singular, as with columns that depend on each
 * other, a little is added to its diagonal, so that solutions stay small.
 *
 * @param matrix - shape (m, m); not changed
 */
export function factorizeSafely(
  matrix: Float64Array,
  m: number,
): { factor: CholeskyFactor; isSingular: boolean } {
  for (let added = 0; ; added = added === 0 ? 1e-11 : added * 10) {
    const raised = matrix.slice()
    for (let i = 0; i < m; i++) raised[i * m + i]! *= 1 + added
    const factor = factorize(raised, m)
    if (factor !== undefined && (factor.condition <= maxCondition || added > 0))
      return { factor, isSingular: added > 0 }
  }
}
