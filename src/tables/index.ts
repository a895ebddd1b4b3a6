/** Tables: named columns, read from CSV, made into matrices. */

export { CategoryColumn, type CodeType, type Column, NumberColumn, type Source } from './columns.ts'
export {
  type ColumnKind,
  type CsvOptions,
  type CsvProgress,
  defaultMissing,
} from './csv-options.ts'
export { type DesignMatrix, designMatrix, type DesignOptions } from './design-matrix.ts'
export type { MissingRule } from './missing-rows.ts'
export { openTable } from './open-table.ts'
export { readCsv } from './read-csv.ts'
export { Table } from './table.ts'
