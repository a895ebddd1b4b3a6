/** Deals rows of each class to folds. */

import { shared } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { collectFolds } from './make-folds.ts'

/**
 * Splits rows into folds with nearly the same number of rows of each class.
 *
 * @param codes - number of each row's class, from 0 on, shape (n), n >= 1
 * @param order - shuffles the fold numbers of the rows of a class; default: they ascend
 * @returns rows that each fold tests, ascending
 * @throws OneCopyError `ERR_ROWS` when no class has as many rows as there are folds
 * @see scikit-learn's `sklearn.model_selection.StratifiedKFold`: the same folds
 */
export function stratifiedTests(
  codes: Uint16Array,
  folds: number,
  order: (folds: FoldNumbers) => void = () => undefined,
): Int32Array[] {
  const counts = countCodes(codes)
  requireLargeClass(Math.max(...counts), folds)
  // Freed here: each split of many rows would leave as much to the garbage collector.
  const room = shared([2, codes.length], folds <= 2 ** 16 ? 'uint16' : 'uint32')
  try {
    const lists = dealFolds(codes, counts, { folds, order, room: room.row(0).toTypedArray() })
    return collectFolds(dealRows(codes, lists, room.row(1).toTypedArray()), folds)
  } finally {
    room[Symbol.dispose]()
  }
}

/** Fold numbers of the rows of a class. */
type FoldNumbers = Uint16Array | Uint32Array

/**
 * The fold of each row of each class, as if the classes lay one after the other, in the order in which they appear, and rows were dealt to
 * the folds in turn.
 *
 * @param room - for the numbers of all classes, shape (n)
 */
function dealFolds(
  codes: Uint16Array,
  counts: Int32Array,
  {
    folds,
    order,
    room,
  }: {
    readonly folds: number
    readonly order: (folds: FoldNumbers) => void
    readonly room: FoldNumbers
  },
): FoldNumbers[] {
  const foldsOf: FoldNumbers[] = []
  let start = 0
  for (const code of firstSeen(codes, counts.length)) {
    const count = counts[code]!
    const own = room.subarray(start, start + count)
    let filled = 0
    for (let fold = 0; fold < folds; fold++) {
      const first = (((fold - start) % folds) + folds) % folds
      const share = Math.max(0, Math.ceil((count - first) / folds))
      own.fill(fold, filled, (filled += share))
    }
    order(own)
    foldsOf[code] = own
    start += count
  }
  return foldsOf
}

/** Codes in the order in which they first appear. */
function firstSeen(codes: Uint16Array, count: number): number[] {
  const isSeen = new Uint8Array(count)
  const seen: number[] = []
  for (let row = 0; row < codes.length && seen.length < count; row++) {
    const code = codes[row]!
    if (isSeen[code] === 1) continue
    isSeen[code] = 1
    seen.push(code)
  }
  return seen
}

/** Checks that some class can have a row in each fold. @throws OneCopyError `ERR_ROWS` */
export function requireLargeClass(most: number, folds: number): void {
  if (most >= folds) return
  throw new OneCopyError(
    'ERR_ROWS',
    `Expected at least ${folds} rows of some class for ${folds} folds, got at most ${most}. Use fewer folds.`,
    { details: { folds, rows: most } },
  )
}

/** Rows of each class, by its number. */
export function countCodes(codes: Uint16Array): Int32Array {
  const most = codes.reduce((largest, code) => Math.max(largest, code), -1)
  const counts = new Int32Array(most + 1)
  for (let row = 0; row < codes.length; row++) counts[codes[row]!]!++
  return counts
}

/**
 * Gives the rows of each class the values of its list, in their order.
 *
 * @param codes - number of each row's class, shape (n)
 * @param lists - of each class, as long as it has rows
 * @param dealt - receives the values, shape (n); default: a new list
 * @returns `dealt`
 */
export function dealRows<List extends Int32Array | FoldNumbers = Int32Array>(
  codes: ArrayLike<number>,
  lists: readonly ArrayLike<number>[],
  dealt: List = new Int32Array(codes.length) as List,
): List {
  const { length: n } = codes
  const next = new Int32Array(lists.length)
  for (let row = 0; row < n; row++) {
    const code = codes[row]!
    dealt[row] = lists[code]![next[code]!++]!
  }
  return dealt
}
