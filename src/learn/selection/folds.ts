/** Chooses the training and test rows of each of K folds. */

import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64'
import { type Rows, shared } from '../../arrays/index.ts'
import { complement, rowNumbers, rowRange } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import { BaseEstimator, requireBoolean, requireNumber } from '../contract/base-estimator.ts'

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
    if (new.target === KFold) requireLearnOptions('KFold', options, names)
    const { folds = 5, shuffle = false, seed = 0 } = options
    this.folds = folds
    this.shuffle = shuffle
    this.seed = seed
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows, at least `folds`
   * @returns `folds` folds in order; every row is in exactly one test set. `toRowNumbers(fold.test)` of `onecopy/arrays` lists
   *   the numbers of its rows
   * @throws OneCopyError `ERR_ROWS` when there are fewer rows than folds
   */
  split(n: number): Fold[] {
    const folds = requireNumber(this, 'folds', { min: 2, integer: true })
    const seed = requireNumber(this, 'seed', { min: 0, max: 2 ** 32 - 1, integer: true })
    if (!Number.isSafeInteger(n) || n < 0) {
      throw new TypeError(`Expected \`n\` to be a number of rows, got ${show(n)}.`)
    }
    if (n < folds) {
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected at least ${folds} rows for ${folds} folds, got ${n}. Use fewer folds.`,
        { details: { folds, rows: n } },
      )
    }
    const tests = requireBoolean(this, 'shuffle')
      ? randomTests(n, folds, seed)
      : contiguousTests(n, folds)
    return tests.map((test) => ({
      test,
      get train(): Rows {
        return complement(test, n)
      },
    }))
  }
}

const names: OptionNames<KFoldOptions> = { folds: true, shuffle: true, seed: true }

function contiguousTests(n: number, folds: number): Rows[] {
  let start = 0
  return foldSizes(n, folds).map((size) => rowRange(start, (start += size)))
}

/**
 * Shuffles fold numbers over the rows, then collects the folds in one scan. Row numbers are therefore ascending
 * without sorting, and memory is read in order.
 */
function randomTests(n: number, folds: number, seed: number): Rows[] {
  if (n > 2 ** 31 - 1) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected at most ${2 ** 31 - 1} rows to shuffle, got ${n}. Use contiguous folds: new KFold({ folds: ${folds} }).`,
      { details: { rows: n } },
    )
  }
  const room = shared([n], folds <= 2 ** 16 ? 'uint16' : 'uint32')
  const foldOf = room.toTypedArray()
  const tests = foldSizes(n, folds).map((size) => new Int32Array(size))
  let filled = 0
  for (const [fold, test] of tests.entries()) foldOf.fill(fold, filled, (filled += test.length))
  const random = xoroshiro128plus(seed)
  // The first outputs of neighbouring seeds are alike; later ones are not.
  for (let i = 0; i < 64; i++) random.next()
  for (let row = n - 1; row > 0; row--) {
    const other = Math.floor(uniformFloat64(random) * (row + 1))
    const fold = foldOf[row]!
    foldOf[row] = foldOf[other]!
    foldOf[other] = fold
  }
  const next = new Int32Array(folds)
  for (let row = 0; row < n; row++) {
    const fold = foldOf[row]!
    tests[fold]![next[fold]!++] = row
  }
  room[Symbol.dispose]()
  return tests.map((test) => rowNumbers(test))
}

function foldSizes(n: number, folds: number): number[] {
  const size = Math.floor(n / folds)
  return Array.from({ length: folds }, (_, fold) => (fold < n % folds ? size + 1 : size))
}
