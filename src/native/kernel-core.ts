/** The C++ core's interface for matrices, rows and kernels. */

/**
 * A strided matrix for a kernel; numbers count elements. Its memory stays until the promise settles, even if
 * its buffer is transferred meanwhile, and is used where it is. Copied is only what can't be held: memory of
 * a resizable ArrayBuffer, and under Node.js 22 that of any ArrayBuffer of the language's own
 * (`native/border/backing_store.h`). A job whose results have lost their buffer rejects with `ERR_DETACHED`.
 */
export interface KernelMatrix {
  /** Typed array over the whole buffer, of the class that belongs to `dtype`. */
  readonly data: NodeJS.TypedArray
  /** bool (a Uint8Array), int8 … int64, uint8 … uint64, float32 or float64. */
  readonly dtype: string
  /** Where element (0, 0) is. */
  readonly offset: number
  readonly rows: number
  readonly columns: number
  /** Elements from a row to the next; may be 0 or negative. */
  readonly rowStride: number
  readonly columnStride: number
}

/**
 * Columns of a table that lie apart, each of its own dtype, as one matrix; held as {@link KernelMatrix} says. Only trees
 * take them.
 */
export interface KernelColumns {
  readonly rows: number
  readonly list: readonly KernelColumn[]
}

/** A column: shape (rows, 1). */
export interface KernelColumn extends KernelMatrix {
  /** What each code stands for, when values are codes; negative ones are missing values. */
  readonly lookup?: Float64Array
}

/** Rows for a kernel: `start, stop, start, stop …`, or row numbers; one of the two. */
export interface KernelRows {
  readonly ranges?: Float64Array
  readonly numbers?: Int32Array
}

/**
 * Sums over each of K groups of rows, of the p = d + m columns of `[X y]`. "Value" is the value in the
 * data less the shift of its column.
 */
export interface MomentSums {
  /** Rows of each group, without those of weight 0, which take no part at all; shape (K). */
  readonly count: Float64Array
  /** Sum of the weights; shape (K). */
  readonly weight: Float64Array
  /** Of weight × value; shape (K, p). */
  readonly sums: Float64Array
  /** Of weight × value × value, symmetric; shape (K, p, p). */
  readonly cross: Float64Array
  /** Least value as it stands in the data; NaN is left out; Infinity without rows; shape (K, p). */
  readonly minimum: Float64Array
  /** Greatest value, likewise; -Infinity without rows; shape (K, p). */
  readonly maximum: Float64Array
  /** Rows that hold a NaN or an infinity; shape (K). */
  readonly nonFinite: Float64Array
}

/** QR factors of K groups of rows; see {@link KernelCore.leastSquaresQr}. */
export interface Triangles {
  /** Rows of each group, without those of weight 0; shape (K). */
  readonly count: Float64Array
  /** Sum of the weights; shape (K). */
  readonly weight: Float64Array
  /** R, upper, no negative diagonal; shape (K, 1 + d + m, 1 + d + m). */
  readonly triangle: Float64Array
  /** Rows that hold a NaN or an infinity; shape (K). */
  readonly nonFinite: Float64Array
}

/** Gradients of least squares; see {@link KernelCore.leastSquaresGradient}. */
export interface Gradients {
  /** Shape (K, m, 1 + d); the intercept's first. */
  readonly gradient: Float64Array
  /** Sums of weight × residual²; shape (K, m). */
  readonly squares: Float64Array
}

/**
 * Statistics and predictions over rows; contract: `native/linear/moments.h`, `native/linear/predict.h`, `native/linear/qr.h`.
 *
 * Each call runs on up to `threads` threads beside the event loop, reads its matrices where they are,
 * and gives the same bytes for any number of threads. Bounds are checked against the typed arrays
 * before anything is read. Wrong arguments throw at once: a TypeError, or an error with the code
 * `ERR_SHAPE`, `ERR_INDEX`, `ERR_DTYPE` or `ERR_DETACHED`; a weight that isn't finite and ≥ 0 rejects with
 * `ERR_VALUE`.
 */
export interface KernelCore {
  /**
   * Sums of values and products over each group of rows, in one pass, about `shift`, which should be near
   * the means: then nothing is lost when sums are moved to the means or merged.
   *
   * @param x - shape (n, d)
   * @param y - shape (n, m), or null: m = 0
   * @param weights - shape (n), or null: all 1
   * @param groups - K subsets of the n rows; they may overlap
   * @param shift - shape (d + m)
   */
  moments(
    x: KernelMatrix,
    y: KernelMatrix | null,
    weights: Float64Array | null,
    groups: readonly KernelRows[],
    shift: Float64Array,
    threads: number,
  ): Promise<MomentSums>

  /**
   * Predictions of L linear models in one pass: `out[row, outColumns[l]] = intercepts[l] + x[row] ·
   * coefficients[l]` for each of the rows; other rows and columns of `out` are left alone.
   *
   * @param x - shape (n, d)
   * @param coefficients - shape (L, d)
   * @param intercepts - shape (L)
   * @param out - float64 or float32, shape (n, any)
   * @param outColumns - shape (L)
   */
  affinePredict(
    x: KernelMatrix,
    rows: KernelRows,
    coefficients: Float64Array,
    intercepts: Float64Array,
    out: KernelMatrix,
    outColumns: Int32Array,
    threads: number,
  ): Promise<void>

  /**
   * R of the QR factorisation of `[1 X y]` for each group of rows, in one pass (Householder, blocks of
   * rows merged pairwise); a value is `(value - shift) * scale`, a row counts √weight times. The top
   * left (1 + d) square is the R of `[1 X]`; right of it stands Q'y; the squares of the rest of a
   * target's column sum to its residual sum of squares. Without the first row and column it is the R
   * of the centred columns, and `triangle[0, j] / triangle[0, 0]` is the mean of column j.
   *
   * @param x - shape (n, d)
   * @param y - shape (n, m), or null: m = 0
   * @param weights - shape (n), or null: all 1
   * @param shift - shape (d + m)
   * @param scale - shape (d + m); powers of 2 cost no digits; scaled values should be of sizes whose
   *   squares float64 can hold, 1e-150 to 1e150
   */
  leastSquaresQr(
    x: KernelMatrix,
    y: KernelMatrix | null,
    weights: Float64Array | null,
    groups: readonly KernelRows[],
    shift: Float64Array,
    scale: Float64Array,
    threads: number,
  ): Promise<Triangles>

  /**
   * `[1 X]' W (y - [1 X] coefficients)` of each group, computed in twice the working precision (106
   * bits) and rounded once: what a step of iterative refinement needs,
   * `coefficients += solve(R' R, gradient)`. Values are shifted and scaled as in `leastSquaresQr`, and
   * coefficients belong to these values.
   *
   * @param coefficients - shape (K, m, 1 + d), the intercept first
   */
  leastSquaresGradient(
    x: KernelMatrix,
    y: KernelMatrix,
    weights: Float64Array | null,
    groups: readonly KernelRows[],
    shift: Float64Array,
    scale: Float64Array,
    coefficients: Float64Array,
    threads: number,
  ): Promise<Gradients>
}
