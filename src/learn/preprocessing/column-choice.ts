/** Base of transformers that keep some columns. */

import { requireFitted } from '../contract/base-estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import type { RowMap } from '../contract/row-map.ts'
import { BlockTransformer } from './block-transformer.ts'

/** A transformer that maps rows to some of their values. */
export abstract class ColumnChoice extends BlockTransformer {
  /** Number of columns before the map. */
  declare inputColumns_: number
  /** Numbers of the columns that are kept, in the order of the result. */
  declare columns_: Int32Array

  checkLearned(values: LearnedValues): void {
    const columns = values.columnCount('inputColumns_')
    if (values.integers('columns_', columns).length === 0)
      throw values.refuse('columns_', 'at least one column number', 'none')
  }

  override rowMap(): RowMap {
    requireFitted(this, 'columns_')
    const { inputColumns_: columns, columns_: chosen } = this
    return {
      columns,
      width: chosen.length,
      apply(from, to, count) {
        for (let i = 0, row = 0, at = 0; i < count; i++, row += columns)
          for (let k = 0; k < chosen.length; k++) to[at++] = from[row + chosen[k]!]!
      },
    }
  }
}
