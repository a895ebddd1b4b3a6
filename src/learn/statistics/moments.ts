/** Sufficient statistics of rows, from which linear models are solved. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { requireKnown } from '../../options.ts'
import { differences, keptColumns, type AffineMap } from './column-maps.ts'
import { clearConstants } from './lost-digits.ts'
import { mergeAll, mergeOthers } from './merge-statistics.ts'
import { readMoments, readNames, type MomentsData, type ReadOptions } from './read-moments.ts'

export type { AffineMap } from './column-maps.ts'

/**
 * Count, weight, means, cross-products about the means, and extremes of rows of `[X y]`, in
 * float64. One pass over the data computes all that linear models, scalers and folds share:
 *
 * - statistics of several groups of rows merge into those of all of them (Chan's update; nothing is
 *   ever subtracted). Extremes are exact, so constant columns are recognized after a merge, and
 *   `hasLostDigits` tells when the rows must be read again;
 * - a subset or an affine map of the columns is a subset or a scaling of the statistics.
 *
 * Fields are public and never changed; they are plain data, so a worker can rebuild the object
 * from a structured clone (`new Moments(data)`).
 *
 * @example
 * ```ts
 * const folds = new KFold({ folds: 10 }).split(X.shape[0])
 * const parts = await Moments.compute(X, y, { groups: folds.map((fold) => fold.test) })
 * const models = Moments.mergeOthers(parts).map((train) => new Ridge({ alpha: 1 }).fitMoments(train))
 * ```
 *
 * @see Chan, Golub, LeVeque: Updating formulae and a pairwise algorithm for computing sample
 *   variances, Stanford STAN-CS-79-773 (1979)
 */
export class Moments implements MomentsData {
  readonly columns: number
  readonly targetShape: readonly number[]
  readonly count: number
  readonly weight: number
  readonly origin: Float64Array
  readonly deviation: Float64Array
  /** Weighted means, shape (p). */
  readonly mean: Float64Array
  readonly cross: Float64Array
  readonly minimum: Float64Array
  readonly maximum: Float64Array
  readonly magnitude: Float64Array

  /** @param data - kept, not copied */
  constructor(data: MomentsData) {
    this.columns = data.columns
    this.targetShape = data.targetShape
    this.count = data.count
    this.weight = data.weight
    this.origin = data.origin
    this.deviation = data.deviation
    this.cross = data.cross
    this.minimum = data.minimum
    this.maximum = data.maximum
    this.magnitude = data.magnitude ?? magnitudesOf(data)
    this.mean = data.origin.map((origin, i) =>
      data.minimum[i] === data.maximum[i] ? data.minimum[i]! : origin + data.deviation[i]!,
    )
  }

  /**
   * Reads the statistics of every group of rows in one pass over the data, in place, on
   * `kernelThreads()` threads. The result doesn't depend on the number of threads.
   *
   * @param X - values, shape (n, d), any real dtype
   * @param y - target, shape (n) or (n, m); null when only `X` matters
   * @returns one for each group; a single one when no groups are given. A single group keeps full
   *   precision wherever its means lie; several groups share one origin, see `hasLostDigits`
   * @throws OneCopyError `ERR_VALUE` naming the first NaN or infinity, `ERR_SHAPE`, `ERR_MEMORY`
   */
  static async compute(
    X: NDArray,
    y: NDArray | null,
    options: ReadOptions = {},
  ): Promise<Moments[]> {
    requireKnown('Moments.compute', options, readNames)
    return (await readMoments(X, y, options)).map((data) => new Moments(data))
  }

  /**
   * Merges statistics of disjoint rows pairwise.
   *
   * @param parts - at least one, all of the same columns
   */
  static merge(parts: readonly Moments[]): Moments {
    return mergeAll(parts)
  }

  /**
   * For each part, merges all others: training statistics from those of the folds, in 3 K merges.
   *
   * @param parts - at least two, of the same columns
   */
  static mergeOthers(parts: readonly Moments[]): Moments[] {
    return mergeOthers(parts)
  }

  /** Number of targets, m: 1 when `y` is a vector, 0 without `y`. */
  get targets(): number {
    return this.targetShape.reduce((product, length) => product * length, 1)
  }

  /** Statistics of the rows of both, which must be disjoint and of the same columns. */
  merge(other: Moments): Moments {
    requireSameColumns(this, other)
    if (other.weight === 0) return this
    if (this.weight === 0) return other
    const p = this.mean.length
    const weight = this.weight + other.weight
    const share = other.weight / weight
    const delta = differences(this, other)
    const cross = new Float64Array(p * p)
    for (let i = 0; i < p; i++) {
      const factor = this.weight * share * delta[i]!
      for (let j = 0; j <= i; j++) {
        const at = i * p + j
        cross[at] = this.cross[at]! + other.cross[at]! + factor * delta[j]!
        cross[j * p + i] = cross[at]
      }
    }
    const { columns, targetShape, origin } = this
    const merged = {
      columns,
      targetShape,
      origin,
      count: this.count + other.count,
      weight,
      deviation: this.deviation.map((deviation, i) => deviation + share * delta[i]!),
      cross,
      minimum: this.minimum.map((least, i) => Math.min(least, other.minimum[i]!)),
      maximum: this.maximum.map((greatest, i) => Math.max(greatest, other.maximum[i]!)),
      magnitude: this.magnitude.map((one, i) => Math.max(one, other.magnitude[i]!)),
    }
    clearConstants(merged)
    return new Moments(merged)
  }

  /**
   * Statistics of some columns of `X`, with the target.
   *
   * @param columns - column numbers in [0, d), in the new order
   * @throws OneCopyError `ERR_INDEX`
   */
  select(columns: ArrayLike<number>): Moments {
    const kept = keptColumns(this, columns)
    const p = this.mean.length
    const pick = (values: Float64Array): Float64Array =>
      Float64Array.from(kept, (column) => values[column]!)
    const { targetShape, count, weight } = this
    return new Moments({
      targetShape,
      count,
      weight,
      columns: columns.length,
      origin: pick(this.origin),
      deviation: pick(this.deviation),
      cross: Float64Array.from(
        kept.flatMap((row) => kept.map((column) => this.cross[row * p + column]!)),
      ),
      minimum: pick(this.minimum),
      maximum: pick(this.maximum),
      magnitude: pick(this.magnitude),
    })
  }

  /**
   * Statistics of the columns of `X` mapped by x -> (x - shift) / scale, with the target as it is:
   * the effect of a scaler before a model, without a scaled copy of the data.
   *
   * @param map - shift and scale, shape (d) each
   * @throws OneCopyError `ERR_SHAPE`
   */
  affine({ shift, scale }: AffineMap): Moments {
    if (shift.length !== this.columns || scale.length !== this.columns) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected shift and scale of ${this.columns} columns, got ${shift.length} and ${scale.length}.`,
      )
    }
    const p = this.mean.length
    const by = (i: number): number => scale[i] ?? 1
    const map = (values: Float64Array): Float64Array =>
      values.map((value, i) => (value - (shift[i] ?? 0)) / by(i))
    const [low, high] = [map(this.minimum), map(this.maximum)]
    const { columns, targetShape, count, weight } = this
    return new Moments({
      columns,
      targetShape,
      count,
      weight,
      origin: map(this.origin),
      deviation: this.deviation.map((deviation, i) => deviation / by(i)),
      cross: this.cross.map((product, at) => product / by(Math.floor(at / p)) / by(at % p)),
      minimum: low.map((value, i) => Math.min(value, high[i]!)),
      maximum: high.map((value, i) => Math.max(value, low[i]!)),
      magnitude: this.magnitude.map((one, i) => one / Math.abs(by(i))),
    })
  }
}

/** Greatest absolute values of columns; 0 without rows. */
function magnitudesOf({ minimum, maximum }: MomentsData): Float64Array {
  return minimum.map((low, i) =>
    low <= maximum[i]! ? Math.max(Math.abs(low), Math.abs(maximum[i]!)) : 0,
  )
}

function requireSameColumns(a: Moments, b: Moments): void {
  if (a.columns === b.columns && a.targets === b.targets) return
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected Moments of the same columns to merge, got ${a.columns} + ${a.targets} and ${b.columns} + ${b.targets} (X + y).`,
  )
}
