/** Makes folds whose rows need no further check. */

import { countRows, type Rows } from '../../arrays/index.ts'
import { complement, rowNumbers, rowRange } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { rememberHeldOut } from '../row-parts/held-out-folds.ts'

/** How many rows each fold was made for. */
const known = new WeakMap<object, number>()

/** Folds that train on all rows that they don't test. */
const complete = new WeakSet<object>()

/** Whether a fold was made here for `n` rows. */
export function isKnownFold(fold: object, n: number): fold is Fold {
  return known.get(fold) === n
}

/**
 * A fold that trains on all rows but those of `test`, whose numbers are computed on each access.
 *
 * @param test - ranges or ascending numbers of some, but not all, of `n` rows
 */
export function holdOut(test: Rows, n: number): Fold {
  const fold = {
    test,
    get train(): Rows {
      return complement(test, n)
    },
  }
  complete.add(fold)
  rememberHeldOut(fold, n)
  return makeFold(fold, n)
}

/**
 * A fold of given rows.
 *
 * @param parts - ranges or ascending numbers of `n` rows, without a common row
 */
export function makeFold(parts: Fold, n: number): Fold {
  known.set(parts, n)
  return parts
}

/**
 * Checks a number of rows.
 *
 * @throws TypeError for anything else
 */
export function requireRowCount(n: unknown): number {
  if (Number.isSafeInteger(n) && (n as number) >= 0) return n as number
  const advice =
    typeof n === 'object' && n !== null
      ? ' The number of rows comes first, then labels and groups: split(n, y, groups).'
      : ''
  throw new TypeError(`Expected \`n\` to be a number of rows, got ${show(n)}.${advice}`)
}

/** Checks that there is a row for each fold. @throws OneCopyError `ERR_ROWS` */
export function requireEnoughRows(n: number, folds: number): void {
  if (n >= folds) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least ${folds} rows for ${folds} folds, got ${n}. Use fewer folds.`,
    { details: { folds, rows: n } },
  )
}

/** Checks that rows have 32-bit numbers. @throws OneCopyError `ERR_ROWS` */
export function requireShuffleable(n: number, advice = ''): void {
  if (n < 2 ** 31) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at most ${2 ** 31 - 1} rows to shuffle, got ${n}.${advice}`,
    { details: { rows: n } },
  )
}

/**
 * Lists the rows of each fold in one scan, so that their numbers ascend.
 *
 * @param foldOf - the number of each row's fold, shape (n); rows of other numbers are in none
 */
export function collectFolds(foldOf: ArrayLike<number>, folds: number): Int32Array[] {
  const { length: n } = foldOf
  const counts = new Int32Array(folds)
  for (let row = 0; row < n; row++) {
    const fold = foldOf[row]!
    if (fold >= 0 && fold < folds) counts[fold]!++
  }
  const tests = Array.from(counts, (count) => new Int32Array(count))
  const next = new Int32Array(folds)
  for (let row = 0; row < n; row++) {
    const fold = foldOf[row]!
    if (fold >= 0 && fold < folds) tests[fold]![next[fold]!++] = row
  }
  return tests
}

/** Ascending row numbers as one range where they are without a gap. */
export function compactRows(numbers: Int32Array): Rows {
  const { length } = numbers
  if (length === 0) return { ranges: [] }
  const [first, last] = [numbers[0]!, numbers[length - 1]!]
  return last - first === length - 1 ? rowRange(first, last + 1) : rowNumbers(numbers)
}

/** Sizes of the parts when `n` rows are cut into so many; the first ones have one more. */
export function partSizes(n: number, parts: number): number[] {
  const size = Math.floor(n / parts)
  return Array.from({ length: parts }, (_, part) => (part < n % parts ? size + 1 : size))
}

/** All numbers of some rows, ascending. */
export function joinRows(lists: readonly Int32Array[]): Int32Array {
  const joined = new Int32Array(lists.reduce((count, list) => count + list.length, 0))
  let at = 0
  for (const list of lists) {
    joined.set(list, at)
    at += list.length
  }
  return joined.sort()
}

/**
 * Folds that test all rows of their groups.
 *
 * @param codes - number of each row's group, shape (n)
 * @param foldOf - number of each group's fold
 */
export function holdOutGroups(codes: Int32Array, foldOf: Int32Array, folds: number): Fold[] {
  const rows = codes.map((code) => foldOf[code]!)
  return collectFolds(rows, folds).map((test) => holdOut(compactRows(test), codes.length))
}

/** Whether each of `n` rows is tested by one fold, which trains on all others. */
export function divideRows(folds: readonly Fold[], n: number): boolean {
  const counts = folds.map(({ test }) => countRows(test))
  if (counts.reduce((sum, count) => sum + count, 0) !== n) return false
  const trainsOnOthers = (fold: Fold, k: number): boolean =>
    complete.has(fold) || countRows(fold.train) === n - counts[k]!
  return folds.every(trainsOnOthers) && areDisjoint(folds, n)
}

function areDisjoint(folds: readonly Fold[], n: number): boolean {
  const ranges = folds.flatMap(({ test }) => ('ranges' in test ? test.ranges : []))
  ranges.sort(([a], [b]) => a - b)
  if (ranges.some(([start], i) => i > 0 && start < ranges[i - 1]![1])) return false
  const lists = folds.flatMap(({ test }) => ('numbers' in test ? [test.numbers] : []))
  if (lists.length === 0) return true
  const isTested = new Uint8Array(n)
  for (const [start, stop] of ranges) isTested.fill(1, start, stop)
  return lists.every((rows) => rows.every((row) => isTested[row] === 0 && (isTested[row] = 1) > 0))
}
