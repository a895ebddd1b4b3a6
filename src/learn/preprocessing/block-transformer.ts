/** Base of transformers that map blocks of rows. */

import { BaseEstimator } from '../contract/base-estimator.ts'
import type {
  FloatArray,
  TableFitOptions,
  PredictOptions,
  Transformer,
} from '../contract/estimator.ts'
import { type RowMap, type RowMapper } from '../contract/row-map.ts'
import { transformRows } from '../features/transform-rows.ts'
import type { FeatureInput, TargetInput } from '../inputs/feature-input.ts'

/** A transformer that reads `X` in blocks of a megabyte, so that pipelines pass blocks from step to step. */
export abstract class BlockTransformer extends BaseEstimator implements Transformer, RowMapper {
  abstract fit(X: FeatureInput, y?: TargetInput, options?: TableFitOptions): Promise<this>
  abstract rowMap(): RowMap

  /**
   * Transforms rows of `X`, in blocks.
   *
   * @param X - values, shape (n, d), any real dtype and strides; read in place
   * @returns float64 values, one row for each chosen row; or `options.out`, with one row for every row of `X`
   * @throws OneCopyError `ERR_NOT_FITTED`, `ERR_SHAPE`
   */
  transform(X: FeatureInput, options: PredictOptions = {}): Promise<FloatArray> {
    return transformRows(this, X, options)
  }
}
