/** Row subsets as ranges or row numbers; no row is copied. */

import { OneCopyError, show } from '../../errors.ts'
import { requireKept } from '../memory/mapping.ts'
import { type RowRange, type Rows, type RowSelection, toRows } from './row-selection.ts'

/**
 * The rows from `start` up to `stop`.
 *
 * @throws OneCopyError `ERR_INDEX` unless 0 ≤ start ≤ stop
 */
export function rowRange(start: number, stop: number): Rows {
  return rowRanges([[start, stop]])
}

/**
 * The rows of several ranges, in ascending order; empty ranges fall out and adjacent ones join.
 *
 * @throws OneCopyError `ERR_INDEX` for a range that isn't 0 ≤ start ≤ stop, or two that overlap
 */
export function rowRanges(list: readonly RowRange[]): { readonly ranges: readonly RowRange[] } {
  const ranges: [number, number][] = []
  for (const [start, stop] of list.toSorted(([a], [b]) => a - b)) {
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(stop) || start < 0 || stop < start) {
      throw new OneCopyError(
        'ERR_INDEX',
        `Expected row range 0 <= start <= stop, got [${start}, ${stop}).`,
      )
    }
    if (start === stop) continue
    const last = ranges.at(-1)
    if (last !== undefined && start < last[1]) {
      throw new OneCopyError(
        'ERR_INDEX',
        `Row ranges [${last[0]}, ${last[1]}) and [${start}, ${stop}) overlap.`,
      )
    }
    if (last?.[1] === start) last[1] = stop
    else ranges.push([start, stop])
  }
  return { ranges }
}

/** The rows of these numbers, in this order; the numbers are kept, not copied. */
export function rowNumbers(numbers: Int32Array): Rows {
  if (numbers instanceof Int32Array) return { numbers }
  throw new TypeError(`Expected row numbers as an Int32Array, got ${show(numbers)}.`)
}

/** All `n` rows. */
export function allRows(n: number): Rows {
  return rowRange(0, n)
}

/** How many rows; a number that comes twice counts twice. */
export function countRows(rows: RowSelection): number {
  const chosen = toRows(rows)
  if ('numbers' in chosen) return chosen.numbers.length
  return chosen.ranges.reduce((count, [start, stop]) => count + stop - start, 0)
}

/**
 * Returns a selection as {@link Rows} when all of them are among the `n` rows of a matrix.
 *
 * @param selection - undefined stands for all rows
 * @throws TypeError for no selection of rows; OneCopyError `ERR_INDEX` for a row outside [0, n), naming it;
 *   `ERR_SHAPE`, `ERR_DETACHED`
 */
export function requireRows(selection: RowSelection | undefined, n: number): Rows {
  if (selection === undefined) return allRows(n)
  const rows = toRows(selection, n)
  if ('numbers' in rows) {
    const { numbers } = rows
    requireKept(numbers, 'the row numbers')
    for (let i = 0; i < numbers.length; i++)
      if (numbers[i]! < 0 || numbers[i]! >= n) throw outside(numbers[i]!, n)
    // Of a buffer that shrinks later, fewer rows would be left without a word.
    return canShrink(numbers) ? { numbers: numbers.slice() } : rows
  }
  const checked = rowRanges(rows.ranges)
  const last = checked.ranges.at(-1)
  if (last !== undefined && last[1] > n) throw outside(last[1] - 1, n)
  return checked
}

function canShrink({ buffer }: Int32Array): boolean {
  return buffer instanceof ArrayBuffer && buffer.resizable
}

/**
 * The rows of an `n`-row matrix that aren't in `rows`, in ascending order: ranges give ranges,
 * numbers give numbers.
 *
 * @param makeRoom - makes memory for so many numbers; default: private memory
 * @throws OneCopyError `ERR_INDEX` for a row outside [0, n)
 */
export function complement(
  rows: RowSelection,
  n: number,
  makeRoom: (count: number) => Int32Array = (count) => new Int32Array(count),
): Rows {
  const checked = requireRows(rows, n)
  if ('numbers' in checked) return { numbers: otherNumbers(checked.numbers, n, makeRoom) }
  const edges = [0, ...checked.ranges.flat(), n]
  const gaps: RowRange[] = []
  for (let i = 0; i < edges.length; i += 2) gaps.push([edges[i]!, edges[i + 1]!])
  return rowRanges(gaps)
}

/** The numbers in [0, n) that aren't in `numbers`, ascending; those that ascend themselves need no list of flags. */
function otherNumbers(
  numbers: Int32Array,
  n: number,
  makeRoom: (count: number) => Int32Array,
): Int32Array {
  let i = 1
  while (i < numbers.length && numbers[i]! > numbers[i - 1]!) i++
  if (i < numbers.length) return otherNumbers(sortedDistinct(numbers), n, makeRoom)
  const others = makeRoom(n - numbers.length)
  for (let row = 0, at = 0, next = 0; row < n; row++) {
    if (row === numbers[next]) next++
    else others[at++] = row
  }
  return others
}

function sortedDistinct(numbers: Int32Array): Int32Array {
  return numbers.toSorted().filter((number, i, all) => number !== all[i - 1])
}

/**
 * Splits rows into `parts` of equal size (the first ones take one more), in order.
 *
 * @returns exactly `parts` parts; some are empty when there are fewer rows
 * @throws OneCopyError `ERR_INDEX` when `parts` isn't a positive whole number
 */
export function splitRows(selection: RowSelection, parts: number): Rows[] {
  if (!Number.isSafeInteger(parts) || parts < 1)
    throw new OneCopyError('ERR_INDEX', `Expected 1 or more parts, got ${show(parts)}.`)
  const rows = toRows(selection)
  const count = countRows(rows)
  const small = Math.floor(count / parts)
  const larger = count % parts
  const cut = (part: number): number => part * small + Math.min(part, larger)
  return Array.from({ length: parts }, (_, part) => takeRows(rows, cut(part), cut(part + 1)))
}

/**
 * The numbers of all rows, in their order.
 *
 * @param selection - rows in any form, such as the `test` of a fold; an Int32Array is returned itself
 * @param n - number of rows of the matrix, against which they are checked; default: not checked
 * @throws TypeError for no selection of rows; OneCopyError `ERR_INDEX` for a row outside [0, n), `ERR_SHAPE`
 *
 * @example
 * ```ts
 * toRowNumbers({ ranges: [[0, 2], [5, 7]] }) // Int32Array [0, 1, 5, 6]
 * ```
 */
export function toRowNumbers(selection: RowSelection, n?: number): Int32Array {
  return listRowNumbers(n === undefined ? toRows(selection) : requireRows(selection, n))
}

/**
 * The numbers of all rows, in their order; a list is returned itself.
 *
 * @param makeRoom - makes memory for so many numbers of ranges; default: private memory
 * @throws OneCopyError `ERR_INDEX`
 */
export function listRowNumbers(
  rows: Rows,
  makeRoom: (count: number) => Int32Array = (count) => new Int32Array(count),
): Int32Array {
  if ('numbers' in rows) return rows.numbers
  const numbers = makeRoom(countRows(rows))
  let at = 0
  for (const [start, stop] of rows.ranges) {
    if (stop > 2 ** 31)
      throw new OneCopyError('ERR_INDEX', `Row ${stop - 1} doesn't fit a 32-bit row number.`)
    for (let row = start; row < stop; row++) numbers[at++] = row
  }
  return numbers
}

/** The rows at positions `from` up to `to` of `rows`. */
export function takeRows(rows: Rows, from: number, to: number): Rows {
  if ('numbers' in rows) return { numbers: rows.numbers.subarray(from, to) }
  const taken: RowRange[] = []
  let before = 0
  for (const [start, stop] of rows.ranges) {
    const low = Math.max(start, start + from - before)
    const high = Math.min(stop, start + to - before)
    if (low < high) taken.push([low, high])
    before += stop - start
  }
  return { ranges: taken }
}

function outside(row: number, n: number): OneCopyError {
  return new OneCopyError('ERR_INDEX', `Expected rows in [0, ${n}), got row ${row}.`)
}
