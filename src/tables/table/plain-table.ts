/** Tables whose columns models take as they are. */

import { plainColumn } from '../columns/plain-column.ts'
import type { Table } from './table.ts'

/**
 * A table of some columns, each as {@link plainColumn} gives it. It shares their memory, and disposing of it frees nothing.
 *
 * @throws OneCopyError `ERR_INDEX` for a column of texts or dates, or one that doesn't exist
 */
export function plainTable(table: Table, names: readonly string[]): Table {
  const chosen = table.select(names)
  return chosen.columns.reduce((plain, column) => {
    const own = plainColumn(column)
    return own === column ? plain : plain.withColumn(own)
  }, chosen)
}
