/** What to read from each column, and how rows are split. */

import type { RemoveThousands } from '../numbers/thousands.ts'
import type { FirstRowFacts } from './ragged-row.ts'
import type { Dialect } from './split-row.ts'

/** What to do with the fields of one column of the file. */
export interface FieldPlan {
  readonly name: string
  readonly kind: 'number' | 'category' | 'skip'
  /** Whether a text in a numeric column is an error; else the column is given up and noted. */
  readonly strict?: boolean
}

/** How rows are cut into fields, and what they may lack. */
export interface RowRules {
  readonly dialect: Dialect
  /** Trimmed texts that mean "no value". */
  readonly missing: ReadonlySet<string>
  /** Whether a row may end before its last fields, which are missing then. */
  readonly fillsShortRows: boolean
  /** Whether a delimiter may stand behind the last field. */
  readonly trailingDelimiter: boolean
  /** Most rows that are read. */
  readonly rowLimit: number
  /** Whether blanks around texts are dropped. */
  readonly trim: boolean
  readonly removeThousands: RemoveThousands
  /** Position in the file of the first row of data. */
  readonly start: number
  readonly firstRow: FirstRowFacts
}
