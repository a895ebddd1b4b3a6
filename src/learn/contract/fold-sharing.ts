/** What the folds and learners of an ensemble share. */

import type { NDArray, Rows } from '../../arrays/index.ts'
import type { AffineMap } from '../statistics/moments.ts'
import type { Estimator } from './estimator.ts'
import { isOverridden } from './overridden-methods.ts'
import type { TrainingParts } from '../row-parts/training-parts.ts'

/**
 * One split of rows into training and test rows, which every option `rows` takes. They are {@link Rows}, not lists:
 * `toRowNumbers` of `onecopy/arrays` returns their numbers.
 *
 * @example
 * ```ts
 * const [fold] = new KFold({ folds: 5 }).split(1_000)
 * const numbers = toRowNumbers(fold!.test) // an Int32Array of 200 row numbers
 * ```
 */
export interface Fold {
  /** Rows held out: ranges, or ascending row numbers. */
  readonly test: Rows
  /**
   * Rows to learn from: ranges, or ascending row numbers; none of them is in `test`. Of most splitters they are all other rows. Then
   * row numbers are computed on each access, so that K folds store n row numbers, not (K - 1) n.
   */
  readonly train: Rows
  /** Number of the partition that the training rows belong to, for splitters such as {@link SubsetSplit}; others have none. */
  readonly partition?: number
}

/** What a shared object is made of: rows, and how they are split. */
export interface FoldData {
  /** Values, shape (n, d); read in place. */
  readonly X: NDArray
  /** Target, shape (n). */
  readonly y: NDArray
  /**
   * What each model holds out and learns from. A fold may learn from fewer than all other rows, and a row may be held out by
   * several folds or by none. The last ones may hold out nothing: they are final models of some of the rows.
   */
  readonly folds: readonly Fold[]
  /** The rows that some model learns from; others may hold anything. */
  readonly rows: Rows
  /** Whether one more model is fitted on all rows, with a `fold` of null. */
  readonly fitsAll: boolean
  /** Weights of rows, shape (n); undefined when all are 1. */
  readonly weights: Float64Array | undefined
  /** Parts of the rows that each fold learns from as a whole or not at all; undefined when there are too many. */
  readonly parts: TrainingParts | undefined
  /** Scaling of the columns that a final model learns, near that of each fold; only for objects that are made `perCase`. */
  readonly map: AffineMap | undefined
  /**
   * Scaling that is learned on the training rows of a fold, or on all rows for null; undefined without scalers, and for
   * objects that are not made `perCase`.
   */
  readonly mapOf: (fold: number | null) => Promise<AffineMap | undefined>
  /** Counts work that is done later, when a fit asks for it, among the seconds that all users of the object share. */
  timed<T>(work: () => Promise<T>): Promise<T>
}

/** The rows of one fold that an object is made of. */
export interface TrainingRows {
  /** Values, shape (n, m): only those of `rows` are there. */
  readonly X: NDArray
  /** Target, shape (n). */
  readonly y: NDArray
  readonly rows: Rows
  /** Weights of rows, shape (n); undefined when all are 1. */
  readonly weights: Float64Array | undefined
}

/** An object that an ensemble makes once, and that the fits of many folds and learners use. */
export interface FoldSharing<Shared = unknown> {
  /**
   * Learners of an ensemble whose sharings have the same kind get the same object. Begin it with the name of your
   * package, and put every option that the object depends on into it: `my-package/knots/20`.
   */
  readonly kind: string
  /** Makes the object. When it rejects, each learner that needs the object has failed. */
  make(data: FoldData): Promise<Shared>
  /**
   * Makes an object of the training rows of one fold, which learners of the same kind share behind steps that are fitted for each
   * fold: `fitFold` then gets it with a `fold` of null, and learns what `fit` on these rows does. It is plain values and arrays,
   * also with `inThread`. Default: each learner is fitted by `fit`.
   */
  makeOfRows?(training: TrainingRows): Promise<Shared>
  /** Frees memory of the object, after its last user's last fit; default: nothing, it is collected as garbage. */
  free?(shared: Shared): void
  /**
   * Whether fits are quick and done in the thread that made the object. Then it may be anything. By default a
   * fit may run on a worker, and the object is plain values and arrays, which are sent by reference.
   */
  readonly inThread?: boolean
  /** Whether the object depends on `map`, so that learners behind other scalers get another; default: false. */
  readonly perCase?: boolean
  /**
   * Whether fits are done with the numbers of their rows when they end: then these are in memory that is freed with the
   * model of the fold. Default: false, they may be kept.
   */
  readonly freesRows?: boolean
  /**
   * Which columns a model that was fitted with a `map` takes in `predict`: `'raw'` ones, which it maps itself, or
   * `'mapped'` ones. Default: a learner behind scalers shares nothing, and is fitted on transformed copies.
   */
  readonly scaling?: 'raw' | 'mapped'
}

/** The rows that one model is fitted on. */
export interface FoldFit {
  /** Number of the fold in `folds` of {@link FoldData}; null for the model of all rows. */
  readonly fold: number | null
  /** Whether the model is kept after the ensemble was fitted, with a `fold` that is not null; default: false. */
  readonly isKept?: boolean
  /** Rows to learn from. */
  readonly rows: Rows
  /** Rows that the fold holds out, none for a final model; default: all others of `X`. */
  readonly test?: Rows
  /** Weights of rows, shape (n); undefined when all are 1. */
  readonly weights: Float64Array | undefined
  /** Scaling learned on these rows: the model is one of (x - shift) / scale. Undefined without scalers. */
  readonly map: AffineMap | undefined
}

/**
 * A learner whose fits on the folds of an ensemble share an object, such as statistics, an index or a binned matrix.
 * Ensembles make the object once, whatever the number of folds and learners, and free it after its last user.
 */
export interface SharingEstimator<Shared = unknown> extends Estimator {
  /**
   * Says what to share, by the options of the learner. Reads no data.
   *
   * @param folds - how many folds there are
   * @returns undefined when it shares nothing with such options: then `fit` is called for each fold
   */
  foldSharing(folds: number): FoldSharing<Shared> | undefined
  /**
   * Learns what `fit(X, y, { rows, weights })` would.
   *
   * @param shared - the object; many fits use it, so it is never changed
   * @returns the learner itself
   */
  fitFold(shared: Shared, X: NDArray, y: NDArray, fit: FoldFit): Promise<this>
}

/**
 * Tells whether a learner shares an object over folds. A subclass that overrides `fit` doesn't, unless it overrides
 * `fitFold` as well: an inherited `fitFold` would not do what its `fit` does.
 */
export function isSharingEstimator(value: object): value is SharingEstimator {
  const hasBoth = ['foldSharing', 'fitFold'].every(
    (name) => name in value && typeof Reflect.get(value, name) === 'function',
  )
  return hasBoth && !isOverridden(value, 'fit', 'fitFold')
}
