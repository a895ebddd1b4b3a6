/** Converts every form of row selection to ranges or numbers. */

import { OneCopyError, show } from '../../errors.ts'
import { NDArray } from './ndarray.ts'

/** Rows `start` up to, not including, `stop`. */
export type RowRange = readonly [start: number, stop: number]

/**
 * Some rows of a matrix: ascending ranges that don't overlap, or row numbers in any order (a
 * number may come twice). Plain data, so that it crosses to workers as it is. It is no list: {@link toRowNumbers} returns
 * the numbers.
 *
 * @example
 * ```ts
 * const first: Rows = { ranges: [[0, 3]] }
 * toRowNumbers(first) // Int32Array [0, 1, 2]
 * ```
 */
export type Rows = { readonly ranges: readonly RowRange[] } | { readonly numbers: Int32Array }

/**
 * Rows as every function takes them: {@link Rows}, row numbers as a list, a typed array or an integer
 * NDArray, or a mask with one boolean for every row, as a list or an NDArray of dtype bool. An
 * Int32Array is used in place; other numbers and masks are copied once, 4 bytes a chosen row.
 */
export type RowSelection =
  | Rows
  | readonly number[]
  | readonly boolean[]
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | NDArray

/**
 * Turns a selection into {@link Rows}; whether the rows exist is not checked here.
 *
 * @param n - number of rows of the matrix, which a mask must have too; default: not checked
 * @throws TypeError when `selection` chooses no rows; OneCopyError `ERR_SHAPE` for a mask of another
 *   length, `ERR_INDEX` for a number that is no row number, `ERR_DETACHED`
 */
export function toRows(selection: RowSelection, n?: number): Rows {
  const given: unknown = selection
  if (given instanceof NDArray) {
    if (given.ndim !== 1)
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected \`rows\` to have shape (n), got (${given.shape.join(', ')}).`,
      )
    return given.dtype === 'bool'
      ? maskedRows(given.toTypedArray(), n)
      : listedRows(given.toTypedArray())
  }
  if (ArrayBuffer.isView(given) && !(given instanceof DataView))
    return listedRows(given as Int32Array)
  if (Array.isArray(given)) {
    const isMask = typeof given[0] === 'boolean'
    return isMask ? maskedRows(given as boolean[], n) : listedRows(given as number[])
  }
  if (typeof given !== 'object' || given === null) throw wrongSelection(given)
  if ('numbers' in given) return listedRows(given.numbers as Int32Array)
  const { ranges } = given as { ranges?: unknown }
  const isPair = (range: unknown): boolean => Array.isArray(range) && range.length === 2
  if (Array.isArray(ranges) && ranges.every(isPair)) return { ranges: ranges as RowRange[] }
  throw wrongSelection(given)
}

function wrongSelection(given: unknown): TypeError {
  return new TypeError(
    'Expected `rows` to be row numbers, such as [0, 2] or an Int32Array, a mask of booleans, ' +
      `or { ranges: [[start, stop]] }, got ${show(given)}.`,
  )
}

function listedRows(list: ArrayLike<unknown>): Rows {
  if (list instanceof Int32Array) {
    if (list.length === 0) requireBuffer(list)
    return { numbers: list }
  }
  if (list instanceof Uint8Array || list instanceof Uint8ClampedArray) {
    throw new TypeError(
      'Expected `rows` to be row numbers or a mask, got bytes, which may mean either. ' +
        "Pass Int32Array.from(rows) for row numbers, or array(rows, { dtype: 'bool' }) for a mask.",
    )
  }
  if (!Array.isArray(list) && !ArrayBuffer.isView(list)) throw wrongSelection(list)
  if (ArrayBuffer.isView(list) && list.length === 0) requireBuffer(list as unknown as Int32Array)
  const numbers = new Int32Array(list.length)
  for (let i = 0; i < list.length; i++) {
    const number: unknown = typeof list[i] === 'bigint' ? Number(list[i]) : list[i]
    numbers[i] = number as number
    if (numbers[i] === number) continue
    const text = `Expected whole row numbers from 0 to 2147483647, got ${show(list[i])} at position ${i} of \`rows\`.${adviseRange(list[i])}`
    throw typeof number === 'number' ? new OneCopyError('ERR_INDEX', text) : new TypeError(text)
  }
  return { numbers }
}

/** What to write for a range that stands among row numbers. */
function adviseRange(given: unknown): string {
  if (!Array.isArray(given) || given.length !== 2) return ''
  return ` For rows ${given.map(show).join(' up to ')} write { ranges: [[${given.map(show).join(', ')}]] }.`
}

function maskedRows(mask: ArrayLike<unknown>, n = mask.length): Rows {
  if (mask.length !== n) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected a mask with ${n} values in \`rows\`, one for every row, got ${mask.length}.`,
      { details: { expected: n, length: mask.length } },
    )
  }
  const numbers = new Int32Array(n)
  let count = 0
  for (let row = 0; row < n; row++) {
    const value = mask[row]
    if (value === true || value === 1) numbers[count++] = row
    else if (value !== false && value !== 0)
      throw new TypeError(
        `Expected true or false for every row in \`rows\`, got ${show(value)} for row ${row}.`,
      )
  }
  return { numbers: numbers.slice(0, count) }
}

/** Without its memory a list of rows looks like one of no rows. */
function requireBuffer(numbers: Int32Array): void {
  try {
    numbers.at(0) // throws when the buffer is detached, or has become shorter than the array
  } catch (cause) {
    throw new OneCopyError(
      'ERR_DETACHED',
      'The memory of the row numbers is gone: its buffer was resized, or transferred by transfer() or in a message. ' +
        'Give a copy of the row numbers.',
      { cause },
    )
  }
}
