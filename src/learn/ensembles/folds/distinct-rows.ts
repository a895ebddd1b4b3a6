/** Rows that an ensemble learns from, each once. */

import { countRows, type Rows, type RowSelection } from '../../../arrays/index.ts'
import { requireRows } from '../../../arrays/internal.ts'
import { OneCopyError } from '../../../errors.ts'

/**
 * Checks rows to learn from.
 *
 * @returns them in the order in which they were given
 * @throws OneCopyError `ERR_INDEX`, `ERR_ROWS` for no rows, and for a row that is given twice
 */
export function requireDistinctRows(selection: RowSelection, n: number): Rows {
  const rows = requireRows(selection, n)
  if (countRows(rows) === 0)
    throw new OneCopyError('ERR_ROWS', 'Expected at least one row to fit an ensemble on, got none.')
  if ('ranges' in rows) return rows
  const seen = new Uint8Array(n)
  for (const row of rows.numbers) {
    if (seen[row] === 0) seen[row] = 1
    else
      throw new OneCopyError(
        'ERR_ROWS',
        `Expected each row once in \`rows\` of an ensemble, whose folds split them, got row ${row} twice. ` +
          'Give it a weight of 2 to count it twice.',
        { details: { row } },
      )
  }
  return rows
}
