/** A column of an Arrow file, and whether it is copied. */

import type { Column } from '../columns/columns.ts'

/** A column, and why its values are copied when they are first used; undefined: they stay in the file. */
export interface OpenedColumn {
  readonly column: Column
  readonly reason: string | undefined
}
