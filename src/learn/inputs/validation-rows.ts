/** Sets rows aside by whose loss training stops. */

import { rowRanges, type RowSelection, toRowNumbers, type Rows } from '../../arrays/index.ts'
import { requireRows, rowNumbers } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { placesWhere } from './row-vectors.ts'

/** Rows to learn from, and rows to validate on. */
export interface ValidationSplit {
  readonly training: Rows
  readonly validation: Rows
}

/** Options of models that validate on rows set aside. */
export interface ValidationOptions {
  /** Whether rows are set aside. */
  readonly earlyStopping: boolean
  /** Share of the rows that are set aside. */
  readonly validationFraction: number
  /** The rows that are set aside, in place of a share. */
  readonly validationRows: RowSelection | 'heldOut' | null
  readonly seed: number
}

/** Rows that `fit` is given. */
export interface GivenRows {
  /** The first group. */
  readonly groups: readonly Rows[]
  readonly weights: Float64Array | null
}

/**
 * Rows that `fit` is not given, when the model validates on them; undefined otherwise, and when there are none.
 *
 * @param test - the rows that a fold holds out; default: all that `fit` is not given
 */
export function heldOutRows(
  { earlyStopping, validationRows }: ValidationOptions,
  { groups, weights }: GivenRows,
  n: number,
  test?: Rows,
): Rows | undefined {
  if (!earlyStopping || validationRows !== 'heldOut') return undefined
  const others = test === undefined ? otherRows(groups[0]!, n) : toRowNumbers(test)
  const rows = others.filter((row) => weights === null || weights[row] !== 0)
  return rows.length === 0 ? undefined : rowNumbers(rows)
}

/**
 * Parts rows by the options of a model.
 *
 * @param n - rows of `X`
 * @param heldOut - what {@link heldOutRows} returned, or those of them that can be validated on
 * @throws OneCopyError `ERR_ROWS`; `ERR_OPTION` for `validationRows` without `earlyStopping`
 */
export function partRows(
  model: ValidationOptions,
  { groups, weights }: GivenRows,
  n: number,
  heldOut: Rows | undefined,
): ValidationSplit {
  const { earlyStopping, validationFraction: fraction, validationRows, seed } = model
  const rows = groups[0]!
  if (heldOut !== undefined) return { training: rows, validation: heldOut }
  if (!earlyStopping && validationRows !== null) {
    throw new OneCopyError(
      'ERR_OPTION',
      `Expected \`earlyStopping: true\` with \`validationRows\` of ${model.constructor.name}, which are for early stopping. Without it, leave them out.`,
      { details: { name: 'validationRows' } },
    )
  }
  if (!earlyStopping) return { training: rows, validation: rowRanges([]) }
  if (validationRows === null || validationRows === 'heldOut')
    return splitValidation(rows, weights, { fraction, seed })
  return takeValidation(rows, weights, requireRows(validationRows, n))
}

/**
 * Draws about `fraction` of the rows that count. Each row is drawn by the seed and its position among them, so that a
 * choice of rows is parted like a copy of them.
 *
 * @param weights - rows of weight 0 are in neither part
 * @throws OneCopyError `ERR_ROWS` when there are fewer than 2 rows
 */
function splitValidation(
  rows: Rows,
  weights: Float64Array | null,
  { fraction, seed }: { readonly fraction: number; readonly seed: number },
): ValidationSplit {
  const all = toRowNumbers(rows)
  const counted = weights === null ? all : all.filter((row) => weights[row] !== 0)
  if (counted.length < 2) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected at least 2 rows with a weight above 0 for earlyStopping, got ${counted.length}.`,
    )
  }
  const isDrawn = (i: number): boolean => uniformAt(seed, i) < fraction
  let validation = counted.filter((_, i) => isDrawn(i))
  let training = counted.filter((_, i) => !isDrawn(i))
  // A part that the draws left empty gets the last row of the other one.
  if (validation.length === 0) [training, validation] = [counted.slice(0, -1), counted.slice(-1)]
  if (training.length === 0) [training, validation] = [counted.slice(-1), counted.slice(0, -1)]
  return { training: rowNumbers(training), validation: rowNumbers(validation) }
}

/**
 * Parts the rows that count into given ones, to validate on, and all others.
 *
 * @param given - rows that are not among those that count are passed over, such as rows that a fold holds out
 * @throws OneCopyError `ERR_ROWS` when one of the parts is empty
 */
function takeValidation(rows: Rows, weights: Float64Array | null, given: Rows): ValidationSplit {
  const chosen = new Set(toRowNumbers(given))
  const all = toRowNumbers(rows)
  const counted = weights === null ? all : all.filter((row) => weights[row] !== 0)
  const validation = counted.filter((row) => chosen.has(row))
  const training = counted.filter((row) => !chosen.has(row))
  if (validation.length > 0 && training.length > 0)
    return { training: rowNumbers(training), validation: rowNumbers(validation) }
  throw new OneCopyError(
    'ERR_ROWS',
    'Expected `validationRows` to name some of the rows with a weight above 0 that `fit` is given, and to leave others to learn from, ' +
      `got ${validation.length} of ${counted.length}.`,
    { details: { validation: validation.length, rows: counted.length } },
  )
}

/** Numbers of the rows among n that are not in `rows`. */
function otherRows(rows: Rows, n: number): Int32Array {
  const isOther = new Uint8Array(n).fill(1)
  const numbers = toRowNumbers(rows)
  for (let i = 0; i < numbers.length; i++) isOther[numbers[i]!] = 0
  return placesWhere(isOther, (other) => other === 1)
}

/** A number in [0, 1) that depends on the seed and the position only (finalizer of MurmurHash3). */
function uniformAt(seed: number, position: number): number {
  let x = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(position + 1, 0xc2b2ae35)
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32
}
