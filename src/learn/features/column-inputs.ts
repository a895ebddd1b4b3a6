/** Targets and weights that are columns of a table. */

import { type NDArray, type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type Column, isColumn, type PlainColumn, plainColumn, Table } from '../../tables/index.ts'
import type { FitOptions, TableFitOptions } from '../contract/estimator.ts'
import { type ArrayInput, pathAdvice } from '../inputs/as-array.ts'
import type { TargetInput, WeightInput } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { requireFiniteWeights } from '../inputs/weights.ts'

/**
 * The target as numbers or labels.
 *
 * @throws OneCopyError `ERR_INDEX` for a name that is no column, `ERR_VALUE` for a row without a label
 */
export function targetOf(
  X: unknown,
  y: TargetInput | undefined,
  options: Pick<FitOptions, 'rows' | 'weights'>,
): LabelInput | undefined {
  return readTargetColumn(X, y, options).values
}

/** The target, and the column that it is; throws as {@link targetOf} does. */
export function readTargetColumn(
  X: unknown,
  y: TargetInput | undefined,
  { rows, weights }: Pick<FitOptions, 'rows' | 'weights'>,
): { readonly values: LabelInput | undefined; readonly column?: Column } {
  const given = typeof y === 'string' ? columnOf(X, 'y', 'the target itself', y) : y
  return isColumn(given)
    ? { values: readColumn(given, rows, weights), column: given }
    : { values: given }
}

/**
 * Numbers in place, or a list of texts. Rows that are not read, and those of weight 0, may have no text: they get one that no row has,
 * so that they belong to no class.
 */
function readColumn(
  given: Column,
  rows: RowSelection | undefined,
  weights?: ArrayInput,
): LabelInput {
  const column = plainColumn(given)
  if (column.kind === 'number') return column.values
  const texts = column.toArray()
  const numbers = toRowNumbers(requireRows(rows, texts.length))
  const hasNone = (row: number): boolean => texts[row] === null
  let missing = numbers.find(hasNone)
  if (missing !== undefined && weights !== undefined) {
    const values = requireFiniteWeights(weights, texts.length)
    missing = numbers.find((row) => hasNone(row) && values[row] !== 0)
  }
  if (missing === undefined) {
    const none = unusedText(column.categories)
    return texts.map((text) => text ?? none)
  }
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected a label in every row of column '${column.name}', got none in row ${missing} (counted from 0). ` +
      'Leave such rows out through `rows`.',
    { details: { column: column.name, row: missing } },
  )
}

/** A text that is not among others. */
function unusedText(others: readonly string[]): string {
  const known = new Set(others)
  let text = ''
  while (known.has(text)) text += '\0'
  return text
}

/** Options of `fit` with weights as an array; other options as they are. */
export function withArrayWeights(X: unknown, options: TableFitOptions): FitOptions {
  if (hasArrayWeights(options)) return options
  const { weights, ...others } = options
  return weights === undefined ? others : { ...others, weights: weightsOf(X, weights) }
}

function hasArrayWeights(options: TableFitOptions): options is FitOptions {
  const { weights } = options
  return typeof weights !== 'string' && !isColumn(weights)
}

/**
 * Weights as an array; those of a column are read in place.
 *
 * @throws OneCopyError `ERR_INDEX` for a name that is no column and for a column of texts, `ERR_VALUE` for a row without a
 *   weight
 */
export function weightsOf(X: unknown, weights: WeightInput): ArrayInput {
  const given =
    typeof weights === 'string'
      ? columnOf(X, 'weights', 'the weights themselves', weights)
      : weights
  return isColumn(given) ? numbersOf(given, weightUse, undefined) : given
}

/**
 * The group of each row, by the name of a column or as it is.
 *
 * @throws OneCopyError `ERR_INDEX` for a name that is no column; TypeError for a name without a table
 */
export function groupsOf(
  X: unknown,
  groups: LabelInput | Column | string | undefined,
): LabelInput | Column | undefined {
  return typeof groups === 'string'
    ? columnOf(X, 'groups', 'the groups themselves', groups)
    : groups
}

/**
 * True values of a metric of numbers; those of a column are read in place.
 *
 * @throws OneCopyError `ERR_INDEX` for a column of texts, `ERR_VALUE` for a row without a value among those that are scored
 */
export function trueNumbers(y: ArrayInput | Column, rows: RowSelection | undefined): ArrayInput {
  return isColumn(y) ? numbersOf(y, truthUse, rows) : y
}

/**
 * True labels of a metric: numbers, or a list of texts or of true and false.
 *
 * @throws OneCopyError `ERR_VALUE` for a row without a label among those that are scored
 */
export function trueLabels(y: LabelInput | Column, rows: RowSelection | undefined): LabelInput {
  if (!isColumn(y)) return y
  const column = plainColumn(y)
  return column.kind === 'category' ? readColumn(column, rows) : numbersOf(column, truthUse, rows)
}

/** What numbers of a column are for. */
interface ColumnUse {
  readonly name: 'weights' | 'y'
  readonly value: string
  /** What to do about a missing one. */
  readonly advice: string
}

const weightUse: ColumnUse = {
  name: 'weights',
  value: 'a weight',
  advice: 'Fill in a number; a weight of 0 ignores the row.',
}

const truthUse: ColumnUse = {
  name: 'y',
  value: 'a value',
  advice: 'Leave such rows out through `rows`.',
}

function numbersOf(given: Column, use: ColumnUse, rows: RowSelection | undefined): NDArray {
  const column: PlainColumn = plainColumn(given)
  const { name, values } = column
  if (column.kind === 'category') {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected numbers in column '${name}', whose values are \`${use.name}\`, got texts.`,
      { details: { column: name } },
    )
  }
  if (column.missing === 0) return values
  const row = toRowNumbers(requireRows(rows, values.size)).find((number) =>
    column.isMissing(number),
  )
  if (row === undefined) return values
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected ${use.value} in every row of column '${name}', got none in row ${row} (counted from 0). ${use.advice}`,
    { details: { column: name, row } },
  )
}

/** A column by its name in a table. */
function columnOf(X: unknown, what: string, itself: string, name: string): Column {
  if (X instanceof Table) return X.column(name)
  if (typeof X === 'string')
    throw new TypeError(`Expected \`X\` to be an array or a table, got ${show(X)}.${pathAdvice}`)
  throw new TypeError(
    `Expected \`${what}\` to be ${itself}, got ${show(name)}. A name of a column goes with a Table as \`X\`.`,
  )
}
