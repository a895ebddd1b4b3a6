/** Triangular factor of rows, for problems too ill-conditioned for moments. */

import { Matrix, QrDecomposition } from 'ml-matrix'
import type { NDArray } from '../../arrays/index.ts'
import { requireKnown } from '../../options.ts'
import { mergeOthers } from './merge-statistics.ts'
import { differences, keptColumns, type AffineMap } from './column-maps.ts'
import { readFactors, type QrFactorData } from './read-factors.ts'
import { readNames, type ReadOptions } from './read-moments.ts'

/**
 * The R of a QR factorization of the centred rows of `[X y]`. It holds the same information as {@link Moments}, but
 * never forms products of columns, which would double the digits lost to near collinearity.
 * Like moments, it is read for groups of rows in one pass, can be merged, and can be mapped.
 *
 * @see Demmel, Grigori, Hoemmen, Langou: Communication-optimal parallel and sequential QR and LU
 *   factorizations, SIAM J. Sci. Comput. 34 (2012)
 */
export class QrFactor implements QrFactorData {
  readonly columns: number
  readonly targetShape: readonly number[]
  readonly weight: number
  readonly origin: Float64Array
  readonly deviation: Float64Array
  readonly triangle: Float64Array
  /** Weighted means, shape (p). */
  readonly mean: Float64Array

  /** @param data - kept, not copied */
  constructor(data: QrFactorData) {
    this.columns = data.columns
    this.targetShape = data.targetShape
    this.weight = data.weight
    this.origin = data.origin
    this.deviation = data.deviation
    this.triangle = data.triangle
    this.mean = data.origin.map((origin, i) => origin + data.deviation[i]!)
  }

  /**
   * Reads the factor of every group of rows in one pass over the data, in place; it takes about six
   * times as long as `Moments.compute`.
   *
   * @param X - values, shape (n, d), any real dtype
   * @param y - target, shape (n) or (n, m)
   * @param about - a point near the means of the rows, shape (d + m); default: means of a sample
   * @returns one for each group; a single one when no groups are given
   * @throws OneCopyError `ERR_VALUE`, `ERR_SHAPE`
   */
  static async compute(
    X: NDArray,
    y: NDArray,
    options: ReadOptions = {},
    about?: Float64Array,
  ): Promise<QrFactor[]> {
    requireKnown('QrFactor.compute', options, readNames)
    return (await readFactors(X, y, options, about)).map((data) => new QrFactor(data))
  }

  /**
   * For each part, merges all others; see `Moments.mergeOthers`.
   *
   * @param parts - at least two, of the same columns
   */
  static mergeOthers(parts: readonly QrFactor[]): QrFactor[] {
    return mergeOthers(parts)
  }

  /** The factor of the rows of both, which must be disjoint and of the same columns. */
  merge(other: QrFactor): QrFactor {
    if (other.weight === 0) return this
    if (this.weight === 0) return other
    const weight = this.weight + other.weight
    const share = other.weight / weight
    const delta = differences(this, other)
    const between = Math.sqrt(this.weight * share)
    const stacked = [this.triangle, other.triangle, delta.map((value) => value * between)]
    const { columns, targetShape, origin } = this
    return new QrFactor({
      columns,
      targetShape,
      origin,
      weight,
      deviation: this.deviation.map((deviation, i) => deviation + share * delta[i]!),
      triangle: triangularize(stacked, delta.length),
    })
  }

  /**
   * The factor of some columns of `X`, with the target; see `Moments.select`.
   *
   * @param columns - column numbers in [0, d), in the new order
   * @throws OneCopyError `ERR_INDEX`
   */
  select(columns: ArrayLike<number>): QrFactor {
    const p = this.mean.length
    const kept = keptColumns(this, columns)
    const rows = Array.from({ length: p }, (_, row) =>
      Float64Array.from(kept, (column) => this.triangle[row * p + column]!),
    )
    const { targetShape, weight } = this
    return new QrFactor({
      targetShape,
      weight,
      columns: columns.length,
      origin: Float64Array.from(kept, (column) => this.origin[column]!),
      deviation: Float64Array.from(kept, (column) => this.deviation[column]!),
      triangle: triangularize(rows, kept.length),
    })
  }

  /** The factor of the columns of `X` mapped by x -> (x - shift) / scale; see `Moments.affine`. */
  affine({ shift, scale }: AffineMap): QrFactor {
    const p = this.mean.length
    const { columns, targetShape, weight } = this
    return new QrFactor({
      columns,
      targetShape,
      weight,
      origin: this.origin.map((origin, i) => (origin - (shift[i] ?? 0)) / (scale[i] ?? 1)),
      deviation: this.deviation.map((deviation, i) => deviation / (scale[i] ?? 1)),
      triangle: this.triangle.map((value, at) => value / (scale[at % p] ?? 1)),
    })
  }
}

/**
 * Factorizes rows given in parts; each part holds whole rows of one width.
 *
 * @param parts - at least `width` rows in all, or fewer: missing rows are zeros
 * @returns R, shape (width, width)
 */
export function triangularize(parts: readonly Float64Array[], width: number): Float64Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  const rows = Math.max(length / width, width)
  const stacked = new Float64Array(rows * width)
  let filled = 0
  for (const part of parts) {
    stacked.set(part, filled)
    filled += part.length
  }
  const factor = new QrDecomposition(Matrix.from1DArray(rows, width, stacked))
  return Float64Array.from(factor.upperTriangularMatrix.to1DArray())
}
