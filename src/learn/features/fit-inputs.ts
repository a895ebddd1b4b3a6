/** Reads what `fit` is given: arrays, or a table and its columns. */

import { NDArray, type RowSelection, toRowNumbers } from '../../arrays/index.ts'
import { requireRows } from '../../arrays/internal.ts'
import { OneCopyError, show } from '../../errors.ts'
import { type Column, Table } from '../../tables/index.ts'
import { toArray } from '../inputs/as-array.ts'
import {
  columnsOf,
  type FeatureInput,
  type Features,
  isColumn,
  type TargetInput,
} from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { TableColumns } from '../inputs/table-columns.ts'
import { TableMatrix } from '../inputs/table-matrix.ts'
import type { FitOptions, TableFeatures } from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import { keepsMemory } from './keeps-memory.ts'
import { matchColumns } from './match-columns.ts'
import { explainMissing, requireNumbers } from './table-refusals.ts'

/** What `fit` was given, not yet checked. */
export interface FitInputs {
  readonly X: FeatureInput | Features
  readonly y?: TargetInput | undefined
  readonly options: FitOptions
  /** A target that is not read: a column of the table that is no feature either; default: none. */
  readonly but?: TargetInput | undefined
  /** Learned values of the model to continue, whose columns a table must have; default: none. */
  readonly known?: TableFeatures | undefined
}

/**
 * Runs the work of `fit` on a matrix, with the memory of all inputs held. A table becomes a view where its columns allow
 * that, otherwise one copy in scratch memory, which is freed afterwards unless the estimator keeps it. Its names and
 * categories are learned.
 *
 * @param work - gets the matrix, and the target as numbers or a list of labels
 * @throws OneCopyError `ERR_INDEX` for columns that are not there or that the estimator doesn't take, `ERR_VALUE` for missing
 *   values, both naming the column; otherwise what `work` throws
 */
export function fitInputs<T>(
  estimator: object,
  inputs: FitInputs,
  work: (X: NDArray, y: LabelInput | undefined) => Promise<T>,
): Promise<T> {
  return fitFeatures(estimator, inputs, async (X, y) => {
    if (X instanceof NDArray) return work(X, y)
    const matrix = await TableMatrix.of(X)
    const result = await work(matrix, y)
    const { copiedBytes_: own = 0 } = estimator as TableFeatures
    Object.assign(estimator, { copiedBytes_: Math.max(own, matrix.copiedBytes) })
    if (!mayKeep(estimator, matrix)) matrix[Symbol.dispose]()
    return result
  })
}

/**
 * Runs the work of `fit` of an estimator that reads the columns of a table where they lie.
 *
 * @param work - gets an array, or the columns
 * @throws as {@link fitInputs} does
 */
export async function fitFeatures<T>(
  estimator: object,
  { X, y, options, but, known }: FitInputs,
  work: (X: Features, y: LabelInput | undefined) => Promise<T>,
): Promise<T> {
  const given = X instanceof Table ? chooseColumns(estimator, X, y ?? but, known) : X
  const target = targetOf(X, y, options)
  const columns = columnsOf(given)
  const held = columns?.arrays ?? []
  return keepInputs({ X: given, y: target, options, held }, async () => {
    const features = given instanceof TableColumns ? given : toArray(given, '`X`')
    if (columns === undefined) return work(features, target)
    requireNumbers(estimator, columns)
    try {
      const result = await work(features, target)
      const { names, categories } = columns
      Object.assign(estimator, { featureNamesIn_: names, featureCategoriesIn_: categories })
      return result
    } catch (cause) {
      throw explainMissing(estimator, columns, options.rows, cause)
    }
  })
}

/** Steps may keep what they were fitted on out of sight. */
function mayKeep(estimator: object, matrix: TableMatrix): boolean {
  return 'hasSteps' in estimator || keepsMemory(estimator, matrix)
}

function chooseColumns(
  estimator: object,
  table: Table,
  y: unknown,
  known: TableFeatures | undefined,
): TableColumns {
  return known === undefined ? columnsBut(table, y) : matchColumns(estimator, table, known)
}

/** All columns of a table but that of the target. */
function columnsBut(table: Table, y: unknown): TableColumns {
  const target = typeof y === 'string' ? table.column(y) : y
  const columns = table.columns.filter((column) => column !== target)
  if (columns.length > 0) return TableColumns.of(columns, table.rows)
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected a table with columns to learn from, got ${table.columns.length === 0 ? 'none' : 'the target alone'}.`,
  )
}

/**
 * The target as numbers or labels.
 *
 * @throws OneCopyError `ERR_INDEX` for a name that is no column, `ERR_VALUE` for a row without a label
 */
export function targetOf(
  X: unknown,
  y: TargetInput | undefined,
  { rows }: FitOptions,
): LabelInput | undefined {
  if (typeof y === 'string') {
    if (X instanceof Table) return targetOf(X, X.column(y), rows === undefined ? {} : { rows })
    throw new TypeError(
      `Expected \`y\` to be the target itself, got ${show(y)}. A name of a column goes with a Table as \`X\`.`,
    )
  }
  return isColumn(y) ? readColumn(y, rows) : y
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
