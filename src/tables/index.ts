/** Tables: named columns, read from CSV, made into matrices. */

export {
  CategoryColumn,
  type CodeType,
  type Column,
  NumberColumn,
  type Source,
} from './columns/columns.ts'
export {
  type ColumnKind,
  type CsvOptions,
  type CsvProgress,
  defaultMissing,
} from './csv/csv-options.ts'
export {
  type DesignMatrix,
  designMatrix,
  type DesignOptions,
  type LabeledMatrix,
  type LabelOptions,
} from './matrix/design-matrix.ts'
export {
  type EncodedTable,
  TableEncoder,
  type TableEncoderOptions,
} from './matrix/table-encoder.ts'
export type { Feature } from './matrix/encoders.ts'
export type { MissingRule } from './matrix/missing-rows.ts'
export { openTable } from './table/open-table.ts'
export { type CsvPartOptions, readCsv, readCsvParts } from './csv/read-csv.ts'
export { Table } from './table/table.ts'
export type { TableWarning } from './table/table-warning.ts'
