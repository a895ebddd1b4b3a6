/** Reads what `fit` is given: arrays, or a table and its columns. */

import { NDArray } from '../../arrays/index.ts'
import { OneCopyError } from '../../errors.ts'
import { Table } from '../../tables/index.ts'
import { toArray } from '../inputs/as-array.ts'
import {
  columnsOf,
  type FeatureInput,
  type Features,
  type TargetInput,
} from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { TableColumns } from '../inputs/table-columns.ts'
import { makeTableMatrix } from '../inputs/table-matrix.ts'
import type { FitOptions, TableFeatures, TableFitOptions } from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import { readTargetColumn, withArrayWeights } from './column-inputs.ts'
import { ownColumns } from './own-columns.ts'
import { keepsMemory } from './keeps-memory.ts'
import { matchColumns } from './match-columns.ts'
import { explainMissing, requireNumbers } from './table-refusals.ts'
import { explainTarget } from './target-refusals.ts'

/** What `fit` was given, not yet checked. */
export interface FitInputs {
  readonly X: FeatureInput | Features
  readonly y?: TargetInput | undefined
  /** Weights that are a column of the table are read, and the column is no feature. */
  readonly options: TableFitOptions
  /** A target that is not read: a column of the table that is no feature either; default: none. */
  readonly but?: TargetInput | undefined
  /** Groups of rows, which are not read: a column of the table that is no feature either; default: none. */
  readonly groups?: TargetInput | undefined
  /** Learned values of the model to continue, whose columns a table must have; default: none. */
  readonly known?: TableFeatures | undefined
}

/**
 * Runs the work of `fit` on a matrix, with the memory of all inputs held. A table becomes a view where its columns allow
 * that, otherwise one copy in scratch memory, which is freed afterwards unless the estimator keeps it. Its names and
 * categories are learned.
 *
 * @param work - gets the matrix, the target as numbers or a list of labels, and the options with weights as an array
 * @throws OneCopyError `ERR_INDEX` for columns that are not there or that the estimator doesn't take, `ERR_VALUE` for missing
 *   values, both naming the column; otherwise what `work` throws
 */
export function fitInputs<T>(
  estimator: object,
  inputs: FitInputs,
  work: (X: NDArray, y: LabelInput | undefined, options: FitOptions) => Promise<T>,
): Promise<T> {
  return fitFeatures(estimator, inputs, async (X, y, options) => {
    if (X instanceof NDArray) return work(X, y, options)
    const { matrix, copiedBytes } = await makeTableMatrix(X)
    let isKept = false
    try {
      const result = await work(matrix, y, options)
      const { copiedBytes_: own = 0 } = estimator as TableFeatures
      Object.assign(estimator, { copiedBytes_: Math.max(own, copiedBytes) })
      isKept = mayKeep(estimator, matrix)
      return result
    } finally {
      if (!isKept) matrix[Symbol.dispose]()
    }
  })
}

/**
 * Runs the work of `fit` of an estimator that reads the columns of a table where they lie.
 *
 * @param work - gets an array, or the columns, and what {@link fitInputs} gives
 * @throws as {@link fitInputs} does
 */
export async function fitFeatures<T>(
  estimator: object,
  { X, y, options: given, but, groups, known }: FitInputs,
  work: (X: Features, y: LabelInput | undefined, options: FitOptions) => Promise<T>,
): Promise<T> {
  const others = { y: y ?? but, weights: given.weights, groups }
  const features = X instanceof Table ? chooseColumns(estimator, X, others, known) : X
  const options = withArrayWeights(X, given)
  const target = readTargetColumn(X, y, options)
  const columns = columnsOf(features)
  const held = columns?.arrays ?? []
  return keepInputs({ X: features, y: target.values, options, held }, async () => {
    const X = features instanceof TableColumns ? features : toArray(features, '`X`')
    if (columns !== undefined) requireNumbers(estimator, columns)
    try {
      const result = await work(X, target.values, options)
      if (columns === undefined) return result
      const { names, categories } = columns
      Object.assign(estimator, { featureNamesIn_: names, featureCategoriesIn_: categories })
      return result
    } catch (cause) {
      const explained = explainTarget(estimator, target.column, options.rows, cause)
      throw columns === undefined
        ? explained
        : explainMissing(estimator, columns, options.rows, explained)
    }
  })
}

/** Steps may keep what they were fitted on out of sight. */
function mayKeep(estimator: object, matrix: NDArray): boolean {
  return 'hasSteps' in estimator || keepsMemory(estimator, matrix)
}

/** Columns of a table that are no features, by the names of arguments. */
type Others = Readonly<Record<'y' | 'weights' | 'groups', unknown>>

function chooseColumns(
  estimator: object,
  table: Table,
  others: Others,
  known: TableFeatures | undefined,
): TableColumns {
  if (known === undefined) return columnsBut(table, others)
  const matched = matchColumns(estimator, table, known)
  requireOthers(matched, table, others)
  return matched
}

/** Refuses a target or weights that are a feature of the model to continue. @throws OneCopyError `ERR_INDEX` */
function requireOthers({ names }: TableColumns, table: Table, others: Others): void {
  const left = ownColumns(table, others)
  const feature = names.find((name) => left.has(table.column(name)))
  if (feature === undefined) return
  throw new OneCopyError(
    'ERR_INDEX',
    `Expected a target and weights that \`continueFrom\` doesn't learn from, got column '${feature}', which is one of its features. ` +
      'Fit a new model, or name the columns that it was fitted with.',
    { details: { column: feature } },
  )
}

/** All columns of a table but others, by name or themselves: those of the target, of weights and of groups. */
function columnsBut(table: Table, others: Others): TableColumns {
  const left = ownColumns(table, others)
  const columns = table.columns.filter((column) => !left.has(column))
  if (columns.length > 0) return TableColumns.of(columns, table.rows)
  throw new OneCopyError(
    'ERR_SHAPE',
    `Expected a table with columns to learn from, got ${table.columns.length === 0 ? 'none' : 'the target alone'}.`,
  )
}
