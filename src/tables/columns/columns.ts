/** The kinds of columns of a table. */

import { BooleanColumn } from './boolean-column.ts'
import { CategoryColumn } from './category-column.ts'
import { DateColumn } from './date-column.ts'
import { NumberColumn } from './number-column.ts'
import { TextColumn } from './text-column.ts'

/** A column; tell them apart by `kind`. */
export type Column = NumberColumn | CategoryColumn | TextColumn | BooleanColumn | DateColumn

/** Whether a value is a column. */
export function isColumn(value: unknown): value is Column {
  return (
    value instanceof NumberColumn ||
    value instanceof CategoryColumn ||
    value instanceof TextColumn ||
    value instanceof BooleanColumn ||
    value instanceof DateColumn
  )
}
