/** Splits rows into partitions, and each of them into folds. */

import { type Rows, rowRanges, toRowNumbers } from '../../arrays/index.ts'
import { rowNumbers, rowRange } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { OptionNames } from '../../options.ts'
import { BaseEstimator, requireBoolean, requireNumber } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import { type KFoldOptions, requireFoldCount } from './k-fold.ts'
import {
  collectFolds,
  compactRows,
  joinRows,
  makeFold,
  partSizes,
  requireShuffleable,
  requireRowCount,
} from './make-folds.ts'
import { requireSeed, seededRandom, shuffle } from './random-order.ts'

/** Options of {@link SubsetSplit}. */
export interface SubsetSplitOptions extends KFoldOptions {
  /** Number of partitions, a whole number >= 1; default: 2. */
  readonly partitions?: number
  /** Number of folds of each partition, a whole number >= 2; default: 2. */
  readonly folds?: number
  /** Whether rows are assigned at random; default: false, for contiguous partitions and folds. */
  readonly shuffle?: boolean
}

/**
 * The folds of a subsemble: rows are divided into partitions, and each partition into folds. A model learns from the rows of one
 * partition outside one fold, and is tested on the rows of that fold in all partitions. So an ensemble fits each learner on each
 * partition by itself, on few rows.
 *
 * @example
 * ```ts
 * const folds = new SubsetSplit({ partitions: 3, folds: 5 }).split(1_000)
 * console.log(folds.length, folds[0]!.partition) // 15 0
 * ```
 *
 * @see ML-Ensemble's `SubsetIndex`: the same rows; Sapp, van der Laan, Canny: Subsemble: an ensemble method for combining
 *   subset-specific algorithm fits, Journal of Applied Statistics 41 (2014)
 */
export class SubsetSplit extends BaseEstimator {
  partitions: number
  folds: number
  shuffle: boolean
  seed: number

  constructor(options: SubsetSplitOptions = {}) {
    super()
    if (new.target === SubsetSplit) requireLearnOptions('SubsetSplit', options, names)
    const { partitions = 2, folds = 2, shuffle = false, seed = 0 } = options
    this.partitions = partitions
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
   * @param n - number of rows, at least `partitions` × `folds`
   * @param _y - ignored
   * @param _groups - ignored
   * @returns the folds of partition 0 in order, then those of partition 1, and so on. Every row is tested once in each partition
   * @throws OneCopyError `ERR_ROWS` when there are not enough rows
   */
  split(n: number, _y?: RowLabels, _groups?: RowLabels): Fold[] {
    const partitions = requireNumber(this, 'partitions', { min: 1, integer: true })
    const folds = requireFoldCount(this)
    const seed = requireSeed(this)
    const isRandom = requireBoolean(this, 'shuffle')
    if (requireRowCount(n) < partitions * folds) {
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected at least ${partitions * folds} rows for ${partitions} partitions of ${folds} folds, got ${n}. Use fewer partitions or folds.`,
        { details: { partitions, folds, rows: n } },
      )
    }
    const sizes = partSizes(n, partitions).flatMap((size) => partSizes(size, folds))
    if (isRandom) return cellFolds(randomCells(n, sizes, seed), partitions, folds)
    const cells = contiguousCells(sizes)
    const tests = Array.from({ length: folds }, (_, k) =>
      unite(cells.filter((_, cell) => cell % folds === k)),
    )
    return subsetFolds(cells, tests, n)
  }
}

registerEstimator(SubsetSplit, 'onecopy.SubsetSplit', import.meta.url)

const names: OptionNames<SubsetSplitOptions> = {
  partitions: true,
  folds: true,
  shuffle: true,
  seed: true,
}

function contiguousCells(sizes: readonly number[]): Rows[] {
  let start = 0
  return sizes.map((size) => rowRange(start, (start += size)))
}

/** The number of each row's cell. */
function randomCells(n: number, sizes: readonly number[], seed: number): Uint32Array {
  requireShuffleable(n)
  const cellOf = new Uint32Array(n)
  let filled = 0
  for (const [cell, size] of sizes.entries()) cellOf.fill(cell, filled, (filled += size))
  return shuffle(cellOf, seededRandom(seed))
}

/**
 * Folds of partitions that test the rows of a fold in all partitions.
 *
 * @param cellOf - for each row the number of its fold, plus that of its partition times `folds`; shape (n)
 */
export function cellFolds(
  cellOf: Int32Array | Uint32Array,
  partitions: number,
  folds: number,
): Fold[] {
  const cells = collectFolds(cellOf, partitions * folds).map(compactRows)
  const tests = collectFolds(
    cellOf.map((cell) => cell % folds),
    folds,
  )
  return subsetFolds(cells, tests.map(compactRows), cellOf.length)
}

/** @param cells - the rows of each fold of each partition, those of partition 0 first; ascending */
function subsetFolds(cells: readonly Rows[], tests: readonly Rows[], n: number): Fold[] {
  const { length: folds } = tests
  return cells.map((_, cell) => {
    const [partition, k] = [Math.floor(cell / folds), cell % folds]
    const own = cells.slice(partition * folds, (partition + 1) * folds)
    const others = own.toSpliced(k, 1)
    const fold = {
      test: tests[k]!,
      // Numbers are listed when they are asked for, so that all folds store 2 n of them.
      get train(): Rows {
        return unite(others)
      },
      partition,
    }
    return makeFold(fold, n)
  })
}

/** All rows of several lists of ascending rows, ascending. */
function unite(parts: readonly Rows[]): Rows {
  if (parts.length === 1) return parts[0]!
  if (parts.every((rows) => 'ranges' in rows))
    return rowRanges(parts.flatMap((rows) => rows.ranges))
  return rowNumbers(joinRows(parts.map((rows) => toRowNumbers(rows))))
}
