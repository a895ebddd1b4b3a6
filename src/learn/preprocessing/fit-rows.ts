/** Checks the inputs of a transformer's fit. */

import { countRows, type NDArray, type Rows } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { requireFitOptions } from '../contract/base-estimator.ts'
import { forget, type FitOptions } from '../contract/estimator.ts'
import { type ArrayInput, asArray } from '../inputs/as-array.ts'
import { checkInputs } from '../statistics/read-moments.ts'

/** Checked inputs of `fit`. */
export interface FitRows {
  readonly X: NDArray
  readonly y: NDArray | null
  /** Number of columns of `X`. */
  readonly columns: number
  /** Rows to learn from, without those of weight 0; at least one. */
  readonly rows: Rows
  readonly weights: Float64Array | null
}

/**
 * Starts a fit: checks options, shapes, rows and weights, and forgets an earlier fit. Values are not read.
 *
 * @param y - target, when the transformer learns from it
 * @throws OneCopyError `ERR_SHAPE`, `ERR_ROWS`, `ERR_INDEX`, `ERR_VALUE` for weights
 */
export function startFit(
  transformer: object,
  values: ArrayInput,
  options: FitOptions,
  target?: ArrayInput,
): FitRows {
  requireFitOptions(transformer, options)
  forget(transformer)
  const X = asArray(values, '`X`')
  // Some transformers learn from the shape alone, and would not notice.
  requireAttached(X)
  const y = target === undefined ? null : asArray(target, '`y`')
  const { rows, weights } = options
  const groups = rows === undefined ? {} : { groups: [rows] }
  const checked = checkInputs(X, y, { weights, ...groups })
  const [weighed] = checked.weighedGroups
  if (countRows(weighed!) === 0) {
    throw new OneCopyError(
      'ERR_ROWS',
      `Expected at least one row with a weight above 0 to fit ${transformer.constructor.name} on, got none.`,
    )
  }
  return { X, y, columns: checked.columns, rows: weighed!, weights: checked.weights }
}
