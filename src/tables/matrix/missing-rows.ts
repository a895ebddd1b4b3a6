/** Chooses the rows to use when values are missing. */

import { OneCopyError } from '../../errors.ts'
import type { Column } from '../columns/columns.ts'

/** What to do with rows that have missing values. */
export type MissingRule = 'error' | 'drop' | 'keep'

/**
 * Chooses rows: under `'drop'` those in which all columns have a value, under `'keep'` those in which
 * the target has one.
 *
 * @param rows - rows of the table
 * @param target - column to be predicted, if there is one
 * @param columns - columns to predict it from
 * @param rule - what to do with the others
 * @returns numbers of the chosen rows, ascending; undefined for all of them
 * @throws OneCopyError `ERR_VALUE` under `'error'` when a value is missing, else when no row is left
 */
export function chooseRows(
  rows: number,
  target: Column | undefined,
  columns: readonly Column[],
  rule: MissingRule,
): Int32Array | undefined {
  const decisive = [...(target ? [target] : []), ...(rule === 'keep' ? [] : columns)].filter(
    ({ missing }) => missing > 0,
  )
  if (decisive.length === 0) return undefined
  const isLeftOut = new Uint8Array(rows)
  let leftOut = 0
  for (const column of decisive) {
    const mask = column.missingMask().data
    for (let row = 0; row < rows; row++) {
      if (mask[row] === 0 || isLeftOut[row] === 1) continue
      isLeftOut[row] = 1
      leftOut++
    }
  }
  if (rule === 'error') throw missingValues(rows, leftOut, decisive)
  if (leftOut === rows) {
    throw new OneCopyError(
      'ERR_VALUE',
      `Expected rows with a value in every column, got none: ${listColumns(decisive)}. Choose other columns.`,
      { details: { rows } },
    )
  }
  const chosen = new Int32Array(rows - leftOut)
  for (let row = 0, i = 0; row < rows; row++) if (isLeftOut[row] === 0) chosen[i++] = row
  return chosen
}

function missingValues(rows: number, leftOut: number, columns: readonly Column[]): OneCopyError {
  return new OneCopyError(
    'ERR_VALUE',
    `Expected a value in every row of the columns used, got ${leftOut} of ${rows} rows without: ` +
      `${listColumns(columns)}. Leave these rows out with ` +
      "`designMatrix(table, { target, missing: 'drop' })` or `new TableEncoder({ missing: 'drop' })`, " +
      'or choose other columns.',
    {
      details: {
        rows: leftOut,
        columns: Object.fromEntries(columns.map(({ name, missing }) => [name, missing])),
      },
    },
  )
}

function listColumns(columns: readonly Column[]): string {
  const worst = columns.toSorted((a, b) => b.missing - a.missing)
  const shown = worst.slice(0, 5).map(({ name, missing }) => `${name} (${missing})`)
  return `${shown.join(', ')}${worst.length > 5 ? ` and ${worst.length - 5} more columns` : ''}`
}
