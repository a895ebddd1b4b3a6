/** Estimators that learn from statistics of rows. */

import type { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import type { Estimator, Transformer } from './estimator.ts'
import { isOverridden } from './overridden-methods.ts'
import type { AffineMap, Moments } from '../statistics/moments.ts'
import type { QrFactor } from '../statistics/qr-factor.ts'
import type { ReadOptions } from '../statistics/read-moments.ts'

/**
 * An estimator that learns from moments, so that one pass over the data serves all folds, penalties and
 * preprocessing cases.
 */
export interface MomentsEstimator extends Estimator {
  /**
   * Learns from the moments of the training rows without reading any row.
   *
   * @returns the estimator itself, with what `fit` on those rows would have learned
   * @throws OneCopyError `ERR_VALUE` when `needsFactor(moments)`
   */
  fitMoments(moments: Moments): this
  /**
   * Tells whether moments are too imprecise for this estimator, as those of nearly collinear columns are.
   * It then learns by `fitFactor`. Default: never.
   */
  needsFactor?(moments: Moments): boolean
  /** Learns from the triangular factor and moments of the same rows; the factor loses half as many digits. */
  fitFactor?(factor: QrFactor, moments: Moments): this
  /** Refines the result of `fitFactor` to full precision by reading the rows. */
  refine?(factor: QrFactor, moments: Moments, rows: TrainingRows): Promise<this>
}

/** The rows that statistics were read from. */
export interface TrainingRows {
  readonly X: NDArray
  readonly y: NDArray
  /** One group of rows, and weights. */
  readonly read: ReadOptions
  /** Scaling of `X`: the statistics are of (x - shift) / scale. */
  readonly map?: AffineMap | undefined
}

/** A transformer that maps every column by itself, so that moments can be mapped in its place. */
export interface AffineTransformer extends Transformer {
  /** Learns from the moments of the training rows; the target is ignored. */
  fitMoments(moments: Moments): this
  /** The learned map, x -> (x - shift) / scale. */
  affine(): AffineMap
}

/** Tells whether an estimator can be solved from moments. A subclass with a `fit` of its own can't. */
export function isMomentsEstimator(value: unknown): value is MomentsEstimator {
  return (
    has(value, 'fitMoments') &&
    has(value, 'predict') &&
    !isOverridden(value as object, 'fit', 'fitMoments')
  )
}

/** A transformer that maps every column by itself, learned from rows or from moments. */
export type ColumnScaling = Transformer & Pick<AffineTransformer, 'affine'>

/** Tells whether a transformer is an affine map of each column, and no subclass has made it another one. */
export function isColumnScaling(value: unknown): value is ColumnScaling {
  return (
    has(value, 'affine') &&
    has(value, 'transform') &&
    !isOverridden(value as object, 'transform', 'affine') &&
    !isOverridden(value as object, 'rowMap', 'affine')
  )
}

/** Tells whether a transformer is such a map that is learned from moments. */
export function isAffineTransformer(value: unknown): value is AffineTransformer {
  return (
    isColumnScaling(value) && has(value, 'fitMoments') && !isOverridden(value, 'fit', 'fitMoments')
  )
}

/**
 * Fits an estimator on moments. Where these are too imprecise, fits it on a triangular factor of the same
 * rows and refines it on the rows.
 *
 * @param moments - statistics of the training rows
 * @param readFactor - reads the factor of the same rows and columns; called only when needed
 * @param rows - returns these rows; called only when needed
 */
export async function fitStatistics<E extends MomentsEstimator>(
  estimator: E,
  moments: Moments,
  readFactor: () => Promise<QrFactor>,
  rows: () => TrainingRows,
): Promise<E> {
  if (estimator.fitFactor === undefined || estimator.needsFactor?.(moments) !== true) {
    return estimator.fitMoments(moments)
  }
  const factor = await readFactor()
  const fitted = estimator.fitFactor(factor, moments)
  return (await estimator.refine?.(factor, moments, rows())) ?? fitted
}

/**
 * Checks that statistics cover at least one row, and a target when one is needed.
 *
 * @param targets - number of targets that the estimator supports; default: any, also none
 * @throws OneCopyError `ERR_ROWS` or `ERR_SHAPE`
 */
export function requireSamples(
  estimator: object,
  { weight, targetShape }: { readonly weight: number; readonly targetShape: readonly number[] },
  targets: 'one' | 'some' | 'any' = 'any',
): void {
  const name = estimator.constructor.name
  if (weight === 0) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected at least one row with a weight above 0 to fit ${name} on, got none.`,
    )
  }
  const count = targetShape.reduce((product, length) => product * length, 1)
  if (targets === 'any' || (count > 0 && (targets === 'some' || count === 1))) return
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`y\` to have ${targets === 'one' ? 'one target, shape (n)' : 'at least one target'}, to fit ${name} on, got ${count}.` +
      (count > 1 ? ' Fit one model for each.' : ''),
    { details: { targets: count } },
  )
}

function has(value: unknown, name: string): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as Record<string, unknown>)[name] === 'function'
  )
}
