/** Draws rows to train on and to test at random. */

import { rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import type { Fold } from '../contract/fold-sharing.ts'
import { collectFolds, holdOut, makeFold, requireShuffleable } from './make-folds.ts'
import { type Random, shuffle } from './random-order.ts'
import type { Groups } from './read-groups.ts'
import type { SplitSizes } from './split-sizes.ts'
import { countCodes, dealRows } from './stratified-folds.ts'

/** Draws rows one by one. */
export function drawRows(n: number, sizes: SplitSizes, random: Random): Fold {
  requireShuffleable(n)
  return foldOfRoles(drawRoles(n, sizes, random), sizes.test + sizes.train === n)
}

/**
 * Draws nearly the same share of each class.
 *
 * @param codes - number of each row's class, shape (n)
 * @throws OneCopyError `ERR_ROWS` for a class of one row, and for fewer rows of a part than classes
 * @see scikit-learn's `StratifiedShuffleSplit`, which has the same numbers of rows of each class
 */
export function drawStratified(codes: Uint16Array, sizes: SplitSizes, random: Random): Fold {
  const counts = countCodes(codes)
  requireDrawable(counts, sizes)
  const train = allocate(counts, sizes.train, random)
  const test = allocate(
    counts.map((count, code) => count - train[code]!),
    sizes.test,
    random,
  )
  const lists = Array.from(counts, (count, code) =>
    drawRoles(count, { test: test[code]!, train: train[code]! }, random),
  )
  return foldOfRoles(dealRows(codes, lists), sizes.test + sizes.train === codes.length)
}

/** Draws groups; sizes count groups. */
export function drawGroups({ codes, labels }: Groups, sizes: SplitSizes, random: Random): Fold {
  const roles = drawRoles(labels.length, sizes, random)
  const isWhole = sizes.test + sizes.train === labels.length
  return foldOfRoles(
    codes.map((code) => roles[code]!),
    isWhole,
  )
}

/** 0 for what is tested, 1 for what is trained on, 2 for what is neither, in random order. */
function drawRoles(n: number, { test, train }: SplitSizes, random: Random): Uint8Array {
  const roles = new Uint8Array(n).fill(1, test, test + train).fill(2, test + train)
  return shuffle(roles, random)
}

function foldOfRoles(roles: ArrayLike<number>, isWhole: boolean): Fold {
  const [test, train] = collectFolds(roles, isWhole ? 1 : 2)
  if (train === undefined) return holdOut(rowNumbers(test!), roles.length)
  return makeFold({ test: rowNumbers(test!), train: rowNumbers(train) }, roles.length)
}

/** Divides a number of rows among classes by their sizes; what remains goes to the largest remainders, equal ones at random. */
function allocate(counts: Int32Array, rows: number, random: Random): Int32Array {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const exact = Float64Array.from(counts, (count) => (count / total) * rows)
  const given = Int32Array.from(exact, Math.floor)
  const left = rows - given.reduce((sum, count) => sum + count, 0)
  const order = shuffle(Array.from(counts.keys()), random)
  order.sort((a, b) => exact[b]! - given[b]! - (exact[a]! - given[a]!))
  for (const code of order.slice(0, left)) given[code]!++
  return given
}

function requireDrawable(counts: Int32Array, { test, train }: SplitSizes): void {
  const least = Math.min(...counts)
  if (least < 2) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected at least 2 rows of every class for a stratified split, got ${least} of some class.`,
      { details: { rows: least } },
    )
  }
  const { length: classes } = counts
  if (test >= classes && train >= classes) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least ${classes} rows in both parts of a stratified split, one for each class, got ${train} to train on and ${test} to test.`,
    { details: { classes, train, test } },
  )
}
