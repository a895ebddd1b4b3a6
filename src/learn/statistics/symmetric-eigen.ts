/** Eigenvalues and eigenvectors of symmetric matrices. */

import { EigenvalueDecomposition, Matrix } from 'ml-matrix'

/** Eigenvalues, and one eigenvector for each. */
export interface SymmetricEigen {
  /** Descending. */
  readonly values: Float64Array
  /** Eigenvectors of length 1 as rows, shape (p, p). */
  readonly vectors: Float64Array
}

/** Larger matrices are reduced to three diagonals first: faster, and less precise for small eigenvalues. */
const mostRotated = 256

/**
 * Decomposes a positive semidefinite symmetric matrix. Up to 256 columns by Jacobi's rotations, which find small
 * eigenvalues to as many digits as large ones where columns differ only in their units; larger ones by
 * Householder's reduction and QL, whose errors are relative to the largest eigenvalue.
 *
 * @param matrix - shape (p, p); not changed
 * @see Demmel, Veselić: Jacobi's method is more accurate than QR, SIAM J. Matrix Anal. Appl. 13 (1992)
 */
export function symmetricEigen(matrix: Float64Array, p: number): SymmetricEigen {
  const { values, vectors } = p <= mostRotated ? rotate(matrix, p) : reduce(matrix, p)
  const order = Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b)
  const sorted = new Float64Array(p * p)
  for (const [to, from] of order.entries())
    sorted.set(vectors.subarray(from * p, (from + 1) * p), to * p)
  return { values: Float64Array.from(order, (i) => Math.max(0, values[i]!)), vectors: sorted }
}

/** Sweeps of Jacobi's method; it needs 5 to 10. */
const mostSweeps = 60

/** Products this small beside their columns change no digit. */
const negligible = 2 ** -53

function rotate(matrix: Float64Array, p: number): SymmetricEigen {
  const A = matrix.slice()
  const vectors = new Float64Array(p * p)
  for (let i = 0; i < p; i++) vectors[i * p + i] = 1
  for (let sweep = 0; sweep < mostSweeps; sweep++) {
    let changed = false
    for (let i = 0; i < p - 1; i++) {
      for (let j = i + 1; j < p; j++) {
        const product = A[i * p + j]!
        const [a, b] = [A[i * p + i]!, A[j * p + j]!]
        if (!(Math.abs(product) > negligible * Math.sqrt(Math.abs(a) * Math.abs(b)))) continue
        changed = true
        rotatePair(A, vectors, p, i, j)
      }
    }
    if (!changed) break
  }
  return { values: Float64Array.from({ length: p }, (_, i) => A[i * p + i]!), vectors }
}

/** Rotates two rows and columns so that their product becomes 0. */
function rotatePair(A: Float64Array, vectors: Float64Array, p: number, i: number, j: number): void {
  const product = A[i * p + j]!
  const [a, b] = [A[i * p + i]!, A[j * p + j]!]
  const ratio = (b - a) / (2 * product)
  const tangent = Math.sign(ratio || 1) / (Math.abs(ratio) + Math.hypot(1, ratio))
  const cosine = 1 / Math.hypot(1, tangent)
  const sine = cosine * tangent
  for (let k = 0; k < p; k++) {
    if (k !== i && k !== j) {
      const [x, y] = [A[i * p + k]!, A[j * p + k]!]
      A[i * p + k] = A[k * p + i] = cosine * x - sine * y
      A[j * p + k] = A[k * p + j] = sine * x + cosine * y
    }
    const [x, y] = [vectors[i * p + k]!, vectors[j * p + k]!]
    vectors[i * p + k] = cosine * x - sine * y
    vectors[j * p + k] = sine * x + cosine * y
  }
  A[i * p + i] = a - tangent * product
  A[j * p + j] = b + tangent * product
  A[i * p + j] = A[j * p + i] = 0
}

function reduce(matrix: Float64Array, p: number): SymmetricEigen {
  const decomposition = new EigenvalueDecomposition(Matrix.from1DArray(p, p, matrix), {
    assumeSymmetric: true,
  })
  const columns = decomposition.eigenvectorMatrix
  return {
    values: Float64Array.from(decomposition.realEigenvalues),
    vectors: Float64Array.from({ length: p * p }, (_, at) =>
      columns.get(at % p, Math.floor(at / p)),
    ),
  }
}
