/** Errors about texts and missing values in columns of tables. */

import { type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { isOneCopyError, OneCopyError } from '../../errors.ts'
import { listNames } from '../../nearest-names.ts'
import type { ColumnSchema, TableColumns } from '../inputs/table-columns.ts'
import { type Configurable, isEstimator } from '../contract/estimator.ts'

/** What a learner or transformer does with columns of categories. */
type CategoryReader = Pick<Configurable, 'takesCategories' | 'keepsCategories'>

/**
 * Refuses a column of categories for an estimator that reads numbers only: its codes would be taken for measurements.
 *
 * @param estimator - what is fitted; of a pipeline the first steps count
 * @throws OneCopyError `ERR_INDEX` naming the column
 */
export function requireNumbers(estimator: object, columns: ColumnSchema): void {
  requireReaders(stepsOf(estimator), columns)
}

/**
 * As {@link requireNumbers}, for steps one after the other, of which only those at the beginning see columns of the table.
 *
 * @param isWhole - whether nothing comes after the steps that could take codes for numbers
 */
export function requireReaders(
  steps: readonly object[],
  { names, categories }: ColumnSchema,
  isWhole = true,
): void {
  if (categories.every((texts) => texts === null)) return
  for (const [i, step] of steps.flatMap(stepsOf).entries()) {
    const { takesCategories = false, keepsCategories = false } = step as CategoryReader
    const isLate = i > 0 && isEstimator(step)
    if (!takesCategories || isLate) requireNoTexts(step.constructor.name, { names, categories })
    if (!keepsCategories) return
  }
  if (!isWhole) requireNoTexts(steps.at(-1)!.constructor.name, { names, categories })
}

function stepsOf(estimator: object): readonly object[] {
  const hasSteps = 'stepsInOrder' in estimator && Array.isArray(estimator.stepsInOrder)
  return hasSteps ? (estimator.stepsInOrder as object[]).flatMap(stepsOf) : [estimator]
}

/**
 * Refuses columns of texts, which `reader` would read as numbers.
 *
 * @param reader - its name, for the error text
 * @throws OneCopyError `ERR_INDEX` naming the first of them
 */
export function requireNoTexts(reader: string, { names, categories }: ColumnSchema): void {
  const column = categories.findIndex((texts) => texts !== null)
  if (column === -1) return
  const [name, texts] = [names[column]!, categories[column]!]
  const shown = texts.length === 0 ? '' : ` such as ${listNames(texts.slice(0, 3)).slice(0, -1)}`
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected numbers in column '${name}' for ${reader}, got texts${shown}. ` +
      'Put a OneHotEncoder or an OrdinalEncoder before it, for such columns in a ColumnTransformer; use a learner of trees, which takes ' +
      `categories; or leave the column out: table.without(['${name}']).`,
    { details: { column: name } },
  )
}

/**
 * Names the column of a table that has the missing or infinite value which an error is about.
 *
 * @param rows - those that were read; undefined: all
 * @param cause - what was thrown
 * @returns what to throw
 */
export function explainMissing(
  estimator: object,
  columns: TableColumns,
  rows: RowSelection | undefined,
  cause: unknown,
): unknown {
  if (!isOneCopyError(cause) || cause.code !== 'ERR_VALUE') return cause
  const [, found] = /(?<!\w)(NaN|-?Infinity) in `X`/.exec(cause.message) ?? []
  if (found === undefined) return cause
  const place = firstPlace(columns, rows, (value) => Object.is(value, Number(found)))
  if (place === undefined) return cause
  const name = columns.names[place.column]!
  const details = { column: name, row: place.row }
  if (found !== 'NaN') {
    return new OneCopyError(
      'ERR_VALUE',
      `Expected finite numbers in column '${name}' for ${estimator.constructor.name}, got ${found} in row ${place.row} (counted from 0). ` +
        'Leave such rows out, or replace their values first.',
      { cause, details: { ...details, value: Number(found) } },
    )
  }
  return new OneCopyError(
    'ERR_VALUE',
    `Expected a value in every row of column '${name}' for ${estimator.constructor.name}, got none in row ${place.row} (counted from 0). ` +
      'Put a SimpleImputer before it in a Pipeline, leave such rows out, or use a learner of trees, which takes missing values.',
    { cause, details },
  )
}

/** Names the text that an encoder has refused by its code, because `fit` had not seen it. */
export function explainUnknown(
  columns: TableColumns,
  textOf: (column: number, code: number) => string | undefined,
  rows: RowSelection | undefined,
  cause: unknown,
): unknown {
  if (!isOneCopyError(cause) || cause.code !== 'ERR_VALUE') return cause
  const { value, column: refused } = cause.details
  if (typeof value !== 'number' || !cause.message.startsWith('Expected a category that was'))
    return cause
  // A text that only rows outside those of fit() had has a number of its own, which other columns may use too.
  const place = firstPlace(
    columns,
    rows,
    (found, column) =>
      found === value && columns.categories[column] !== null && (value < 0 || column === refused),
  )
  const text =
    place && (columns.categories[place.column]?.[value] ?? textOf(place.column, -1 - value))
  if (place === undefined || text === undefined) return cause
  const name = columns.names[place.column]!
  return new OneCopyError(
    'ERR_VALUE',
    `Expected texts of column '${name}' that were there in fit(), got '${text}' in row ${place.row} (counted from 0). ` +
      "Set handleUnknown of its encoder to 'ignore' or another value that takes them.",
    { cause, details: { column: name, row: place.row, text } },
  )
}

function firstPlace(
  columns: TableColumns,
  rows: RowSelection | undefined,
  is: (value: number, column: number) => boolean,
): { row: number; column: number } | undefined {
  const [n, d] = columns.shape
  let first: { row: number; column: number } | undefined
  const numbers = toRowNumbers(requireRows(rows, n))
  for (let column = 0; column < d; column++)
    for (const row of numbers)
      if ((first === undefined || row < first.row) && is(columns.get(row, column), column))
        first = { row, column }
  return first
}
