/** Splits groups of rows into folds with similar shares of classes. */

import { OneCopyError } from '../../errors.ts'
import { BaseEstimator, requireBoolean } from '../contract/base-estimator.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { requireLearnOptions } from '../contract/foreign-options.ts'
import type { RowLabels } from '../contract/splitter.ts'
import { registerEstimator } from '../registration/register-estimator.ts'
import type { GroupKFoldOptions } from './group-k-fold.ts'
import { kFoldNames, requireFoldCount } from './k-fold.ts'
import { holdOutGroups, requireEnoughRows, requireRowCount } from './make-folds.ts'
import { requireSeed, seededRandom, shuffle } from './random-order.ts'
import { classCodes, type Groups, readGroups, requireEnoughGroups } from './read-groups.ts'
import { countCodes, requireLargeClass } from './stratified-folds.ts'

/**
 * K-fold splitting in which all rows of a group are in the same fold, and folds have shares of classes as similar as that allows. Groups
 * are dealt one by one, the most uneven ones first, each to the fold where the classes are then spread most evenly over the folds.
 *
 * @example
 * ```ts
 * for (const { train, test } of new StratifiedGroupKFold({ folds: 5 }).split(n, labels, patients)) {
 *   await model.fit(X, labels, { rows: train })
 * }
 * ```
 *
 * @see scikit-learn's `sklearn.model_selection.StratifiedGroupKFold`: the same folds without a shuffle; its random folds differ
 */
export class StratifiedGroupKFold extends BaseEstimator {
  folds: number
  shuffle: boolean
  seed: number

  constructor(options: GroupKFoldOptions = {}) {
    super()
    if (new.target === StratifiedGroupKFold)
      requireLearnOptions('StratifiedGroupKFold', options, kFoldNames)
    const { folds = 5, shuffle = false, seed = 0 } = options
    this.folds = folds
    this.shuffle = shuffle
    this.seed = seed
  }

  /**
   * Splits the rows 0 … n - 1.
   *
   * @param n - number of rows
   * @param y - labels, shape (n), in any form that {@link StratifiedKFold.split} takes
   * @param groups - the group of each row, shape (n), in any form that {@link GroupKFold.split} takes
   * @returns `folds` folds; every row is in exactly one test set
   * @throws OneCopyError `ERR_ROWS` when there are fewer groups than folds, or no class has as many rows as there are folds;
   *   `ERR_VALUE`, `ERR_SHAPE`; TypeError without labels or groups
   */
  split(n: number, y?: RowLabels, groups?: RowLabels): Fold[] {
    const folds = requireFoldCount(this)
    const seed = requireSeed(this)
    const isRandom = requireBoolean(this, 'shuffle')
    requireEnoughRows(requireRowCount(n), folds)
    const classes = classCodes('StratifiedGroupKFold', n, y)
    const found = readGroups('StratifiedGroupKFold', n, groups)
    requireEnoughGroups(found, folds)
    const counts = new ClassCounts(classes, found)
    requireLargeClass(Math.max(...counts.totals), folds)
    const order = Array.from(found.sizes.keys())
    if (isRandom) shuffle(order, seededRandom(seed))
    const spreads = Float64Array.from(found.sizes.keys(), (group) => deviation(counts.of(group)))
    order.sort((a, b) => spreads[b]! - spreads[a]!)
    const foldOf = dealGroups(order, counts, folds)
    return requireTests(holdOutGroups(found.codes, foldOf, folds))
  }
}

registerEstimator(StratifiedGroupKFold, 'onecopy.StratifiedGroupKFold', import.meta.url)

/** How many rows of each class a group has. The classes are listed by groups: most groups have few of many classes. */
class ClassCounts {
  /** Rows of each class. */
  readonly totals: Float64Array
  readonly #classes: Uint16Array
  /** Where the rows of each group begin, and where the last ones end. */
  readonly #starts: Int32Array
  readonly #counts: Float64Array

  constructor(classes: Uint16Array, { codes, sizes }: Groups) {
    this.totals = Float64Array.from(countCodes(classes))
    this.#counts = new Float64Array(this.totals.length)
    this.#classes = new Uint16Array(classes.length)
    this.#starts = new Int32Array(sizes.length + 1)
    for (const [group, size] of sizes.entries())
      this.#starts[group + 1] = this.#starts[group]! + size
    const next = this.#starts.slice()
    for (let row = 0; row < classes.length; row++)
      this.#classes[next[codes[row]!]!++] = classes[row]!
  }

  /** Rows of each class in a group; the next call overwrites them. */
  of(group: number): Float64Array {
    this.#counts.fill(0)
    for (let i = this.#starts[group]!; i < this.#starts[group + 1]!; i++)
      this.#counts[this.#classes[i]!]!++
    return this.#counts
  }
}

/**
 * Gives each group in turn to the fold where the mean over classes of the standard deviation of their shares is least; of nearly equal
 * ones to the fold with the fewest rows.
 */
function dealGroups(order: readonly number[], groups: ClassCounts, folds: number): Int32Array {
  const { totals } = groups
  const { length: classes } = totals
  const foldOf = new Int32Array(order.length)
  const dealt = Array.from(totals, () => new Float64Array(folds)) // of each class
  const shares = new Float64Array(folds)
  const rows = new Float64Array(folds)
  const deviations = new Float64Array(classes)
  const deviationOf = (code: number): number => {
    const counts = dealt[code]!
    for (let fold = 0; fold < folds; fold++) shares[fold] = counts[fold]! / totals[code]!
    return deviation(shares, classes === 1)
  }
  const now = Float64Array.from(totals.keys(), deviationOf)
  for (const group of order) {
    const counts = groups.of(group)
    const own = Array.from(counts.keys()).filter((code) => counts[code]! > 0)
    let [best, least, fewest] = [0, Infinity, Infinity]
    for (let fold = 0; fold < folds; fold++) {
      deviations.set(now)
      for (const code of own) {
        dealt[code]![fold]! += counts[code]!
        deviations[code] = deviationOf(code)
        dealt[code]![fold]! -= counts[code]!
      }
      const value = pairwiseSum(deviations, 0, classes) / classes
      const isClose = Math.abs(value - least) <= 1e-8 + 1e-5 * least && least < Infinity
      if (value < least || (isClose && rows[fold]! < fewest))
        [best, least, fewest] = [fold, value, rows[fold]!]
    }
    foldOf[group] = best
    for (const code of own) {
      dealt[code]![best]! += counts[code]!
      rows[best]! += counts[code]!
      now[code] = deviationOf(code)
    }
  }
  return foldOf
}

/**
 * The standard deviation of all values.
 *
 * @param isPairwise - whether sums are taken as of neighbouring numbers in NumPy; else in order, as over rows of a matrix.
 *   Otherwise ties would be decided by other rounding errors than in scikit-learn
 */
function deviation(values: Float64Array, isPairwise = true): number {
  const { length } = values
  const sum = (list: Float64Array): number =>
    isPairwise ? pairwiseSum(list, 0, length) : list.reduce((total, value) => total + value, 0)
  const mean = sum(values) / length
  return Math.sqrt(sum(values.map((value) => (value - mean) * (value - mean))) / length)
}

/** Sums in the order of NumPy: eight sums side by side, and halves of long lists. */
function pairwiseSum(values: Float64Array, start: number, count: number): number {
  if (count > 128) {
    const half = count / 2 - ((count / 2) % 8)
    return pairwiseSum(values, start, half) + pairwiseSum(values, start + half, count - half)
  }
  const whole = count < 8 ? 0 : count - (count % 8)
  const sums = values.slice(start, start + Math.min(8, whole))
  for (let i = 8; i < whole; i++) sums[i % 8]! += values[start + i]!
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = sums
  let total = a + b + (c + d) + (e + f + (g + h))
  for (let i = whole; i < count; i++) total += values[start + i]!
  return total
}

/** @throws OneCopyError `ERR_ROWS` when a fold got no group */
function requireTests(folds: Fold[]): Fold[] {
  const empty = folds.findIndex(({ test }) => 'ranges' in test && test.ranges.length === 0)
  if (empty === -1) return folds
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected groups for ${folds.length} folds, got none for fold ${empty}. Use fewer folds.`,
    { details: { folds: folds.length, fold: empty } },
  )
}
