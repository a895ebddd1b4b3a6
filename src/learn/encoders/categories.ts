/** Categories of columns: found in the data or given, and looked up. */

import { isOneCopyError, OneCopyError, show } from '../../errors.ts'
import type { FitRows } from '../preprocessing/fit-rows.ts'
import { distinctValues, type DistinctValues } from '../statistics/column-values.ts'

/** Categories of each column: `'auto'` finds them in `fit`; or one list of numbers for each column. */
export type Categories = 'auto' | readonly (readonly number[])[]

/** A list of categories and how often each occurs. */
export interface ColumnCategories {
  /** Categories; those that were found are ascending, with NaN last. */
  readonly values: Float64Array
  /** Sum of the weights of each. */
  readonly weights: Float64Array
}

/**
 * Finds the categories of each column in one pass over the rows, or takes the given ones.
 *
 * @param given - the option `categories`
 * @param most - most categories of a column
 * @param unknown - whether values that are not among given categories are left out; otherwise they are refused
 * @throws TypeError for other options; OneCopyError `ERR_VALUE` for infinity, too many categories, unknown values
 */
export async function findCategories(
  owner: object,
  input: FitRows,
  given: unknown,
  { most, unknown }: { readonly most: number; readonly unknown: boolean },
): Promise<ColumnCategories[]> {
  const lists = requireCategories(owner, given, input.columns)
  const advice =
    'A column of measured numbers has no categories: select others, or divide it into ranges first.'
  const found = await distinctValues(input, { most, advice })
  if (lists === undefined) return found
  return found.map((column, j) => countGiven(lists[j]!, column, j, unknown))
}

function countGiven(
  list: Float64Array,
  { values, weights }: DistinctValues,
  column: number,
  unknown: boolean,
): ColumnCategories {
  const codes = codesOf(list)
  const counts = new Float64Array(list.length)
  for (const [i, value] of values.entries()) {
    const code = codes(value)
    if (code >= 0) counts[code]! += weights[i]!
    else if (!unknown)
      throw new OneCopyError(
        'ERR_VALUE',
        `Expected values of column ${column} of \`X\` among the given categories, got ${value}.`,
        { details: { column, value } },
      )
  }
  return { values: list, weights: counts }
}

function requireCategories(
  owner: object,
  given: unknown,
  columns: number,
): Float64Array[] | undefined {
  if (given === 'auto') return undefined
  const name = owner.constructor.name
  if (!Array.isArray(given)) {
    throw new TypeError(
      `Expected \`categories\` of ${name} to be 'auto' or one list of numbers for each column, got ${show(given)}.`,
    )
  }
  if (given.length !== columns) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`categories\` of ${name} to have one list for each of ${columns} columns, got ${given.length}.`,
      { details: { expected: columns, lists: given.length } },
    )
  }
  return given.map((list: unknown, column) => {
    const numbers = Array.isArray(list) ? (list as unknown[]) : []
    const isList = numbers.length > 0 && numbers.every((one) => typeof one === 'number')
    if (isList && new Set(numbers).size === numbers.length)
      return Float64Array.from(numbers, plusZero)
    throw new TypeError(
      `Expected \`categories\` of ${name} for column ${column} to be different numbers, got ${show(list)}.`,
    )
  })
}

function plusZero(value: number): number {
  return value + 0
}

/** Integers in a range of at most this many are looked up in a table. */
const mostInTable = 1 << 16

/**
 * Makes a function that gives the position of a value among categories, -1 for others.
 *
 * @param values - different numbers; NaN may be one of them
 */
export function codesOf(values: Float64Array): (value: number) => number {
  const numbers = values.filter((value) => !Number.isNaN(value))
  const low = numbers.reduce((least, value) => Math.min(least, value), Infinity)
  const high = numbers.reduce((most, value) => Math.max(most, value), -Infinity)
  const size = high - low + 1
  if (size <= mostInTable && numbers.every((value) => Number.isSafeInteger(value))) {
    const table = new Int32Array(Math.max(0, size)).fill(-1)
    for (const [code, value] of values.entries())
      if (!Number.isNaN(value)) table[value - low] = code
    const missing = values.findIndex((value) => Number.isNaN(value))
    return (value) => (Number.isNaN(value) ? missing : (table[value - low] ?? -1))
  }
  const codes = new Map(Array.from(values, (value, code) => [value, code]))
  return (value) => codes.get(value) ?? -1
}

/**
 * The error for a value of `X` that is no category.
 *
 * @param advice - a sentence
 */
export function unknownCategory(
  value: number,
  row: number,
  column: number,
  advice: string,
): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected a category that was there in fit(), got ${value} at row ${row}, column ${column} (counted from 0). ${advice}`,
    { details: { row, column, value, advice } },
  )
}

/** The error about an unknown category with the number of its column among all columns; other errors as they are. */
export function unknownCategoryOf(error: unknown, columns: ArrayLike<number>): unknown {
  if (!isUnknownCategory(error)) return error
  const { row, column, value, advice } = error.details
  const whole = columns[Number(column)]
  if (whole === undefined) return error
  return unknownCategory(Number(value), Number(row), whole, String(advice))
}

function isUnknownCategory(error: unknown): error is OneCopyError {
  return isOneCopyError(error) && error.message.startsWith('Expected a category that was there in')
}
