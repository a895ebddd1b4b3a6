/** Checks what saved tables are made of. */

import { OneCopyError, show } from '../../errors.ts'
import { type Column, isColumn } from '../columns/columns.ts'
import { isTableWarning, type TableWarning } from './table-warning.ts'

/** What a table is made of. */
export interface TableState {
  readonly rows: unknown
  readonly columns: unknown
  readonly warnings: unknown
}

/** @throws OneCopyError `ERR_FORMAT` */
export function requireSavedColumns({ columns }: TableState): readonly Column[] {
  if (Array.isArray(columns) && columns.every(isColumn)) return columns
  throw new OneCopyError('ERR_FORMAT', `Expected a list of columns, got ${show(columns)}.`)
}

/** @throws OneCopyError `ERR_FORMAT` */
export function requireSavedRows({ rows }: TableState, columns: readonly Column[]): number {
  const wrong = columns.find(({ size }) => size !== rows)
  if (Number.isSafeInteger(rows) && (rows as number) >= 0 && wrong === undefined)
    return rows as number
  const found = wrong === undefined ? '' : `, which column '${wrong.name}' has not`
  throw new OneCopyError(
    'ERR_FORMAT',
    `Expected the number of rows that all columns have, got ${show(rows)}${found}.`,
  )
}

/** @throws OneCopyError `ERR_FORMAT` */
export function requireSavedWarnings({ warnings }: TableState): readonly TableWarning[] {
  if (Array.isArray(warnings) && warnings.every(isTableWarning)) return warnings
  throw new OneCopyError('ERR_FORMAT', `Expected a list of warnings, got ${show(warnings)}.`)
}
