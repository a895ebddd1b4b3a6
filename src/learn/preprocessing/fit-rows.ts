/** Checks the inputs of a transformer's fit. */

import { countRows, NDArray, type Rows } from '../../arrays/index.ts'
import { requireAttached } from '../../arrays/internal.ts'
import { OneCopyError } from '../../errors.ts'
import { requireFitOptions } from '../contract/base-estimator.ts'
import { forget, type FitOptions } from '../contract/estimator.ts'
import { toArray } from '../inputs/as-array.ts'
import type { Features } from '../inputs/feature-input.ts'
import type { LabelInput } from '../inputs/labels.ts'
import { checkInputs } from '../statistics/read-moments.ts'

/** Checked inputs of `fit`. */
export interface FitRows<M extends Features = Features> {
  readonly X: M
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
export function startFit<M extends Features>(
  transformer: object,
  X: M,
  options: FitOptions,
  target?: LabelInput,
): FitRows<M> {
  requireFitOptions(transformer, options)
  forget(transformer)
  // Some transformers learn from the shape alone, and would not notice.
  for (const values of X instanceof NDArray ? [X] : X.arrays) requireAttached(values)
  const y = target === undefined ? null : toArray(target, '`y`')
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
