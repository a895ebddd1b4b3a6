/** Base of scalers: an affine map of each column. */

import type { TableFitOptions } from '../contract/estimator.ts'
import { requireFitted } from '../contract/base-estimator.ts'
import type { LearnedValues } from '../contract/learned-values.ts'
import { affineRowMap, type RowMap } from '../contract/row-map.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'
import type { AffineMap } from '../statistics/moments.ts'
import { BlockTransformer } from './block-transformer.ts'

/** A transformer x -> (x - shift) / scale of every column by itself. */
export abstract class ColumnScaler extends BlockTransformer {
  /** Numbers subtracted from the columns, shape (d). */
  declare shift_: Float64Array
  /** Divisors of the columns, shape (d). */
  declare scale_: Float64Array

  abstract override fit(X: FeatureInput, y?: TargetInput, options?: TableFitOptions): Promise<this>

  /** Names of other learned values that have one number for each column. */
  protected abstract learnedColumns(): readonly string[]

  /** Refuses learned values that no fit can have given. */
  checkLearned(values: LearnedValues): void {
    const { length } = values.floats('scale_')
    values.floats('shift_', length)
    if (length === 0 || values.floats('scale_').includes(0))
      throw values.refuse('scale_', 'numbers other than 0', length === 0 ? 'none' : '0')
    for (const name of this.learnedColumns()) values.floats(name, length)
  }

  /**
   * The learned map, x -> (x - shift) / scale.
   *
   * @throws OneCopyError `ERR_NOT_FITTED`
   */
  affine(): AffineMap {
    requireFitted(this, 'scale_')
    return { shift: this.shift_, scale: this.scale_ }
  }

  override rowMap(): RowMap {
    return affineRowMap(this.affine())
  }
}
