/** Transforms rows of arrays and tables in blocks. */

import { countRows, NDArray, zeros } from '../../arrays/index.ts'
import { requireMatrix, requireRows, sharesRowByRow } from '../../arrays/internal.ts'
import { requireColumns, requirePredictOptions } from '../contract/base-estimator.ts'
import type { FloatArray, PredictOptions } from '../contract/estimator.ts'
import { keepInputs } from '../contract/keep-inputs.ts'
import { type RowMap, type RowMapper, writeMapped } from '../contract/row-map.ts'
import { requireOutput, writeLater } from '../contract/write-output.ts'
import type { FeatureInput, Features } from '../inputs/feature-input.ts'
import { withFeatures } from './predict-features.ts'

/**
 * Implements `transform`: reads `X` in blocks of a megabyte and writes the mapped rows, without any other copy.
 *
 * @param map - default: the learned one
 * @returns `options.out`, or a new float64 array with one row for every chosen row
 * @throws OneCopyError `ERR_SHAPE`, `ERR_DETACHED`, `ERR_INDEX` for a table without a column, and what the map throws
 */
export async function transformRows(
  transformer: object & RowMapper,
  X: FeatureInput | Features,
  options: PredictOptions,
  map: RowMap = transformer.rowMap(),
): Promise<FloatArray> {
  const transform = (features: Features): Promise<FloatArray> =>
    keepInputs(
      { X: features, options },
      () => write(transformer, features, options, map),
      'transform',
    )
  return withFeatures(transformer, X, options, transform, 'transform')
}

async function write(
  transformer: object & RowMapper,
  X: Features,
  options: PredictOptions,
  map: RowMap,
): Promise<FloatArray> {
  requirePredictOptions(transformer, 'transform', options)
  const [n, columns] = X instanceof NDArray ? requireMatrix(X, '`X`') : X.shape
  requireColumns(transformer, columns, map.columns)
  const { out } = options
  if (out !== undefined) requireOutput(out, [n, map.width])
  const rows = requireRows(options.rows, n)
  if (out === undefined) {
    const packed = zeros([countRows(rows), map.width], 'float64')
    return writeMapped(X, rows, map, packed, 'packed')
  }
  if (X instanceof NDArray && !sharesRowByRow(X, out))
    return writeLater(X, options, (own) => transformRows(transformer, X, own, map))
  return writeMapped(X, rows, map, out)
}
