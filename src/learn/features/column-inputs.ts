/** Targets and weights that are columns of a table. */

import { type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type Column, Table } from '../../tables/index.ts'
import type { FitOptions, TableFitOptions } from '../contract/estimator.ts'
import type { ArrayInput } from '../inputs/as-array.ts'
import { isColumn, type TargetInput, type WeightInput } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'

/**
 * The target as numbers or labels.
 *
 * @throws OneCopyError `ERR_INDEX` for a name that is no column, `ERR_VALUE` for a row without a label
 */
export function targetOf(
  X: unknown,
  y: TargetInput | undefined,
  options: Pick<FitOptions, 'rows'>,
): LabelInput | undefined {
  return readTargetColumn(X, y, options).values
}

/** The target, and the column that it is; throws as {@link targetOf} does. */
export function readTargetColumn(
  X: unknown,
  y: TargetInput | undefined,
  { rows }: Pick<FitOptions, 'rows'>,
): { readonly values: LabelInput | undefined; readonly column?: Column } {
  const given = typeof y === 'string' ? columnOf(X, 'y', 'the target itself', y) : y
  return isColumn(given) ? { values: readColumn(given, rows), column: given } : { values: given }
}

/** Numbers in place, or a list of texts; a text that is missing in a row that is not read is empty. */
function readColumn(column: Column, rows: RowSelection | undefined): LabelInput {
  if (column.kind === 'number') return column.values
  const texts = column.toArray()
  const missing = toRowNumbers(requireRows(rows, texts.length)).find((row) => texts[row] === null)
  if (missing === undefined) return texts.map((text) => text ?? '')
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected a label in every row of column '${column.name}', got none in row ${missing} (counted from 0). ` +
      'Leave such rows out through `rows`.',
    { details: { column: column.name, row: missing } },
  )
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
  if (!isColumn(given)) return given
  if (given.kind === 'category') {
    throw new OneCopyError(
      'ERR_INDEX',
      `Expected numbers in column '${given.name}', whose values are \`weights\`, got texts.`,
      { details: { column: given.name } },
    )
  }
  if (given.missing === 0) return given.values
  const row = given.missingMask().data.indexOf(1)
  throw new OneCopyError(
    'ERR_VALUE',
    `Expected a weight in every row of column '${given.name}', got none in row ${row} (counted from 0). ` +
      'Fill in a number; a weight of 0 ignores the row.',
    { details: { column: given.name, row } },
  )
}

/** A column by its name in a table. */
function columnOf(X: unknown, what: string, itself: string, name: string): Column {
  if (X instanceof Table) return X.column(name)
  throw new TypeError(
    `Expected \`${what}\` to be ${itself}, got ${show(name)}. A name of a column goes with a Table as \`X\`.`,
  )
}
