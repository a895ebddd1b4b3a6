/** Turns labels of classes into codes, and codes into labels. */

import { countRows, NDArray, type Rows } from '../../arrays/index.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type ArrayInput, toArray } from './as-array.ts'

/** What a class can be called. */
export type Label = number | string | boolean

/** Labels of rows: numbers in any form that learners accept, or a list of texts or of true and false. */
export type LabelInput = ArrayInput | readonly string[] | readonly boolean[]

/** Labels of classes as an estimator keeps them: numbers in a Float64Array, others in a list. */
export type Classes = Float64Array | readonly string[] | readonly boolean[]

/** So many classes are compared one by one: looking one up makes an object of each number. */
const fewClasses = 8

/** More classes than this are hardly meant. */
export const mostClasses = 1000

/** More classes than this are hardly meant where they are fractions. */
const mostFractions = 32

/** The classes of the rows that count. */
export interface EncodedLabels {
  /** Distinct labels: numbers ascending, texts in the order of their code units, false before true. */
  readonly classes: Classes
  /** Position of each row's label among them, shape (n); that of any class for rows that don't count. */
  readonly codes: Uint16Array
  /** Sum of the weights of each class. */
  readonly weights: Float64Array
  /** Shape of one row of `y`: [] for a vector, [1] for a matrix of one column. */
  readonly shape: readonly number[]
}

/**
 * Finds the classes of a target.
 *
 * @param n - number of rows of `X`
 * @param rows - those that are learned from; a row of weight 0 doesn't count
 * @param codes - zeros for the codes, shape (n); default: new ones
 * @throws OneCopyError `ERR_VALUE` for NaN, infinity, more than 1000 labels and many fractions, `ERR_SHAPE`, `ERR_ROWS` when no row
 *   counts; TypeError for a list of different types
 */
export function encodeLabels(
  y: LabelInput | undefined,
  n: number,
  rows: Rows,
  weights: Float64Array | null,
  codes: Uint16Array = new Uint16Array(n),
): EncodedLabels {
  const { values, shape } = readLabels(y)
  requireLabelCount(values.length, n)
  const found = new Map<Label, number>()
  const first: Label[] = []
  const sums: number[] = []
  const visit = (row: number): void => {
    const weight = weights === null ? 1 : weights[row]!
    if (weight === 0) return
    const value = values[row]!
    const label = typeof value === 'bigint' ? labelNumber(value, row) : value
    let code = 0
    while (code < first.length && first[code] !== label) code++
    if (code === first.length) {
      code = found.get(label) ?? addClass(label, row, found)
      if (code === sums.length) sums.push(0)
      if (code < fewClasses && code === first.length) first.push(label)
    }
    codes[row] = code
    sums[code]! += weight
  }
  eachRow(rows, visit)
  if (found.size === 0) {
    throw new OneCopyError(
      'ERR_ROWS',
      'Expected at least one row with a weight above 0 to find classes in, got none.',
    )
  }
  const labels = [...found.keys()].sort((a, b) => (a < b ? -1 : 1))
  requireFewFractions(labels, countRows(rows))
  const places = Uint16Array.from(found.keys(), (label) => labels.indexOf(label))
  for (let row = 0; row < n; row++) codes[row] = places[codes[row]!]!
  const totals = new Float64Array(labels.length)
  for (const [code, sum] of sums.entries()) totals[places[code]!] = sum
  const classes = typeof labels[0] === 'number' ? Float64Array.from(labels as number[]) : labels
  return { classes: classes as Classes, codes, weights: totals, shape }
}

/**
 * As {@link encodeLabels}, for codes that are only read: labels in mapped memory that are the codes themselves, as those of ensembles are, are
 * not copied. They must be held until the codes have been used.
 */
export function readCodes(
  y: LabelInput | undefined,
  n: number,
  rows: Rows,
  weights: Float64Array | null,
): EncodedLabels {
  return givenCodes(y, n, rows, weights) ?? encodeLabels(y, n, rows, weights)
}

/** Labels that are codes; undefined for others. */
function givenCodes(
  y: LabelInput | undefined,
  n: number,
  rows: Rows,
  weights: Float64Array | null,
): EncodedLabels | undefined {
  if (!(y instanceof NDArray) || y.dtype !== 'uint16' || y.ndim !== 1 || y.shape[0] !== n)
    return undefined
  if (y.mapping === undefined || !y.isContiguous) return undefined
  const codes = y.toTypedArray() as Uint16Array
  let most = 0
  for (let row = 0; row < n; row++) if (codes[row]! > most) most = codes[row]!
  if (most >= mostClasses) return undefined
  const sums = new Float64Array(most + 1)
  const isFound = new Uint8Array(most + 1)
  const visit = (row: number): void => {
    const weight = weights === null ? 1 : weights[row]!
    if (weight === 0) return
    isFound[codes[row]!] = 1
    sums[codes[row]!]! += weight
  }
  eachRow(rows, visit)
  if (isFound.includes(0)) return undefined
  const classes = Float64Array.from({ length: most + 1 }, (_, code) => code)
  return { classes, codes, weights: sums, shape: [] }
}

function eachRow(rows: Rows, visit: (row: number) => void): void {
  if ('ranges' in rows) {
    for (const [start, stop] of rows.ranges) for (let row = start; row < stop; row++) visit(row)
  } else for (let i = 0; i < rows.numbers.length; i++) visit(rows.numbers[i]!)
}

/**
 * Checks that there is a label for each row of `X`.
 *
 * @throws OneCopyError `ERR_SHAPE`
 */
export function requireLabelCount(count: number, n: number): void {
  if (count === n) return
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected \`y\` to have ${n} rows like \`X\`, got ${count}. Both must describe the same samples.`,
    { details: { expected: n, rows: count } },
  )
}

/** The labels as a list or a typed array, one for each row. */
function readLabels(y: LabelInput | undefined): {
  values: ArrayLike<Label | bigint>
  shape: readonly number[]
} {
  const first: unknown = Array.isArray(y) ? y[0] : undefined
  if (typeof first === 'string' || typeof first === 'boolean') {
    const list = y as readonly (string | boolean)[]
    const wrong = list.findIndex((label) => typeof label !== typeof first)
    if (wrong !== -1) {
      throw new TypeError(
        `Expected labels of one type in \`y\`, got ${show(first)} in row 0 and ${show(list[wrong])} in row ${wrong}.`,
      )
    }
    return { values: list, shape: [] }
  }
  const array = toArray(y, '`y`')
  if (array.ndim > 2 || array.ndim === 0 || (array.ndim === 2 && array.shape[1] !== 1)) {
    throw new OneCopyError(
      'ERR_SHAPE',
      `Expected \`y\` to have one label for each row, shape (n), got (${array.shape.join(', ')}). Fit one model for each column.`,
      { details: { shape: [...array.shape] } },
    )
  }
  return { values: array.toTypedArray(), shape: array.shape.slice(1) }
}

/**
 * A label as the number that a model keeps. Each way of reading labels uses it, so that all refuse the same ones.
 *
 * @throws OneCopyError `ERR_VALUE` for a 64-bit integer that float64 does not tell apart from others
 */
export function labelNumber(label: number | bigint, row: number): number {
  const number = Number(label)
  if (typeof label !== 'bigint' || Number.isSafeInteger(number)) return number
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected \`y\` to hold labels within ±(2^53 - 1), which float64 tells apart, got ${label} at row ${row} (counted from 0). ` +
      'Number the classes from 0.',
    { details: { row } },
  )
}

function addClass(label: Label, row: number, found: Map<Label, number>): number {
  if (typeof label === 'number' && !Number.isFinite(label))
    throw wrongLabel('labels in `y` to be finite numbers', `${label}`, row)
  if (found.size === mostClasses)
    throw wrongLabel(`at most ${mostClasses} different labels in \`y\``, 'one more', row)
  found.set(label, found.size)
  return found.size - 1
}

/** Refuses labels that are measured numbers. A few fractions, such as marks of 1.5 and 2, may be classes. */
function requireFewFractions(labels: readonly Label[], rows: number): void {
  const isMany =
    labels.length > mostFractions || (labels.length > fewClasses && labels.length > rows / 4)
  if (!isMany) return
  const fraction = labels.find((label) => typeof label === 'number' && label % 1 !== 0)
  if (fraction === undefined) return
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected labels of classes in \`y\`, got ${labels.length} different numbers in ${rows} rows, such as ${fraction}. Learn numbers by a regressor, or pass them as texts if they are classes.`,
    { details: { classes: labels.length, rows } },
  )
}

function wrongLabel(expected: string, found: string, row: number): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected ${expected}, got ${found} at row ${row} (counted from 0).`,
    { details: { row } },
  )
}

/** Labels of classes by their numbers, as a list. */
export function decodeLabels(classes: Classes, codes: NDArray): (string | boolean)[] {
  const numbers = codes.toTypedArray() as Float64Array
  return Array.from(numbers, (code) => classes[code] as string | boolean)
}
