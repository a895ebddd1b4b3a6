/** Cholesky factor of a small Gram matrix, with its condition. */

/**
 * The factor of a symmetric positive definite matrix A, scaled to a diagonal of ones. A row of zeros,
 * which stands for a constant column, is replaced by one of the identity: its unknown becomes 0.
 */
export interface CholeskyFactor {
  /** Number of rows and columns, d. */
  readonly size: number
  /** Lower triangle L, shape (d, d), with D⁻¹ A D⁻¹ = L Lᵀ. */
  readonly lower: Float64Array
  /** Roots of the diagonal of A, D, shape (d); 1 where it is 0. */
  readonly scale: Float64Array
  /**
   * Condition number of D⁻¹ A D⁻¹ in the 1-norm, estimated from below, seldom by more than a factor
   * of 3. For a Gram matrix of centred columns this is their correlation matrix, so it doesn't
   * depend on units.
   */
  readonly condition: number
}

/**
 * Factorizes a symmetric matrix, scaled to a diagonal of ones.
 *
 * @param matrix - shape (d, d), row by row; its lower triangle is read
 * @param size - d
 * @returns undefined when the matrix is not positive definite in float64
 */
export function factorize(matrix: Float64Array, size: number): CholeskyFactor | undefined {
  const scale = new Float64Array(size)
  for (let i = 0; i < size; i++) {
    const diagonal = matrix[i * size + i]!
    scale[i] = diagonal === 0 ? 1 : Math.sqrt(diagonal)
  }
  const scaled = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      const value = matrix[i * size + j]! / scale[i]! / scale[j]!
      scaled[i * size + j] = value
      scaled[j * size + i] = value
    }
    if (matrix[i * size + i] === 0) scaled[i * size + i] = 1
  }
  const lower = lowerTriangle(scaled, size)
  if (lower === undefined) return undefined
  const condition = norm1(scaled, size) * inverseNorm1(lower, size)
  return { size, lower, scale, condition }
}

/**
 * Solves A x = b.
 *
 * @param b - shape (d)
 * @returns x, shape (d)
 */
export function solve({ lower, size, scale }: CholeskyFactor, b: Float64Array): Float64Array {
  const x = b.map((value, i) => value / scale[i]!)
  substitute(lower, size, x)
  return x.map((value, i) => value / scale[i]!)
}

function lowerTriangle(matrix: Float64Array, size: number): Float64Array | undefined {
  const lower = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!
      if (j < i) lower[i * size + j] = sum / lower[j * size + j]!
      else if (sum > 0) lower[i * size + i] = Math.sqrt(sum)
      else return undefined
    }
  }
  return lower
}

/** Solves L Lᵀ x = b in place. */
function substitute(lower: Float64Array, size: number, x: Float64Array): void {
  for (let i = 0; i < size; i++) {
    let sum = x[i]!
    for (let k = 0; k < i; k++) sum -= lower[i * size + k]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i]!
    for (let k = i + 1; k < size; k++) sum -= lower[k * size + i]! * x[k]!
    x[i] = sum / lower[i * size + i]!
  }
}

/**
 * Estimates the 1-norm of (L Lᵀ)⁻¹ in a few solves.
 *
 * @see Higham: FORTRAN codes for estimating the one-norm, ACM TOMS 14 (1988) 381, algorithm 2.4 for
 *   a symmetric matrix; LAPACK's `dlacn2`
 */
function inverseNorm1(lower: Float64Array, size: number): number {
  const solved = (x: Float64Array): Float64Array => {
    substitute(lower, size, x)
    return x
  }
  let column = solved(new Float64Array(size).fill(1 / size))
  let norm = sumOfAbsolutes(column)
  let last = -1
  for (let step = 0; step < 5; step++) {
    const gradient = solved(column.map((value) => (value < 0 ? -1 : 1)))
    const steepest = indexOfLargest(gradient)
    if (steepest === last) break
    last = steepest
    column = solved(new Float64Array(size).fill(1, steepest, steepest + 1))
    const next = sumOfAbsolutes(column)
    if (next <= norm) break
    norm = next
  }
  const alternating = Float64Array.from(
    { length: size },
    (_, i) => (i % 2 === 0 ? 1 : -1) * (1 + i / Math.max(size - 1, 1)),
  )
  return Math.max(norm, (2 * sumOfAbsolutes(solved(alternating))) / (3 * size))
}

/** The largest sum of absolute values of a column. */
function norm1(matrix: Float64Array, size: number): number {
  let largest = 0
  for (let i = 0; i < size; i++) {
    largest = Math.max(largest, sumOfAbsolutes(matrix.subarray(i * size, (i + 1) * size)))
  }
  return largest
}

function sumOfAbsolutes(values: Float64Array): number {
  let sum = 0
  for (const value of values) sum += Math.abs(value)
  return sum
}

function indexOfLargest(values: Float64Array): number {
  let largest = 0
  for (let i = 1; i < values.length; i++) {
    if (Math.abs(values[i]!) > Math.abs(values[largest]!)) largest = i
  }
  return largest
}
