/** Splits rows into K folds. */

import { type Rows, shared } from '../../arrays/index.ts'
import { rowNumbers, rowRange } from '../../arrays/internal.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator, requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import {
  collectFolds,
  holdOut,
  partSizes,
  requireEnoughRows,
  requireShuffleable,
  requireRowCount,
} from './make-folds.ts'
import { type Random, requireSeed, seededRandom, shuffle } from './random-order.ts'

/** Options of {@link KFold}. */
export interface KFoldOptions {
  /** Number of folds, a whole number >= 2; default: 5. */
  readonly folds?: number
  /** Whether to assign rows to folds at random; default: false, for contiguous folds. */
  readonly shuffle?: boolean
  /** Seed of the shuffle, a whole number in [0, 2^32); default: 0. */
  readonly seed?: number
}

/**
 * K-fold splitting. Each fold has n / K rows, rounded down, and the first n % K folds have one more. The same
 * seed gives the same folds on every machine, in every version.
 *
 * @example
 * ```ts
 * for (const { train, test } of new KFold({ folds: 10 }).split(X.shape[0])) {
 *   await model.fit(X, y, { rows: train })
 *   await model.predict(X, { rows: test, out: outOfFold })
 * }
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.KFold` (its random folds differ)
 */
export class KFold extends BaseEstimator {
  folds: number
  shuffle: boolean
  seed: number

  constructor(options: KFoldOptions = {}) {
    super()
    if (new.target === KFold) requireLearnOptions('KFold', options, kFoldNames)
    const { folds = 5, shuffle = false, seed = 0 } = options
    this.folds = folds
    this.shuffle = shuffle
    this.seed = seed
  }

  /** Functions that are given `groups` refuse it. */
  get ignoresGroups(): true {
    return true
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows, at least `folds`
   * @param _y - ignored
   * @param _groups - ignored
   * @returns `folds` folds in order; every row is in exactly one test set. `toRowNumbers(fold.test)` of `onecopy/arrays` lists
   *   the numbers of its rows
   * @throws OneCopyError `ERR_ROWS` when there are fewer rows than folds
   */
  split(n: number, _y?: RowLabels, _groups?: RowLabels): Fold[] {
    const folds = requireFoldCount(this)
    const seed = requireSeed(this)
    const isRandom = requireBoolean(this, 'shuffle')
    requireEnoughRows(requireRowCount(n), folds)
    const tests = isRandom ? randomTests(n, folds, seededRandom(seed)) : contiguousTests(n, folds)
    return tests.map((test) => holdOut(test, n))
  }
}

registerEstimator(KFold, 'onecopy.KFold', import.meta.url)

/** The options of splitters into K folds. */
export const kFoldNames: OptionNames<KFoldOptions> = { folds: true, shuffle: true, seed: true }

/** Checks the option `folds`. @throws TypeError, OneCopyError `ERR_OPTION` */
export function requireFoldCount(owner: { readonly folds: unknown }): number {
  return requireNumber(owner, 'folds', { min: 2, integer: true })
}

function contiguousTests(n: number, folds: number): Rows[] {
  let start = 0
  return partSizes(n, folds).map((size) => rowRange(start, (start += size)))
}

/**
 * Shuffles fold numbers over the rows, then collects the folds in one scan. Row numbers are therefore ascending
 * without sorting, and memory is read in order.
 *
 * @throws OneCopyError `ERR_ROWS` for too many rows
 */
export function randomTests(n: number, folds: number, random: Random): Rows[] {
  requireShuffleable(n, ` Use contiguous folds: new KFold({ folds: ${folds} }).`)
  const room = shared([n], folds <= 2 ** 16 ? 'uint16' : 'uint32')
  const foldOf = room.toTypedArray()
  let filled = 0
  for (const [fold, size] of partSizes(n, folds).entries())
    foldOf.fill(fold, filled, (filled += size))
  const tests = collectFolds(shuffle(foldOf, random), folds)
  room[Symbol.dispose]()
  return tests.map((test) => rowNumbers(test))
}
