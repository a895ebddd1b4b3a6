/** What fits and predictions take: arrays, or tables and columns. */

import { NDArray } from '../../arrays/index.ts'
import type { Column, Table } from '../../tables/index.ts'
import type { ArrayInput } from './as-array.ts'
import type { LabelInput } from './labels.ts'
import { TableColumns } from './table-columns.ts'
import { columnsOfMatrix } from './table-matrix.ts'

/**
 * Features: an array in any form that learners take, or a table, whose columns are features by name. Numbers are read where
 * they lie; a column of texts is one of categories, for learners and transformers that take them.
 */
export type FeatureInput = ArrayInput | Table

/** A target in any form, or a column: by its name in the table, or itself. */
export type TargetInput<Y extends LabelInput = LabelInput> = Y | string | Column

/** Weights in any form, or a column of numbers: by its name in the table, or itself. */
export type WeightInput = ArrayInput | string | Column

/** Features on their way through `fit`: an array, or columns of a table. */
export type Features = NDArray | TableColumns

/** The columns behind features; undefined for arrays without names. */
export function columnsOf(X: unknown): TableColumns | undefined {
  if (X instanceof TableColumns) return X
  return X instanceof NDArray ? columnsOfMatrix(X) : undefined
}
