/** Tables: named columns, read from CSV, made into matrices. */

export { BooleanColumn } from './columns/boolean-column.ts'
export { CategoryColumn, type CodeType } from './columns/category-column.ts'
export type { CellValue, ColumnOptions, Source } from './columns/column-base.ts'
export { type Column, isColumn } from './columns/columns.ts'
export { DateColumn, type DateOptions, type DateType } from './columns/date-column.ts'
export type { DateUnit } from './columns/date-text.ts'
export { NumberColumn, type NumberOf, type NumberType } from './columns/number-column.ts'
export { type PlainColumn, plainColumn } from './columns/plain-column.ts'
export { type OffsetType, type TextArrays, TextColumn } from './columns/text-column.ts'
export type { Validity } from './columns/validity.ts'
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
export type { CsvInput } from './csv/source/csv-source.ts'
export type { TextEncoding } from './csv/source/plain-text.ts'
export { openTable } from './table/open-table.ts'
export { type CsvPartOptions, readCsv, readCsvParts } from './csv/read-csv.ts'
export { plainTable } from './table/plain-table.ts'
export { writeCsv, type WriteCsvOptions, type WrittenCsv } from './csv/write/write-csv.ts'
export { Table } from './table/table.ts'
export type { TableWarning } from './table/table-warning.ts'
export type { GenotypeNotation } from './genotypes/calls.ts'
export type { GenotypeColumnNames } from './genotypes/genotype-table.ts'
export type { GenotypeLayout } from './genotypes/layouts/layout.ts'
export { readGenotypes, type ReadGenotypesOptions } from './genotypes/read-genotypes.ts'
export { readVcf, type ReadVcfOptions } from './genotypes/read-vcf.ts'
export type { ContigRename } from './genotypes/reference-alleles.ts'
export type { SkippedRows, SkipReason } from './genotypes/skipped-rows.ts'
export type {
  VcfCounts,
  VcfFile,
  VcfOptions,
  VcfProgress,
  VcfReport,
} from './genotypes/vcf-options.ts'
export { writeVcf } from './genotypes/write-vcf.ts'
export {
  type ArrowColumn,
  type ArrowDescription,
  type ArrowOptions,
  describeArrow,
  openArrow,
} from './arrow/open-arrow.ts'
export { type ForeignTable, fromArrow } from './arrow/from-arrow.ts'
export { writeArrow, type WriteArrowOptions } from './arrow/write-arrow.ts'
export { aggregate, type AggregateSpec, type Statistic } from './rows/aggregate.ts'
export type {
  ColumnCondition,
  Condition,
  ConditionValue,
  RangeCondition,
} from './rows/condition.ts'
export { copyRows } from './rows/copy-rows.ts'
export { countValues, type CrossCounts, crossCounts } from './rows/count-values.ts'
export { type ColumnDescription, describeTable } from './rows/describe-table.ts'
export { findRows, type RowView } from './rows/find-rows.ts'
export { groupRows, type SomeRowsOptions } from './rows/group-rows.ts'
export { type Group, Groups } from './rows/groups.ts'
export { type MatchColumns, matchRows } from './rows/match-rows.ts'
export { type SampleOptions, sampleRows } from './rows/sample-rows.ts'
export { type SortKey, sortRows } from './rows/sort-rows.ts'
