/** Turns lists and typed arrays into NDArrays for learners and metrics. */

import { array, NDArray, type TypedArrayOf } from '../../arrays/index.ts'
import { awaitAdvice, OneCopyError, show } from '../../errors.ts'

/** An element of a list; true counts as 1 and false as 0. */
type Value = number | bigint | boolean

/**
 * What every learner, transformer and metric of onecopy accepts: an NDArray or a typed array, read in place; or
 * a list of numbers or of rows, copied once to float64.
 */
export type ArrayInput =
  NDArray | TypedArrayOf | readonly Value[] | readonly (readonly Value[] | TypedArrayOf)[]

/**
 * Turns values into an NDArray: a vector of shape (n), or a matrix of shape (n, d) when `values` is a list of
 * rows. Call it in an estimator of your own to accept lists as well.
 *
 * @param values - an NDArray is returned itself, a typed array is wrapped, lists are copied
 * @param name - name for error texts
 * @throws TypeError for anything else; OneCopyError `ERR_SHAPE` for rows of different lengths, `ERR_VALUE` for a
 *   missing value
 */
export function asArray(values: ArrayInput, name = 'the values'): NDArray {
  return toArray(values, name)
}

/** Does what {@link asArray} does, for values of which nothing is known. */
export function toArray(given: unknown, name: string): NDArray {
  if (given instanceof NDArray) return given
  if (isTypedArray(given)) return array(given)
  if (Array.isArray(given)) return isRow(given[0]) ? fromRows(given, name) : fromList(given, name)
  throw new TypeError(
    `Expected ${name} to be an NDArray, a typed array or a list of numbers or rows, got ${show(given)}.${adviseArray(given)}`,
  )
}

/** What to do with the path of a file. */
export const pathAdvice =
  " Open a file first, as by openArray('rows.npy') or await readCsv('rows.csv'); ensembles take its path."

/** What to do with a value that holds the array, or will. */
function adviseArray(given: unknown): string {
  if (typeof given === 'string') return pathAdvice
  if (typeof given !== 'object' || given === null) return ''
  const advice = awaitAdvice(given)
  if (advice !== '') return advice
  if ('X' in given && given.X instanceof NDArray) return ' Pass its `X` and `y`.'
  const isTable = given.constructor.name === 'Table' && 'names' in given
  if (!isTable) return ''
  return ' Make a matrix of it by `designMatrix(table, { target })`; to predict, by `encoder.transform(table)`.'
}

function fromList(list: readonly unknown[], name: string): NDArray {
  const values = new Float64Array(list.length)
  for (let row = 0; row < list.length; row++)
    values[row] = toNumber(list[row], () => `${name} at row ${row}`)
  return array(values)
}

function fromRows(rows: readonly unknown[], name: string): NDArray {
  const columns = (rows[0] as ArrayLike<unknown>).length
  const values = new Float64Array(rows.length * columns)
  for (let row = 0; row < rows.length; row++) {
    const list = rows[row]
    if (!isRow(list))
      throw new TypeError(`Expected a list of numbers in ${name} at row ${row}, got ${show(list)}.`)
    if (list.length !== columns) {
      throw new OneCopyError(
        'ERR_SHAPE',
        `Expected rows of one length in ${name}, got ${columns} values in row 0 and ${list.length} in row ${row}.`,
        { details: { row, expected: columns, length: list.length } },
      )
    }
    for (let column = 0; column < columns; column++)
      values[row * columns + column] = toNumber(
        list[column],
        () => `${name} at row ${row}, column ${column}`,
      )
  }
  return array(values, { shape: [rows.length, columns] })
}

function isRow(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || isTypedArray(value)
}

function isTypedArray(value: unknown): value is TypedArrayOf {
  return ArrayBuffer.isView(value) && !(value instanceof DataView)
}

function toNumber(value: unknown, where: () => string): number {
  if (typeof value === 'number') return value
  if (typeof value === 'boolean') return Number(value)
  if (typeof value === 'bigint') return exactNumber(value, where)
  const text = `Expected a number in ${where()} (counted from 0), got ${show(value)}.`
  if (value !== undefined && value !== null)
    throw new TypeError(`${text} ${adviseNumber(value, where())}`)
  throw new OneCopyError('ERR_VALUE', `${text} Leave such rows out, or fill in a number first.`)
}

/** How a value becomes a number, or what takes it as it is. */
function adviseNumber(value: unknown, where: string): string {
  if (typeof value !== 'string') return 'Convert it to a number first.'
  if (where.startsWith('`y`'))
    return 'Targets are numbers here. Texts are labels for classifiers, such as LogisticRegression: see docs/classes.md.'
  if (where.startsWith('`X`'))
    return 'Convert it to a number first. designMatrix() and TableEncoder of onecopy/tables make columns of the texts of a table.'
  return 'Convert it to a number first.'
}

function exactNumber(value: bigint, where: () => string): number {
  const number = Number(value)
  if (Number.isFinite(number) && BigInt(number) === value) return number
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected an integer that float64 can hold in ${where()} (counted from 0), got ${show(value)}. ` +
      'Pass a BigInt64Array to keep all digits.',
  )
}
